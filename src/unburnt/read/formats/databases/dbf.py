"""DBF tables (dBASE III to 7, FoxPro, Clipper): one sheet; what was marked as deleted is there, as hidden rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from unburnt.base.limits import MIB
from unburnt.model.encodings import known_encoding
from unburnt.model.memo_names import MEMOS, VERSION
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.formats.databases.dbf_header import ENCODINGS, DbfHeader, read_header
from unburnt.read.formats.databases.dbf_long_texts import LongTexts
from unburnt.read.formats.databases.dbf_values import value_of
from unburnt.read.formats.office.office_sheet import SheetWriter
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_HEAD = 1 << 16
_SAMPLE = 40_000
_SAMPLED_RECORDS = 4_000
_DELETED = b"*"
_LONG_TEXT = "M"


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
    texts = _long_texts(source, header, count, encoding)
    emitter.metadata(_metadata(header, encoding))
    deleted = _emit(source.file, header, count, encoding, emitter, texts)
    if deleted:
        emitter.note("deleted-rows", f"{deleted} rows are marked as deleted and were never overwritten; they are shown as hidden rows.")
    if header.has_memos:
        emitter.note(MEMOS, _told(texts))
    reasons = [_cut_off(header, count), _lacking(texts)]
    if any(reasons):
        return Ending(Outcome.PARTIAL, " ".join(filter(None, reasons)))
    return Ending(Outcome.READ) if count else Ending(Outcome.EMPTY, "The table has no records.")


def _cut_off(header: DbfHeader, count: int) -> str:
    if count >= header.records:
        return ""
    return f"The file is cut off: {count} of the {header.records} records that its header counts are here."


def _told(texts: LongTexts | None) -> str:
    if texts is None:
        return "Long texts and objects stand in a memo file of the same name (.dbt or .fpt), by the numbers shown here."
    return f"Long texts taken into their rows from the memo file beside: {texts.taken}. Where a number is shown, it holds no text."


def _lacking(texts: LongTexts | None) -> str:
    """Why rows show numbers although a memo file is here."""
    if texts is None:
        return ""
    sentences = []
    if texts.lacking:
        sentences.append(f"Numbers of long texts under which the memo file beside holds none: {texts.lacking}.")
    if texts.differing:
        differing = texts.differing
        sentences.append(f"The same table lies beside memo files that differ; long texts that are shown by their numbers: {differing}.")
    return " ".join(sentences)


def _long_texts(source: Source, header: DbfHeader, count: int, encoding: str) -> LongTexts | None:
    """None where no memo file is given."""
    if not source.beside or not header.has_memos:
        return None
    texts = LongTexts(source.beside, header.version)
    memos = [field for field in header.fields if field.kind == _LONG_TEXT]
    numbers = (
        value[2] or "" for record in _records(source.file, header, min(count, _SAMPLED_RECORDS)) for field in memos
        if (value := value_of(field, record[field.start : field.start + field.length], encoding, is_foxpro=header.is_foxpro))
    )
    texts.find_encoding(numbers, ENCODINGS.get(header.driver), encoding)
    return texts


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
    fields = {VERSION: f"0x{header.version:02x}", "dbf:records": str(header.records), "text:encoding": encoding}
    if stated := ENCODINGS.get(header.driver):
        fields["dbf:codepage"] = stated
    dates = (Date(kind="modified", value=header.updated, zone="unknown", origin="dbf:updated"),) if header.updated else ()
    return Metadata(sheets=1, dates=dates, fields=fields)


def _emit(file: BinaryIO, header: DbfHeader, count: int, encoding: str, emitter: Emitter, texts: LongTexts | None) -> int:
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
                if texts is not None and field.kind == _LONG_TEXT:
                    shown = texts.of(stored or "") or shown
                found.append((number, column, shown, kind, stored, None, None, ()))
        writer.row(found)
    writer.finish()
    return deleted


FORMATS = (
    Format(
        "dbf", read, memory_safe=True,
        title="DBF tables (dBASE III to 7, FoxPro, Clipper)",
        gives="one sheet with headings, in the code page that is stated and fits, else the one its texts look like; "
        "rows that are only marked as deleted, as hidden rows; long texts in their rows, where the memo file (.dbt, .fpt) lies beside in "
        "the same folder or container",
        lacks="objects of a memo file stand under that file; long texts of a table that lies beside several memo files which do not agree "
        "are shown by number; dBASE II is not known",
    ),
)
