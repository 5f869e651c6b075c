"""Files in database cells that an Access form wrapped as OLE objects (MS-OLEDS 2.2.5, behind a header of Access' own)."""

from __future__ import annotations

import struct

from unburnt.read.formats.office.ole_objects import native_of

_MARK = b"\x15\x1c"
_EMBEDDED = 2


def unwrapped(blob: bytes) -> tuple[str | None, bytes]:
    """The name, where it has one, and the bytes of the file in *blob*; *blob* itself where nothing is wrapped."""
    if not blob.startswith(_MARK):
        return None, blob
    try:
        at, = struct.unpack_from("<H", blob, 2)
        _, kind = struct.unpack_from("<2I", blob, at)
        at += 8
        for _ in range(3):  # class, topic, item
            length, = struct.unpack_from("<I", blob, at)
            at += 4 + length
        length, = struct.unpack_from("<I", blob, at)
    except struct.error:
        return None, blob
    data = blob[at + 4 : at + 4 + length]
    if kind != _EMBEDDED or len(data) < length or not data:
        return None, blob
    found = native_of(struct.pack("<I", length) + data)
    return (found.name, found.data) if found else (None, data)
