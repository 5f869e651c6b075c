"""CPU of each reader against the bare library call: ``python benchmarks/readers.py FOLDER...``; budget: XLSX, XLS 3, HTML, PDF 2.

Both run in this process over the same files, turn by turn, each file once before it counts. *Reader* is the reader and
what it says, encoded as a child encodes it; finding the type and the child itself are left out. The bare calls are those
of ``import.py``. Files that the library cannot read are left out: there is nothing to compare with.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import msgspec

from unburnt.base.limits import Limits
from unburnt.model import frames
from unburnt.read.child import warm
from unburnt.read.emitter import Emitter
from unburnt.read.errors import GivenUp
from unburnt.read.families import format_for
from unburnt.read.registry import Format
from unburnt.read.sniff import sniff
from unburnt.read.source import Source

ROUNDS = 7
extract: Callable[[str, bytes], str] = importlib.import_module("import").extract
FAMILIES = {"xlsx": "XLSX", "xls": "XLS", "html": "HTML", "pdf": "PDF", "odf": "ODF", "pptx": "PPTX", "docx": "DOCX"}


class Measured(NamedTuple):
    """Of one file: least CPU seconds of the reader and of the bare call."""

    ours: float
    bare: float


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def task_of(name: str) -> frames.ReadTask:
    """What a child is asked, with this version's own limits."""
    limits = Limits()
    return frames.ReadTask(
        name=name, text_limit=limits.text, members_limit=limits.members, member_bytes_limit=limits.member_bytes,
        members_bytes_limit=limits.members_bytes, ratio=limits.ratio, ratio_free=limits.ratio_free,
        pages_limit=limits.pages, pixels_limit=limits.pixels,
    )  # fmt: skip


def run(reader: Format, data: bytes, name: str) -> None:
    """Read one document as a child does."""
    emitter = Emitter(lambda frame: said.append(msgspec.msgpack.encode((0, frame))), task_of(name), len(data), native=True)
    said: list[bytes] = []
    reader.read(Source(BytesIO(data), len(data), name), emitter)


def measured(path: Path) -> tuple[str, Measured] | None:
    """The file's family and figures; None where there is no reader, or nothing that the library can read."""
    data = path.read_bytes()
    kind = sniff(Source(BytesIO(data), len(data), path.name)) if data else ""
    reader = format_for(kind)
    if reader is None or reader.name not in FAMILIES or not extract(kind, data).strip():
        return None
    try:
        run(reader, data, path.name)
    except GivenUp:
        return None
    both = [(seconds(lambda: run(reader, data, path.name)), seconds(lambda: extract(kind, data))) for _ in range(ROUNDS)]
    return FAMILIES[reader.name], Measured(*map(min, zip(*both, strict=True)))


def main() -> None:
    """Print a line for each family, and with ``--files`` one for each file."""
    warm()
    found: dict[str, list[Measured]] = defaultdict(list)
    folders = [Path(each) for each in sys.argv[1:] if not each.startswith("--")]
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        result = measured(path)
        if result is not None:
            found[result[0]].append(result[1])
            if "--files" in sys.argv:
                family, (ours, bare) = result
                print(f"  {family:5} {ours * 1000:9.2f} ms {bare * 1000:9.2f} ms {ours / bare:6.1f}  {path.name}")
    print("family files reader ms   bare ms  ratio")
    for family in FAMILIES.values():
        ours, bare = (sum(column) for column in zip(*found[family], strict=True)) if found[family] else (0.0, 0.0)
        print(f"{family:6} {len(found[family]):5} {ours * 1000:9.1f} {bare * 1000:9.1f} {ours / max(bare, 1e-9):6.1f}")


if __name__ == "__main__":
    main()
