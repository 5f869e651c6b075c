"""What stands in a workbook and in none of its cells: drawings, printed headers, choices, names, links, connections."""

from __future__ import annotations

import re
from collections.abc import Iterable

from unburnt.model.reading import Mark
from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.docx import drawing_lines
from unburnt.read.formats.office.office_xml import Element, attribute, children, descendants, local, parse_part, text_of
from unburnt.read.formats.office.ooxml_custom import emit_custom_xml
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_relations import Relation, relations_of, targets
from unburnt.read.formats.office.xlsx_beside import changes_of, labels_of
from unburnt.read.formats.office.xlsx_sheet import SheetFacts
from unburnt.read.formats.office.xlsx_workbook import Workbook

MOST_LINES = 50_000
_CODE = re.compile(r'&(?:"[^"]*"|[0-9]{1,3}|K(?:[0-9A-Fa-f]{6}|[0-9]{2}[+-][0-9]{3})|(.)|\Z)', re.DOTALL)
"""Section 18.3.1.39: a font, its size, its colour, or a letter."""
_SECTIONS, _FIELDS = "LCR", "PNDTZFAG"
_CONNECTION = ("name", "description", "connection", "command", "url", "sourceFile", "odcFile")


def emit_around(workbook: Workbook, label: str, relations: dict[str, Relation], facts: SheetFacts, emitter: Emitter, hidden: bool) -> None:
    """The parts of one sheet beside its cells."""
    emit_lines("properties", f"{label} (as shown)", workbook.values.shown.lines(), emitter, hidden)
    lines = drawn_lines(workbook.package, relations)
    workbook.progress.text |= emit_lines("section", f"{label} (drawings)", lines, emitter, hidden)
    emit_printed(label, facts.header_footer, emitter, hidden)
    links = [relation.target for relation in relations.values() if relation.kind == "hyperlink" and relation.external]
    emit_lines("properties", f"{label} (links)", [*links, *facts.link_words], emitter, hidden)
    workbook.progress.text |= emit_lines("annotations", f"{label} (choices and prompts)", facts.validations, emitter, hidden)


def drawn_lines(package: Package, relations: dict[str, Relation]) -> list[str]:
    """The texts of a sheet's drawings, charts and diagrams, buttons and boxes."""
    lines: list[str] = []
    for drawing in targets(relations, "drawing"):
        inner = relations_of(package, drawing)
        for name in [drawing, *targets(inner, "chart"), *targets(inner, "diagramData")]:
            root = parse_part(package, name).root
            if root is not None:
                lines += drawing_lines(root) + _described(root)
    for name in targets(relations, "vmlDrawing"):
        old = parse_part(package, name).root
        lines += labels_of(old) if old is not None else ()
    return lines


def _described(drawing: Element) -> list[str]:
    found = (attribute(one, name) or "" for one in descendants(drawing, "cNvPr") for name in ("title", "descr"))
    return [text for text in found if text.strip()]


def emit_printed(label: str, codes: Iterable[str], emitter: Emitter, hidden: bool) -> None:
    """Printed headers and footers as they would be printed, their codes kept as marks."""
    pieces: list[str] = []
    marks: list[Mark] = []
    length = 0
    for code in codes:
        text = printed_text(code)
        if text.strip():
            pieces.append(text + "\n")
            if text != code:
                marks.append(Mark(kind="field", text=code[:10_000], start=length, end=length + len(text)))
            length += len(text) + 1
    if pieces:
        emitter.part("header", f"{label} (printed header and footer)", "".join(pieces).removesuffix("\n"), marks=marks, hidden=hidden)


def printed_text(code: str) -> str:
    """The words of a header: left, centre and right on a line each, without fonts and sizes; a blank for a page number or date."""
    return "\n".join(line for line in _CODE.sub(_meaning, code).split("\n") if line.strip())


def _meaning(match: re.Match[str]) -> str:
    letter = match[1] or ""
    if letter == "&":
        return "&"
    return "\n" if letter and letter in _SECTIONS else " " if letter and letter in _FIELDS else ""


def emit_workbook_words(workbook: Workbook, emitter: Emitter) -> None:
    """Names, other workbooks with the values kept of them, connections to databases, custom XML."""
    names = list(descendants(workbook.root, "definedName")) if workbook.root is not None else []
    lines = [": ".join(filter(None, (attribute(name, "name"), text_of(name), attribute(name, "comment")))) for name in names[:MOST_LINES]]
    emit_lines("properties", "names", lines, emitter, False)
    for position, name in enumerate(targets(workbook.relations, "externalLink"), 1):
        emit_lines("section", f"other workbook {position}", _external(workbook, name), emitter, True)
    connections: list[str] = []
    for name in targets(workbook.relations, "connections"):
        root = parse_part(workbook.package, name).root
        for element in root.iter("*") if root is not None else ():
            connections += [value for key in _CONNECTION if (value := attribute(element, key))]
    emit_lines("properties", "connections", connections, emitter, False)
    emit_lines("section", "changes", changes_of(workbook.package, workbook.relations), emitter, True)
    workbook.progress.text |= emit_custom_xml(workbook.package, emitter)


def _external(workbook: Workbook, name: str) -> list[str]:
    lines = [relation.target for relation in relations_of(workbook.package, name).values()]
    root = parse_part(workbook.package, name).root
    for element in descendants(root, "sheetName", "definedName", "row", "ddeLink", "ddeItem", "oleItem") if root is not None else ():
        if local(element) == "row":
            lines.append("\t".join(text_of(cell) for cell in children(element, "cell")))
        elif local(element) == "ddeLink":  # a program and what it is asked for
            lines.append(f"{attribute(element, 'ddeService') or ''}|{attribute(element, 'ddeTopic') or ''}")
        else:
            lines.append(attribute(element, "val") or attribute(element, "name") or "")
    return lines


def emit_lines(kind: str, label: str, lines: list[str], emitter: Emitter, hidden: bool) -> bool:
    """*lines* as one part, where there are any; gives whether there were."""
    kept = [line for line in lines if line.strip()]
    if kept:
        emitter.part(kind, label, "\n".join(kept[:MOST_LINES]), hidden=hidden)
    return bool(kept)
