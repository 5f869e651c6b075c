"""Mailboxes in the mbox formats: each message as a member, its bytes exactly as they stand between two From_ lines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.read.charset_mixed import decode_lines
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Stopped
from unburnt.read.formats.mail.mail_dates import mail_date
from unburnt.read.formats.mail.mail_words import header_text
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

BLOCK = 4 << 20
LONGEST_LINE = 2000
# A sentence may begin with "From " after an empty line; only a line with a time and a year, or a bare one, divides.
DIVIDER = re.compile(
    rb"((?<=\n)\r?\n|(?<=[\r\n])\r)From (?=[^\r\n]{0,1000}\d\d?:\d\d[^\r\n]{0,60}\d{4}|-? ?[\r\n])"
)
LINE_END = re.compile(rb"\r\n|\r|\n")
FIRST = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*(From )")
# The first one may follow anything, also zeros; then its header must follow it.
LATER_FIRST = re.compile(
    rb"(?<=[\r\n\0])From (?=\S+[^\r\n]{0,1000}\d\d?:\d\d[^\r\n]{0,60}\d{4}[^\r\n]{0,100}(?:\r\n|\r|\n)"
    rb"(?:>?[A-Za-z][A-Za-z0-9-]*:[^\r\n]*(?:\r\n|\r|\n)[ \t]?){2})"
)
MOST_BEFORE = 4 << 20
ENVELOPE = re.compile(r"^(?P<sender>.*?)\s*(?P<date>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*)$")


@dataclass(frozen=True)
class Span:
    """One message: its From_ line at *start*, and *end*, which is before the empty line that divides."""

    start: int
    end: int


class _Place(msgspec.Struct, frozen=True):
    """Where a child goes on: the next message's From_ line and number, and where the first one stood."""

    start: int
    number: int
    first: int


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every message. Quoted ``>From`` lines stay as they are: the bytes are the evidence."""
    file, size = source.file, source.size
    place = emitter.resume(_Place) or _first(file, size)
    count = place.number - 1
    spans = _spans(file, size, place.start)
    if emitter.begins and place.first:
        _before(file, place.first, emitter)
    try:
        for count, span in enumerate(spans, place.number):
            emitter.may_pause(_Place(span.start, count, place.first))
            _emit(file, span, count, emitter)
    except Stopped:
        emitter.expect(members=count + sum(1 for _ in spans))
        raise
    emitter.expect(members=count)
    if emitter.failed_members:
        return Ending(Outcome.PARTIAL, f"{emitter.failed_members} of {count} messages are larger than is taken out.")
    if place.first > MOST_BEFORE:
        return Ending(Outcome.PARTIAL, f"Of the content before its first message only {MOST_BEFORE >> 20} MiB are shown.")
    return Ending(Outcome.READ, "")


def _first(file: BinaryIO, size: int) -> _Place:
    file.seek(0)
    if first := FIRST.match(file.read(LONGEST_LINE)):
        return _Place(first.start(1), 1, first.start(1))
    file.seek(0)
    later = LATER_FIRST.search(file.read(MOST_BEFORE))
    found = {later.start()} if later else set()
    found.update(start for start, _ in itertools.islice(_dividers(file, later.start() if later else size, 0), 1))
    if not found:
        raise Damaged("The file has no line that begins a message.")
    return _Place(min(found), 1, min(found))


def _before(file: BinaryIO, end: int, emitter: Emitter) -> None:
    """What stands before the first From_ line: a mail that lost its own is text too, with its header."""
    file.seek(0)
    untrusted_start = file.read(min(end, MOST_BEFORE))
    if untrusted_start.removeprefix(b"\xef\xbb\xbf").strip(b"\0 \t\r\n\f\v"):
        emitter.part("text", "before the first message", decode_lines(untrusted_start, native=False)[0].text)
        emitter.note("mbox-before", f"{end} bytes stand before the first message; they are given as text.")


def _spans(file: BinaryIO, size: int, start: int) -> Iterator[Span]:
    """Every message from the one whose From_ line is at *start*, found as they are asked for."""
    for following, gap in _dividers(file, size, start):
        yield Span(start, max(start, following - gap))
        start = following
    yield Span(start, max(start, _last_end(file, size)))


def _dividers(file: BinaryIO, size: int, position: int) -> Iterator[tuple[int, int]]:
    """Where From_ lines begin after *position*, each with the length of the empty line before it."""
    while position < size:
        # The overlap lets a divider be seen whole on one side of a block's end.
        file.seek(position)
        block = file.read(BLOCK + LONGEST_LINE)
        for match in DIVIDER.finditer(block):
            if match.start() <= BLOCK:
                yield position + match.end(1), match.end(1) - match.start(1)
        position += BLOCK


def _last_end(file: BinaryIO, size: int) -> int:
    """The empty line that closes the last message is the mailbox's, as it is for all others."""
    file.seek(max(0, size - 4))
    tail = file.read(4)
    if tail.endswith(b"\r\n\r\n"):
        return size - 2
    return size - 1 if tail.endswith(b"\n\n") else size


def _emit(file: BinaryIO, span: Span, number: int, emitter: Emitter) -> None:
    file.seek(span.start)
    line, begin = _first_line(file, span)
    envelope = header_text(line.strip().removeprefix(b"From"))
    label = f"message-{number:06}"
    name = f"{label} {envelope}.eml" if envelope else f"{label}.eml"
    emitter.member(
        f"{label}.eml".encode(), "message", _content(file, begin, span.end), name=name, modified=_time(envelope),
        declared="message/rfc822",
    )  # fmt: skip


def _first_line(file: BinaryIO, span: Span) -> tuple[bytes, int]:
    """The From_ line, at most its beginning, and where the message begins after it, however lines end there."""
    line, at = b"", span.start
    while at < span.end:
        file.seek(at)
        block = file.read(min(LONGEST_LINE + 1, span.end - at))
        end = LINE_END.search(block)
        if end is not None and (end[0] != b"\r" or end.end() < len(block) or at + len(block) >= span.end):
            return (line or block[: end.start()])[:LONGEST_LINE], at + end.end()
        line, at = line or block, at + max(1, len(block) - 1)
    return line[:LONGEST_LINE], span.end


def _time(envelope: str) -> str | None:
    """The time of delivery that the From_ line states."""
    match = ENVELOPE.match(envelope)
    date = mail_date("received", match.group("date"), "mbox:From_") if match else None
    return date.value if date is not None and date.certain else None


def _content(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    position = start
    while position < end:
        file.seek(position)
        data = file.read(min(BLOCK, end - position))
        if not data:
            return
        position += len(data)
        yield data


FORMATS = (
    Format(
        "mbox", read, memory_safe=True,
        title="Mailboxes (mbox)",
        gives=(
            "every message as a member, its bytes exactly as between two From_ lines, in any mixture of line ends; what stands "
            "before the first as text"
        ),
        lacks="nothing is unescaped in the members' bytes",
    ),
)
