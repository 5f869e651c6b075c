"""Single compressed streams (gzip, bzip2, xz, lzma): a container with one member."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from unburnt.read.emitter import Emitter
from unburnt.read.formats.archives_ending import Tally
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

CHUNK = 1 << 20
SUFFIXES = {".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".gz": "", ".bz2": "", ".xz": "", ".lzma": ""}
BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError)


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit the unpacked stream; of a truncated one, what stands before the damage."""
    tally = Tally()
    emitter.expect(members=1)
    path = _stem(source.name)
    emitter.member(path.encode("utf-8", "surrogateescape"), "entry", _unpack(source, tally), name=path)
    tally.emitted = 1
    return tally.ending()


def _stem(name: str) -> str:
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    for suffix, instead in SUFFIXES.items():
        if base.lower().endswith(suffix) and len(base) > len(suffix):
            return base[: -len(suffix)] + instead
    return base or "content"


def _open(source: Source) -> BinaryIO:
    source.file.seek(0)
    head = source.file.read(6)
    source.file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=source.file))
    if head.startswith(b"BZh"):
        return cast(BinaryIO, bz2.BZ2File(source.file))
    return cast(BinaryIO, lzma.LZMAFile(source.file))


def _unpack(source: Source, tally: Tally) -> Iterator[bytes]:
    """The content; damage ends it and is told, for what came before is still evidence."""
    try:
        with _open(source) as file:
            while data := file.read(CHUNK):
                yield data
    except BROKEN:
        tally.loss = "The stream is cut off, damaged, or followed by other bytes; what stood before is here."


FORMATS = (
    Format(
        name="stream",
        media_types=("application/gzip", "application/x-bzip2", "application/x-xz", "application/x-lzma"),
        read=read, memory_safe=True, version=1, libraries=(),
    ),
)
