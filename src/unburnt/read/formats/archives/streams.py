"""Single compressed streams (gzip, bzip2, xz, lzma): a container with one member."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_CHUNK = 1 << 20
_SUFFIXES = {
    ".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar", ".taz": ".tar",
    ".gz": "", ".bz2": "", ".xz": "", ".lzma": "", ".zst": "", ".z": "",
}
_BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError)
_LOSS = "The stream is cut off, damaged, or followed by other bytes; what stood before is here."


class Unpacker(Protocol):
    """What the standard library's compressed files have in common."""

    def read1(self, size: int, /) -> bytes: ...


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit the unpacked stream."""
    return emit_stream(source, emitter, _open, _BROKEN)


def emit_stream(
    source: Source, emitter: Emitter, opener: Callable[[Source], Unpacker], broken: tuple[type[Exception], ...]
) -> Ending:
    """Emit what *opener* unpacks as one member; of a damaged stream, what stands before the damage.

    A stream has no list that says more about what came before than the bytes do, so they are kept as evidence.
    """
    emitter.expect(members=1)
    path = _stem(source.name)
    unpacking = _Unpacking(source, opener, broken)
    before = emitter.failed_members
    emitter.member(path.encode("utf-8", "surrogateescape"), "entry", unpacking.pieces(), name=path)
    if unpacking.damaged and not unpacking.length:
        return Ending(Outcome.DAMAGED, "The stream is damaged from its start.")
    if emitter.failed_members > before:
        return Ending(Outcome.REFUSED, "Unpacked, the stream is larger than is allowed.")
    if unpacking.damaged:
        return Ending(Outcome.PARTIAL, _LOSS)
    return Ending(Outcome.READ)


class _Unpacking:
    def __init__(
        self, source: Source, opener: Callable[[Source], Unpacker], broken: tuple[type[Exception], ...]
    ) -> None:
        self._source = source
        self._opener = opener
        self._broken = broken
        self.length = 0
        self.damaged = False

    def pieces(self) -> Iterator[bytes]:
        """The unpacked bytes; nothing at all is a failed member, not an empty one."""
        try:
            file = self._opener(self._source)
            # ``read`` would drop what it has already unpacked when damage comes after it.
            while data := file.read1(_CHUNK):
                self.length += len(data)
                yield data
        except self._broken as error:
            self.damaged = True
            if not self.length:
                raise Damaged("The stream is damaged from its start.") from error


def _stem(name: str) -> str:
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    for suffix, instead in _SUFFIXES.items():
        if base.lower().endswith(suffix) and len(base) > len(suffix):
            return base[: -len(suffix)] + instead
    return base or "content"


def _open(source: Source) -> Unpacker:
    head = source.head(6)
    source.file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=source.file)
    if head.startswith(b"BZh"):
        return bz2.BZ2File(source.file)
    return lzma.LZMAFile(source.file)


FORMATS = (
    Format(
        "stream", read, memory_safe=True,
        title="Single compressed streams (gzip, bzip2, xz, lzma)",
        gives="the one content, also of several members in a row",
        lacks="what follows damage is lost",
    ),
)
