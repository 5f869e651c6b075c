"""Import CPU against its floor: ``python benchmarks/import.py [FOLDER]``; budget: ratio 1.3. Needs root (cpuacct).

The floor is bare loops over the same contents, members included: read + sha256 + copy, the extraction calls of the
best library per format, a JSON line and an SQLite row an item, a tantivy document; plus 7 ms per child. OCR is off.
The CPU of every process of the import is counted by a control group, since the sandbox's children are not ours.
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

import pypdfium2
import python_calamine
import tantivy
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from unburnt.api import Archive

GROUP = Path("/sys/fs/cgroup/cpuacct/import-benchmark")
CHILD_SECONDS = 0.007


def measured(command: list[str]) -> tuple[float, float]:
    """CPU seconds of *command* and all that it started, and wall seconds."""
    GROUP.mkdir(exist_ok=True)
    before = int((GROUP / "cpuacct.usage").read_text())
    began = time.perf_counter()
    subprocess.run(
        command, check=True, capture_output=True,
        preexec_fn=lambda: (GROUP / "tasks").write_text(str(os.getpid())),
    )
    wall = time.perf_counter() - began
    return (int((GROUP / "cpuacct.usage").read_text()) - before) / 1e9, wall


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
    contents: dict[str, tuple[str, bytes]] = {}
    rows = archive.ledger(limit=1_000_000).rows
    for row in rows:
        if row.digest and row.digest not in contents and row.outcome != "refused":  # a bare loop would swallow the bomb
            with archive._content.open(row.digest) as file:
                contents[row.digest] = (row.type or "", file.read())
    began = time.process_time()
    with (folder / "lines.jsonl").open("w") as lines:
        for row in rows:
            lines.write(json.dumps({"path": repr(row.path), "digest": row.digest, "size": row.size}) + "\n")
            database.execute("INSERT INTO t VALUES (?, ?, ?, ?)", (row.path, row.digest, row.size, row.type))
        for digest, (kind, data) in contents.items():
            hashlib.sha256(data).hexdigest()
            (folder / digest).write_bytes(data)
            document = tantivy.Document()
            document.add_text("body", extract(kind, data))
            writer.add_document(document)
    writer.commit()
    database.commit()
    seconds = time.process_time() - began
    names = {row.digest: row.path.decode("utf-8", "replace").lower() for row in rows if row.digest}
    shared = (".txt", ".eml", ".md", ".csv", ".json", ".zip", ".gz", ".tar")
    children = sum(
        1 for digest, name in names.items()
        if digest in contents and (not name.endswith(shared) or len(contents[digest][1]) > 256 << 10)
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
            idle, _ = measured([*unburnt, "-a", str(folder / "b"), "add", "--no-ocr", str(folder / "nothing")])
            cpu, wall = measured([*unburnt, "-a", str(folder / "a"), "add", "--no-ocr", str(source)])
            with Archive.open(folder / "a") as archive:
                (folder / "floor").mkdir()
                bare, contents, children = floor(archive, folder / "floor")
            allowed = bare + CHILD_SECONDS * children
            print(f"run {run}: import {cpu:.2f} CPU-s ({cpu - idle:.2f} without start-up), {wall:.1f} s wall; floor {bare:.2f} "
                  f"+ {children} children = {allowed:.2f}; ratio {cpu / allowed:.2f}, without start-up "
                  f"{(cpu - idle) / allowed:.2f}; {contents / wall:.0f} contents/s", flush=True)
    GROUP.rmdir()


if __name__ == "__main__":
    main()
