"""Walking UOF text (GB/T 20916-2007 and UOF 2.0): paragraphs, tables, notes, figures, tracked changes.

The elements' names are Chinese; UOF 2.0 adds four hexadecimal digits to each, which are cut off, so that both read alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.office.office_xml import Element, attribute, local, number, text_of

MOST_SPACES = 10_000
MOST_FIGURES = 50_000
"""Followed in one document; figures may name each other."""
_CODE = re.compile(r"_[0-9A-F]{4}$")
_PARTED = re.compile(r"[,\s]+")
"""LibreOffice parts the names of a group's figures by commas, others by blanks."""
_KINDS = {"insert": "insertion", "delete": "deletion"}
_SKIPPED = frozenset(("段落属性", "句属性", "节属性", "文字表属性", "域代码", "表行属性", "单元格属性"))


def name_of(element: Element) -> str:
    """An element's local name without UOF 2.0's code."""
    return _CODE.sub("", local(element))


def value_of(element: Element, *names: str) -> str | None:
    """The first attribute with one of these names, without codes."""
    for key, value in element.attrib.items():
        shown = str(key)
        if _CODE.sub("", shown[shown.rfind("}") + 1 :]) in names:
            return str(value)
    return None


def inside(element: Element, *names: str) -> Iterator[Element]:
    """All elements below with one of the names, in document order."""
    return (found for found in element.iter("{*}*") if name_of(found) in names)


def is_set(element: Element, *names: str) -> bool:
    """An on/off attribute."""
    return (value_of(element, *names) or "").lower() in ("true", "1")


@dataclass
class Shared:
    """What the whole document refers to: figures and revisions by their ids."""

    figures: dict[str, Element] = field(default_factory=dict)
    revisions: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    """Author and date."""
    followed: int = 0
    not_followed: int = 0
    used: set[str] = field(default_factory=set)
    """Figures that something showed."""

    def add(self, root: Element) -> None:
        """Take what one XML file offers."""
        for element in inside(root, "图形", "修订信息"):
            identity = value_of(element, "标识符") or ""
            if name_of(element) == "图形":
                self.figures.setdefault(identity, element)
            else:
                self.revisions.setdefault(identity, (value_of(element, "作者"), value_of(element, "日期")))


class UofWalker:
    """Turns a part of a UOF document into text, marks and footnotes."""

    def __init__(self, shared: Shared, open_figures: tuple[str, ...] = ()) -> None:
        self.out = TextBuilder()
        self.footnotes = TextBuilder()
        self._shared = shared
        self._open_figures = open_figures
        self._changes: dict[str, tuple[int, str, str]] = {}

    def walk(self, element: Element) -> None:
        """Read all children."""
        for inner in element:
            self.visit(inner)

    def visit(self, element: Element) -> None:
        """Read one element and all below it."""
        name = name_of(element)
        if name == "段落":
            self.walk(element)
            self.out.add("\n")
        elif name == "文字表":
            self._table(element)
        elif name == "文本串":
            self.out.add(text_of(element))
        elif name == "制表符":
            self.out.add("\t")
        elif name in ("换行符", "分页符", "分栏符"):
            self.out.add("\n")
        elif name == "空格符":
            self.out.add(" " * max(1, min(number(value_of(element, "个数"), 1), MOST_SPACES)))
        elif name == "锚点":
            self._anchor(element)
        elif name in ("脚注", "尾注"):
            self._note(element)
        elif name in ("修订开始", "修订结束"):
            self._change(element, name)
        elif name not in _SKIPPED:
            self.walk(element)

    def figure(self, identity: str) -> None:
        """The text in a figure, and in those it groups."""
        shared = self._shared
        element = shared.figures.get(identity)
        shared.used.add(identity)
        if element is None:
            return
        shared.followed += 1
        if identity in self._open_figures or shared.followed > MOST_FIGURES or len(self._open_figures) > 16:
            shared.not_followed += 1
            return
        inner = UofWalker(shared, (*self._open_figures, identity))
        try:
            for holder in inside(element, "文本内容", "文本"):
                inner.walk(holder)
                break
            for other in _PARTED.split(value_of(element, "组合列表") or ""):
                if other:
                    inner.figure(other)
        except RecursionError:  # each figure may be nested as deeply as the parser allows
            shared.not_followed += 1
        if inner.out.has_text():
            self.out.end_line()
            self.out.add(inner.out.text())
            self.out.end_line()

    def _anchor(self, element: Element) -> None:
        reference = value_of(element, "图形引用")
        if reference:
            self.figure(reference)

    def _table(self, element: Element) -> None:
        self.out.end_line()
        for row in element:
            if name_of(row) != "行":
                continue
            cells = [cell for cell in row if name_of(cell) == "单元格"]
            for position, cell in enumerate(cells):
                inner = UofWalker(self._shared, self._open_figures)
                inner.walk(cell)
                self.out.add(("\t" if position else "") + inner.out.text().removesuffix("\n"))
                self.footnotes.add(inner.footnotes.text())
            self.out.add("\n")

    def _note(self, element: Element) -> None:
        inner = UofWalker(self._shared, self._open_figures)
        inner.walk(element)
        self.out.mark("annotation", self.out.length, self.out.length, text=name_of(element))
        self.footnotes.add(inner.out.text())
        self.footnotes.end_line()

    def _change(self, element: Element, name: str) -> None:
        if name == "修订开始":
            identity = attribute(element, "标识符") or value_of(element, "标识符") or ""
            kind = _KINDS.get((value_of(element, "类型") or "").lower(), "annotation")
            self._changes[identity] = (self.out.length, kind, value_of(element, "修订信息引用") or "")
            return
        opened = self._changes.pop(value_of(element, "开始标识引用") or "", None)
        if opened is not None and self.out.length > opened[0]:
            author, date = self._shared.revisions.get(opened[2], (None, None))
            self.out.mark(opened[1], opened[0], self.out.length, author=author, date=date)
