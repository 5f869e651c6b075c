"""Pictures and objects that an RTF file holds as numbers (Rich Text Format 1.9.1, sections "Pictures" and "Objects"; MS-OLEDS 2.2)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from unburnt.read.formats.office.ole_objects import OLE_MAGIC, native_of, unwrap
from unburnt.read.formats.texts.rtf_text import TOKEN

_BEGINS = re.compile(rb"\\(pict|objdata)(?![a-zA-Z])")
_BESIDE = re.compile(rb"\\nonshppict\s*\{\s*$")
_NO_HEX = re.compile(rb"[^0-9a-fA-F]+")
_FORMATS = {b"pngblip": "png", b"jpegblip": "jpg", b"emfblip": "emf", b"wmetafile": "wmf", b"macpict": "pict", b"dibitmap": "bmp"}
_LINKED, _EMBEDDED = 1, 2
_MOST = 100_000


class Held(NamedTuple):
    """A file that was found; *target* instead of *data* where the object only leads to one."""

    kind: str
    name: str | None
    data: bytes
    target: str = ""


def held(untrusted_rtf: bytes) -> Iterator[Held]:
    """The pictures and objects in order; a picture's second form, for programs that know only the old ones, is left out."""
    at, found, modern = 0, 0, False
    while found < _MOST and (match := _BEGINS.search(untrusted_rtf, at)) is not None:
        kind, data, at = _group(untrusted_rtf, match.end())
        if match[1] == b"pict":
            before = untrusted_rtf[max(0, match.start() - 40) : match.start()]
            repeated = modern and _BESIDE.search(before) is not None
            modern = b"\\shppict" in before
            if data and not repeated:
                found += 1
                yield Held(kind or "picture", None, _with_head(data) if kind == "bmp" else data)
        elif data:
            found += 1
            yield _object(data)


def _group(rtf: bytes, start: int) -> tuple[str, bytes, int]:
    """A group's own numbers as bytes, what they are, and where the group ends; groups inside it are passed over."""
    pieces: list[bytes] = []
    digits: list[bytes] = []
    kind, depth, at = "", 0, start
    while True:
        for match in TOKEN.finditer(rtf, at):
            if match[5] is not None:
                depth += 1 if match[5] == b"{" else -1
                if depth < 0:
                    return kind, b"".join([*pieces, _bytes(digits)]), match.end()
            elif match[1] == b"bin" and match[2] is not None:
                at = min(match.end() + max(0, int(match[2])), len(rtf))
                if depth == 0:
                    pieces += [_bytes(digits), rtf[match.end() : at]]
                    digits = []
                break
            elif depth == 0 and match[1] is not None:
                kind = _FORMATS.get(match[1], kind)
            elif depth == 0 and match[7] is not None:
                digits.append(match[7])
        else:
            return kind, b"".join([*pieces, _bytes(digits)]), len(rtf)


def _bytes(digits: list[bytes]) -> bytes:
    plain = _NO_HEX.sub(b"", b"".join(digits))
    return bytes.fromhex(plain[: len(plain) & ~1].decode("ascii"))


def _with_head(bitmap: bytes) -> bytes:
    """The file of a bitmap that stands without the head of one (BITMAPFILEHEADER)."""
    if len(bitmap) < 40:
        return bitmap
    size, depth, colours = *struct.unpack_from("<I", bitmap), *struct.unpack_from("<14xH", bitmap), *struct.unpack_from("<32xI", bitmap)
    palette = 4 * (colours or (1 << depth if depth <= 8 else 0))
    return b"BM" + struct.pack("<IHHI", 14 + len(bitmap), 0, 0, min(14 + size + palette, 14 + len(bitmap))) + bitmap


def _object(data: bytes) -> Held:
    """The file inside an object as OLE 1 writes it; the numbers as they are where nothing is to be made of them."""
    try:
        form, = struct.unpack_from("<I", data, 4)
        words, at = [], 8
        for _ in range(3):  # class, topic, item
            length, = struct.unpack_from("<I", data, at)
            words.append(data[at + 4 : at + 4 + length].rstrip(b"\0"))
            at += 4 + length
        if form == _LINKED:
            return Held("object", None, b"", target=words[1].decode("utf-8" if words[1].isascii() else "cp1252", "replace"))
        size, = struct.unpack_from("<I", data, at)
    except struct.error:
        return Held("object", None, data)
    inside = data[at + 4 : at + 4 + size]
    if form != _EMBEDDED or not inside:
        return Held("object", None, data)
    wrapped = unwrap(inside) if inside.startswith(OLE_MAGIC) else None
    if words[0].lower() == b"package":
        wrapped = native_of(struct.pack("<I", len(inside)) + inside)
    return Held("object", wrapped.name, wrapped.data) if wrapped else Held("object", None, inside)
