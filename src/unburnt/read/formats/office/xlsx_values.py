"""What the stored value of a workbook's cell means: a text of the table, a date, a number as people write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from unburnt.read.formats.office.number_shown import NumberFormat, ShownCells
from unburnt.read.formats.office.xlsx_styles import shown_date, shown_number

Shown = tuple[int, int, str, str, str | None, str | None, str | None, tuple[str, ...]]
"""A cell as ``SheetWriter.row`` takes it: row, column, shown, type, what is stored where that differs, formula, comment, flags."""
Form = NumberFormat | Literal[True] | None
"""Of a format: what it shows beside the number, True where that is a date, None where it is no more than the number."""
_TYPES = {"b": "boolean", "e": "error", "d": "date"}
_TRUTH = {"1": "TRUE", "0": "FALSE"}


class Values:
    """What all cells of a workbook share: its texts, and which of its formats (``cellXfs``) show dates."""

    def __init__(
        self, strings: Sequence[str], dates: frozenset[int], *, epoch_1904: bool, formats: Mapping[int, NumberFormat] | None = None
    ) -> None:
        self.strings = strings
        self.dates = dates
        self.formats = formats or {}
        """Formats that show more than the number."""
        self.shown = ShownCells()
        """What they show in the sheet that is being read."""
        self.lost_strings = 0
        """Cells whose text stands in a table of strings that lacks it."""
        self._epoch_1904 = epoch_1904

    def text(self, index: str) -> str | None:
        """The text of that number, None where the table lacks it."""
        number = int(index) if index.isdecimal() and len(index) < 10 else -1
        return self.strings[number] if 0 <= number < len(self.strings) else None

    def cell(self, row: int, column: int, kind: str, style: int, value: str, formula: str | None) -> Shown:
        """A cell as people see it; *kind* is its ``t`` attribute (``n s str inlineStr b e d``)."""
        if kind == "s":
            text = self.text(value)
            if text is None:
                self.lost_strings += 1
            return row, column, text or "", "text", None, formula, None, ()
        if kind == "n" and value:
            return self.number(row, column, self.form(style), value, formula)
        shown = _TRUTH.get(value, value) if kind == "b" else value
        return row, column, shown, _TYPES.get(kind, "text"), None, formula, None, ()

    def form(self, style: int) -> Form:
        """What a cell's format makes of numbers."""
        return True if style in self.dates else self.formats.get(style)

    def number(self, row: int, column: int, form: Form, value: str, formula: str | None) -> Shown:
        """A number, or the date that it stands for."""
        if form is True:
            try:
                date = shown_date(float(value), self._epoch_1904)
            except ValueError:
                date = None
            if date is not None:
                return row, column, date, "date", value, formula, None, ()
        elif form is not None:
            self.shown.note(row, column, form, value)
        shown, imprecise = shown_number(value)
        return row, column, shown, "number", value if shown != value else None, formula, None, ("imprecise-id",) if imprecise else ()
