"""Workbooks: XLSX, XLSM, XLTX, XLTM."""

from __future__ import annotations

import msgspec

from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.docx import Progress, ending
from unburnt.read.formats.office.office_sheet import SheetWriter
from unburnt.read.formats.office.office_xml import (
    attribute,
    child,
    descendants,
    parse_part,
    text_of,
)  # fmt: skip
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_properties import read_properties
from unburnt.read.formats.office.ooxml_relations import Relation, member_names, relations_of, targets
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.formats.office.xlsx_around import emit_around, emit_workbook_words
from unburnt.read.formats.office.xlsx_beside import OLD_FORM, threads_of
from unburnt.read.formats.office.xlsx_pivot import emit_pivots
from unburnt.read.formats.office.xlsx_sheet import SheetStream, address, rich_text
from unburnt.read.formats.office.xlsx_values import Shown
from unburnt.read.formats.office.xlsx_workbook import Sheet, Workbook, signed
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_SHEETS = 5_000


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a workbook: every sheet's cells, hidden or not, comments, drawings' texts, members."""
    package, _ = open_or_recover(source.file)
    progress = Progress()
    workbook = Workbook(package, progress)
    sheets = workbook.sheets
    names = member_names(package)
    emitter.expect(pages=len(sheets), members=len(names))
    emitter.metadata(_metadata(workbook, len(sheets)), searchable=True)
    if len(sheets) > MOST_SHEETS:
        progress.losses.append(f"only the first {MOST_SHEETS} of {len(sheets)} sheets were read")
    for sheet in sheets[:MOST_SHEETS]:
        _sheet(workbook, sheet, emitter)
    if any(relation.kind == "externalLink" for relation in workbook.relations.values()):
        emitter.note("external-links", "The workbook refers to other workbooks; the values shown are those it stored.")
    if workbook.values.lost_strings:
        progress.losses.append(f"the texts of {workbook.values.lost_strings} cells are not in the table of strings")
    emit_workbook_words(workbook, emitter)
    progress.losses += emit_pivots(package, workbook.relations, emitter)
    note_package(package, emitter)
    emit_members(package, names, emitter)
    return ending(package, progress, len(names))


def _metadata(workbook: Workbook, sheets: int) -> Metadata:
    found = read_properties(workbook.package)
    fields = dict(found.fields)
    for element in list(descendants(workbook.root, "definedName"))[:1000] if workbook.root is not None else ():
        fields[f"ooxml:defined-name:{(attribute(element, 'name') or '')[:255]}"] = text_of(element)[:2000]
    for relation in [each for each in workbook.relations.values() if each.kind == "externalLink"][:200]:
        for link in relations_of(workbook.package, relation.target).values():
            fields[f"ooxml:external-link:{relation.target.rsplit('/', 1)[-1]}"] = link.target[:2000]
    return msgspec.structs.replace(found, sheets=sheets, fields=fields)


def _sheet(workbook: Workbook, sheet: Sheet, emitter: Emitter) -> None:
    label, hidden = sheet.name, sheet.hidden
    writer = SheetWriter(emitter, label, hidden=hidden)
    if not sheet.part:
        workbook.progress.losses.append(f"the sheet {label[:60]!r} is missing")
        return
    package, progress = workbook.package, workbook.progress
    relations = relations_of(package, sheet.part)
    comments = _comments(package, relations)
    for where, text in threads_of(package, relations, workbook.people).items():
        known = comments.get(where, ("", ""))
        comments[where] = ("", text) if not known[1] or known[1].startswith(OLD_FORM) else (known[0], f"{known[1]}\n{text}")
    stream = SheetStream(package.chunks(sheet.part), workbook.values)
    for row in stream.rows():
        if stream.facts.hidden_rows:
            writer.hidden_rows.update(stream.facts.hidden_rows)
            stream.facts.hidden_rows.clear()
        if stream.facts.hidden_columns:
            writer.hidden_columns.update(stream.facts.hidden_columns)
        writer.row(_with_comments(row, comments) if comments else row)
    writer.hidden_columns.update(stream.facts.hidden_columns)
    if comments:
        lonely = sorted(comments.items())
        for where, (author, text) in lonely:
            writer.row([(where[0], where[1], "", "text", None, None, signed(author, text), ())])
    writer.finish(merged=stream.facts.merged)
    progress.text = progress.text or writer.has_text
    if stream.facts.broken:
        progress.losses.append(f"the sheet {label[:60]!r} is damaged")
    emit_around(workbook, label, relations, stream.facts, emitter, hidden)


def _with_comments(row: list[Shown], comments: dict[tuple[int, int], tuple[str, str]]) -> list[Shown]:
    """The row with the comments of its cells, which are taken out of *comments*."""
    return [(*cell[:6], signed(*comments.pop(cell[:2])), cell[7]) if cell[:2] in comments else cell for cell in row]


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
            written = attribute(element, "authorId") or "0"
            index = int(written) if written.isdecimal() and len(written) < 10 else -1
            author = authors[index] if 0 <= index < len(authors) else ""
            found[where] = ("" if author.startswith("tc=") else author, rich_text(body))
    return found


FORMATS = (
    Format(
        "xlsx", read, memory_safe=False, libraries=("lxml", "msoffcrypto-tool"),
        title="Excel workbooks (XLSX, XLSM, XLTX, XLTM)",
        gives=(
            "every cell with its absolute address, formulas beside values and as text, comments and their threads, hidden rows, columns "
            "and sheets, what units and scales of formats show (12.50万元), merged ranges, texts of drawings, buttons and boxes, choices "
            "and prompts, printed headers, names, external links with the values kept of them, connections, the rows in pivot caches, "
            "who changed which cell of a shared workbook, members"
        ),
        lacks=(
            "formulas are not computed: the value is the one that was stored; numbers beyond 15 digits are flagged; "
            "macros are shown as text and never run"
        ),
    ),
)
