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
_DIGITS = re.compile(r"[0-9]+")


class SheetWriter:
    """Collects rows and emits them as parts of kind ``sheet``.

    Rows and columns are absolute. Empty cells between filled ones give a tab each up to *GAP*; an empty stretch
    longer than that gives one tab, so that a cell at XFD1048576 costs nothing.
    """

    GAP = 64

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
        previous, length, pieces, found = -1, self._length, self._pieces, self._cells
        for row, column, shown, kind, raw, formula, comment, flags in cells:
            gap = column - previous if previous >= 0 else column
            if gap or previous >= 0:
                tabs = "\t" * gap if gap <= self.GAP else "\t"
                pieces.append(tabs)
                length += len(tabs)
            previous = column
            start = length
            pieces.append(shown)
            length += len(shown)
            found.append(Cell(row, column, start, length, kind, raw, formula, comment, flags))
            if formula:
                self._note_formula(row, column, formula)
            if comment:
                self._comments.append(f"{address_of(row, column)}: {comment}")
            if not self.has_text:
                self.has_text = bool(comment) or bool(shown.strip())
        if previous < 0:
            return
        pieces.append("\n")
        self._length = length + 1
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
