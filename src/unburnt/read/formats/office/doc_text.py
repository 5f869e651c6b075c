"""Word 97-2003 text: the piece table and the document's stories (MS-DOC 2.4.1, 2.5, 2.9.38)."""

from __future__ import annotations

import re
import struct

from unburnt.base.limits import MIB
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.field_words import shown_words
from unburnt.read.formats.office.office_text import TextBuilder

STORIES = ("text", "footnotes", "header", "macro", "comments", "endnotes", "text boxes", "header text boxes")
MOST_TEXT = 256 * MIB
CONTROL = re.compile("[\x00-\x08\x0b-\x0d\x0e-\x1f]")
LANGUAGES = {0x04: "gb18030", 0x19: "cp1251", 0x22: "cp1251", 0x11: "cp932", 0x12: "cp949", 0x01: "cp1256", 0x80: "cp1256",
             0x3F: "cp1251", 0x1F: "cp1254", 0x15: "cp1250", 0x05: "cp1250", 0x0E: "cp1250"}  # fmt: skip


def stories(document: bytes, table: bytes) -> dict[str, str]:
    """The raw text of every story, control characters included. Raises :class:`Damaged`."""
    try:
        lengths = struct.unpack_from("<8i", document, 0x4C)
        start, size = struct.unpack_from("<II", document, 0x1A2)
    except struct.error as error:
        raise Damaged("The document's head (FIB) is cut short.") from error
    whole = _pieces(document, table[start : start + size])
    found: dict[str, str] = {}
    position = 0
    for name, length in zip(STORIES, lengths, strict=True):
        if length > 0:
            found[name] = whole[position : position + length]
            position += length
    return found


def _pieces(document: bytes, clx: bytes) -> str:
    position = 0
    while position < len(clx) and clx[position] == 1:
        position += 3 + struct.unpack_from("<H", clx.ljust(position + 3, b"\0"), position + 1)[0]
    if position + 5 > len(clx) or clx[position] != 2:
        raise Damaged("The document's table of text pieces is missing.")
    plc = clx[position + 5 : position + 5 + struct.unpack_from("<I", clx, position + 1)[0]]
    count = (len(plc) - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}I", plc, 0)
    pieces, total = [], 0
    for number in range(count):
        length = bounds[number + 1] - bounds[number]
        offset = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)[0]
        if length <= 0 or total + length > MOST_TEXT:
            continue
        total += length
        if offset & 0x4000_0000:
            begin = (offset & 0x3FFF_FFFF) // 2
            pieces.append(document[begin : begin + length].decode("cp1252", "replace"))
        else:
            units = document[offset : offset + 2 * length]
            pieces.append(units[: len(units) & ~1].decode("utf-16-le", "surrogatepass"))  # a cut file may end within one
    return "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if _astral(pieces) else "".join(pieces)


def _astral(pieces: list[str]) -> bool:
    return any("\ud800" <= character <= "\udfff" for piece in pieces for character in piece[:1] + piece[-1:])


def word95_text(document: bytes) -> str:
    """The text of a Word 6 or 95 file that was not saved fast: one run of bytes in the code page of its language."""
    try:
        language = struct.unpack_from("<H", document, 6)[0] & 0xFF
        start, end = struct.unpack_from("<II", document, 0x18)
        length = struct.unpack_from("<I", document, 0x34)[0]
    except struct.error as error:
        raise Damaged("The document's head (FIB) is cut short.") from error
    raw = document[start : min(end, start + length)]
    return raw.decode(LANGUAGES.get(language, "cp1252"), "replace")


def render(raw: str) -> TextBuilder:
    """Text as people see it: cells by tab, rows and paragraphs by line, field results; instructions become marks."""
    out = TextBuilder()
    fields: list[tuple[int, int | None, list[str]]] = []
    raw = raw.replace("\x07\x07", "\n").replace("\x07", "\t")
    for piece in _split(raw):
        if piece == "\x13":
            fields.append((out.length, None, []))
        elif piece == "\x14" and fields:
            fields[-1] = (fields[-1][0], out.length, fields[-1][2])
        elif piece == "\x15" and fields:
            begin, result, instruction = fields.pop()
            text = "".join(instruction).strip()
            words = shown_words(text) if result is None else ""
            outer = next((field for field in fields if field[1] is None), None)
            if outer is not None:
                outer[2].append(words)
            else:
                out.add(words)
            if text and outer is None:
                kind = "link" if text.upper().startswith("HYPERLINK") else "field"
                out.mark(kind, begin if result is None else result, out.length, text=text[:10_000])
        else:
            shown = _SHOWN.get(piece, "" if len(piece) == 1 and piece < " " and piece not in "\t\n" else piece)
            waiting = next((field for field in fields if field[1] is None), None)
            if waiting is not None:
                waiting[2].append(shown)
            else:
                out.add(shown)
    return out


_SHOWN = {"\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x0e": "\n", "\x1e": "\u2011", "\x1f": "\u00ad"}


def _split(raw: str) -> list[str]:
    pieces: list[str] = []
    last = 0
    for match in CONTROL.finditer(raw):
        if match.start() > last:
            pieces.append(raw[last : match.start()])
        pieces.append(match[0])
        last = match.end()
    pieces.append(raw[last:])
    return [piece for piece in pieces if piece]
