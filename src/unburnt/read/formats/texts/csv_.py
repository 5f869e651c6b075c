"""CSV and TSV: one sheet whose cells point into the text as it stands in the file."""

from __future__ import annotations

import re

from unburnt.model.reading import Cell, Metadata
from unburnt.read.charset_mixed import decode_lines
from unburnt.read.emitter import Emitter
from unburnt.read.formats.texts.text_endings import ending_of
from unburnt.read.formats.texts.text_escapes import emit_spelled_out
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_MOST = 256 << 20
_BLOCK = 400_000
_NUMBER = re.compile(r"\s*[+-]?\d{1,3}(?:[\d, ]*\d)?(?:[.,]\d+)?\s*%?\s*\Z")
_DELIMITERS = (",", ";", "\t", "|")
_PLAIN = re.compile(r'([^"\r\n]*+)(?:\r\n?|\n|\Z)')
"""A line without quotes."""


def read(source: Source, emitter: Emitter) -> Ending:
    """Sheet parts of whole rows; every non-empty field is a cell with its place in the text."""
    data = source.all(_MOST)
    decoded, mixed = decode_lines(data, source.charsets, native=False)
    if source.size > len(data):
        emitter.note("cut", f"Only the first {_MOST >> 20} MiB were read.")
    text = decoded.text
    delimiter = "\t" if source.name.lower().endswith((".tsv", ".tab")) else delimiter_of(text[:50_000])
    start, cells, row, end = 0, [], 0, 0
    quoted = _field(delimiter)
    while end < len(text):
        line = _PLAIN.match(text, end)
        if line:
            place, end = end - start, line.end()
            for column, value in enumerate(line[1].split(delimiter)):
                after = place + len(value)
                if value:
                    cells.append(Cell(row, column, place, after, _type(value)))
                place = after + 1
        else:
            fields, end = _quoted_row(text, end, quoted, delimiter)
            cells += [
                Cell(row, column, begin - start, after - start, _type(text[begin:after]))
                for column, (begin, after) in enumerate(fields) if after > begin
            ]
        row += 1
        if end - start > _BLOCK:
            emitter.part("sheet", "CSV", text[start:end], cells=cells, continues=start > 0)
            start, cells = end, []
    if start < len(text) or not row:
        emitter.part("sheet", "CSV", text[start:], cells=cells, continues=start > 0)
    emit_spelled_out(text, emitter)
    ending = ending_of(decoded, emitter, mixed)
    emitter.metadata(Metadata(sheets=1, fields={"text:encoding": decoded.encoding, "csv:delimiter": delimiter}))
    return ending


def delimiter_of(sample: str) -> str:
    """The sign that divides the most lines into the same number of fields."""
    lines = [line for line in sample.splitlines()[:50] if line.strip()]
    def steadiness(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        common = max(set(counts), key=counts.count) if counts else 0
        return (counts.count(common) if common else 0, common)
    return max(_DELIMITERS, key=steadiness)


def _field(delimiter: str) -> re.Pattern[str]:
    """One field, with or without quotes (which are left out), and what ends it; RFC 4180, leniently."""
    ends = rf"{re.escape(delimiter)}|\r\n|\r|\n|\Z"
    return re.compile(rf'"([^"]*+(?:""[^"]*+)*+)"({ends})|([^{re.escape(delimiter)}\r\n]*+)({ends})')


def _quoted_row(text: str, position: int, field: re.Pattern[str], delimiter: str) -> tuple[list[tuple[int, int]], int]:
    """The fields' spans, and where the row ends."""
    fields: list[tuple[int, int]] = []
    while True:
        match = field.match(text, position)
        assert match is not None  # the second alternative matches nothing at all
        is_quoted = match[1] is not None
        fields.append(match.span(1 if is_quoted else 3))
        position = match.end()
        if match[2 if is_quoted else 4] != delimiter or position == len(text):
            return fields, position


def _type(value: str) -> str:
    if value[-1].isalpha():
        return "text"
    return "number" if value.isdecimal() or _NUMBER.match(value) else "text"


FORMATS = (
    Format(
        "csv", read, memory_safe=True,
        title="CSV and TSV",
        gives="one sheet whose cells point into the text; delimiter, encoding; letters that are written as numbers spelled out beside it",
        lacks="no types: every cell is text",
    ),
)
