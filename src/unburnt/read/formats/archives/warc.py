"""Web captures (WARC, ISO 28500:2017): what servers sent, each body as a member; what the capture says of itself as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from unburnt.base.limits import MIB
from unburnt.model.charsets import tidied
from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_LONGEST_LINE = 64 * 1024
_MOST_LINES = 1000
_HTTP_HEAD = 256 * 1024
_CHUNK = MIB
_HEXADECIMAL = b"0123456789abcdefABCDEF"
_LONGEST_SIZE = 4096
_BODIES = ("response", "resource", "conversion")
_TOLD = ("warcinfo", "metadata")
_MOST_TOLD = 1000
_LISTED = 200_000
"""Characters of the list after which a part is handed on."""


@dataclass(frozen=True)
class Record:
    """One record: its fields by small name, and where its block stands."""

    fields: dict[str, str]
    start: int
    length: int

    @property
    def kind(self) -> str:
        return self.fields.get("warc-type", "").lower()

    @property
    def address(self) -> str:
        return self.fields.get("warc-target-uri", "").strip("<>")


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit the body of every response and resource, a list of all records, and what the capturing program noted."""
    records, whole = _records(source.file, source.size)
    if not records:
        raise Damaged("The capture holds no whole record.")
    bodies = [record for record in records if record.kind in _BODIES]
    first = emitter.resume(int) or 0
    if emitter.begins:
        emitter.expect(members=len(bodies))
        _emit_list(records, emitter)
    for record in [one for one in records if one.kind in _TOLD][: _MOST_TOLD if emitter.begins else 0]:
        block = b"".join(_pieces(source.file, record.start, record.start + min(record.length, MIB)))
        if b"\0" not in block:
            emitter.part("section", record.kind, block.decode("utf-8", "replace"))
    emitter.begin_share()
    for number, record in enumerate(bodies[first:], first):
        emitter.may_pause(number)
        name = record.address or record.fields.get("warc-record-id", "record")
        head, start = _http_head(source.file, record) if _is_http(record) else ({}, record.start)
        pieces = _pieces(source.file, start, record.start + record.length)
        if head.get("transfer-encoding", "").lower() == "chunked":
            pieces = _gathered(_joined(pieces))
        emitter.member(
            name.encode("utf-8", "replace"), "entry", pieces, name=name, modified=record.fields.get("warc-date"),
            declared=tidied((head or record.fields).get("content-type", "")),
        )  # fmt: skip
    if not whole:
        return Ending(Outcome.PARTIAL, f"The capture is cut off or damaged after {len(records)} records.")
    return Ending(Outcome.READ)


def _records(file: BinaryIO, size: int) -> tuple[list[Record], bool]:
    """All whole records, and whether they fill the file."""
    found: list[Record] = []
    at = 0
    while at < size:
        file.seek(at)
        line = file.readline(_LONGEST_LINE)
        if not line.strip():
            at += len(line)
            continue
        fields = _fields(file) if line.startswith(b"WARC/") else None
        length = (fields or {}).get("content-length", "")
        if fields is None or not length.isdecimal() or len(length) > 15 or file.tell() + int(length) > size:
            return found, False
        found.append(Record(fields, file.tell(), int(length)))
        at = file.tell() + int(length)
    return found, True


def _fields(file: BinaryIO) -> dict[str, str] | None:
    """Header fields up to the empty line, by small name; None where there is no such line."""
    fields: dict[str, str] = {}
    name = ""
    for _ in range(_MOST_LINES):
        line = file.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            return None
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text:
            return fields
        if text[0] in " \t" and name:
            fields[name] += " " + text.strip()
        else:
            name, _, value = text.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return None


def _is_http(record: Record) -> bool:
    return record.kind == "response" and record.fields.get("content-type", "").lower().startswith("application/http")


def _http_head(file: BinaryIO, record: Record) -> tuple[dict[str, str], int]:
    """The answer's own fields, and where its body starts; an answer without an end of its head is all body."""
    file.seek(record.start)
    head = file.read(min(_HTTP_HEAD, record.length))
    ends = [(head.find(mark), len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if mark in head]
    if not ends:
        return {}, record.start
    end, mark = min(ends)
    lines = [line.partition(":") for line in head[:end].decode("latin-1").splitlines()[1:]]
    return {name.strip().lower(): value.strip() for name, _, value in lines}, record.start + end + mark


def _pieces(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        file.seek(start)
        piece = file.read(min(_CHUNK, end - start))
        if not piece:
            return
        start += len(piece)
        yield piece


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A body sent in chunks (RFC 9112, 7.1), put together; from where it is not in chunks after all, as it is."""
    held, at, left = b"", 0, 0
    for piece in pieces:
        held, at = held[at:] + piece, 0
        while at < len(held):
            if left:
                yield held[at : at + left]
                at, left = min(at + left, len(held)), max(0, left - (len(held) - at))
                continue
            start = at + 2 * held.startswith(b"\r\n", at)  # the line end after a chunk
            end = held.find(b"\r\n", start)
            if end < 0 and len(held) - start < _LONGEST_SIZE:
                break
            size = held[start : max(end, start)].partition(b";")[0].strip()
            if not size or len(size) > 12 or size.strip(_HEXADECIMAL):
                yield held[at:]
                yield from pieces
                return
            left = int(size, 16)
            if not left:
                return
            at = end + 2
    if at < len(held):
        yield held[at:]


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in larger pieces: servers send chunks of a few bytes too."""
    held, length = [], 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= _CHUNK // 4:
            yield b"".join(held)
            held, length = [], 0
    yield b"".join(held)


def _emit_list(records: list[Record], emitter: Emitter) -> None:
    lines: list[str] = []
    length, emitted = 0, False
    for record in records:
        lines.append("\t".join((record.fields.get("warc-date", ""), record.kind, record.address)).rstrip("\t") + "\n")
        length += len(lines[-1])
        if length > _LISTED:
            emitter.part("section", "records", "".join(lines), continues=emitted)
            lines, length, emitted = [], 0, True
    if lines:
        emitter.part("section", "records", "".join(lines), continues=emitted)


FORMATS = (
    Format(
        "warc", read, memory_safe=True,
        title="Web captures (WARC, ISO 28500)",
        gives="each body that a server sent as a member; what the capture says of itself as text",
        lacks="requests are counted, not shown",
    ),
)
