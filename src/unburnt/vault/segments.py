"""The files ``events/NNNNNN.jsonl``: their order, their ends, and what to do about a torn one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from unburnt.base.errors import DamagedArchive, FormatVersionError
from unburnt.vault.durable import flush_directory, replace_file
from unburnt.vault.fields import BadLine, Line, UnknownKind, parse_line
from unburnt.vault.log.entries import entry_of


class _Committed(msgspec.Struct, frozen=True):
    seq: int
    digests: list[str]


_decode_committed = msgspec.json.Decoder(_Committed).decode
_NAME = re.compile(r"([0-9]{6}|[1-9][0-9]{6,})\.jsonl\Z")


class Tail(msgspec.Struct, frozen=True):
    """How a segment ends: *following* is the number the next event gets, the first *whole* bytes are good lines."""

    following: int
    whole: int
    size: int


def segment_path(folder: Path, number: int) -> Path:
    """The path of segment *number*, counted from 1."""
    return folder / f"{number:06}.jsonl"


def segments(folder: Path) -> list[Path]:
    """Every segment in order; raises :class:`DamagedArchive` where one is missing."""
    numbers = sorted(int(match[1]) for name in os.listdir(folder) if (match := _NAME.match(name)))
    for expected, number in enumerate(numbers, 1):
        if number != expected:
            raise DamagedArchive(
                f"events/{expected:06}.jsonl is missing, though later ones are there.",
                remedy="Put it back from a copy of the archive; nothing else holds these events.",
            )
    return [segment_path(folder, number) for number in numbers]


def first_sequence(path: Path) -> int | None:
    """The number of a segment's first event; None when the segment has no whole first line."""
    with path.open("rb") as file:
        try:
            return parse_line(file.readline()).seq
        except BadLine:
            return None


def lines(path: Path, expected: int, *, last: bool = False, offset: int = 0) -> Iterator[tuple[bytes, Line]]:
    """Every line, raw and parsed, numbered from *expected* on; raises :class:`DamagedArchive`.

    From byte *offset* on, where event *expected* begins.
    In the *last* segment an unfinished line at the end is passed over: its writer may be at work.
    """
    with path.open("rb") as file:
        file.seek(offset)
        for number, raw in enumerate(file, 1):
            if last and not raw.endswith(b"\n"):
                return
            yield raw, _checked(path, number, raw, expected)
            expected += 1


def line_of(path: Path, sequence: int) -> Line | None:
    """The line of event *sequence* in a segment, found by halving, since lines stand in order; None where it is not there.

    Raises :class:`DamagedArchive` for a bad line on the way.
    """
    with path.open("rb") as file:
        start, end = 0, os.fstat(file.fileno()).st_size
        while start < end:
            middle = (start + end) // 2
            file.seek(max(middle - 1, 0))
            if middle:
                file.readline()  # up to where the next line begins
            place = file.tell()
            raw = file.readline() if place < end else b""
            if not raw.endswith(b"\n"):  # no line begins from there on, or one that its writer has not finished
                end = middle
                continue
            try:
                found = parse_line(raw)
            except BadLine as error:
                raise DamagedArchive(f"A line of events/{path.name}, at byte {place}, is damaged.",
                                     remedy="Verify the archive (unburnt verify).") from error
            if found.seq == sequence:
                return found
            start, end = (place + len(raw), end) if found.seq < sequence else (start, middle)
    return None


def commitments(
    path: Path, expected: int, *, last: bool = False, offset: int = 0
) -> Iterator[tuple[int, list[str], int]]:
    """Number and digests of every line, disclosures unread, and where in the file it ends.

    From byte *offset* on, where event *expected* begins. Errors as for :func:`lines`.
    """
    with path.open("rb") as file:
        file.seek(offset)
        for number, raw in enumerate(file, 1):
            if last and not raw.endswith(b"\n"):
                return
            offset += len(raw)
            try:
                line = _decode_committed(raw)
            except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
                raise unreadable(path, number, BadLine()) from error
            if line.seq != expected:
                raise _gap(path, number, expected, line.seq)
            yield line.seq, line.digests, offset
            expected += 1


def noted(raw: bytes) -> tuple[int, bytes]:
    """Number and log's entry of a line that was just made."""
    line = _decode_committed(raw)
    return line.seq, entry_of(line.digests)


def examine_tail(path: Path, expected: int) -> Tail:
    """Where the good lines of the *last* segment end.

    Only bad bytes up to the end of the file are a torn tail; good lines after bad ones are damage, and
    :class:`DamagedArchive` is raised.
    """
    whole = size = 0
    bad: tuple[int, bytes] | None = None
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            size += len(raw)
            try:
                line = parse_line(raw)
            except BadLine:
                bad = bad or (number, raw)
                continue
            if bad is not None:
                _checked(path, *bad, expected)
            if line.seq != expected:
                raise _gap(path, number, expected, line.seq)
            expected += 1
            whole = size
    return Tail(expected, whole, size)


def cut_tail(path: Path, tail: Tail) -> Path:
    """Save the bytes after the last whole line beside the segment, then cut them off; gives where they are."""
    with open(path, "r+b", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW)) as file:
        file.seek(tail.whole)
        beside = _free_name(path)
        replace_file(beside, file.read())
        file.truncate(tail.whole)
        os.fsync(file.fileno())
    flush_directory(path.parent)
    return beside


def torn_tails(folder: Path) -> list[Path]:
    """Every tail that was saved, in order."""
    return sorted(folder.glob("*.torn-*"))


def unreadable(path: Path, number: int, error: BadLine) -> DamagedArchive | FormatVersionError:
    """What is said about a bad line."""
    where = f"Line {number} of events/{path.name}"
    if isinstance(error, UnknownKind):
        return FormatVersionError(
            f"{where} is of a kind that this program does not know.",
            remedy="Open the archive with the program version that wrote it, or a newer one. Nothing was changed.",
        )
    return DamagedArchive(
        f"{where} is damaged.",
        remedy=f"Put that line, or the whole file, back from a copy of the archive "
        f"(sed -n {number}p shows it). Nothing was changed.",
    )


def _checked(path: Path, number: int, raw: bytes, expected: int) -> Line:
    try:
        line = parse_line(raw)
    except BadLine as error:
        raise unreadable(path, number, error) from error
    if line.seq != expected:
        raise _gap(path, number, expected, line.seq)
    return line


def _gap(path: Path, number: int, expected: int, found: int) -> DamagedArchive:
    return DamagedArchive(
        f"Line {number} of events/{path.name} is event {found} where event {expected} belongs.",
        remedy="Put the file back from a copy of the archive. Nothing was changed.",
    )


def _free_name(path: Path) -> Path:
    number = 1
    while (beside := path.with_suffix(f".torn-{number}")).exists():
        number += 1
    return beside
