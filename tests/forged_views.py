"""What somebody can do who may write to an archive's folder and has no key: catalogue, copies and records forged. For tests."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import zstandard

from tests.seal_proofs import CHECKER
from unburnt.api import Archive
from unburnt.api.seals import Seals
from unburnt.model.events import MemberPromoted
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout
from unburnt.vault.log.keys import Keys

FORGED = b"an order that nobody ever gave\n"


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def packed(name: str, content: bytes) -> bytes:
    """A ZIP archive of one file."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr(name, content)
    return file.getvalue()


def sql(root: Path, statement: str, *values: object) -> None:
    """Change the catalogue as if while a keeper has it open: one that begins would find it changed, and make it again."""
    connection = sqlite3.connect(root / "catalog.sqlite")
    with connection:
        assert connection.execute(statement, values).rowcount
    connection.close()
    leave(root)


def leave(root: Path) -> None:
    """Have the next keeper take the catalogue for its own."""
    known = Keys().catalogues(Layout.open(root).archive_id)
    assert known is not None
    known.remember(root / "catalog.sqlite")


def list_member(root: Path, container: str, content: bytes) -> str:
    """Say in the catalogue that *container* holds *content*; gives its digest."""
    digest = digest_of(content)
    sql(root, "INSERT INTO blob (digest, size, depth, rank, outcome) VALUES (?, ?, 1, 0, 'read')", digest, len(content))
    sql(root, "INSERT INTO item (container, path, ordinal, kind, blob, size) SELECT outer.number, 'order.txt', 9999, 'entry', "
        "inner.number, inner.size FROM blob AS outer, blob AS inner WHERE outer.digest = ? AND inner.digest = ?", container, digest)
    return digest


def put(root: Path, folder: str, digest: str, content: bytes) -> None:
    """Have *content* stand under *digest*."""
    place = root / folder / digest[:2] / digest
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.write_bytes(content)


def change_record(root: Path, key: str, change: Callable[[Any], None], number: int = 0) -> None:
    """Change one chunk of a derived record, which then agrees with itself."""
    for path in (root / "derived").glob("*.sqlite"):
        connection = sqlite3.connect(path)
        with connection:
            row = connection.execute("SELECT output FROM chunks WHERE key = ? AND number = ?", (key, number)).fetchone()
            if row is not None:
                chunk = json.loads(zstandard.ZstdDecompressor().decompress(row[0]))
                change(chunk)
                data = json.dumps(chunk, separators=(",", ":"), ensure_ascii=False).encode()
                connection.execute("UPDATE chunks SET output = ?, size = ?, digest = ? WHERE key = ? AND number = ?", (
                    zstandard.ZstdCompressor().compress(data), len(data), digest_of(data), key, number))
                if number == 0:
                    connection.execute("UPDATE derivations SET output = ? WHERE key = ?", (digest_of(data), key))
        connection.close()


def promoted(root: Path) -> list[tuple[str, str]]:
    """Container and member of every promotion that the events tell."""
    return [(event.container, event.digest) for _, event in Events(Layout.open(root), write=False).replay()
            if isinstance(event, MemberPromoted)]


def proved(root: Path, content: bytes) -> None:
    """Make a proof of *content*, which both programs have to accept."""
    with Archive.open(root) as opened:
        seals = Seals(opened)
        made = seals.prove(digest_of(content))
        key = seals.state().vkey
    assert key is not None
    (root.parent / "it.proof").write_bytes(made.proof)
    (root.parent / "it").write_bytes(content)
    for command in (["-m", "unburnt", "check", "it.proof", "it", "--key", key], [str(CHECKER), "it.proof", "it", "--key", key]):
        done = subprocess.run([sys.executable, "-I", *command], cwd=root.parent, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
