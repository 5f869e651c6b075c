"""Turning rows of cells into a sheet's text: cells joined by tabs, rows by line ends, each cell with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable

from unburnt.model.addresses import address_of
from unburnt.model.reading import Cell
from unburnt.read.emitter import Emitter

FULL_CELLS = 30_000
FULL_TEXT = 200_000
"""Where a piece of a sheet is handed on, so that memory stays bounded; the next piece continues it."""
MOST_FORMULAS = 20_000
GAP = 64
_DIGITS = re.compile(r"[0-9]+")


def _empty_before(column: int, expected: int) -> int:
    """How many empty places stand before a cell further to the right than *expected* (0 at a row's beginning)."""
    if not expected:
        return column if column <= GAP else 1
    return column - expected if column - expected < GAP else 0


class SheetWriter:
    """Collects rows and emits them as parts of kind ``sheet``.

    Rows and columns are absolute. Empty cells between filled ones give a tab each up to :data:`GAP`; an empty stretch
    longer than that gives one tab, so that a cell at XFD1048576 costs nothing.
    """

    def __init__(self, emitter: Emitter, label: str, *, hidden: bool) -> None:
        self._emitter = emitter
        self.label = label
        self._hidden = hidden
        self._pieces: list[str] = []
        self._length = 0
        self._cells: list[Cell] = []
        self._comments: list[str] = []
        self._formulas: dict[str, str] = {}
        self.emitted = False
        self.has_text = False
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()

    def row(self, cells: Iterable[tuple[int, int, str, str, str | None, str | None, str | None, tuple[str, ...]]]) -> None:
        """Add one row: (row, column, shown, type, raw, formula, comment, flags) for each non-empty cell, by column."""
        expected, end, found = 0, self._length - 1, self._cells
        texts: list[str] = []
        for row, column, shown, kind, raw, formula, comment, flags in cells:
            if column == expected:
                start = end + 1
                texts.append(shown)
            elif column > expected:
                gap = _empty_before(column, expected)
                start = end + 1 + gap
                texts += [""] * gap
                texts.append(shown)
            else:  # a place that comes twice
                start = end
                texts[-1] += shown
            end = start + len(shown)
            expected = column + 1
            found.append(Cell(row, column, start, end, kind, raw, formula, comment, flags))
            if formula or comment:
                self._note_beside(row, column, formula, comment)
        if not expected:
            return
        line = "\t".join(texts)
        self.has_text = self.has_text or bool(line.strip())
        self._pieces += (line, "\n")
        self._length = end + 1
        if len(found) >= FULL_CELLS or self._length >= FULL_TEXT:
            self._emit((), last=False)

    def finish(self, *, merged: Iterable[tuple[int, int, int, int]] = ()) -> None:
        """Emit what is left; also an empty sheet is a part, so that nobody misses it."""
        self._emit(tuple(merged), last=True)
        # They stand beside their cells too; as text they can be found.
        if self._comments:
            self._emitter.part("comments", f"{self.label} (comments)", "\n".join(self._comments), hidden=self._hidden)
        if self._formulas:
            self._emitter.part("properties", f"{self.label} (formulas)", "\n".join(self._formulas.values()), hidden=self._hidden)

    def _note_beside(self, row: int, column: int, formula: str | None, comment: str | None) -> None:
        if formula:
            self._note_formula(row, column, formula)
        if comment:
            self._comments.append(f"{address_of(row, column)}: {comment}")
            self.has_text = True

    def _note_formula(self, row: int, column: int, formula: str) -> None:
        """Keep the first of those that differ in the numbers of rows only, which are copies; all that hold words of their own."""
        kind = formula if '"' in formula else _DIGITS.sub("", formula)
        if kind not in self._formulas and len(self._formulas) < MOST_FORMULAS and not formula.startswith("=shared "):
            self._formulas[kind] = f"{address_of(row, column)}: {formula}"

    def _emit(self, merged: tuple[tuple[int, int, int, int], ...], *, last: bool) -> None:
        if last and self.emitted and not self._cells and not merged:
            return
        text = "".join(self._pieces)
        if last:
            text = text.removesuffix("\n")
        self._emitter.part(
            "sheet", self.label, text, cells=tuple(self._cells), hidden=self._hidden,
            hidden_rows=self._hidden_here(), hidden_columns=tuple(sorted(self.hidden_columns)), merged=merged,
            continues=self.emitted,
        )  # fmt: skip
        self.emitted = True
        self._pieces, self._length, self._cells = [], 0, []

    def _hidden_here(self) -> tuple[int, ...]:
        rows = {cell.row for cell in self._cells} if self.hidden_rows else set()
        return tuple(sorted(self.hidden_rows & rows))
