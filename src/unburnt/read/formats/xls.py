"""Old workbooks: XLS (BIFF5 to BIFF8): values by calamine, hidden rows and columns from the records themselves."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

import msgspec
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Stopped, Unsupported
from unburnt.read.formats.docx import Progress
from unburnt.read.formats.office_art import emit_pictures, pictures_in
from unburnt.read.formats.office_secrets import decrypt
from unburnt.read.formats.office_sheet import SheetWriter
from unburnt.read.formats.ole_container import OleTrouble, open_ole, read_properties, stream_bytes
from unburnt.read.formats.ole_members import emit_objects, ending, object_storages
from unburnt.read.formats.xlsx_styles import shown_number
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MEDIA_TYPES = ("application/vnd.ms-excel",)
FILEPASS, BOF, EOF, ROW, COLINFO, CONTINUE, DRAWING_GROUP = 0x2F, 0x809, 0x0A, 0x208, 0x7D, 0x3C, 0xEB
OLD_PICTURE = 0x7F
CELLS = frozenset((0x06, 0x201, 0x203, 0x204, 0x205, 0xFD, 0x27E, 0xBD, 0xBE, 0xD6))
MOST_AREA = 6_000_000
"""The widest rectangle of cells: calamine holds all of it, empty ones too, 60 bytes each."""
Shown = tuple[int, int, str, str, str | None, str | None, str | None, tuple[str, ...]]


def read(source: Source, emitter: Emitter) -> Ending:
    """Read an old workbook: every sheet's values, hidden or not, and embedded objects."""
    ole, stream = _workbook(source.file)
    file: BinaryIO = source.file
    secret = False
    if _encrypted(stream):
        file, secret = decrypt(source)
        ole, stream = _workbook(file)
    hidden = list(_hidden(stream))
    file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(file)
    except BaseException as error:
        _reraise_if_ours(error)
        raise Damaged("The workbook's records cannot be followed.") from error
    progress = Progress()
    sheets = list(book.sheets_metadata)
    objects = object_storages(ole, "MBD")
    pictures = pictures_in(_drawings(stream))
    emitter.expect(pages=len(sheets), members=len(objects) + len(pictures))
    emitter.metadata(msgspec.structs.replace(read_properties(ole), sheets=len(sheets)))
    for position, sheet in enumerate(sheets):
        rows, columns = hidden[position] if position < len(hidden) else (set(), set())
        _sheet(book, sheet, rows, columns, emitter, progress)
    if any(path[0] == "_VBA_PROJECT_CUR" for path in object_storages(ole, "_VBA_PROJECT_CUR")):
        emitter.note("macros", "The file holds macros (program code); they were not run and are not shown.")
    emitter.note("xls-values", "Old workbook: formulas are shown by their stored results; cell comments are not read.")
    if not progress.text and any(kind == OLD_PICTURE for kind, _, _ in _records(stream)):
        emitter.note("pictures", "The workbook holds pictures in the form of Excel 95, which stay inside.")
    emit_objects(ole, objects, emitter)
    emit_pictures(pictures, emitter)
    return ending(progress, len(objects) + len(pictures), secret)


def _reraise_if_ours(error: BaseException) -> None:
    """Rust panics arrive as a BaseException of their own; ours to keep are memory and being stopped."""
    if isinstance(error, (MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit)):
        raise error


def _workbook(file: BinaryIO) -> tuple[Any, bytes]:
    file.seek(0)
    try:
        ole = open_ole(file)
    except OleTrouble as error:
        raise Unsupported("It is no OLE workbook: Excel 4 and older are not read.") from error
    for name in ("Workbook", "Book", "WORKBOOK", "BOOK"):
        stream = stream_bytes(ole, (name,))
        if stream:
            return ole, stream
    raise Damaged("The file has no workbook stream.")


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """(type, start of content, length) of every record."""
    position = 0
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        yield kind, position + 4, length
        position += 4 + length


def _drawings(stream: bytes) -> bytes:
    """The drawing group, which is cut over records, continued ones too."""
    pieces: list[bytes] = []
    last = 0
    for kind, start, length in _records(stream):
        if kind == DRAWING_GROUP or (kind == CONTINUE and last == DRAWING_GROUP):
            pieces.append(stream[start : start + length])
            last = DRAWING_GROUP
        elif kind == EOF:
            break
        else:
            last = kind
    return b"".join(pieces)


def _encrypted(stream: bytes) -> bool:
    for number, (kind, _, _) in enumerate(_records(stream)):
        if kind == FILEPASS:
            return True
        if kind == EOF or number > 200:
            return False
    return False


def _hidden(stream: bytes) -> Iterator[tuple[set[int], set[int]]]:
    """Hidden rows and columns of each sheet, in the order of the stream."""
    rows: set[int] = set()
    columns: set[int] = set()
    depth, is_sheet = 0, False
    top, left, bottom, right = 65_535, 255, 0, 0
    for kind, start, length in _records(stream):
        if kind == BOF and length >= 4:
            depth += 1
            if depth == 1:
                is_sheet = struct.unpack_from("<H", stream, start + 2)[0] != 5
                rows, columns = set(), set()
                top, left, bottom, right = 65_535, 255, 0, 0
        elif kind == EOF:
            depth -= 1
            if depth == 0 and is_sheet:
                yield rows, columns
        elif kind in CELLS and start + 4 <= len(stream):
            row, column = struct.unpack_from("<HH", stream, start)
            top, left, bottom, right = min(top, row), min(left, column), max(bottom, row), max(right, column)
            if (bottom - top) * (right - left) > MOST_AREA:
                raise Stopped("cells", "A sheet's cells are spread over more space than is safe to unfold.")
        elif kind == ROW and length >= 16 and start + 16 <= len(stream):
            if struct.unpack_from("<H", stream, start + 12)[0] & 0x20:
                rows.add(struct.unpack_from("<H", stream, start)[0])
        elif kind == COLINFO and length >= 10 and start + 10 <= len(stream):
            first, last, _, _, options = struct.unpack_from("<5H", stream, start)
            if options & 1:
                columns.update(range(first, min(last, 255) + 1))


def _sheet(
    book: CalamineWorkbook, sheet: Any, rows: set[int], columns: set[int], emitter: Emitter, progress: Progress
) -> None:
    writer = SheetWriter(emitter, sheet.name, hidden=sheet.visible != SheetVisibleEnum.Visible)
    writer.hidden_rows, writer.hidden_columns = rows, columns
    merged: list[tuple[int, int, int, int]] = []
    try:
        values = book.get_sheet_by_name(sheet.name)
        if values.start is not None:
            # iter_rows counts rows from the sheet's first, but columns from the first used one.
            for number, row in enumerate(values.iter_rows()):
                writer.row(_cells(row, number, values.start[1]))
        merged = [(*start, *end) for start, end in values.merged_cell_ranges or []]
    except BaseException as error:  # noqa: BLE001 - a Rust panic is a BaseException
        _reraise_if_ours(error)
        progress.losses.append(f"the sheet {sheet.name[:60]!r} is damaged")
    writer.finish(merged=merged)
    progress.text = progress.text or writer.has_text


def _cells(row: list[Any], position: int, left: int) -> Iterator[Shown]:
    for column, value in enumerate(row, left):
        if value is None or value == "":
            continue
        shown, kind, raw, flags = _shown(value)
        yield position, column, shown, kind, raw, None, None, flags


def _shown(value: Any) -> tuple[str, str, str | None, tuple[str, ...]]:
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), "boolean", None, ()
    if isinstance(value, (int, float)):
        stored = repr(value)
        shown, imprecise = shown_number(stored)
        return shown, "number", stored if shown != stored.removesuffix(".0") else None, ("imprecise-id",) if imprecise else ()
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return (value.date().isoformat() if midnight else value.isoformat()), "date", None, ()
    if isinstance(value, (date, time)):
        return value.isoformat(), "date", None, ()
    if isinstance(value, timedelta):
        return str(value), "date", None, ()
    text = str(value)
    return text, "error" if text.startswith("#") and text.rstrip("!?").isupper() else "text", None, ()


FORMATS = (
    Format(
        name="xls", media_types=MEDIA_TYPES, read=read, memory_safe=False, version=2,
        libraries=("python-calamine", "olefile", "msoffcrypto-tool"),
    ),
)  # fmt: skip
