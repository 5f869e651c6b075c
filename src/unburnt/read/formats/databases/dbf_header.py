"""What the header of a DBF file says (dBASE III to 7, FoxPro, Clipper): its columns, their types, the code page.

After dbase.com's "Data File Header Structure" for the levels 5 and 7 and Microsoft's "Table File Structure" for FoxPro.
"""

from __future__ import annotations

import struct
from typing import Final

import msgspec

from unburnt.read.errors import Damaged

LEVEL_7: Final = (0x04, 0x8C)
FOXPRO: Final = (0x30, 0x31, 0x32)
_DESCRIPTOR_7: Final = 48
_DESCRIPTOR: Final = 32
_MOST_FIELDS: Final = 2048
_BINARY_LENGTH: Final = "CV"
"""Types whose length may need a second byte, which stands where others have their decimals."""
ENCODINGS: Final[dict[int, str]] = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x04: "mac_roman", 0x08: "cp865", 0x09: "cp437", 0x0A: "cp850", 0x0B: "cp437",
    0x0D: "cp437", 0x0E: "cp850", 0x0F: "cp437", 0x10: "cp850", 0x11: "cp437", 0x12: "cp850", 0x13: "cp932", 0x14: "cp850",
    0x15: "cp437", 0x16: "cp850", 0x17: "cp865", 0x18: "cp437", 0x19: "cp437", 0x1A: "cp850", 0x1B: "cp437", 0x1C: "cp863",
    0x1D: "cp850", 0x1F: "cp852", 0x22: "cp852", 0x23: "cp852", 0x24: "cp860", 0x25: "cp850", 0x26: "cp866", 0x37: "cp850",
    0x40: "cp852", 0x4D: "cp936", 0x4E: "cp949", 0x4F: "cp950", 0x50: "cp874", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252",
    0x64: "cp852", 0x65: "cp866", 0x66: "cp865", 0x67: "cp861", 0x6A: "cp737", 0x6B: "cp857", 0x6C: "cp863", 0x78: "cp950",
    0x79: "cp949", 0x7A: "cp936", 0x7B: "cp932", 0x7C: "cp874", 0x86: "cp737", 0x87: "cp852", 0x88: "cp857",
    0x96: "mac_cyrillic", 0x97: "mac_latin2", 0x98: "mac_greek", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253",
    0xCC: "cp1257",
}  # fmt: skip
"""By the language driver's number at byte 29."""


class Field(msgspec.Struct, frozen=True):
    """A column: its name as bytes, its type's letter, and where its value stands in a record."""

    name: bytes
    kind: str
    start: int
    length: int
    decimals: int


class DbfHeader(msgspec.Struct, frozen=True):
    """The columns and the measures of the file."""

    version: int
    updated: str | None
    records: int
    header_length: int
    record_length: int
    driver: int
    """0 where no code page is stated."""
    fields: tuple[Field, ...]

    @property
    def has_memos(self) -> bool:
        """Whether long texts stand in a file beside."""
        return any(field.kind in "MGPW" for field in self.fields)

    @property
    def is_foxpro(self) -> bool:
        """Whether Visual FoxPro wrote it, in which some types are stored differently."""
        return self.version in FOXPRO


def read_header(data: bytes) -> DbfHeader:
    """From the file's first 64 KiB. Raises :class:`Damaged`."""
    if len(data) < 65:
        raise Damaged("The file is cut off within its header.")
    version, year, month, day, records, header_length, record_length = struct.unpack_from("<4B I 2H", data)
    if not record_length or header_length < 33:
        raise Damaged("The header states no possible length of records.")
    updated = f"{1900 + year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else None
    fields = tuple(_fields(data[:header_length], version, record_length))
    if not fields:
        raise Damaged("The header describes no column.")
    return DbfHeader(version, updated, records, header_length, record_length, data[29], fields)


def _fields(data: bytes, version: int, record_length: int) -> list[Field]:
    is_level_7 = version in LEVEL_7
    at, step = (68, _DESCRIPTOR_7) if is_level_7 else (32, _DESCRIPTOR)
    found: list[Field] = []
    start = 1
    while at + step <= len(data) and data[at] not in b"\r\0" and len(found) < _MOST_FIELDS:
        block = data[at : at + step]
        name = block[: 32 if is_level_7 else 11].split(b"\0")[0]
        kind, length, decimals = (chr(block[32]), block[33], block[34]) if is_level_7 else (chr(block[11]), block[16], block[17])
        if kind in _BINARY_LENGTH and not is_level_7:
            length, decimals = length | decimals << 8, 0
        if start + length > record_length:
            break
        found.append(Field(name, kind, start, length, decimals))
        start += length
        at += step
    return found


def is_dbf(head: bytes) -> bool:
    """Whether a file's beginning is such a header beyond doubt: no signature tells, so everything has to fit."""
    if len(head) < 65 or head[0] not in _VERSIONS or head[2] > 12 or head[3] > 31:
        return False
    header_length, record_length = struct.unpack_from("<2H", head, 8)
    if header_length > len(head) or b"\r" not in head[header_length - 264 if header_length > 296 else 32 : header_length]:
        return False
    try:
        header = read_header(head)
    except Damaged:
        return False
    last = header.fields[-1]
    return last.start + last.length == record_length and all(
        field.kind in "CNFDLMBGPIYT@+OVQW0" and field.name and min(field.name) >= 0x20 for field in header.fields
    )


_VERSIONS: Final = (0x03, 0x04, 0x05, 0x07, *FOXPRO, 0x43, 0x63, 0x7B, 0x83, 0x87, 0x8B, 0x8C, 0x8E, 0xCB, 0xE5, 0xF5, 0xFB)
