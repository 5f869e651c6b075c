"""Old workbooks: XLS (BIFF5 to BIFF8): values by calamine, hidden rows and columns from the records themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

import msgspec
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Unsupported
from unburnt.read.formats.office.code_pages import encoding_of
from unburnt.read.formats.office.docx import Progress
from unburnt.read.formats.office.number_shown import ShownCells
from unburnt.read.formats.office.office_art import emit_pictures, pictures_in
from unburnt.read.formats.office.office_secrets import decrypt
from unburnt.read.formats.office.office_sheet import SheetWriter
from unburnt.read.formats.office.ole_container import OleTrouble, is_cut_off, open_ole, read_properties, stream_bytes
from unburnt.read.formats.office.ole_members import emit_objects, ending, object_storages
from unburnt.read.formats.office.ole_objects import OLE_MAGIC
from unburnt.read.formats.office.ole_salvage import salvage
from unburnt.read.formats.office.vba import emit_macros
from unburnt.read.formats.office.xls_around import emit_around, emit_names
from unburnt.read.formats.office.xls_for_calamine import codepage, for_calamine
from unburnt.read.formats.office.xls_records import (
    OLD_PICTURE,
    SheetFacts,
    drawings,
    facts_of_sheets,
    is_encrypted,
    records,
)
from unburnt.read.formats.office.xls_wide import MOST_WIDE, bands, wide_losses, wide_sheets, without_sheets
from unburnt.read.formats.office.xlsx_around import emit_lines
from unburnt.read.formats.office.xlsx_styles import PLAIN_NUMBER, shown_number
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

Shown = tuple[int, int, str, str, str | None, str | None, str | None, tuple[str, ...]]
Rows = Iterator[tuple[int, list[Shown]]]


def read(source: Source, emitter: Emitter) -> Ending:
    """Read an old workbook: every sheet's values, hidden or not, and embedded objects."""
    try:
        ole, stream = _workbook(source.file)
    except Damaged as error:
        return salvage(source, emitter, error)
    secret = False
    if is_encrypted(stream):
        plain, secret = decrypt(source)
        ole, stream = _workbook(plain)
    spans: list[int] = []
    facts = list(facts_of_sheets(stream, encoding_of(codepage(stream)), spans))
    try:
        wide = wide_sheets(facts)
        book = CalamineWorkbook.from_filelike(for_calamine(without_sheets(stream, wide), spans))
    except BaseException as error:
        reraise_if_ours(error)
        reason = Damaged("The workbook's records cannot be followed.")
        if secret:
            raise reason from error  # its bytes say nothing
        return salvage(source, emitter, reason)
    progress = Progress()
    if is_cut_off(ole) and not secret:
        progress.losses.append("the file is cut off")
    sheets = list(book.sheets_metadata)
    objects = object_storages(ole, "MBD")
    pictures = pictures_in(drawings(stream))
    emitter.expect(pages=len(sheets), members=len(objects) + len(pictures))
    emitter.metadata(msgspec.structs.replace(read_properties(ole), sheets=len(sheets)), searchable=True)
    for position, sheet in enumerate(sheets):
        about = facts[position] if position < len(facts) else SheetFacts()
        hidden = sheet.visible != SheetVisibleEnum.Visible
        rows = rows_of(book, sheet.name, about)
        if position in wide:
            rows = _wide_rows(stream, position, spans, sheet.name, about) if position in wide[:MOST_WIDE] else iter(())
            progress.losses += wide_losses(stream, position, sheet.name, wide)
        emit_sheet(rows, sheet.name, about, emitter, progress, hidden=hidden)
    if emit_names(((kind, stream[start : start + length]) for kind, start, length in records(stream)), emitter):
        emitter.note("external-links", "The workbook refers to other workbooks; the values shown are those it stored.")
    if any(path[0] == "_VBA_PROJECT_CUR" for path in object_storages(ole, "_VBA_PROJECT_CUR")):
        emit_macros(ole, ("_VBA_PROJECT_CUR", "VBA"), emitter)
    emitter.note("xls-values", "Old workbook: formulas are shown by their stored results.")
    old_pictures = ""
    if not progress.text and any(kind == OLD_PICTURE for kind, _, _ in records(stream)):
        old_pictures = "The workbook holds pictures in the form of Excel 95, which stay inside."
    emit_objects(ole, objects, emitter)
    emit_pictures(pictures, emitter)
    if old_pictures and not progress.losses:
        return Ending(Outcome.PARTIAL, old_pictures, secret)
    return ending(progress, len(objects) + len(pictures), secret, emitter.failed_members)


def reraise_if_ours(error: BaseException) -> None:
    """Rust panics arrive as a BaseException of their own; ours to keep are memory and being stopped."""
    if isinstance(error, (MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit)):
        raise error


def _workbook(file: BinaryIO) -> tuple[Any, bytes]:
    file.seek(0)
    try:
        ole = open_ole(file)
    except OleTrouble as error:
        file.seek(0)
        if file.read(8) == OLE_MAGIC:
            raise Damaged("The workbook's container is cut off or damaged.") from error
        raise Unsupported("It is no OLE workbook: Excel 4 and older are not read.") from error
    for name in ("Workbook", "Book", "WORKBOOK", "BOOK"):
        stream = stream_bytes(ole, (name,))
        if stream:
            return ole, stream
    raise Damaged("The file has no workbook stream.")


def emit_sheet(rows: Rows, name: str, facts: SheetFacts, emitter: Emitter, progress: Progress, *, hidden: bool) -> None:
    """One sheet as a part, and what stands around its cells."""
    writer = SheetWriter(emitter, name, hidden=hidden)
    writer.hidden_rows, writer.hidden_columns = facts.hidden_rows, facts.hidden_columns
    comments: dict[int, dict[int, str]] = {}
    for (at, column), text in facts.comments.items():
        comments.setdefault(at, {})[column] = text
    shown = ShownCells()
    try:
        for number, cells in rows:
            if facts.formats:
                shown.note_row(cells, facts.formats)
            writer.row(_with_comments(cells, number, comments.pop(number, None)))
    except BaseException as error:  # noqa: BLE001 - a Rust panic is a BaseException
        reraise_if_ours(error)
        progress.losses.append(f"the sheet {name[:60]!r} is damaged")
    for number in sorted(comments):
        writer.row(_with_comments([], number, comments[number]))
    writer.finish(merged=facts.merged)
    emit_lines("properties", f"{name} (as shown)", shown.lines(), emitter, hidden)
    progress.text = progress.text or writer.has_text
    if facts.validations:
        emitter.part("annotations", f"{name} (choices and prompts)", "\n".join(facts.validations), hidden=hidden)
        progress.text = True
    progress.text |= emit_around(facts.around, name, emitter, hidden=hidden)


def rows_of(book: CalamineWorkbook, name: str, facts: SheetFacts) -> Rows:
    """The rows of a sheet by their numbers, and into *facts* its merged ranges. Raises what calamine does, panics too."""
    values = book.get_sheet_by_name(name)
    facts.merged = [(*start, *end) for start, end in values.merged_cell_ranges or []]
    if values.start is not None:
        # iter_rows counts rows from the sheet's first, but columns from the first used one.
        for number, row in enumerate(values.iter_rows()):
            yield number, _cells(row, number, values.start[1])


def _wide_rows(stream: bytes, sheet: int, spans: list[int], name: str, facts: SheetFacts) -> Rows:
    for band in bands(stream, sheet):
        yield from rows_of(CalamineWorkbook.from_filelike(for_calamine(band, spans)), name, facts)


def _with_comments(cells: list[Shown], row: int, comments: dict[int, str] | None) -> list[Shown]:
    """The cells of a row with their comments (by column); empty cells may have some too."""
    if not comments:
        return cells
    found = [(*cell[:6], comments.pop(cell[1], None), cell[7]) for cell in cells]
    found += [(row, column, "", "text", None, None, text, ()) for column, text in comments.items()]
    return sorted(found, key=lambda cell: cell[1])


def _cells(row: list[Any], position: int, left: int) -> list[Shown]:
    found: list[Shown] = []
    for column, value in enumerate(row, left):
        if value == "" or value is None:
            continue
        kind = type(value)
        if kind is str and value[0] != "#":
            found.append((position, column, value, "text", None, None, None, ()))
        elif kind is float and -1e15 < value < 1e15 and value and (whole := int(value)) == value:
            found.append((position, column, str(whole), "number", None, None, None, ()))
        else:
            shown, said, raw, flags = shown_value(value)
            found.append((position, column, shown, said, raw, None, None, flags))
    return found


def shown_value(value: Any) -> tuple[str, str, str | None, tuple[str, ...]]:
    """What is shown of a value, its type, what is stored where that differs, and flags."""
    if isinstance(value, str):
        return value, "error" if value[0] == "#" and value.rstrip("!?").isupper() else "text", None, ()
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), "boolean", None, ()
    if isinstance(value, (int, float)):
        if value and -1e15 < value < 1e15 and value == int(value):
            return str(int(value)), "number", None, ()
        stored = repr(value)
        if len(stored) <= 15 and PLAIN_NUMBER.fullmatch(stored):
            return stored, "number", None, ()
        shown, imprecise = shown_number(stored)
        return shown, "number", stored if shown != stored.removesuffix(".0") else None, ("imprecise-id",) if imprecise else ()
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return (value.date().isoformat() if midnight else value.isoformat(" ")), "date", None, ()
    if isinstance(value, (date, time)):
        return value.isoformat(), "date", None, ()
    if isinstance(value, timedelta):
        return str(value), "date", None, ()
    return str(value), "text", None, ()


FORMATS = (
    Format(
        "xls", read, memory_safe=False, libraries=("python-calamine", "olefile", "msoffcrypto-tool"),
        title="Excel 5 to 2003, WPS Spreadsheets (XLS, ET)",
        gives="cells with absolute addresses, hidden rows, columns and sheets, comments, choices and prompts, what units and scales of "
        "formats show, texts of boxes, buttons and charts, printed headers, links, names, other workbooks with the values kept of them, "
        "pictures, embedded objects",
        lacks="formulas only as stored values; macros are shown as text and never run",
    ),
)
