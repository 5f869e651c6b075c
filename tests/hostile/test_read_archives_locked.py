"""Every archive family in a real locked child: nothing may be imported, opened or looked up once it is locked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator

import msgspec
import py7zr
import pytest
import zstandard

from tests.archives_made import Seen, rar4, rar4_file, rar5, rar5_file, task
from tests.zip_made import aes_zip, traditional_zip
from unburnt.base.limits import Limits
from unburnt.model import frames
from unburnt.model.outcome import Outcome
from unburnt.read.nests import nest_of
from unburnt.read.sniff import sniff
from unburnt.read.source import Source
from unburnt.sandbox.runner import Sandbox

CONTENT = "第三号指示".encode() * 2000


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("unburnt.read.child:main") as made:
        yield made


def zipped(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.txt", CONTENT)
    return out.getvalue()


def tarred(form: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.size = len(CONTENT)
        archive.addfile(entry, io.BytesIO(CONTENT))
    return out.getvalue()


def seven(filter_id: int | None = None, *, hidden: bool = False) -> bytes:
    out = io.BytesIO()
    filters = None if filter_id is None else [{"id": filter_id}]
    password = "secret" if hidden else None
    with py7zr.SevenZipFile(out, "w", filters=filters, password=password, header_encryption=hidden) as archive:
        archive.writestr(CONTENT, "a.txt")
    return out.getvalue()


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "zip stored": lambda: zipped(zipfile.ZIP_STORED),
    "zip deflated": lambda: zipped(zipfile.ZIP_DEFLATED),
    "zip bzip2": lambda: zipped(zipfile.ZIP_BZIP2),
    "zip lzma": lambda: zipped(zipfile.ZIP_LZMA),
    "zip aes": lambda: aes_zip({"a.txt": CONTENT}, "secret", version=2, strength=3),
    "zip traditional": lambda: traditional_zip({"a.txt": CONTENT}, b"secret"),
    "tar gnu": lambda: tarred(tarfile.GNU_FORMAT),
    "tar pax": lambda: tarred(tarfile.PAX_FORMAT),
    "7z lzma2": seven,
    "7z bzip2": lambda: seven(py7zr.FILTER_BZIP2),
    "7z deflate": lambda: seven(py7zr.FILTER_DEFLATE),
    "7z zstd": lambda: seven(py7zr.FILTER_ZSTD),
    "7z brotli": lambda: seven(py7zr.FILTER_BROTLI),
    "7z encrypted": lambda: seven(hidden=True),
    "rar 4": lambda: rar4(rar4_file(b"a.txt", CONTENT)),
    "rar 5": lambda: rar5(rar5_file("a.txt", CONTENT)),
    "gz": lambda: gzip.compress(CONTENT),
    "bz2": lambda: bz2.compress(CONTENT),
    "xz": lambda: lzma.compress(CONTENT),
    "zst": lambda: zstandard.compress(CONTENT),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_a_locked_child_reads(kind: str, sandbox: Sandbox) -> None:
    result = Seen()

    def on_frame(frame: bytes) -> None:
        result.take(msgspec.msgpack.decode(frame, type=tuple[int, frames.Frame])[1])

    with tempfile.TemporaryFile() as file:
        file.write(ARCHIVES[kind]())
        file.flush()
        payload = msgspec.msgpack.encode([task(f"a.txt.{kind}", ("wrong", "secret"))])
        nest = nest_of(sniff(Source(file, file.tell())))
        ended = sandbox.run(payload, [file.fileno()], Limits(), on_frame, nest=nest)
    assert (ended.kind, ended.detail) == ("done", "")
    assert (result.outcome, result.reason) == (Outcome.READ, "")
    assert [content for _, content in result.members] == [CONTENT]
