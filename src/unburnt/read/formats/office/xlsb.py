"""Binary workbooks (XLSB, MS-XLSB), from their records by a walk of our own.

calamine makes room for all the rectangle that a sheet's cells span, takes what an empty record lacks from the one before it, and
leaves out errors and texts with fonts in them.
"""

from __future__ import annotations

import msgspec

from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx import Progress, ending
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_properties import read_properties
from unburnt.read.formats.office.ooxml_relations import member_names, relations_of
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.formats.office.xls import emit_sheet
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
    sheets = sheets_of(package)
    if not sheets:
        raise Damaged("The workbook's records cannot be followed.")
    emitter.expect(pages=len(sheets), members=len(names))
    emitter.metadata(msgspec.structs.replace(read_properties(package), sheets=len(sheets)), searchable=True)
    progress, cells = Progress(), BinaryCells(package)
    for sheet in sheets:
        facts = facts_of(package, sheet.part, cells.formats.shown) if sheet.part else SheetFacts()
        if not sheet.part:
            progress.losses.append(f"the sheet {sheet.name[:60]!r} is missing")
        emit_sheet(cells.rows(sheet.part), sheet.name, facts, emitter, progress, hidden=sheet.hidden)
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


FORMATS = (
    Format(
        "xlsb", read, memory_safe=False, libraries=("lxml",),
        title="Binary workbooks (XLSB)",
        gives="cells with absolute addresses, comments, hidden rows, columns and sheets, what units and scales of formats show, "
        "texts of drawings, printed headers, links, properties, members, macros as text",
        lacks="formulas only as stored values",
    ),
)
