"""AppleDouble and AppleSingle (RFC 1740): what a Mac keeps beside a file: its other fork, its dates, where it came from."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.archives.archives_plain import stretch
from unburnt.read.formats.systems.plist_text import lines_of, loaded
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_DATA, _RESOURCES, _NAME, _COMMENT, _DATES, _FINDER = 1, 2, 3, 4, 8, 9
_FORKS = {_DATA: "data fork", _RESOURCES: "resource fork"}
_MOST_ENTRIES = 1000
_LARGEST_INFO = 16 * MIB
"""Of all entries together; and what several of them state to hold is read once, so that no file is larger than itself."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_KINDS = ("created", "modified", "archived", "accessed")
_NEVER = -(1 << 31)
_EMPTY_RESOURCES = 286
"""What a Mac writes where there is no resource: a map without entries."""


def read(source: Source, emitter: Emitter) -> Ending:
    """Forks as members, the rest as text. Raises :class:`Damaged`."""
    head = source.head(26)
    count = int.from_bytes(head[24:26], "big")
    table = source.file.read(12 * count) if len(head) == 26 and count <= _MOST_ENTRIES else b""
    if len(table) < 12 * count or not count:
        raise Damaged("The list of entries is damaged or cut off.")
    entries = [(kind, start, length) for kind, start, length in struct.iter_unpack(">3I", table)]
    lines: list[str] = []
    fields: dict[str, str] = {}
    dates: tuple[Date, ...] = ()
    is_cut = False
    left = min(source.size, _LARGEST_INFO)
    for kind, start, length in entries:
        if kind in _FORKS:
            continue
        source.file.seek(start)
        data = source.file.read(min(length, left))
        left -= len(data)
        if kind in (_NAME, _COMMENT):
            lines.append(f"{'name' if kind == _NAME else 'comment'}: {data.decode('utf-8', 'replace')}\n")
        elif kind == _DATES:
            dates = tuple(_dates(data))
        elif kind == _FINDER:
            fields = _finder(data)
            is_cut |= not _fill(lines, _attributes(data, start))
    emitter.metadata(Metadata(dates=dates, fields=fields))
    if lines:
        emitter.part("section", "attributes", "".join(lines))
    forks = [one for one in entries if one[0] in _FORKS and one[2] and not (one[0] == _RESOURCES and _is_empty(source, one))]
    emitter.expect(members=len(forks))
    for kind, start, length in forks:
        emitter.member(_FORKS[kind].encode(), "embedded", stretch(source.file, start, length), name=_FORKS[kind])
    if any(start + length > source.size for _, start, length in entries):
        return Ending(Outcome.PARTIAL, "The file is cut off: an entry ends behind its end.")
    if is_cut or sum(length for kind, _, length in entries if kind not in _FORKS) > min(source.size, _LARGEST_INFO):
        return Ending(Outcome.PARTIAL, f"Its entries lie one over the other, or hold more than {_LARGEST_INFO >> 20} MiB: read once.")
    if not (lines or forks):
        return Ending(Outcome.EMPTY, "It holds attributes of the Finder only, no text and no fork.")
    return Ending(Outcome.READ)


def _is_empty(source: Source, entry: tuple[int, int, int]) -> bool:
    source.file.seek(entry[1])
    return entry[2] == _EMPTY_RESOURCES and b"This resource fork intentionally left blank" in source.file.read(_EMPTY_RESOURCES)


def _dates(data: bytes) -> list[Date]:
    found = []
    for kind, (seconds,) in zip(_KINDS, struct.iter_unpack(">i", data[: min(16, len(data) & ~3)]), strict=False):
        if seconds != _NEVER:
            moment = (_EPOCH + timedelta(seconds=seconds)).isoformat()
            found.append(Date(kind=kind, value=moment, zone="UTC", origin="appledouble:dates"))
    return found


def _finder(data: bytes) -> dict[str, str]:
    kind, creator = data[:4].strip(b"\0 "), data[4:8].strip(b"\0 ")
    return {f"finder:{name}": text.decode("mac_roman") for name, text in (("type", kind), ("creator", creator)) if text}


def _fill(lines: list[str], more: Iterable[str]) -> bool:
    """Whether all found room; each line of a property list bears its path, which may be longer than all that it names."""
    left = _LARGEST_INFO - sum(map(len, lines))
    for line in more:
        left -= len(line)
        if left < 0:
            return False
        lines.append(line)
    return True


def _attributes(data: bytes, start: int) -> Iterator[str]:
    """Extended attributes, which Mac OS X keeps behind the Finder's bytes (XNU, vfs_xattr.c); offsets count from the file's start."""
    at = data.find(b"ATTR", 32, 48)
    if at < 0 or len(data) < at + 36:
        return
    count, = struct.unpack_from(">H", data, at + 34)
    at += 36
    left = len(data)
    for _ in range(count):
        if at + 11 > len(data):
            break
        offset, length, _, name_length = struct.unpack_from(">2IHB", data, at)
        name = data[at + 11 : at + 11 + name_length].rstrip(b"\0").decode("utf-8", "replace")
        begin = max(0, offset - start)
        value = data[begin : begin + min(length, left)]
        left -= len(value)
        yield from (f"{name}: {line}" for line in _lines(value))
        at += -(-(11 + name_length) // 4) * 4


def _lines(value: bytes) -> Iterable[str]:
    values = loaded(value) if value.startswith(b"bplist00") else None
    if values is not None:
        return lines_of(values)
    try:
        return [value.decode("utf-8").rstrip("\0") + "\n"]
    except UnicodeDecodeError:
        return lines_of(value)


FORMATS = (
    Format(
        "apple-double", read, memory_safe=True,
        title="AppleDouble and AppleSingle (._ files)",
        gives="extended attributes as text, such as the address that a file was downloaded from; forks as members; dates, type and creator",
        lacks="single resources are not taken out of a resource fork; the file it belongs to is not looked for",
    ),
)
