"""What a sheet shows for a number where that is more than the number: units, scales, parts of a hundred (ECMA-376 part 1, 18.8.31).

``0.00"万元"`` shows 12.50万元 and ``#,##0,`` thousands. The stored number stays the text; this stands beside it, to be found.
Fractions, exponents and numbers in Chinese letters are left alone, and so are formats that only add signs of a currency.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from unburnt.model.addresses import address_of

MOST_SHOWN = 50_000
"""Cells of one sheet."""
BUILT_IN = {9: "0%", 10: "0.00%"}
"""Of the formats that stand in no file, those that show more than the number."""
_TOKEN = re.compile(r'"([^"]*)"|[\\!](.)|_.|\*.|\[([^\]]*)\]|(General)|([0#?])|(.)', re.IGNORECASE | re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)")
_LITERAL = frozenset(" $-+()^&'~{}<>=:")
_LONGEST, _MOST_PLACES = 255, 60
_GENERAL = (True, "G")
_COMPARED = {"<": lt, ">": gt, "=": eq, "<=": le, ">=": ge, "<>": ne}
_EXACT = Context(prec=15)


Cell = tuple[int, int, str, str, str | None, Any, Any, Any]


class _NotKnown(Exception):
    """A format that is left alone."""


@dataclass(frozen=True)
class _Section:
    """One of the forms, between semicolons. A piece is a sign for a digit (``0 # ?``), ``G`` for a number as it is, or words."""

    whole: tuple[tuple[bool, str], ...]
    """(whether it is a digit's place, sign or words), up to the point."""
    rest: tuple[tuple[bool, str], ...] | None
    scale: Decimal
    is_grouped: bool
    condition: tuple[str, Decimal] | None
    says_more: bool

    def shown(self, value: Decimal) -> str:
        """A number that is not negative."""
        value *= self.scale
        if _GENERAL in self.whole:
            said = format(value.normalize(_EXACT), "f")
            return "".join(said if is_place else piece for is_place, piece in self.whole)
        places = sum(is_place for is_place, _ in self.rest or ())
        rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        digits, _, decimals = format(rounded, "f").partition(".")
        return self._whole(digits) + ("" if self.rest is None else "." + _decimals(self.rest, decimals))

    def _whole(self, digits: str) -> str:
        signs = [piece for is_place, piece in self.whole if is_place]
        least = len(signs) - signs.index("0") if "0" in signs else 0
        left = digits.lstrip("0").zfill(least)
        found: list[str] = []
        waiting, count = len(signs), 0
        for is_place, piece in reversed(self.whole):
            if not is_place:
                found.append(piece[::-1])
                continue
            waiting -= 1
            taken = left[-1:] if waiting else left  # the first place takes all that is left
            left = left[: len(left) - len(taken)]
            for digit in reversed(taken):
                if self.is_grouped and count and count % 3 == 0:
                    found.append(",")
                found.append(digit)
                count += 1
        return "".join(found)[::-1]


def _decimals(pieces: tuple[tuple[bool, str], ...], digits: str) -> str:
    signs = [piece for is_place, piece in pieces if is_place]
    least = max((index + 1 for index, sign in enumerate(signs) if sign == "0"), default=0)
    kept = digits[:least] + digits[least:].rstrip("0")
    given = iter(kept)
    return "".join(next(given, "") if is_place else piece for is_place, piece in pieces)


class NumberFormat:
    """A format that shows more than the number."""

    def __init__(self, sections: list[_Section]) -> None:
        self._sections = sections
        self._has_conditions = any(section.condition for section in sections)

    def shown(self, stored: str) -> str:
        """What the sheet shows for the number *stored*; empty where that is no more than the number."""
        try:
            value = Decimal(stored)
            if not value.is_finite() or not -30 < value.adjusted() < 30:
                return ""
            section, is_signed = self._section(value)
            if section is None or not section.says_more:
                return ""
            said = section.shown(abs(value)).strip()
        except DecimalException:
            return ""
        is_zero = not any("1" <= sign <= "9" for sign in said)
        shown = f"-{said}" if is_signed and value < 0 and not is_zero else said
        return shown if shown != stored else ""

    def _section(self, value: Decimal) -> tuple[_Section | None, bool]:
        """The form for *value*, and whether a negative number gets its sign in it."""
        sections = self._sections
        if self._has_conditions:
            for section in sections:
                if section.condition is None or _COMPARED[section.condition[0]](value, section.condition[1]):
                    return section, True
            return None, True
        if value < 0 and len(sections) > 1:
            return sections[1], False
        return sections[2 if value == 0 and len(sections) > 2 else 0], True


def number_format(code: str) -> NumberFormat | None:
    """The format of a code; None where what it shows is found without it, or is left alone."""
    if len(code) > _LONGEST or code.isascii() and not any(sign in code for sign in '%,"\\[!'):
        return None
    try:
        sections = [_section(tokens) for tokens in _cut(code)[:3] if not any(token[6] == "@" for token in tokens)]
    except (_NotKnown, DecimalException):
        return None
    return NumberFormat(sections) if sections and any(section.says_more for section in sections) else None


def _cut(code: str) -> list[list[re.Match[str]]]:
    found: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token[6] == ";":
            found.append([])
        else:
            found[-1].append(token)
    return found


def _section(tokens: Iterable[re.Match[str]]) -> _Section:
    pieces: list[tuple[bool, str]] = []
    point: int | None = None
    condition = None
    percents = commas = scaling = thousands = 0
    says_more = False
    for token in tokens:
        words, escaped, bracket, general, place, other = token.groups()
        literal = words if words is not None else escaped
        if bracket is not None:
            literal = bracket[1:].partition("-")[0] if bracket[:1] == "$" else None
            if bracket[:1] != "$" and (match := _CONDITION.fullmatch(bracket)):
                condition = match[1], Decimal(match[2])
            elif bracket[:5].upper() == "DBNUM":
                raise _NotKnown
        elif general or place:
            pieces.append(_GENERAL if general else (True, place))
            commas += scaling  # a comma between places parts thousands
            scaling = 0
        elif other == ".":
            if point is not None:
                raise _NotKnown
            point, thousands, scaling = len(pieces), scaling, 0
        elif other == ",":
            scaling += any(is_place for is_place, _ in pieces)
        elif other in ("%", "‰"):
            percents += 1 if other == "%" else 0
            pieces.append((False, other))
            says_more = True
        elif other is not None:
            if other not in _LITERAL and other.isascii():
                raise _NotKnown
            literal = other
        if literal:
            pieces.append((False, literal))
            says_more = says_more or any(one.isalpha() or unicodedata.category(one) == "So" for one in literal)
    if len(pieces) > _MOST_PLACES:
        raise _NotKnown
    return _Section(
        tuple(pieces if point is None else pieces[:point]), None if point is None else tuple(pieces[point:]),
        Decimal(10) ** (2 * percents - 3 * (scaling + thousands)), commas > 0, condition, says_more or scaling + thousands > 0,
    )  # fmt: skip


class ShownCells:
    """Collects what one sheet shows after another, by place."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], str] = {}

    def note(self, row: int, column: int, form: NumberFormat, stored: str) -> None:
        """What *form* makes of the number that is stored at a place."""
        if len(self._found) < MOST_SHOWN and (said := form.shown(stored)):
            self._found[row, column] = said

    def note_row(self, cells: Iterable[Cell], forms: Mapping[tuple[int, int], NumberFormat]) -> None:
        """The same of those cells of a row that are numbers."""
        for row, column, shown, kind, raw, *_ in cells:
            if kind == "number" and (form := forms.get((row, column))) is not None:
                self.note(row, column, form, raw or shown)

    def lines(self) -> list[str]:
        """``B2: 12.50万元`` for each, in order; forgets them."""
        found, self._found = self._found, {}
        return [f"{address_of(*place)}: {found[place]}" for place in sorted(found)]


def formats_of(codes: Mapping[int, str], cells: Iterable[int], dates: Iterable[int]) -> dict[int, NumberFormat]:
    """By the index of a cell's format: those of *cells* (numbers of formats, some with *codes* of their own) that show more; no *dates*."""
    known: dict[int, NumberFormat | None] = dict.fromkeys(dates)
    found: dict[int, NumberFormat] = {}
    for index, number in enumerate(cells):
        if number not in known:
            known[number] = number_format(codes.get(number) or BUILT_IN.get(number, ""))
        form = known[number]
        if form is not None:
            found[index] = form
    return found
