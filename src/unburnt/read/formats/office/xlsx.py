"""Workbooks: XLSX, XLSM, XLTX, XLTM."""

from __future__ import annotations

from operator import itemgetter

import msgspec
from lxml import etree

from unburnt.base.limits import MIB
from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx import Progress, drawing_lines, ending
from unburnt.read.formats.office.office_sheet import SheetWriter
from unburnt.read.formats.office.office_xml import (
    Element,
    attribute,
    child,
    descendants,
    parse_part,
    text_of,
)  # fmt: skip
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_package import Package, open_package
from unburnt.read.formats.office.ooxml_properties import read_properties
from unburnt.read.formats.office.ooxml_relations import Relation, main_part, member_names, relations_of, targets
from unburnt.read.formats.office.xlsx_pivot import emit_pivots
from unburnt.read.formats.office.xlsx_sheet import RawCell, SheetStream, address, rich_text
from unburnt.read.formats.office.xlsx_strings import strings
from unburnt.read.formats.office.xlsx_styles import date_styles, shown_date, shown_number, uses_1904
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

SHARED_BYTES = 256 * MIB
MOST_SHEETS = 5_000
BY_COLUMN = itemgetter(1)
_TYPES = {"b": "boolean", "e": "error", "d": "date"}
Shown = tuple[int, int, str, str, str | None, str | None, str | None, tuple[str, ...]]


class Workbook:
    """What all sheets of one workbook share."""

    def __init__(self, package: Package, progress: Progress) -> None:
        self.package = package
        self.progress = progress
        self.main = main_part(package, "xl/workbook.xml")
        if not package.has(self.main):
            raise Damaged("The workbook's main part is missing.")
        self.relations = relations_of(package, self.main)
        tree = parse_part(package, self.main)
        if tree.root is None:
            raise Damaged("The workbook's list of sheets cannot be read.")
        self.root: Element = tree.root
        properties = child(self.root, "workbookPr")
        self.epoch_1904 = properties is not None and uses_1904(attribute(properties, "date1904"))
        styles = targets(self.relations, "styles")
        self.dates = date_styles(package, styles[0]) if styles else frozenset()
        self.strings = self._shared_strings()

    def _shared_strings(self) -> list[str]:
        found: list[str] = []
        size = 0
        for name in targets(self.relations, "sharedStrings")[:1]:
            if not self.package.has(name):
                continue
            try:
                for text in strings(self.package.chunks(name)):
                    size += len(text) + 60
                    found.append(text)
                    if size > SHARED_BYTES:
                        self.progress.losses.append("the table of strings is longer than is safe to hold")
                        break
            except etree.XMLSyntaxError:
                self.progress.losses.append("the table of strings is damaged")
        return found

    def show(self, row: list[RawCell], comments: dict[tuple[int, int], tuple[str, str]]) -> list[Shown]:
        """A row's cells as people see them, by column, with what is stored where that differs."""
        row.sort(key=BY_COLUMN)
        shown_cells: list[Shown] = []
        strings = self.strings
        for at, column, kind, style, value, formula in row:
            comment = _signed(*comments.pop((at, column))) if comments and (at, column) in comments else None
            if kind == "s":
                index = int(value) if value.isdigit() and len(value) < 10 else -1
                shown = strings[index] if 0 <= index < len(strings) else ""
                shown_cells.append((at, column, shown, "text", None, formula, comment, ()))
            elif kind == "n" and value:
                shown, type_, raw, flags = self._number(value, style)
                shown_cells.append((at, column, shown, type_, raw, formula, comment, flags))
            else:
                shown = value
                if kind == "b":
                    shown = "TRUE" if value == "1" else "FALSE" if value == "0" else value
                shown_cells.append((at, column, shown, _TYPES.get(kind, "text"), None, formula, comment, ()))
        return shown_cells

    def _number(self, value: str, style: int) -> tuple[str, str, str | None, tuple[str, ...]]:
        if style in self.dates:
            try:
                date = shown_date(float(value), self.epoch_1904)
            except ValueError:
                date = None
            if date is not None:
                return date, "date", value, ()
        shown, imprecise = shown_number(value)
        return shown, "number", value if shown != value else None, ("imprecise-id",) if imprecise else ()


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a workbook: every sheet's cells, hidden or not, comments, drawings' texts, members."""
    package = open_package(source.file)
    progress = Progress()
    workbook = Workbook(package, progress)
    sheets = list(descendants(workbook.root, "sheet"))
    names = member_names(package)
    emitter.expect(pages=len(sheets), members=len(names))
    emitter.metadata(_metadata(workbook, len(sheets)), searchable=True)
    if len(sheets) > MOST_SHEETS:
        progress.losses.append(f"only the first {MOST_SHEETS} of {len(sheets)} sheets were read")
    for sheet in sheets[:MOST_SHEETS]:
        _sheet(workbook, sheet, emitter)
    if any(relation.kind == "externalLink" for relation in workbook.relations.values()):
        emitter.note("external-links", "The workbook refers to other workbooks; the values shown are those it stored.")
    progress.losses += emit_pivots(package, workbook.relations, emitter)
    note_package(package, emitter)
    emit_members(package, names, emitter)
    return ending(package, progress, len(names))


def _metadata(workbook: Workbook, sheets: int) -> Metadata:
    found = read_properties(workbook.package)
    fields = dict(found.fields)
    for element in list(descendants(workbook.root, "definedName"))[:1000]:
        fields[f"ooxml:defined-name:{(attribute(element, 'name') or '')[:255]}"] = text_of(element)[:2000]
    for relation in [each for each in workbook.relations.values() if each.kind == "externalLink"][:200]:
        for link in relations_of(workbook.package, relation.target).values():
            fields[f"ooxml:external-link:{relation.target.rsplit('/', 1)[-1]}"] = link.target[:2000]
    return msgspec.structs.replace(found, sheets=sheets, fields=fields)


def _sheet(workbook: Workbook, sheet: Element, emitter: Emitter) -> None:
    label = attribute(sheet, "name") or ""
    hidden = (attribute(sheet, "state") or "visible") != "visible"
    relation = workbook.relations.get(_relation_id(sheet))
    writer = SheetWriter(emitter, label, hidden=hidden)
    if relation is None or relation.external or not workbook.package.has(relation.target):
        workbook.progress.losses.append(f"the sheet {label[:60]!r} is missing")
        return
    package, progress = workbook.package, workbook.progress
    relations = relations_of(package, relation.target)
    comments = _comments(package, relations)
    stream = SheetStream(package.chunks(relation.target))
    for row in stream.rows():
        writer.hidden_rows.update(stream.facts.hidden_rows)
        stream.facts.hidden_rows.clear()
        writer.hidden_columns.update(stream.facts.hidden_columns)
        writer.row(workbook.show(row, comments))
    writer.hidden_columns.update(stream.facts.hidden_columns)
    if comments:
        lonely = sorted(comments.items())
        for where, (author, text) in lonely:
            writer.row([(where[0], where[1], "", "text", None, None, _signed(author, text), ())])
    writer.finish(merged=stream.facts.merged)
    progress.text = progress.text or writer.has_text
    if stream.facts.broken:
        progress.losses.append(f"the sheet {label[:60]!r} is damaged")
    _around(workbook, label, relations, stream, emitter, hidden)


def _signed(author: str, text: str) -> str:
    return text if not author or text.startswith(author) else f"{author}: {text}"


def _relation_id(sheet: Element) -> str:
    """The relationship of a sheet: its ``id`` in the relationships' namespace."""
    for key, value in sheet.attrib.items():
        if str(key).endswith("}id"):
            return str(value)
    return ""


def _comments(package: Package, relations: dict[str, Relation]) -> dict[tuple[int, int], tuple[str, str]]:
    """Comments by cell: (author, text). Threaded ones stand in the old form too, behind a fixed English preface."""
    found: dict[tuple[int, int], tuple[str, str]] = {}
    for name in targets(relations, "comments"):
        root = parse_part(package, name).root
        if root is None:
            continue
        authors = [text_of(element) for element in descendants(root, "author")]
        for element in descendants(root, "comment"):
            where = address(attribute(element, "ref") or "")
            body = child(element, "text")
            if where is None or body is None:
                continue
            index = int(attribute(element, "authorId") or "0") if (attribute(element, "authorId") or "0").isdigit() else -1
            author = authors[index] if 0 <= index < len(authors) else ""
            found[where] = ("" if author.startswith("tc=") else author, rich_text(body))
    return found


def _around(
    workbook: Workbook, label: str, relations: dict[str, Relation], stream: SheetStream, emitter: Emitter, hidden: bool
) -> None:
    """Drawings' and charts' texts and printed headers, which stand around a sheet and not in its cells."""
    lines: list[str] = []
    for drawing in targets(relations, "drawing"):
        inner = relations_of(workbook.package, drawing)
        for name in [drawing, *targets(inner, "chart"), *targets(inner, "diagramData")]:
            root = parse_part(workbook.package, name).root
            if root is not None:
                lines.extend(drawing_lines(root))
    if lines:
        workbook.progress.text = True
        emitter.part("section", f"{label} (drawings)", "\n".join(lines), hidden=hidden)
    printed = [text for text in stream.facts.header_footer if text.strip()]
    if printed:
        emitter.part("header", f"{label} (printed header and footer)", "\n".join(printed), hidden=hidden)
    links = [relation.target for relation in relations.values() if relation.kind == "hyperlink" and relation.external]
    if links:
        emitter.part("annotations", f"{label} (links)", "\n".join(links[:10_000]), hidden=hidden)


FORMATS = (
    Format(
        "xlsx", read, memory_safe=False, libraries=("lxml", "msoffcrypto-tool"),
        title="Excel workbooks (XLSX, XLSM, XLTX, XLTM)",
        gives=(
            "every cell with its absolute address, formulas beside values, comments, hidden rows, columns and "
            "sheets, merged ranges, drawings' texts, names, external links, the rows in pivot caches, members"
        ),
        lacks=(
            "formulas are not computed: the value is the one that was stored; numbers beyond 15 digits are flagged; "
            "macros are shown as text and never run"
        ),
    ),
)
