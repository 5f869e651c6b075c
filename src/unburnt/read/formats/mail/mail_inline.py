"""What stands in the text of a mail beside the text itself: files written into it (uuencode), words put behind an encoded body."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import Final

from unburnt.read.formats.mail.mail_headers import Bytes

_BEGIN: Final = re.compile(rb"^begin(-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_LINE: Final = re.compile(rb"[^\n]*\n?")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_MOST_FILES: Final = 1_000
_TAIL: Final = 1 << 16
"""Bytes at the end of a body among which words after its encoding are looked for: what lists and scanners add is short."""
_LONG: Final = 40
"""Signs of a line that is data beyond doubt; other programs' words have spaces earlier."""


@dataclass(frozen=True)
class Inline:
    """A file written into a text; *whole* says whether its last line came and all its lines could be decoded."""

    name: bytes
    data: bytes
    whole: bool


def inline_files(raw: bytes) -> list[Inline]:
    """The files of a body (POSIX uuencode, both forms). What only looks like a beginning is passed over."""
    found: list[Inline] = []
    position = 0
    while len(found) < _MOST_FILES and (match := _BEGIN.search(raw, position)) is not None:
        data, whole, position = _decoded(raw, match.end(), in_base64=match[1] is not None)
        if data:
            found.append(Inline(match[2].strip(), data, whole))
    return found


def _decoded(raw: bytes, position: int, *, in_base64: bool) -> tuple[bytes, bool, int]:
    """The bytes, whether all is there, and where the text goes on: at the first line that can be none of the file's."""
    pieces: list[bytes] = []
    whole = True
    while position < len(raw):
        line = _LINE.match(raw, position)
        assert line is not None  # the pattern matches anything
        content, after = line[0].rstrip(b"\r\n"), line.end()
        if content == (b"====" if in_base64 else b"end"):
            return b"".join(pieces), whole, after
        piece = _base64_line(content) if in_base64 else _uu_line(content)
        if piece is None:
            break
        pieces.append(piece)
        position = after
    return b"".join(pieces), False, position


def _uu_line(line: bytes) -> bytes | None:
    """One line's bytes; None where it is none. Spaces at its end may have been lost on the way."""
    if not line.strip(b" `"):
        return b""
    count = line[0] - 32 & 63
    signs = (count + 2) // 3 * 4
    if not 32 <= line[0] <= 96 or len(line) - 1 < signs * 3 // 4 - 4 or len(line) - 1 > signs + 3:
        return None
    try:
        return binascii.a2b_uu(line[: signs + 1])
    except binascii.Error:
        return None


def _base64_line(line: bytes) -> bytes | None:
    signs = line.strip()
    if not signs:
        return b""
    return binascii.a2b_base64(signs) if _BASE64.fullmatch(signs) and not len(signs) % 4 else None


def encoded_end(data: Bytes, start: int, end: int) -> int:
    """Where base64 ends and words begin that somebody added behind it (mailing lists, scanners); *end* where none do.

    A damaged line between good ones is no such end, nor is a second run of data after the padding of the first, nor
    a last line that is cut.
    """
    first = max(start, end - _TAIL)
    lines = [(match.start(), match[0].strip()) for match in _LINE.finditer(data[first:end]) if match[0].strip()]
    if first > start:
        lines = lines[1:]  # its beginning is cut
    data_like = [_BASE64.fullmatch(line) is not None for _, line in lines]
    if all(data_like) and not any(len(line) % 4 for _, line in lines):
        return end
    last = max((at for at, (_, line) in enumerate(lines) if data_like[at] and len(line) >= _LONG), default=-1)
    if last < 0 and lines and first == start and data_like[0] and not len(lines[0][1]) % 4:
        last = 0
    if last < 0:
        return end
    following = last + 1
    if following < len(lines) and data_like[following] and not len(lines[following][1]) % 4 and not lines[last][1].endswith(b"="):
        following += 1
    rest = lines[following:]
    padded = any(line.endswith(b"=") for _, line in lines[last:following])
    are_words = not all(data_like[following:]) or (padded and any(len(line) % 4 for _, line in rest))
    return first + rest[0][0] if rest and are_words else end
