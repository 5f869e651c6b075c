"""A text under construction: pieces, their length, and what is said about places in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from unburnt.model.reading import Mark


class TextBuilder:
    """Collects text and marks. Positions are code points from the beginning."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.length = 0
        self.marks: list[Mark] = []
        self._last = "\n"

    def add(self, text: str | None) -> None:
        """Append *text* as it is."""
        if text:
            self._pieces.append(text)
            self.length += len(text)
            self._last = text[-1]

    def end_line(self) -> None:
        """Begin a new line unless at the beginning of one."""
        if self._last != "\n":
            self.add("\n")

    @property
    def at_line_start(self) -> bool:
        """Whether the next text opens a line."""
        return self._last == "\n"

    def mark(
        self,
        kind: str,
        start: int | None,
        end: int | None,
        *,
        text: str = "",
        author: str | None = None,
        date: str | None = None,
    ) -> None:
        """Say something about ``[start, end)``."""
        self.marks.append(Mark(kind=kind, text=text, author=author, date=date, start=start, end=end))

    @contextmanager
    def marking(
        self, kind: str, *, text: str = "", author: str | None = None, date: str | None = None
    ) -> Iterator[None]:
        """Mark all that is added inside the ``with`` block, if anything is."""
        start = self.length
        yield
        if self.length > start:
            self.mark(kind, start, self.length, text=text, author=author, date=date)

    def text(self) -> str:
        """All the text so far."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def has_text(self) -> bool:
        """Whether anything but white space was added."""
        return bool(self.text().strip())
