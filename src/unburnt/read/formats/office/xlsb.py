"""Binary workbooks (XLSB, MS-XLSB): values by calamine; what stands around them from the records."""

from __future__ import annotations

import msgspec
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx import Progress, ending
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_properties import read_properties
from unburnt.read.formats.office.ooxml_relations import member_names, relations_of
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.formats.office.xls import emit_sheet, reraise_if_ours
from unburnt.read.formats.office.xls_records import SheetFacts
from unburnt.read.formats.office.xlsb_records import facts_of, sheet_parts
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
    source.file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(source.file)
    except BaseException as error:
        reraise_if_ours(error)
        raise Damaged("The workbook's records cannot be followed.") from error
    sheets = list(book.sheets_metadata)
    emitter.expect(pages=len(sheets), members=len(names))
    emitter.metadata(msgspec.structs.replace(read_properties(package), sheets=len(sheets)), searchable=True)
    progress = Progress()
    parts = sheet_parts(package)
    for sheet in sheets:
        part = parts.get(sheet.name, "")
        emit_sheet(book, sheet, facts_of(package, part) if part else SheetFacts(), emitter, progress)
        drawn = drawn_lines(package, relations_of(package, part)) if part else []
        is_hidden = sheet.visible != SheetVisibleEnum.Visible
        progress.text |= emit_lines("section", f"{sheet.name} (drawings)", drawn, emitter, is_hidden)
    emitter.note("xlsb-values", "Binary workbook: formulas are shown by their stored results.")
    note_package(package, emitter)
    emit_members(package, names, emitter)
    return ending(package, progress, len(names))


FORMATS = (
    Format(
        "xlsb", read, memory_safe=False, libraries=("python-calamine", "lxml"),
        title="Binary workbooks (XLSB)",
        gives="cells with absolute addresses, comments, hidden rows, columns and sheets, texts of drawings, printed headers, links, "
        "properties, members, macros as text",
        lacks="formulas only as stored values",
    ),
)
