"""Which numbers of a workbook are dates, and how any number is shown (ECMA-376 part 1, sections 18.8.30, 18.17.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from unburnt.read.formats.office.number_shown import NumberFormat, formats_of
from unburnt.read.formats.office.office_xml import attribute, child, children, is_true, number, parse_part
from unburnt.read.formats.office.ooxml_package import Package

BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
PLAIN_NUMBER = re.compile(r"0|-?(?:[1-9][0-9]*(?:\.[0-9]*[1-9])?|0\.0{0,4}[1-9](?:[0-9]*[1-9])?)")
"""Written as it is shown; where it has at most 15 signs."""
EPOCH_1900 = datetime(1899, 12, 30)
EPOCH_1904 = datetime(1904, 1, 1)
LAST_SERIAL = 2_958_466


def is_date_format(code: str) -> bool:
    """Whether a number format shows dates or times: any of its letters ``d m y h s`` outside literals."""
    first = LITERALS.sub("", code.split(";", 1)[0]).lower()
    if "general" in first or "@" in first:
        return False
    return any(letter in first for letter in "dmyhs") and not re.search(r"[#0?]\.?[#0?]*e[+-]", first)


@dataclass(frozen=True)
class CellFormats:
    """What matters of a workbook's cell formats (``cellXfs``), by their indexes."""

    dates: frozenset[int] = frozenset()
    shown: dict[int, NumberFormat] = field(default_factory=dict)
    """Those that show more than a number."""


def cell_formats(package: Package, part: str) -> CellFormats:
    """The formats of the part that holds styles."""
    root = parse_part(package, part).root
    if root is None:
        return CellFormats()
    formats, cells = child(root, "numFmts"), child(root, "cellXfs")
    own = formats if formats is not None else ()
    codes = {number(attribute(element, "numFmtId")): attribute(element, "formatCode") or "" for element in own}
    return judged(codes, [number(attribute(element, "numFmtId")) for element in (children(cells, "xf") if cells is not None else ())])


def judged(codes: dict[int, str], cells: list[int]) -> CellFormats:
    """What the numbers of formats in *cells* mean; the file states *codes* for those of its own."""
    of_dates = {one for one in set(cells) if (is_date_format(codes[one]) if one in codes else one in BUILT_IN_DATES)}
    dates = frozenset(index for index, one in enumerate(cells) if one in of_dates)
    return CellFormats(dates, formats_of(codes, cells, of_dates))


def uses_1904(workbook_properties: str | None) -> bool:
    """The ``date1904`` attribute."""
    return is_true(workbook_properties)


@lru_cache(4096)
def shown_date(serial: float, epoch_1904: bool) -> str | None:
    """A serial day number as ISO 8601 without a zone; a bare time below one day; None where it is no date.

    A blank stands before the time: a T would make one word of both.
    """
    if not 0 <= serial < LAST_SERIAL:
        return None
    seconds = round(serial * 86_400)
    if serial < 1:
        return (EPOCH_1900 + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    if not epoch_1904 and serial < 60:
        seconds += 86_400  # Excel believes in 29 February 1900
    moment = (EPOCH_1904 if epoch_1904 else EPOCH_1900) + timedelta(seconds=seconds)
    return moment.date().isoformat() if seconds % 86_400 == 0 else moment.isoformat(" ")


def shown_number(stored: str) -> tuple[str, bool]:
    """A stored number as people write it, and whether it has more digits than the file can hold exactly.

    Whole numbers lose ``.0`` and exponents; others are shown with at most 15 significant digits, as Excel does.
    """
    if PLAIN_NUMBER.fullmatch(stored) and len(stored) <= 15:
        return stored, False
    try:
        value = Decimal(stored.strip())
    except InvalidOperation:
        return stored, False
    if not value.is_finite() or not -300 < value.adjusted() < 300:
        return stored, False
    if value == value.to_integral_value() and abs(value.adjusted()) < 30:
        whole = str(int(value))
        return whole, len(whole.lstrip("-")) > 15
    shortened = format(value, ".15g")
    return (shortened.rstrip("0").rstrip(".") if "." in shortened and "e" not in shortened.lower() else shortened), False
