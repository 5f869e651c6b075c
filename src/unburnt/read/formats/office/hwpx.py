"""HWPX (KS X 6101, OWPML): Hangul documents as XML in a ZIP package."""

from __future__ import annotations

import re

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Locked
from unburnt.read.formats.office.docx import Progress
from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.office.office_xml import Element, attribute, children, descendants, local, parse_part, text_of
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_properties import date
from unburnt.read.formats.office.ooxml_relations import resolve
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_LIST = "Contents/content.hpf"
_HEAD = "Contents/header.xml"
Changes = dict[str, tuple[str | None, str | None]]
"""Author and time of a tracked change, by its number."""
_SECTION = re.compile(r"contents/section(\d{1,6})\.xml", re.IGNORECASE)
_SIGNS = {"tab": "\t", "lineBreak": "\n", "nbSpace": "\u00a0", "fwSpace": "\u2007", "hyphen": "\u2011"}
_BESIDE = {"header": "header", "footer": "header", "footNote": "footnotes", "endNote": "footnotes", "hiddenComment": "comments"}
_CHANGES = {"insertBegin": "insertion", "deleteBegin": "deletion"}
_SKIPPED = frozenset(("linesegarray", "secPr", "colPr", "parameters", "shapeComment", "metaTag"))
_LONGEST = 20_000


def read(source: Source, emitter: Emitter) -> Ending:
    """One part a section; headers, notes and comments of a section beside it."""
    package, recovered = open_or_recover(source.file)
    manifest = parse_part(package, "META-INF/manifest.xml").root
    if manifest is not None and next(descendants(manifest, "encryption-data"), None) is not None:
        raise Locked("The file is encrypted (HWPX); it cannot be opened here, also with its password.")
    listing = parse_part(package, _LIST).root
    progress = Progress()
    if recovered:
        progress.losses.append("the file is cut off, and its parts were found by their own headers")
    sections = _sections(package, listing)
    if not sections:
        raise Damaged("The package holds no section of text.")
    members = [name for name in package.names() if name.lower().startswith(("bindata/", "scripts/", "preview/prvimage"))]
    emitter.expect(members=len(members))
    emitter.metadata(_metadata(listing), searchable=True)
    if any(name.lower().startswith("scripts/") for name in package.names()):
        emitter.note("macros", "The file holds macros (program code); they were not run and are not shown.")
    changes = _changes(package)
    for number, name in enumerate(sections, 1):
        _section(package, name, str(number), changes, emitter, progress)
    progress.text |= progress.beside.emit(emitter)
    note_package(package, emitter)
    emit_members(package, members, emitter)
    if package.damaged_parts:
        progress.losses.append(f"{len(set(package.damaged_parts))} of its parts are damaged")
    return _ending(progress, len(members))


def _sections(package: Package, listing: Element | None) -> list[str]:
    """The sections in the order of the spine; those it does not name behind them."""
    named: list[str] = []
    if listing is not None:
        places = {attribute(item, "id") or "": attribute(item, "href") or "" for item in descendants(listing, "item")}
        for item in descendants(listing, "itemref"):
            place = places.get(attribute(item, "idref") or "", "")
            # Written relative to the package, by some programs relative to the list.
            for name in (resolve("", place), resolve("Contents", place)):
                if _SECTION.fullmatch(name) and name not in named:
                    named.append(name)
    there = [(int(found[1]), name) for name in package.names() if (found := _SECTION.fullmatch(name))]
    return named + [name for _, name in sorted(there) if name not in named]


def _changes(package: Package) -> Changes:
    """Author and time of each tracked change, by its number (KS X 6101, the header's ``trackChanges``)."""
    root = parse_part(package, _HEAD).root
    if root is None:
        return {}
    authors = {attribute(one, "id"): attribute(one, "name") for one in descendants(root, "trackChangeAuthor")}
    return {
        attribute(one, "id") or "": (authors.get(attribute(one, "authorID")), attribute(one, "date"))
        for one in descendants(root, "trackChange")
    }


def _section(package: Package, name: str, label: str, changes: Changes, emitter: Emitter, progress: Progress) -> None:
    tree = parse_part(package, name)
    if tree.root is None or not package.has(name):
        progress.losses.append(f"section {label} is missing")
        return
    if not tree.whole:
        progress.losses.append(f"section {label} {tree.reason}")
    walker = HwpxWalker(None, changes)
    walker.walk(tree.root)
    progress.beside.take(walker.out.marks)
    emitter.part("section", label, walker.out.text(), marks=tuple(walker.out.marks))
    progress.text = progress.text or walker.out.has_text()
    for kind, text in walker.beside.items():
        if text.has_text():
            progress.text = True
            emitter.part(kind, label, text.text())


class HwpxWalker:
    """Turns a section into text, and what stands elsewhere on the page apart from it."""

    def __init__(self, beside: dict[str, TextBuilder] | None = None, changes: Changes | None = None) -> None:
        self.out = TextBuilder()
        self.beside = {name: TextBuilder() for name in ("header", "footnotes", "comments")} if beside is None else beside
        self._known = changes or {}
        self._changes: dict[str, tuple[int, str, str]] = {}
        self._links: list[tuple[int, str, str]] = []

    def walk(self, element: Element) -> None:
        """Read all children."""
        for inner in element:
            self.visit(inner)

    def visit(self, element: Element) -> None:
        """Read one element and all below it."""
        name = local(element)
        if name == "p":
            self.walk(element)
            self.out.add("\n")
        elif name == "t":
            self._text(element)
        elif name == "tbl":
            self._table(element)
        elif name in _BESIDE:
            inner = HwpxWalker(self.beside, self._known)
            inner.walk(element)
            self.beside[_BESIDE[name]].add(inner.out.text())
            self.beside[_BESIDE[name]].end_line()
        elif name == "drawText":
            inner = HwpxWalker(self.beside, self._known)
            inner.walk(element)
            if inner.out.has_text():
                self.out.end_line()
                self.out.add(inner.out.text())
        elif name == "equation":
            self.out.add("".join(text_of(one) for one in children(element, "script")))
        elif name == "fieldBegin":
            named = (one for one in descendants(element, "stringParam") if attribute(one, "name") in ("Path", "Command"))
            target = text_of(next(named, None))
            self._links.append((self.out.length, "link" if attribute(element, "type") == "HYPERLINK" else "field", target[:_LONGEST]))
        elif name == "fieldEnd":
            start, kind, target = self._links.pop() if self._links else (self.out.length, "", "")
            if self.out.length > start:
                self.out.mark(kind, start, self.out.length, text=target)
        elif name not in _SKIPPED:
            self.walk(element)

    def _text(self, element: Element) -> None:
        self.out.add(element.text)
        for inner in element:
            name = local(inner)
            if name in _CHANGES:
                self._changes[attribute(inner, "Id") or ""] = self.out.length, _CHANGES[name], attribute(inner, "TcId") or ""
            elif name in ("insertEnd", "deleteEnd"):
                start, kind, change = self._changes.pop(attribute(inner, "Id") or "", (self.out.length, "", ""))
                if self.out.length > start:
                    author, date = self._known.get(change, (None, None))
                    self.out.mark(kind, start, self.out.length, author=author, date=date)
            else:
                self.out.add(_SIGNS.get(name, ""))
            self.out.add(inner.tail)

    def _take(self, inner: HwpxWalker) -> None:
        """The text of a cell or box with what is said of its places; the end of its last line is the cell's own."""
        start, text = self.out.length, inner.out.text().removesuffix("\n")
        self.out.add(text)
        for mark in inner.out.marks:
            first, last = (start + min(place or 0, len(text)) for place in (mark.start, mark.end))
            self.out.mark(mark.kind, first, last, text=mark.text, author=mark.author, date=mark.date)

    def _table(self, element: Element) -> None:
        self.out.end_line()
        for row in children(element, "tr"):
            for position, cell in enumerate(children(row, "tc")):
                inner = HwpxWalker(self.beside, self._known)
                inner.walk(cell)
                self.out.add("\t" if position else "")
                self._take(inner)
            self.out.add("\n")


def _metadata(listing: Element | None) -> Metadata:
    title = author = None
    dates: list[Date] = []
    fields: dict[str, str] = {}
    for element in descendants(listing, "title", "meta", "language") if listing is not None else ():
        name, value = attribute(element, "name") or local(element), text_of(element).strip()[:_LONGEST]
        if not value:
            continue
        if name == "title":
            title = title or value
        elif name == "creator":
            author = author or value
        elif name in ("CreatedDate", "ModifiedDate") and len(dates) < 20:
            dates.append(date("created" if name == "CreatedDate" else "modified", value, f"hwpx:{name}"))
        elif len(fields) < 500:
            fields[f"hwpx:{name[:200]}"] = value
    return Metadata(title=title, author=author, dates=tuple(dates), fields=fields)


def _ending(progress: Progress, members: int) -> Ending:
    losses = "; ".join(progress.losses)
    if losses:
        return Ending(Outcome.PARTIAL if progress.text else Outcome.DAMAGED, f"Some was lost: {losses}.")
    if not progress.text:
        return Ending(Outcome.EMPTY, f"It holds no text of its own; {members} embedded files are listed.")
    return Ending(Outcome.READ)


FORMATS = (
    Format(
        "hwpx", read, memory_safe=False, libraries=("lxml",),
        title="Hangul documents in XML (HWPX)",
        gives=(
            "text by section with tables, text boxes, equations' scripts, headers, notes, comments, links, tracked changes; embedded files"
        ),
        lacks="encrypted packages stay locked",
    ),
)
