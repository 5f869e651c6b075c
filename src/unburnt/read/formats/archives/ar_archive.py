"""``ar`` archives, Debian packages (.deb) among them: each member, with the long names of GNU and BSD."""

from __future__ import annotations

from typing import BinaryIO

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.formats.archives.archives_ending import Tally
from unburnt.read.formats.archives.archives_plain import Stretch, emit_all, unix_time
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_THIN = b"!<thin>\n"
_HEADER = 60
_LONGEST_NAME = 1 << 16
_MOST_NAMES = 16 << 20
_MOST = 1_000_000
_TABLES = (b"/", b"/SYM64/", b"__.SYMDEF", b"__.SYMDEF SORTED")
"""Lists of symbols for the linker, which no person put there."""


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every member."""
    members, loss = _members(source.file, source.size, is_thin=source.head(8) == _THIN)
    emitter.expect(members=len(members))
    tally = Tally(loss=loss)
    emit_all(members, source.file, source.size, emitter, tally)
    return tally.ending()


def _members(file: BinaryIO, size: int, *, is_thin: bool) -> tuple[list[Stretch], str]:
    found: list[Stretch] = []
    names = b""
    at = 8
    while at < size and len(found) < _MOST:
        file.seek(at)
        header = file.read(_HEADER)
        length = header[48:58].strip()
        if len(header) < _HEADER or header[58:] != b"`\n" or not length.isdigit():
            return found, f"The archive is damaged or cut off at byte {at}."
        count, start = int(length), at + _HEADER
        raw = header[:16].rstrip()
        if raw == b"//":
            file.seek(start)
            names = file.read(min(count, _MOST_NAMES))
        elif raw not in _TABLES:
            raw, start, count = _named(file, raw, names, start, count)
            found.append(_member(raw, start, count, header, is_thin=is_thin))
            if is_thin:
                count = 0
        at = start + count + (start + count) % 2
    return found, ""


def _named(file: BinaryIO, raw: bytes, names: bytes, start: int, count: int) -> tuple[bytes, int, int]:
    """The whole name, and where the content begins and how long it is."""
    if raw.startswith(b"#1/") and raw[3:].isdigit():
        length = min(int(raw[3:]), count, _LONGEST_NAME)
        file.seek(start)
        return file.read(length).rstrip(b"\0"), start + length, count - length
    if raw[:1] == b"/" and raw[1:].isdigit():
        at = int(raw[1:])
        return names[at : at + _LONGEST_NAME].split(b"\n")[0].removesuffix(b"/"), start, count
    return raw.removesuffix(b"/"), start, count


def _member(raw: bytes, start: int, count: int, header: bytes, *, is_thin: bool) -> Stretch:
    time = header[16:28].strip()
    obstacle = (Outcome.NOT_RECEIVED, "The archive is a thin one: it only names files that stand beside it.") if is_thin else None
    return Stretch(
        raw=raw, pieces=((start, count),), modified=unix_time(int(time)) if time.isdigit() else None, obstacle=obstacle
    )


FORMATS = (
    Format(
        "ar", read, memory_safe=True,
        title="AR archives and Debian packages",
        gives="every member, the packed archives of a package among them",
        lacks="symbol tables are no members; a thin archive's files are named as not received",
    ),
)
