"""Embedded OLE objects: the file that an object wraps (MS-OLEDS 2.3.6, Ole10Native; and bare Package streams)."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

from unburnt.read.formats.office.ole_container import OleTrouble, open_ole, stream_bytes

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WRAPPERS = ("Package", "CONTENTS", "EmbeddedOdf")


@dataclass(frozen=True)
class Wrapped:
    """A file found inside an object. *name* as the object states it, where it does."""

    name: str | None
    data: bytes


def unwrap(untrusted_object: bytes) -> Wrapped | None:
    """The file inside an OLE object, or None where the object is a document itself (or nothing we know)."""
    try:
        ole = open_ole(io.BytesIO(untrusted_object))
    except OleTrouble:
        return None
    return unwrap_storage(ole, ())


def unwrap_storage(ole: object, storage: tuple[str, ...]) -> Wrapped | None:
    """The same for a storage inside an open OLE file."""
    native = stream_bytes(ole, (*storage, "\x01Ole10Native"))
    if native is not None:
        return native_of(native)
    for name in WRAPPERS:
        data = stream_bytes(ole, (*storage, name))
        if data:
            return Wrapped(None, data)
    return None


def native_of(data: bytes) -> Wrapped | None:
    """Parse ``\\x01Ole10Native``: size, flags, label, path, reserved, temporary path, size, bytes, and the three names in Unicode."""
    try:
        if struct.unpack_from("<H", data, 4)[0] != 2:
            return Wrapped(None, data[4:]) if len(data) > 4 else None
        position = 6
        label, position = _string(data, position)
        path, position = _string(data, position)
        position += 4
        length = struct.unpack_from("<L", data, position)[0]
        position += 4 + length
        size = struct.unpack_from("<L", data, position)[0]
        position += 4
    except (struct.error, ValueError):
        return None
    content = data[position : position + size]
    shown = _wide_label(data, position + size) or label or path.replace("\\", "/").rsplit("/", 1)[-1]
    return Wrapped(shown or None, content) if content else None


def _wide_label(data: bytes, position: int) -> str:
    """The label in Unicode, which newer programs write behind the bytes: what the code page lacks is a ``?`` in the other."""
    for number in range(2):
        count = int.from_bytes(data[position : position + 4], "little")
        position += 4 + 2 * count
        if not 0 < count <= 1_000 or position > len(data):
            return ""
        if number == 1:
            return data[position - 2 * count : position].decode("utf-16-le", "replace").rstrip("\0")
    return ""


def _string(data: bytes, position: int) -> tuple[str, int]:
    end = data.index(b"\x00", position)
    raw = data[position:end]
    for encoding in ("utf-8", "gb18030", "cp1251"):
        try:
            return raw.decode(encoding), end + 1
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1"), end + 1
