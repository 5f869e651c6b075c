"""Presentations: PPTX, PPTM, PPSX, POTX. Slides in the order of the presentation, each with its notes."""

from __future__ import annotations

from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx import Progress, drawing_lines, ending
from unburnt.read.formats.office.docx_text import MATHEMATICS
from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.office.office_xml import (
    Element,
    attribute,
    child,
    children,
    descendants,
    is_true,
    local,
    parse_part,
    text_of,
)  # fmt: skip
from unburnt.read.formats.office.ooxml_custom import emit_custom_xml
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_properties import read_properties
from unburnt.read.formats.office.ooxml_relations import (
    Relation,
    main_part,
    member_names,
    outside_targets,
    relations_of,
    targets,
)
from unburnt.read.formats.office.package_recovery import named_by_number, open_or_recover
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_SLIDES = 20_000
_LOOKS = frozenset(("spPr", "grpSpPr", "lstStyle", "style", "bodyPr", "timing", "transition", "bg", "clrMap", "tblPr", "extLst"))
"""Elements that say how something looks, and seldom a word: searched at once, not walked through one by one."""
_TOLD = tuple(f"{{*}}{name}" for name in ("sp", "p", "tbl", "cNvPr", "relIds", "chart", "AlternateContent"))

_NO_HEADINGS = ("", "title", "body", "dt", "sldNum", "sldImg")
"""Placeholders of a master for notes or handouts that are prompts or change by themselves; headers and footers are what somebody typed."""


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a presentation: slides, notes, comments, layouts' own texts, members."""
    package, _ = open_or_recover(source.file)
    main = main_part(package, "ppt/presentation.xml")
    root = parse_part(package, main).root
    if root is None and not package.recovered:
        raise Damaged("The presentation's list of slides cannot be read.")
    progress = Progress()
    relations = relations_of(package, main)
    slides = _slides(package, root, relations)
    names = member_names(package)
    emitter.expect(pages=len(slides), members=len(names))
    emitter.metadata(read_properties(package), searchable=True)
    authors = _authors(package, relations)
    for position, slide in enumerate(slides[:MOST_SLIDES]):
        if not slide or not package.has(slide):
            progress.losses.append(f"slide {position + 1} is missing")
            continue
        _slide(package, slide, str(position + 1), authors, emitter, progress)
    if len(slides) > MOST_SLIDES:
        progress.losses.append(f"only the first {MOST_SLIDES} slides were read")
    _masters(package, emitter, progress)
    sections = [attribute(one, "name") or "" for one in descendants(root, "section")] if root is not None else []
    if any(map(str.strip, sections)):
        emitter.part("properties", "sections", "\n".join(sections[:MOST_SLIDES]))
    progress.text |= emit_custom_xml(package, emitter)
    progress.beside.lead(outside_targets(package))
    progress.text |= progress.beside.emit(emitter)
    note_package(package, emitter)
    emit_members(package, names, emitter)
    return ending(package, progress, len(names))


def _slides(package: Package, root: Element | None, relations: dict[str, Relation]) -> list[str]:
    """The slides' parts in the order of the presentation, empty where one cannot be found; of a recovered package all there are."""
    listed = child(root, "sldIdLst")
    found = [relations.get(_relation_id(slide)) for slide in children(listed, "sldId")] if listed is not None else []
    slides = ["" if relation is None else relation.target for relation in found]
    if package.recovered:
        known = [slide for slide in slides if slide]
        slides = known + [name for name in named_by_number(package, "ppt/slides", "slide") if name not in known]
    return slides


def _relation_id(slide: Element) -> str:
    return next((str(value) for key, value in slide.attrib.items() if str(key).endswith("}id")), "")


def _slide(
    package: Package, name: str, label: str, authors: dict[str, str], emitter: Emitter, progress: Progress
) -> None:
    tree = parse_part(package, name)
    if not tree.whole:
        progress.losses.append(f"slide {label} {tree.reason}")
    if tree.root is None:
        return
    relations = relations_of(package, name)
    hidden = not is_true(attribute(tree.root, "show"), default=True)
    walker = ShapeWalker(package, relations)
    walker.visit(tree.root)
    progress.beside.take(walker.out.marks)
    emitter.part("slide", label, walker.out.text(), hidden=hidden, marks=tuple(walker.out.marks))
    progress.text = progress.text or walker.out.has_text()
    for notes in targets(relations, "notesSlide"):
        root = parse_part(package, notes).root
        if root is None:
            continue
        inner = ShapeWalker(package, relations_of(package, notes))
        inner.visit(root)
        progress.beside.take(inner.out.marks)
        if inner.out.has_text():
            progress.text = True
            emitter.part("notes", label, inner.out.text(), hidden=hidden, marks=tuple(inner.out.marks))
    _comments(package, relations, label, authors, emitter, progress)


class ShapeWalker:
    """The text of shapes, tables, groups, diagrams and charts; a line for each paragraph."""

    def __init__(
        self, package: Package, relations: dict[str, Relation], *, skip_placeholders: tuple[str, ...] = (),
        only_own: bool = False,
    ) -> None:  # fmt: skip
        self.out = TextBuilder()
        self._package = package
        self._relations = relations
        self._skipped = skip_placeholders
        self._only_own = only_own

    def visit(self, element: Element) -> None:
        """Read an element and all below it."""
        name = local(element)
        if name == "sp" and self._is_skipped(element):
            return
        if name == "p":
            self._paragraph(element)
        elif name == "tbl":
            for row in children(element, "tr"):
                self._row(row)
        elif name == "cNvPr":
            self._description(element)
        elif name in ("relIds", "chart"):
            self._drawing(element)
        elif name == "AlternateContent":
            chosen = child(element, "Choice")
            chosen = child(element, "Fallback") if chosen is None else chosen
            if chosen is not None:
                self._each(chosen)
        elif name != "txStyles" and not (name in _LOOKS and next(element.iter(*_TOLD), None) is None):
            self._each(element)

    def _each(self, element: Element) -> None:
        for inner in element:
            self.visit(inner)

    def _is_skipped(self, shape: Element) -> bool:
        """Placeholders of masters hold only prompts; those of notes repeat the page's number and date."""
        placeholder = child(shape, "nvSpPr", "nvPr", "ph")
        if placeholder is None:
            return False
        return self._only_own or (attribute(placeholder, "type") or "") in self._skipped

    def _paragraph(self, element: Element) -> None:
        self._runs(element)
        self.out.add("\n")

    def _runs(self, element: Element) -> None:
        for inner in element:
            name = local(inner)
            if name == "br":
                self.out.add("\n")
            elif name == "tab":
                self.out.add("\t")
            elif name == "t":
                self.out.add(inner.text)
            elif name in MATHEMATICS and next((text for text in descendants(inner, "t") if text.text), None) is not None:
                self.out.add(MATHEMATICS[name])
                self._runs(inner)
            elif name in ("r", "fld"):
                self._run(inner, name)
            elif name not in ("pPr", "rPr", "endParaRPr"):
                self._runs(inner)

    def _run(self, element: Element, name: str) -> None:
        start = self.out.length
        self._runs(element)
        link = child(element, "rPr", "hlinkClick")
        relation = None if link is None else self._relations.get(_relation_id(link))
        if relation is not None and relation.external and self.out.length > start:
            self.out.mark("link", start, self.out.length, text=relation.target)
        if name == "fld":
            self.out.mark("field", start, self.out.length, text=attribute(element, "type") or "")

    def _row(self, row: Element) -> None:
        for position, cell in enumerate(children(row, "tc")):
            if position:
                self.out.add("\t")
            for place, paragraph in enumerate(descendants(cell, "p")):
                if place:
                    self.out.add("\n")
                self._runs(paragraph)
        self.out.add("\n")

    def _description(self, element: Element) -> None:
        for name in ("title", "descr"):
            text = attribute(element, name) or ""
            if text.strip():
                self.out.mark("annotation", self.out.length, self.out.length, text=text[:10_000])
        for link in children(element, "hlinkClick"):
            relation = self._relations.get(_relation_id(link))
            if relation is not None and relation.external:
                self.out.mark("link", self.out.length, self.out.length, text=relation.target)

    def _drawing(self, element: Element) -> None:
        for name in ("dm", "id"):
            relation = self._relations.get(attribute(element, name) or "")
            root = None if relation is None or relation.external else parse_part(self._package, relation.target).root
            for line in drawing_lines(root) if root is not None else ():
                self.out.add(line + "\n")


def _authors(package: Package, relations: dict[str, Relation]) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in ("commentAuthors", "authors"):
        for name in targets(relations, kind):
            root = parse_part(package, name).root
            for element in descendants(root, "cmAuthor", "author") if root is not None else ():
                found[attribute(element, "id") or ""] = attribute(element, "name") or ""
    return found


def _comments(
    package: Package, relations: dict[str, Relation], label: str, authors: dict[str, str], emitter: Emitter,
    progress: Progress,
) -> None:  # fmt: skip
    """Old comments (``cm`` with ``text``) and threaded ones (``txBody``, replies among them)."""
    out = TextBuilder()
    for name in targets(relations, "comments"):
        root = parse_part(package, name).root
        for element in descendants(root, "cm", "reply") if root is not None else ():
            body = child(element, "text")
            if body is None:
                body = child(element, "txBody")
            author = authors.get(attribute(element, "authorId") or "")
            date = attribute(element, "dt") or attribute(element, "created")
            with out.marking("comment", author=author, date=date):
                out.add(text_of(body))
            out.end_line()
    progress.beside.take(out.marks)
    if out.has_text():
        progress.text = True
        emitter.part("comments", label, out.text(), marks=tuple(out.marks))


def _masters(package: Package, emitter: Emitter, progress: Progress) -> None:
    """Texts that masters and layouts show on every slide, page of notes or handout, prompts left out."""
    lines: dict[str, None] = {}
    for name in package.names():
        of_slides = name.lower().startswith(("ppt/slidemasters/", "ppt/slidelayouts/"))
        if (of_slides or name.lower().startswith(("ppt/notesmasters/", "ppt/handoutmasters/"))) and name.lower().endswith(".xml"):
            root = parse_part(package, name).root
            if root is not None:
                relations = relations_of(package, name)
                walker = ShapeWalker(package, relations, only_own=of_slides, skip_placeholders=_NO_HEADINGS)
                walker.visit(root)
                lines.update(dict.fromkeys(line for line in walker.out.text().split("\n") if line.strip()))
    if lines:
        progress.text = True
        emitter.part("header", "masters", "\n".join(lines))


FORMATS = (
    Format(
        "pptx", read, memory_safe=False, libraries=("lxml", "msoffcrypto-tool"),
        title="Presentations (PPTX, PPTM, PPSX, POTX)",
        gives="slides in order with notes, comments, sections' names, link targets, pictures' descriptions, layouts' own texts, members",
        lacks="animations and layout",
    ),
)
