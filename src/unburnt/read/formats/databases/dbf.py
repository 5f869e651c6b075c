"""DBF tables (dBASE III to 7, FoxPro, Clipper): one sheet; what was marked as deleted is there, as hidden rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.charset import decode, known_encoding
from unburnt.read.emitter import Emitter
from unburnt.read.formats.databases.dbf_header import ENCODINGS, DbfHeader, read_header
from unburnt.read.formats.databases.dbf_values import value_of
from unburnt.read.formats.office.office_sheet import SheetWriter
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_HEAD = 1 << 16
_SAMPLE = 40_000
_SAMPLED_RECORDS = 4_000
_DELETED = b"*"
_FLAGS = b" *"


def read(source: Source, emitter: Emitter) -> Ending:
    """Raises :class:`Damaged` where the header makes no sense."""
    header = read_header(source.head(_HEAD))
    here = max(0, source.size - header.header_length) // header.record_length
    count = min(header.records, here)
    if not header.records and here and _has_record(source.file, header):
        count = here
        emitter.note("dbf-count", "The header counts no records, as after a crash; those that stand in the file are read.")
    encoding = _encoding(source.file, header, count)
    emitter.expect(pages=1)
    emitter.metadata(_metadata(header, encoding))
    deleted = _emit(source.file, header, count, encoding, emitter)
    if deleted:
        emitter.note("deleted-rows", f"{deleted} rows are marked as deleted and were never overwritten; they are shown as hidden rows.")
    if header.has_memos:
        emitter.note("memos", "Long texts and objects stand in a memo file of the same name (.dbt or .fpt), by the numbers shown here.")
    if count < header.records:
        return Ending(Outcome.PARTIAL, f"The file is cut off: {count} of the {header.records} records that its header counts are here.")
    return Ending(Outcome.READ) if count else Ending(Outcome.EMPTY, "The table has no records.")


def _has_record(file: BinaryIO, header: DbfHeader) -> bool:
    return next(_records(file, header, 1), b"\x1a")[:1] in (b" ", b"*")


def _records(file: BinaryIO, header: DbfHeader, count: int) -> Iterator[bytes]:
    length = header.record_length
    at_once = max(1, MIB // length)
    for first in range(0, count, at_once):
        file.seek(header.header_length + first * length)
        block = file.read(min(at_once, count - first) * length)
        for start in range(0, len(block) - length + 1, length):
            yield block[start : start + length]


def _encoding(file: BinaryIO, header: DbfHeader, count: int) -> str:
    """The stated code page where the texts fit it, else what they look like: many programs state none, or the wrong one."""
    pieces: list[bytes] = [field.name for field in header.fields]
    size = 0
    texts = [field for field in header.fields if field.kind in "CV"]
    for record in _records(file, header, min(count, _SAMPLED_RECORDS)):
        for field in texts:
            text = record[field.start : field.start + field.length].strip(b" \0")
            if not text.isascii():
                pieces.append(text)
                size += len(text)
        if size > _SAMPLE:
            break
    stated = ENCODINGS.get(header.driver)
    sample = b"\n".join(pieces).replace(b"\0", b"")
    if sample.isascii():
        return known_encoding(stated) or "cp1252"
    return decode(sample, stated, native=False).encoding


def _metadata(header: DbfHeader, encoding: str) -> Metadata:
    fields = {"dbf:version": f"0x{header.version:02x}", "dbf:records": str(header.records), "text:encoding": encoding}
    if stated := ENCODINGS.get(header.driver):
        fields["dbf:codepage"] = stated
    dates = (Date(kind="modified", value=header.updated, zone="unknown", origin="dbf:updated"),) if header.updated else ()
    return Metadata(sheets=1, dates=dates, fields=fields)


def _emit(file: BinaryIO, header: DbfHeader, count: int, encoding: str, emitter: Emitter) -> int:
    """Write headings and records; gives how many are marked as deleted."""
    writer = SheetWriter(emitter, "DBF", hidden=False)
    names = [field.name.decode(encoding, "replace") for field in header.fields]
    writer.row((0, column, name, "text", None, None, None, ()) for column, name in enumerate(names))
    deleted = 0
    for number, record in enumerate(_records(file, header, count), 1):
        if record[:1] == _DELETED:
            deleted += 1
            writer.hidden_rows.add(number)
        found = []
        for column, field in enumerate(header.fields):
            raw = record[field.start : field.start + field.length]
            if value := value_of(field, raw, encoding, is_foxpro=header.is_foxpro):
                shown, kind, stored = value
                found.append((number, column, shown, kind, stored, None, None, ()))
        writer.row(found)
    writer.finish()
    return deleted


FORMATS = (
    Format(
        "dbf", read, memory_safe=True,
        title="DBF tables (dBASE III to 7, FoxPro, Clipper)",
        gives="one sheet with headings, in the code page that is stated and fits, else the one its texts look like; "
        "rows that are only marked as deleted, as hidden rows",
        lacks="long texts stand in the memo file beside, which is read by itself; dBASE II is not known",
    ),
)
