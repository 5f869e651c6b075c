"""Import CPU against its floor: ``python benchmarks/import.py [FOLDER]``; budget: ratio 1.3. Needs root (cpuacct).

The floor is bare loops over the same contents, members included: read + sha256 + copy, the extraction calls of the
best library per format, a JSON line and an SQLite row an item, a tantivy document; plus 7 ms per document that must have
a child of its own (native code reads it, or it is large). OCR is off. The CPU of every process of the import is counted by
a control group, since the sandbox's children are not ours. Start-up is what adding an empty folder costs. Two more figures
stand beside: when the first documents were findable, and the most memory that all processes together held (PSS).
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import python_calamine
import tantivy
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from unburnt.api import Archive
from unburnt.read.nests import SAFE, nest_of

GROUP = Path("/sys/fs/cgroup/cpuacct/import-benchmark")
CHILD_SECONDS = 0.007
SHARED_LARGEST = 256 << 10


class Measured(NamedTuple):
    """CPU and wall seconds, seconds until something was findable, and the most bytes held at once."""

    cpu: float
    wall: float
    findable: float | None
    memory: int


def measured(command: list[str], catalogue: Path) -> Measured:
    """Run *command* in the group; *catalogue* is asked when the first document is marked as indexed."""
    GROUP.mkdir(exist_ok=True)
    before = int((GROUP / "cpuacct.usage").read_text())
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: (GROUP / "tasks").write_text(str(os.getpid())),
    )
    findable: float | None = None
    memory = 0
    while process.poll() is None:
        memory = max(memory, held())
        if findable is None and has_indexed(catalogue):
            findable = time.perf_counter() - began
        time.sleep(0.05)
    wall = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    if findable is None and has_indexed(catalogue):
        findable = wall
    return Measured((int((GROUP / "cpuacct.usage").read_text()) - before) / 1e9, wall, findable, memory)


def held() -> int:
    """Bytes of memory of all processes of the group, shared pages divided among those that share them."""
    total = 0
    for process in (GROUP / "cgroup.procs").read_text().split():
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) << 10
    return total


def has_indexed(catalogue: Path) -> bool:
    """Whether any document is in the committed index."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(f"file:{catalogue}?mode=ro", uri=True)) as base:
        return base.execute("SELECT 1 FROM blob WHERE indexed IS NOT NULL LIMIT 1").fetchone() is not None
    return False


def extract(kind: str, data: bytes) -> str:
    """The bare library's text."""
    with contextlib.suppress(Exception):
        if kind == "application/pdf":
            document = pypdfium2.PdfDocument(data)
            return "".join(page.get_textpage().get_text_bounded() for page in document)
        if "wordprocessingml" in kind or "presentationml" in kind or "opendocument" in kind:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                return "".join(
                    "".join(etree.fromstring(package.read(name)).itertext()) for name in package.namelist()
                    if name.endswith(".xml") and not name.startswith(("docProps", "_rels", "["))
                )
        if "spreadsheetml" in kind or kind == "application/vnd.ms-excel":
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
            return "\n".join(str(row) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())
        if kind in ("text/html", "application/xhtml+xml"):
            return LexborHTMLParser(data).text()
        if kind == "message/rfc822":
            message = email.message_from_bytes(data, policy=email.policy.default)
            return "".join(str(part.get_content()) for part in message.walk() if part.get_content_type() == "text/plain")
        if kind == "application/zip":
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                for name in package.namelist():
                    package.read(name)
        if kind.startswith("text/") or kind in ("application/json", "application/xml"):
            return data.decode("utf-8", "replace")
    return ""


def floor(archive: Archive, folder: Path) -> tuple[float, int, int]:
    """CPU seconds of the bare loops, the number of contents, and how many of them had a child of their own."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body")
    index_folder = folder / "index"
    index_folder.mkdir()
    writer = tantivy.Index(builder.build(), str(index_folder)).writer(50_000_000, 1)
    database = sqlite3.connect(folder / "rows.sqlite")
    database.execute("CREATE TABLE t (path, digest, size, type)")
    contents: dict[str, tuple[str, Path]] = {}
    rows = archive.ledger(limit=1_000_000).rows
    for row in rows:
        if row.digest and row.digest not in contents and row.outcome != "refused":  # a bare loop would swallow the bomb
            with archive._content.open(row.digest) as file:
                path = folder / f"{row.digest}.in"
                path.write_bytes(file.read())
                contents[row.digest] = (row.type or "", path)
    began = time.process_time()
    with (folder / "lines.jsonl").open("w") as lines:
        for row in rows:
            lines.write(json.dumps({"path": repr(row.path), "digest": row.digest, "size": row.size}) + "\n")
            database.execute("INSERT INTO t VALUES (?, ?, ?, ?)", (row.path, row.digest, row.size, row.type))
        for digest, (kind, path) in contents.items():
            data = path.read_bytes()
            hashlib.sha256(data).hexdigest()
            (folder / digest).write_bytes(data)
            document = tantivy.Document()
            document.add_text("body", extract(kind, data))
            writer.add_document(document)
    writer.commit()
    database.commit()
    seconds = time.process_time() - began
    children = sum(
        1 for kind, path in contents.values() if nest_of(kind) != SAFE or path.stat().st_size > SHARED_LARGEST
    )
    return seconds, len(contents), children


def main() -> None:
    """Import, run the floor, print the ratio; the median of three."""
    source = Path(sys.argv[1] if len(sys.argv) > 1 else "examples/leak")
    for run in range(3):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "nothing").mkdir()
            unburnt = [sys.executable, "-m", "unburnt"]
            for archive in ("a", "b"):
                subprocess.run([*unburnt, "init", str(folder / archive)], check=True, capture_output=True)
            idle = measured([*unburnt, "-a", str(folder / "b"), "add", "--no-ocr", str(folder / "nothing")],
                            folder / "b" / "catalog.sqlite")
            done = measured([*unburnt, "-a", str(folder / "a"), "add", "--no-ocr", str(source)],
                            folder / "a" / "catalog.sqlite")
            with Archive.open(folder / "a") as archive:
                (folder / "floor").mkdir()
                bare, contents, children = floor(archive, folder / "floor")
            allowed = bare + CHILD_SECONDS * children
            working = done.cpu - idle.cpu
            print(f"run {run}: import {done.cpu:.2f} CPU-s ({working:.2f} without start-up), {done.wall:.1f} s wall; floor "
                  f"{bare:.2f} + {children} children = {allowed:.2f}; ratio {done.cpu / allowed:.2f}, without start-up "
                  f"{working / allowed:.2f}; {contents / done.wall:.0f} contents/s; first findable after "
                  f"{done.findable or 0:.1f} s; peak memory {done.memory >> 20} MiB", flush=True)
    GROUP.rmdir()


if __name__ == "__main__":
    main()
