"""The text of HWP 5 paragraphs: control characters, and the controls that stand behind them (chapter 4.3 and tables 6, 57-140)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from unburnt.read.formats.office.hwp_records import (
    CTRL_HEADER,
    EQUATION,
    LIST_HEADER,
    PARA_HEADER,
    PARA_TEXT,
    TABLE,
    Record,
)
from unburnt.read.formats.office.office_text import TextBuilder

DEEPEST = 64
"""Tables and boxes within each other; what lies deeper is left out and counted."""
_WIDE = 8
"""Characters that an inline or extended control takes."""
_ONE = {0x0A: "\n", 0x18: "\u2011", 0x1E: "\u00a0", 0x1F: "\u2007"}
_INLINE = frozenset((4, 5, 6, 7, 8, 9, 19, 20))
_EXTENDED = frozenset((1, 2, 3, 11, 12, 14, 15, 16, 17, 18, 21, 22, 23))
_FIELD_START, _FIELD_END, _TAB = 3, 4, 9


class HwpWalker:
    """Collects the text of a section, and apart from it what stands elsewhere on the page."""

    def __init__(self, beside: dict[str, TextBuilder] | None = None, depth: int = 0) -> None:
        self.out = TextBuilder()
        self.beside = {name: TextBuilder() for name in ("header", "footnotes", "comments")} if beside is None else beside
        self.left_out = 0
        self._depth = depth

    def paragraphs(self, records: list[Record]) -> None:
        """Read the paragraphs among *records*."""
        for record in records:
            if record.tag == PARA_HEADER:
                self.paragraph(record)

    def paragraph(self, record: Record) -> None:
        """One paragraph with all that hangs on it, and its line end."""
        controls = iter([one for one in record.below if one.tag == CTRL_HEADER])
        fields: list[tuple[int, Record | None]] = []
        for text in (one.data for one in record.below if one.tag == PARA_TEXT):
            for piece in _pieces(text):
                if isinstance(piece, str):
                    self.out.add(piece)
                elif piece == _TAB:
                    self.out.add("\t")
                elif piece == _FIELD_END:
                    self._end_field(fields)
                elif piece in _EXTENDED:
                    control = next(controls, None)
                    if piece == _FIELD_START:
                        fields.append((self.out.length, control))
                    elif control is not None:
                        self._control(control)
        # Controls that no character stands for are shown rather than lost.
        for control in controls:
            self._control(control)
        self.out.add("\n")

    def _end_field(self, fields: list[tuple[int, Record | None]]) -> None:
        start, control = fields.pop() if fields else (0, None)
        if control is None or self.out.length <= start:
            return
        kind = "link" if control.data[:4] == b"klh%" else "field"
        self.out.mark(kind, start, self.out.length, text=_command(control.data))

    def _control(self, control: Record) -> None:
        name = control.data[3::-1].decode("latin-1") if len(control.data) >= 4 else ""
        if self._depth >= DEEPEST:
            self.left_out += 1
        elif name == "tbl ":
            self._table(control)
        elif name in ("head", "foot"):
            self._beside("header", control)
        elif name in ("fn  ", "en  "):
            self.out.mark("annotation", self.out.length, self.out.length, text="footnote" if name == "fn  " else "endnote")
            self._beside("footnotes", control)
        elif name == "tcmt":
            self._beside("comments", control)
        elif name == "eqed":
            self.out.add("".join(_equation(one.data) for one in control.below if one.tag == EQUATION))
        elif name not in ("secd", "cold"):
            self._box(control)

    def _inner(self, records: list[Record]) -> TextBuilder:
        inner = HwpWalker(self.beside, self._depth + 1)
        inner.paragraphs(records)
        self.left_out += inner.left_out
        return inner.out

    def _beside(self, name: str, control: Record) -> None:
        text = self._inner(_paragraphs_below(control))
        self.beside[name].add(text.text())
        self.beside[name].end_line()

    def _box(self, control: Record) -> None:
        """A drawing, a text box, anything else that may hold paragraphs."""
        text = self._inner(_paragraphs_below(control))
        if text.has_text():
            self.out.end_line()
            self.out.add(text.text())

    def _table(self, control: Record) -> None:
        """Rows by line, cells by tab; a caption stands before the table's own record."""
        cells: list[tuple[int, list[Record]]] = []
        caption: list[Record] = []
        is_inside, row = False, 0
        for record in control.below:
            if record.tag == TABLE:
                is_inside = True
            elif record.tag == LIST_HEADER and is_inside:
                row = struct.unpack_from("<H", record.data, 10)[0] if len(record.data) >= 12 else row
                cells.append((row, []))
            elif record.tag == PARA_HEADER:
                (cells[-1][1] if is_inside and cells else caption).append(record)
        self.out.end_line()
        self.out.add(self._inner(caption).text())
        previous: int | None = None
        for row, records in cells:
            self.out.add("" if previous is None else "\t" if row == previous else "\n")
            self.out.add(self._inner(records).text().removesuffix("\n"))
            previous = row
        self.out.end_line()


def _pieces(data: bytes) -> Iterator[str | int]:
    """Runs of text and numbers of controls."""
    signs = struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])
    at, start = 0, 0
    while at < len(signs):
        code = signs[at]
        if code >= 0x20:
            at += 1
            continue
        if at > start:
            yield data[2 * start : 2 * at].decode("utf-16-le", "replace")
        if code in _INLINE or code in _EXTENDED:
            yield code
            at += _WIDE
        else:
            if code in _ONE:
                yield _ONE[code]
            at += 1
        start = at
    if len(signs) > start:
        yield data[2 * start : 2 * len(signs)].decode("utf-16-le", "replace")


def _paragraphs_below(record: Record) -> list[Record]:
    """The paragraphs next below, whatever they are wrapped in."""
    found: list[Record] = []
    waiting = [iter(record.below)]
    while waiting:
        one = next(waiting[-1], None)
        if one is None:
            waiting.pop()
        elif one.tag == PARA_HEADER:
            found.append(one)
        else:
            waiting.append(iter(one.below))
    return found


def _equation(data: bytes) -> str:
    """An equation's script."""
    length = struct.unpack_from("<H", data, 4)[0] if len(data) >= 6 else 0
    return data[6 : 6 + 2 * length].decode("utf-16-le", "replace")


def _command(data: bytes) -> str:
    """What a field does, for a link its target."""
    length = struct.unpack_from("<H", data, 9)[0] if len(data) >= 11 else 0
    return data[11 : 11 + 2 * min(length, 10_000)].decode("utf-16-le", "replace")
