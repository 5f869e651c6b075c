"""Dates in queries: what a document's date, which may be known to the year or month only, has to do with them.

Days are numbers YYYYMMDD; a document whose date is known to the month or year only has 00 for the rest.
"""

from __future__ import annotations

import calendar
import re

from unburnt.base.errors import QuerySyntaxError
from unburnt.search.query import Term

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_SIGN = re.compile(r"(>=|<=|>|<)(.*)", re.DOTALL)
_LAST = 9999_99_99


def days(value: Term) -> tuple[tuple[int, int], list[int]]:
    """A range of days, both ends included, and further days that count too.

    A plain date (``2019``, ``2019-05``) means documents known to be of that time. A range (``2019-05..2020``,
    ``>=2019-05``, ``<2020``) means all that may lie in it: a letter dated just "2019" may be of May 2019 or later.
    Raises :class:`QuerySyntaxError`.
    """
    text = value.text
    if ".." in text:
        first, _, last = text.partition("..")
        return _range(_first(first, value) if first else 0, _last(last, value) if last else _LAST)
    match = _SIGN.fullmatch(text)
    if match is None:
        year, month, day = _read(text, value)
        start = year * 10000 + month * 100 + day
        return (start, start + (9999 if not month else 99 if not day else 0)), []
    sign, date = match[1], match[2]
    if sign == ">=":
        return _range(_first(date, value), _LAST)
    if sign == ">":
        return _range(_after(_last(date, value)), _LAST)
    return _range(0, _last(date, value) if sign == "<=" else _before(_first(date, value)))


def _range(first: int, last: int) -> tuple[tuple[int, int], list[int]]:
    """*first* and *last* are days that exist. The month and the year that *first* lies in may reach into the range."""
    month, year = first // 100 * 100, first // 10000 * 10000
    return (first, last), [vague for vague in (month, year) if first and vague < first <= last]


def _first(text: str, value: Term) -> int:
    year, month, day = _read(text, value)
    return year * 10000 + (month or 1) * 100 + (day or 1)


def _last(text: str, value: Term) -> int:
    year, month, day = _read(text, value)
    month = month or 12
    return year * 10000 + month * 100 + (day or _length(year, month))


def _after(day: int) -> int:
    year, month = day // 10000, day // 100 % 100
    if day % 100 < _length(year, month):
        return day + 1
    return year * 10000 + (month + 1) * 100 + 1 if month < 12 else (year + 1) * 10000 + 101


def _before(day: int) -> int:
    year, month = day // 10000, day // 100 % 100
    if day % 100 > 1:
        return day - 1
    month, year = (month - 1, year) if month > 1 else (12, year - 1)
    return year * 10000 + month * 100 + _length(year, month)


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1] if 1 <= year <= 9999 else 31


def _read(text: str, value: Term) -> tuple[int, int, int]:
    """Year, month and day, 0 where not given."""
    match = _DATE.fullmatch(text)
    if match is None or not 1 <= int(match[2] or 1) <= 12 or not 1 <= int(match[3] or 1) <= 31:
        raise QuerySyntaxError("This is not a date.", column=value.column,
                               remedy="Write 2019, 2019-05, 2019-05-31, 2019..2020 or >=2019-01.")
    return int(match[1]), int(match[2] or 0), int(match[3] or 0)
