"""Walking OpenDocument text (ODF 1.3 part 3): white space as the standard collapses it, changes, notes, annotations."""

from __future__ import annotations

import re
from dataclasses import dataclass

from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.office.office_xml import Element, attribute, child, local, number, text_of

SKIPPED = frozenset(
    ["tracked-changes", "sequence-decls", "variable-decls", "user-field-decls", "forms", "scripts",
    "font-face-decls", "automatic-styles", "styles", "event-listeners", "settings", "shapes-decl",
    "dde-connection-decls", "glue-point", "calculation-settings", "desc", "title", "content-validations",
    "database-ranges", "named-expressions", "label-ranges"]
)
LOOKS = frozenset(["enhanced-geometry", "par", "seq", "animations"])
"""Elements with hundreds of others and seldom a word: searched at once, not walked through one by one."""
TOLD = tuple(f"{{*}}{name}" for name in ("p", "h", "table", "change", "change-start", "change-end", "annotation"))
MOST_SPACES = 10_000
WHITE = re.compile("[ \t\n\r]+")
LOOSE = re.compile("^ |  |[\t\n\r]")
"""White space that is not shown as it is written."""


@dataclass(frozen=True)
class Change:
    """A tracked change: *kind* ``insertion`` or ``deletion``; a deletion brings its text."""

    kind: str
    author: str | None
    date: str | None
    content: Element | None


def read_changes(body: Element) -> dict[str, Change]:
    """The tracked changes that a text's head lists, by id."""
    found: dict[str, Change] = {}
    for region in body.iter("{*}changed-region"):
        for element in region:
            kind = local(element)
            if kind in ("insertion", "deletion", "format-change"):
                info = child(element, "change-info")
                found[attribute(region, "id") or ""] = Change(
                    kind, text_of(child(info, "creator")) or None, text_of(child(info, "date")) or None,
                    element if kind == "deletion" else None,
                )  # fmt: skip
    return found


CHART = "{urn:oasis:names:tc:opendocument:xmlns:chart:1.0}"
"""Whose titles are no names of drawings."""


class OdfWalker:
    """Turns a part of an OpenDocument file into text and marks."""

    def __init__(self, changes: dict[str, Change] | None = None) -> None:
        self.out = TextBuilder()
        self.footnotes = TextBuilder()
        self.comments = TextBuilder()
        self._changes = changes or {}
        self._open: dict[str, int] = {}
        self._collapsing = True
        self._space_before = True
        self._annotations: dict[str, tuple[int, int]] = {}

    def walk(self, element: Element) -> None:
        """Read all children."""
        for inner in element:
            self.visit(inner)

    def visit(self, element: Element) -> None:
        """Read one block element and all below it."""
        name = local(element)
        if name in ("p", "h"):
            self._space_before = True
            self._inline(element)
            self.out.add("\n")
        elif name == "table":
            self._table(element)
        elif name in ("change", "change-start", "change-end"):
            self._changed(element, name)
        elif name == "annotation":
            self._annotation(element)
        elif name in LOOKS and next(element.iter(*TOLD), None) is None:
            return
        elif (name not in SKIPPED or element.tag.startswith(CHART)) and name != "notes":
            self.walk(element)

    def _table(self, element: Element) -> None:
        self.out.end_line()
        for row in rows_of(element):
            for position, cell in enumerate(inner for inner in row if local(inner) == "table-cell"):
                if position:
                    self.out.add("\t")
                inner_walker = OdfWalker(self._changes)
                inner_walker.walk(cell)
                self._take(inner_walker)
            self.out.add("\n")

    def _take(self, inner: OdfWalker) -> None:
        shift = self.out.length
        text = inner.out.text().removesuffix("\n")
        self.out.add(text)
        for mark in inner.out.marks:
            start, end = mark.start or 0, mark.end or 0
            self.out.mark(
                mark.kind, shift + min(start, len(text)), shift + min(end, len(text)), text=mark.text,
                author=mark.author, date=mark.date,
            )  # fmt: skip
        for target, more in ((self.footnotes, inner.footnotes), (self.comments, inner.comments)):
            base = target.length
            target.add(more.text())
            for mark in more.marks:
                target.mark(mark.kind, base + (mark.start or 0), base + (mark.end or 0), author=mark.author, date=mark.date)

    def _inline(self, element: Element) -> None:
        self._characters(element.text)
        for inner in element:
            self._inline_child(inner)
            self._characters(inner.tail)

    def _inline_child(self, element: Element) -> None:
        name = local(element)
        if name == "s":
            self.out.add(" " * max(1, min(number(attribute(element, "c"), 1), MOST_SPACES)))
        elif name in ("tab", "tab-stop"):
            self.out.add("\t")
        elif name == "line-break":
            self.out.add("\n")
            self._space_before = True
        elif name == "a":
            start = self.out.length
            self._inline(element)
            if self.out.length > start:
                self.out.mark("link", start, self.out.length, text=attribute(element, "href") or "")
        elif name in ("note", "footnote", "endnote"):
            self._note(element)
        elif name == "annotation":
            self._annotation(element)
        elif name in ("change", "change-start", "change-end"):
            self._changed(element, name)
        elif name == "ruby":
            base = child(element, "ruby-base")
            if base is not None:
                self._inline(base)
        elif name in ("frame", "custom-shape", "g", "rect", "ellipse", "line", "polyline"):
            self._frame(element)
        elif name not in SKIPPED:
            self._inline(element)

    def _frame(self, element: Element) -> None:
        inner = OdfWalker(self._changes)
        inner.walk(element)
        if inner.out.has_text():
            self.out.end_line()
            self._take(inner)
            self.out.end_line()

    def _characters(self, text: str | None) -> None:
        """White space: runs become one space, none at a paragraph's beginning (ODF 1.3 part 3, 6.1.2)."""
        if not text:
            return
        collapsed = WHITE.sub(" ", text)
        self.out.add(collapsed.removeprefix(" ") if self._space_before else collapsed)
        self._space_before = collapsed.endswith(" ")

    def _note(self, element: Element) -> None:
        # OpenOffice.org 1 has an element for each kind.
        kind = attribute(element, "note-class") or ("endnote" if local(element) == "endnote" else "footnote")
        prefix = local(element)
        citation = text_of(child(element, f"{prefix}-citation"))
        self.out.mark("annotation", self.out.length, self.out.length, text=f"{kind} {citation}")
        body = child(element, f"{prefix}-body")
        if body is not None:
            inner = OdfWalker(self._changes)
            inner.walk(body)
            self.footnotes.add(inner.out.text())
            self.footnotes.end_line()

    def _annotation(self, element: Element) -> None:
        author = text_of(child(element, "creator")) or attribute(element, "author") or None
        date = text_of(child(element, "date")) or attribute(element, "create-date") or None
        text = "\n".join(text_of(paragraph) for paragraph in element.iter("{*}p"))
        self.out.mark("comment", self.out.length, self.out.length, text=text, author=author, date=date)
        with self.comments.marking("comment", author=author, date=date):
            self.comments.add(text)
        self.comments.end_line()

    def _changed(self, element: Element, name: str) -> None:
        identity = attribute(element, "change-id") or ""
        change = self._changes.get(identity)
        if change is None:
            return
        if name == "change-start":
            self._open[identity] = self.out.length
        elif name == "change-end":
            start = self._open.pop(identity, self.out.length)
            if self.out.length > start:
                kind = "insertion" if change.kind == "insertion" else "annotation"
                self.out.mark(kind, start, self.out.length, author=change.author, date=change.date)
        elif change.content is not None:
            inner = OdfWalker()
            inner.walk(change.content)
            start = self.out.length
            self.out.add(inner.out.text().removesuffix("\n"))
            if self.out.length > start:
                self.out.mark("deletion", start, self.out.length, author=change.author, date=change.date)


def rows_of(table: Element) -> list[Element]:
    """A table's rows, also inside row groups and header rows, but of no inner table."""
    found: list[Element] = []
    for inner in table:
        name = local(inner)
        if name == "table-row":
            found.append(inner)
        elif name in ("table-row-group", "table-header-rows", "table-rows"):
            found.extend(rows_of(inner))
    return found


