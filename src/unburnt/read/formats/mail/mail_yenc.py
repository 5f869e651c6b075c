"""Files in yEnc (the draft of yEnc, version 1.3, yenc.org): bytes shifted by 42, put into a text as they are."""

from __future__ import annotations

import re
import zlib
from itertools import islice
from typing import Final

from unburnt.read.formats.mail.mail_inline import Inline

MARK: Final = b"=ybegin "
_BEGIN: Final = re.compile(
    rb"^=ybegin (?:part=(?P<part>\d{1,6}) )?(?:total=(?P<total>\d{1,6}) )?line=\d{1,5} size=(?P<size>\d{1,15}) "
    rb"name=(?P<name>[^\r\n]{1,255})\r?\n(?:=ypart begin=(?P<begin>\d{1,15}) end=(?P<end>\d{1,15})[^\r\n]*\r?\n)?", re.MULTILINE)
_END: Final = re.compile(rb"^=yend (?P<told>[^\r\n]*)", re.MULTILINE)
_TOLD: Final = re.compile(rb"(?:^| )(size|crc32|pcrc32)=([0-9A-Fa-f]{1,15})(?= |$)")
_ESCAPED: Final = re.compile(rb"=(.)", re.DOTALL)
_MOST_FILES: Final = 1_000
_SHIFTED: Final = bytes((sign - 42) & 255 for sign in range(256))
_UNESCAPED: Final = [bytes(((sign - 64) & 255,)) for sign in range(256)]


def without_yenc(raw: bytes) -> tuple[bytes, list[Inline]]:
    """A text without the signs of files in yEnc, which are no letters, and the files. Their first and last lines stay.

    The signs of a file that nothing ends stay too: nobody knows where words go on.
    """
    if MARK not in raw:
        return raw, []
    begins = list(islice(_BEGIN.finditer(raw), _MOST_FILES))
    ends = list(islice(_END.finditer(raw), 2 * _MOST_FILES)) if begins else []
    found: list[Inline] = []
    kept: list[bytes] = []
    at = passed = 0
    for number, begin in enumerate(begins):
        until = begins[number + 1].start() if number + 1 < len(begins) else len(raw)
        while passed < len(ends) and ends[passed].start() < begin.end():
            passed += 1
        end = ends[passed] if passed < len(ends) and ends[passed].start() < until else None
        inline = _file(raw[begin.end() : end.start() if end else until], begin, end)
        if inline.data:
            found.append(inline)
        if end is not None:
            kept.append(raw[at : begin.end()])
            at = end.start()
    return b"".join([*kept, raw[at:]]), found


def _file(signs: bytes, begin: re.Match[bytes], end: re.Match[bytes] | None) -> Inline:
    data = _decoded(signs)
    name, part = begin["name"].strip().strip(b'"'), int(begin["part"] or 1)
    is_piece = int(begin["total"] or part) > 1
    told = dict(_TOLD.findall(end["told"])) if end else {}
    size = int(begin["end"]) - int(begin["begin"]) + 1 if begin["begin"] else int(begin["size"])
    sums = told.get(b"pcrc32") or (None if is_piece else told.get(b"crc32"))
    whole = end is not None and len(data) == size and (sums is None or int(sums, 16) == zlib.crc32(data))
    # Pieces of a file are called as volumes are: with those of other messages they are then read as one.
    return Inline(b"%s.%03d" % (name, part) if is_piece else name, data, whole)


def _decoded(signs: bytes) -> bytes:
    together = signs.translate(None, b"\r\n")
    return _ESCAPED.sub(lambda escaped: _UNESCAPED[escaped[1][0]], together).translate(_SHIFTED)
