"""Binary workbooks (XLSB, MS-XLSB): values by calamine; what stands around them from the records."""

from __future__ import annotations

from typing import BinaryIO

import msgspec
from python_calamine import CalamineWorkbook

from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx import Progress, ending
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_properties import read_properties
from unburnt.read.formats.office.ooxml_relations import member_names, relations_of
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.formats.office.xls import emit_sheet, reraise_if_ours, rows_of
from unburnt.read.formats.office.xls_records import SheetFacts
from unburnt.read.formats.office.xlsb_cells import BinaryCells
from unburnt.read.formats.office.xlsb_records import facts_of, sheets_of
from unburnt.read.formats.office.xlsx_around import drawn_lines, emit_lines
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a binary workbook: every sheet's values, hidden or not, and members."""
    package, _ = open_or_recover(source.file)
    names = member_names(package)
    # calamine unpacks whole parts: what the package's own accounting refuses is never handed to it.
    for name in package.names():
        for _ in package.chunks(name):
            pass
    sheets = sheets_of(package)
    book = _opened(source.file)
    if book is None and not sheets:
        raise Damaged("The workbook's records cannot be followed.")
    emitter.expect(pages=len(sheets), members=len(names))
    emitter.metadata(msgspec.structs.replace(read_properties(package), sheets=len(sheets)), searchable=True)
    progress, cells = Progress(), BinaryCells(package)
    for sheet in sheets:
        facts = facts_of(package, sheet.part, cells.formats.shown) if sheet.part else SheetFacts()
        if not sheet.part:
            progress.losses.append(f"the sheet {sheet.name[:60]!r} is missing")
        rows = cells.rows(sheet.part) if book is None or facts.is_for_walk or not sheet.part else rows_of(book, sheet.name, facts)
        emit_sheet(rows, sheet.name, facts, emitter, progress, hidden=sheet.hidden)
        drawn = drawn_lines(package, relations_of(package, sheet.part)) if sheet.part else []
        progress.text |= emit_lines("section", f"{sheet.name} (drawings)", drawn, emitter, sheet.hidden)
        if sheet.part in cells.damaged:
            progress.losses.append(f"the sheet {sheet.name[:60]!r} is damaged")
    if cells.lost_strings:
        progress.losses.append(f"the texts of {cells.lost_strings} cells are not in the table of strings")
    emitter.note("xlsb-values", "Binary workbook: formulas are shown by their stored results.")
    note_package(package, emitter)
    emit_members(package, names, emitter)
    return ending(package, progress, len(names))


def _opened(file: BinaryIO) -> CalamineWorkbook | None:
    """The workbook as calamine opens it; None where it cannot, which does not mean that nobody can."""
    file.seek(0)
    try:
        return CalamineWorkbook.from_filelike(file)
    except BaseException as error:  # noqa: BLE001 - a Rust panic is a BaseException
        reraise_if_ours(error)
        return None


FORMATS = (
    Format(
        "xlsb", read, memory_safe=False, libraries=("python-calamine", "lxml"),
        title="Binary workbooks (XLSB)",
        gives="cells with absolute addresses, comments, hidden rows, columns and sheets, what units and scales of formats show, "
        "texts of drawings, printed headers, links, properties, members, macros as text",
        lacks="formulas only as stored values",
    ),
)
