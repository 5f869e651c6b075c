"""The source of macros in office files (MS-OVBA), as text. It is never run and never compiled.

The stream ``dir`` lists the modules (section 2.3.4.2), each module's source follows its compiled form in a stream of
its own; both are compressed (section 2.4.1).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from unburnt.base.limits import MIB
from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.code_pages import encoding_of
from unburnt.read.formats.office.ole_container import stream_bytes

MOST_SOURCE = 16 * MIB
"""The most bytes of source of one module."""
MOST_MODULES = 1_000
UNREADABLE = "The file holds macros (program code) that cannot be read whole; they were not run."
_CHUNK = 4096
_CODEPAGE, _VERSION, _NAME, _STREAM, _OFFSET, _MODULE_ENDS = 0x03, 0x09, 0x19, 0x1A, 0x31, 0x2B


class Module(NamedTuple):
    """One module: its name as people see it, and its source."""

    name: str
    source: str


class BrokenMacros(Exception):
    """The project's structure cannot be followed."""


def emit_macros(ole: Any, storage: tuple[str, ...], emitter: Emitter) -> None:
    """Each module of the project in *storage* as a part; says that there are macros, and where they cannot be read."""
    shown = 0
    try:
        for module in modules(ole, storage):
            if any(line.strip() and not line.startswith("Attribute ") for line in module.source.splitlines()):
                emitter.part("section", f"macro {module.name}", module.source)
                shown += 1
    except BrokenMacros:
        emitter.note("macros", UNREADABLE)
        return
    how = f"the source of {shown} modules is shown as text" if shown else "their modules hold no code"
    emitter.note("macros", f"The file holds macros (program code). They were not run; {how}.")


def modules(ole: Any, storage: tuple[str, ...]) -> Iterator[Module]:
    """The modules in the order in which the project lists them; raises :class:`BrokenMacros`."""
    listed = stream_bytes(ole, (*storage, "dir"))
    if listed is None:
        raise BrokenMacros
    encoding, found = "cp1252", 0
    name, stream, offset = b"", b"", 0
    for kind, data in _records(decompressed(listed)):
        if kind == _CODEPAGE and len(data) >= 2:
            encoding = encoding_of(struct.unpack_from("<H", data)[0])
        elif kind == _NAME:
            name = data
        elif kind == _STREAM:
            stream = data
        elif kind == _OFFSET and len(data) >= 4:
            offset = struct.unpack_from("<I", data)[0]
        elif kind == _MODULE_ENDS and stream:
            found += 1
            if found > MOST_MODULES:
                raise BrokenMacros
            content = stream_bytes(ole, (*storage, stream.decode(encoding, "replace")))
            if content is None or offset >= len(content):
                raise BrokenMacros
            source = decompressed(content[offset:]).decode(encoding, "replace").replace("\r\n", "\n")
            yield Module(name.decode(encoding, "replace"), source)
            name, stream, offset = b"", b"", 0


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 6 <= len(data):
        kind, length = struct.unpack_from("<HI", data, at)
        # Its length field is a constant that leaves out the minor version (section 2.3.4.2.1.11).
        length = 6 if kind == _VERSION else length
        yield kind, data[at + 6 : at + 6 + length]
        at += 6 + length


def decompressed(data: bytes) -> bytes:
    """A compressed container's content, at most :data:`MOST_SOURCE`; raises :class:`BrokenMacros`."""
    if not data.startswith(b"\x01"):
        raise BrokenMacros
    out = bytearray()
    at = 1
    while at + 2 <= len(data) and len(out) < MOST_SOURCE:
        (header,) = struct.unpack_from("<H", data, at)
        end = min(at + (header & 0x0FFF) + 3, len(data))
        if header & 0x8000:
            out += _chunk(data[at + 2 : end])
        else:
            out += data[at + 2 : min(at + 2 + _CHUNK, len(data))]
        at = end
    return bytes(out)


def _chunk(data: bytes) -> bytes:
    """One compressed chunk: groups of eight tokens behind a byte of flags, each a byte or a copy of what came before."""
    out = bytearray()
    at = 0
    while at < len(data) and len(out) < _CHUNK:
        flags = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data):
                break
            if not flags >> bit & 1:
                out.append(data[at])
                at += 1
                continue
            if at + 2 > len(data):
                raise BrokenMacros
            (token,) = struct.unpack_from("<H", data, at)
            at += 2
            bits = max((len(out) - 1).bit_length(), 4)
            length, back = (token & 0xFFFF >> bits) + 3, (token >> 16 - bits) + 1
            if back > len(out) or len(out) + length > _CHUNK:
                raise BrokenMacros
            for _ in range(length):
                out.append(out[-back])
    return bytes(out)
