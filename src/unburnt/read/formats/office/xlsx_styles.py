"""Which numbers of a workbook are dates, and how any number is shown (ECMA-376 part 1, sections 18.8.30, 18.17.4)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

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


def date_styles(package: Package, part: str) -> frozenset[int]:
    """The indexes of cell formats (``cellXfs``) that show dates."""
    root = parse_part(package, part).root
    if root is None:
        return frozenset()
    codes: dict[int, str] = {}
    formats = child(root, "numFmts")
    for element in formats if formats is not None else ():
        codes[number(attribute(element, "numFmtId"))] = attribute(element, "formatCode") or ""
    found = set()
    cells = child(root, "cellXfs")
    for index, element in enumerate(children(cells, "xf") if cells is not None else ()):
        identity = number(attribute(element, "numFmtId"))
        if is_date_format(codes[identity]) if identity in codes else identity in BUILT_IN_DATES:
            found.add(index)
    return frozenset(found)


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
