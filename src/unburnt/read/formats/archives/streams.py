"""Single compressed streams (gzip, bzip2, xz, lzma, compress): a container with one member."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Protocol

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.archives import lzw
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_CHUNK = 1 << 20
_MOST_HEAD = 1 << 17
_SUFFIXES = {
    ".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar", ".taz": ".tar", ".tz": ".tar",
    ".gz": "", ".bz2": "", ".xz": "", ".lzma": "", ".zst": "", ".z": "", ".p7z": "",
}
_BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError)
_LOSS = "The stream is cut off, damaged, or followed by other bytes; what stood before is here."


class Unpacker(Protocol):
    """What the standard library's compressed files have in common."""

    def read1(self, size: int, /) -> bytes: ...


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit the unpacked stream, and what gzip says of it."""
    head = source.head(_MOST_HEAD)
    if head.startswith(b"\x1f\x8b"):
        emitter.metadata(_about(head, source.name), searchable=True)
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


def _about(head: bytes, name: str) -> Metadata:
    """The name that the file had before, a comment, and when it was changed last (RFC 1952, 2.3); what is cut off is left out."""
    fields: dict[str, str] = {}
    flags, at = head[3] if len(head) > 9 else 0, 10
    changed = int.from_bytes(head[4:8], "little")
    if flags & 4:
        at += 2 + int.from_bytes(head[at : at + 2], "little")
    for flag, key in ((8, "name"), (16, "comment")):
        if flags & flag and (end := head.find(b"\0", at)) >= 0:
            fields[f"gzip:{key}"] = decode(head[at:end], native=False).text
            at = end + 1
    if fields.get("gzip:name") == _stem(name):
        del fields["gzip:name"]
    dates = (Date(kind="modified", value=f"{datetime.fromtimestamp(changed, UTC):%Y-%m-%dT%H:%M:%SZ}", zone="UTC", origin="gzip"),)
    return Metadata(dates=dates if changed else (), fields=fields)


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
    if head.startswith(lzw.MAGIC):
        return lzw.LzwReader(source.file)
    return lzma.LZMAFile(source.file)


FORMATS = (
    Format(
        "stream", read, memory_safe=True,
        title="Single compressed streams (gzip, bzip2, xz, lzma, compress)",
        gives="the one content, also of several members in a row; the name, comment and time that gzip keeps",
        lacks="what follows damage is lost; whether a stream of compress (.Z) was cut off cannot be told",
    ),
)
