"""What an old presentation holds as storages of its own: embedded objects and macros (MS-PPT 2.10.34 to 2.10.36)."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.ole_container import OleTrouble, open_ole, stream_bytes
from unburnt.read.formats.office.ole_objects import unwrap_storage
from unburnt.read.formats.office.vba import emit_macros

STORED = 4113
"""The type of the record that holds a storage, packed where its instance is 1."""
_LARGEST = 256 * MIB


class Stored(NamedTuple):
    """One such record: its number in the directory of objects, and the file inside it, None where that cannot be unpacked."""

    number: int
    data: bytes | None
    ole: Any
    """The opened file, None where it is none."""

    @property
    def is_macros(self) -> bool:
        """Whether it is a project of macros."""
        return self.ole is not None and stream_bytes(self.ole, ("VBA", "dir")) is not None


def opened(records: Iterable[tuple[int, int, bytes]]) -> Iterator[Stored]:
    """The storages of *records*: number, instance and content of each."""
    for number, instance, content in records:
        data = _unpacked(content) if instance == 1 else content
        ole = None
        if data:
            try:
                ole = open_ole(io.BytesIO(data))
            except OleTrouble:
                ole = None
        yield Stored(number, data or None, ole)


def _unpacked(content: bytes) -> bytes | None:
    """The storage behind the four bytes that say how large it is."""
    if len(content) < 4:
        return None
    unpacker = zlib.decompressobj()
    try:
        return unpacker.decompress(content[4:], min(struct.unpack_from("<I", content)[0] + 1, _LARGEST))
    except zlib.error:
        return None


def emit_stored(stored: Iterable[Stored], emitter: Emitter) -> None:
    """Macros as text; of each embedded object the file that it wraps, or the object as the file that it is."""
    for number, one in enumerate(stored, 1):
        name = f"object {number}"
        if one.is_macros:
            emit_macros(one.ole, ("VBA",), emitter)
        elif one.data is None:
            emitter.member_failed(name.encode(), "embedded", Outcome.DAMAGED, "This part could not be unpacked.", name=name)
        else:
            wrapped = unwrap_storage(one.ole, ()) if one.ole is not None else None
            data, shown = (wrapped.data, wrapped.name or name) if wrapped else (one.data, name)
            emitter.member(name.encode(), "embedded", data, name=shown)


def link_lines(found: Iterable[tuple[str, str, str]]) -> str:
    """A line ``words: address`` for each place where a deck leads out, each once."""
    lines = []
    for words, target, location in found:
        address = f"{target}#{location}" if target and location else target or location
        if address:
            lines.append(f"{words.strip()[:200]}: {address}" if words.strip() not in ("", address) else address)
    return "\n".join(dict.fromkeys(lines))
