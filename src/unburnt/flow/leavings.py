"""What lies in ``out/`` of something that is erased: exports, bags, and damaged bytes that a repair moved aside."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from unburnt.base.digests import Digest
from unburnt.flow.aside import UNVOUCHED
from unburnt.vault.layout import Layout


def forget_exports(layout: Layout, digests: Iterable[Digest]) -> None:
    """Remove exports of these contents from ``out/``, and every bag that holds one of them."""
    for digest in digests:
        for path in layout.out.glob(f"*{digest[:16]}*"):
            _remove(path)
        for path in [*layout.out.glob(f"*bag-*/data/objects/{digest}"), *_listed_in(layout, digest)]:
            _remove(layout.out / path.relative_to(layout.out).parts[0])
        for path in layout.out.glob(f"damaged-*/objects/*/{digest}*"):
            _remove(path)


def forget_damaged(layout: Layout) -> None:
    """Remove events and derived records that were moved aside: nobody can tell what stands in them."""
    for pattern in ("damaged-*/events", "damaged-*/derived", f"{UNVOUCHED}*/lines.jsonl"):
        for path in layout.out.glob(pattern):
            _remove(path)


def _listed_in(layout: Layout, digest: Digest) -> list[Path]:
    """Lists of names and of files, in bags, that tell of this content."""
    lists = [*layout.out.glob("*bag-*/unburnt/items.jsonl"), *layout.out.glob("*bag-*/manifest-sha256.txt")]
    return [path for path in lists if digest.encode() in path.read_bytes()]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
