"""What cells of an old workbook may hold, and what is said to who fills them in: records DV (MS-XLS 2.4.92)."""

from __future__ import annotations

import struct
from typing import Final

from unburnt.model.addresses import range_name

VALIDATION: Final = 0x1BE
MOST_VALIDATIONS: Final = 10_000
_LONGEST: Final = 10_000
_STRING, _WHOLE, _NUMBER = 0x17, 0x1E, 0x1F
_AREAS: Final = {0x25, 0x45, 0x65}
_REFERENCES: Final = {0x24, 0x44, 0x64}
_AREAS_ELSEWHERE: Final = {0x3B, 0x5B, 0x7B}
"""On a sheet that is named by its number."""
_REFERENCES_ELSEWHERE: Final = {0x3A, 0x5A, 0x7A}
_RELATIVE: Final = 0x3FFF
"""The columns of a reference without the bits that say whether it moves along."""


def validation_line(record: bytes) -> str:
    """``B2:B9: choices; prompt``, as of newer workbooks; empty where there is nothing but the range, or the record is damaged."""
    try:
        return _line(record)
    except (struct.error, ValueError):
        return ""


def _line(record: bytes) -> str:
    at = 4
    texts: list[str] = []
    for _ in range(4):
        text, at = _text(record, at)
        texts.append(text)
    prompt_title, error_title, prompt, error = texts
    formulas: list[str] = []
    for _ in range(2):
        (length,) = struct.unpack_from("<H", record, at)
        formulas.append(_formula(record[at + 4 : at + 4 + length]))
        at += 4 + length
    (count,) = struct.unpack_from("<H", record, at)
    ranges = [struct.unpack_from("<4H", record, at + 2 + 8 * number) for number in range(count)]
    said = "; ".join(text for text in (*formulas, prompt_title, prompt, error_title, error) if text.strip())
    where = " ".join(range_name(top, left, bottom, right) for top, bottom, left, right in ranges)
    return f"{where}: {said}"[:_LONGEST] if said else ""


def _text(record: bytes, at: int) -> tuple[str, int]:
    """A string (XLUnicodeString) and where it ends; one zero stands for none."""
    count, flags = struct.unpack_from("<HB", record, at)
    return _letters(record, at + 3, count, flags)


def _letters(record: bytes, at: int, count: int, flags: int) -> tuple[str, int]:
    end = at + count * (1 + (flags & 1))
    if end > len(record):
        raise ValueError(end)
    return record[at:end].decode("utf-16-le" if flags & 1 else "latin-1", "replace").strip("\0"), end


def formula_text(parsed: bytes) -> str:
    """A list of choices, a number or a place on a sheet; nothing for what has to be worked out, or where *parsed* is damaged."""
    try:
        return _formula(parsed)
    except (struct.error, ValueError):
        return ""


def _formula(parsed: bytes) -> str:
    if len(parsed) < 3:
        return ""
    kind = parsed[0]
    if kind == _STRING:
        return _letters(parsed, 3, parsed[1], parsed[2])[0].replace("\0", ",")
    if kind == _WHOLE:
        return str(struct.unpack_from("<H", parsed, 1)[0])
    if kind == _NUMBER:
        return f"{struct.unpack_from('<d', parsed, 1)[0]:g}"
    if kind in _AREAS:
        top, bottom, left, right = struct.unpack_from("<4H", parsed, 1)
        return range_name(top, left & _RELATIVE, bottom, right & _RELATIVE)
    if kind in _AREAS_ELSEWHERE:
        top, bottom, left, right = struct.unpack_from("<4H", parsed, 3)
        return range_name(top, left & _RELATIVE, bottom, right & _RELATIVE)
    if kind in _REFERENCES or kind in _REFERENCES_ELSEWHERE:
        row, column = struct.unpack_from("<2H", parsed, 1 if kind in _REFERENCES else 3)
        return range_name(row, column & _RELATIVE, row, column & _RELATIVE)
    return ""
