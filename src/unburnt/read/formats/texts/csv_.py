"""CSV and TSV: one sheet whose cells point into the text as it stands in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from unburnt.model.reading import Cell, Metadata
from unburnt.read.charset_mixed import decode_lines
from unburnt.read.emitter import Emitter
from unburnt.read.formats.texts.text_endings import ending_of
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_MOST = 256 << 20
_BLOCK = 400_000
_NUMBER = re.compile(r"\s*[+-]?\d{1,3}(?:[\d, ]*\d)?(?:[.,]\d+)?\s*%?\s*\Z")
_DELIMITERS = (",", ";", "\t", "|")


def read(source: Source, emitter: Emitter) -> Ending:
    """Sheet parts of whole rows; every non-empty field is a cell with its place in the text."""
    data = source.all(_MOST)
    decoded, mixed = decode_lines(data, source.declared, native=False)
    if source.size > len(data):
        emitter.note("cut", f"Only the first {_MOST >> 20} MiB were read.")
    text = decoded.text
    delimiter = "\t" if source.name.lower().endswith((".tsv", ".tab")) else delimiter_of(text[:50_000])
    start, cells, rows = 0, [], 0
    for row, fields, row_end in rows_of(text, delimiter):
        rows = row + 1
        cells += [
            Cell(row=row, column=column, start=begin - start, end=end - start, type=_type(text[begin:end]))
            for column, (begin, end) in enumerate(fields) if end > begin
        ]
        if row_end - start > _BLOCK:
            emitter.part("sheet", "CSV", text[start:row_end], cells=cells, continues=start > 0)
            start, cells = row_end, []
    if start < len(text) or not rows:
        emitter.part("sheet", "CSV", text[start:], cells=cells, continues=start > 0)
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


def rows_of(text: str, delimiter: str) -> Iterator[tuple[int, list[tuple[int, int]], int]]:
    """Row number, the fields' spans (quotes left out), and where the row ends; RFC 4180, leniently."""
    token = re.compile(rf'"((?:[^"]|"")*)"(?={re.escape(delimiter)}|\r?\n|\r|\Z)|([^{re.escape(delimiter)}\r\n]*)')
    position, row = 0, 0
    fields: list[tuple[int, int]] = []
    while position < len(text):
        match = token.match(text, position)
        assert match is not None  # the second alternative matches nothing at all
        fields.append(match.span(1) if match.group(1) is not None else match.span(2))
        position = match.end()
        if text.startswith(delimiter, position):
            position += len(delimiter)
            if position < len(text):
                continue
        if text.startswith("\r\n", position):
            position += 2
        elif position < len(text):
            position += 1
        yield row, fields, position
        row, fields = row + 1, []


def _type(value: str) -> str:
    return "number" if _NUMBER.match(value) else "text"


FORMATS = (
    Format(
        "csv", read, memory_safe=True,
        title="CSV and TSV",
        gives="one sheet whose cells point into the text; delimiter, encoding",
        lacks="no types: every cell is text",
    ),
)
