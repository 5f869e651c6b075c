"""The directories of an ISO 9660 volume (ECMA-119), with Joliet's names or Rock Ridge's (SUSP 1.12, RRIP 1.12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import BinaryIO, Final

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.read.formats.archives.archives_plain import Stretch

SECTOR: Final = 2048
_HIDDEN_RECORDS: Final = 2
_IS_DIRECTORY, _IS_ASSOCIATED, _GOES_ON = 0x02, 0x04, 0x80
_MOST_ENTRIES: Final = 500_000
_MOST_DEPTH: Final = 64
_LARGEST_DIRECTORY: Final = 64 << 20
_MOST_CONTINUED: Final = 32


class Volume(msgspec.Struct, frozen=True):
    """One tree of directories: where its root is, and how its names are written."""

    root: bytes
    """The root's own directory record."""
    block: int
    blocks: int
    """As many as the volume states to have."""
    label: str
    is_joliet: bool


class Tree:
    """Walks a volume once; loops, absurd sizes and damage end where they are and are counted."""

    def __init__(self, file: BinaryIO, size: int, volume: Volume) -> None:
        self._file = file
        self._size = size
        self._volume = volume
        self._seen: set[int] = set()
        self._skip = 0
        self.damaged = 0
        self.is_unfinished = False
        self.has_rock_ridge = False
        self.members: list[Stretch] = []

    def walk(self) -> list[Stretch]:
        """All files, in order of directories."""
        waiting = [(self._volume.root, b"", 0)]
        while waiting:
            record, path, depth = waiting.pop()
            start, length = _place(record, self._volume.block)
            if start in self._seen:
                continue
            self._seen.add(start)
            if depth > _MOST_DEPTH or start + length > self._size or length > _LARGEST_DIRECTORY:
                self.damaged += 1
                length = min(length, max(0, self._size - start), _LARGEST_DIRECTORY)
            inner = self._directory(start, length, path)
            waiting += [(one, inside, depth + 1) for one, inside in reversed(inner)]
            if len(self.members) + len(waiting) > _MOST_ENTRIES:
                self.is_unfinished = True
                break
        return self.members

    def _directory(self, start: int, length: int, path: bytes) -> list[tuple[bytes, bytes]]:
        """Take in a directory's files; gives its directories."""
        inner: list[tuple[bytes, bytes]] = []
        pieces: list[tuple[int, int]] = []
        for number, record in enumerate(self._records(start, length)):
            if number < _HIDDEN_RECORDS and record[33:34] in (b"\0", b"\1"):
                if not path and not number:
                    self._begin(record)
                continue
            more = self._more(record) if self.has_rock_ridge else {}
            name = self._name(record, more)
            whole = path + b"/" + name if path else name
            if b"CL" in more:
                moved = bytearray(record)
                moved[2:6] = more[b"CL"][:4]
                found = self._moved(bytes(moved))
                if found:
                    inner.append((found, whole))
            elif b"RE" in more:
                continue
            elif record[25] & _IS_DIRECTORY:
                inner.append((record, whole))
            else:
                pieces.append(_place(record, self._volume.block))
                if not record[25] & _GOES_ON:
                    self.members.append(self._member(record, whole, more, tuple(pieces)))
                    pieces = []
        return inner

    def _records(self, start: int, length: int) -> Iterator[bytes]:
        self._file.seek(start)
        data = self._file.read(length)
        at = 0
        while at < len(data):
            step = data[at]
            if not step:
                # No record crosses the end of a sector.
                at = (at // SECTOR + 1) * SECTOR
                continue
            record = data[at : at + step]
            if step < 34 or len(record) < step or 33 + record[32] > step:
                self.damaged += 1
                at = (at // SECTOR + 1) * SECTOR
                continue
            yield record
            at += step

    def _begin(self, record: bytes) -> None:
        """The root's first record says whether Rock Ridge is in use, and how much to skip."""
        use = record[34:]
        if not self._volume.is_joliet and use[:2] == b"SP" and use[4:6] == b"\xbe\xef":
            self.has_rock_ridge, self._skip = True, use[6]

    def _more(self, record: bytes) -> dict[bytes, bytes]:
        """Rock Ridge's entries by their sign; the parts of a name are joined."""
        at = 33 + record[32] + (record[32] + 1) % 2
        use, found = record[at + self._skip :], dict[bytes, bytes]()
        for _ in range(_MOST_CONTINUED):
            following = None
            while len(use) >= 4 and use[2] >= 4:
                sign, body = use[:2], use[4 : use[2]]
                if sign == b"CE" and len(body) >= 24:
                    following = struct.unpack_from("<I4xI4xI", body)
                elif sign == b"NM" and not body[:1].strip(b"\0\1"):
                    found[sign] = found.get(sign, b"") + body[1:]
                elif sign not in found:
                    found[sign] = body
                use = use[use[2] :]
            if following is None or following[2] > SECTOR:
                break
            self._file.seek(following[0] * self._volume.block + following[1])
            use = self._file.read(following[2])
        return found

    def _name(self, record: bytes, more: dict[bytes, bytes]) -> bytes:
        if more.get(b"NM"):
            return more[b"NM"]
        raw = record[33 : 33 + record[32]]
        if self._volume.is_joliet:
            return _versionless(raw.decode("utf-16-be", "replace")).encode("utf-8", "replace")
        return _versionless(raw.decode("latin-1")).encode("latin-1")

    def _moved(self, record: bytes) -> bytes | None:
        """A deep directory that Rock Ridge put elsewhere: its size stands in its own first record."""
        start, _ = _place(record, self._volume.block)
        self._file.seek(start)
        first = self._file.read(34)
        return record[:10] + first[10:18] + record[18:] if len(first) == 34 else None

    def _member(self, record: bytes, path: bytes, more: dict[bytes, bytes], pieces: tuple[tuple[int, int], ...]) -> Stretch:
        obstacle = None
        if b"SL" in more:
            obstacle = Outcome.NOT_RECEIVED, "The member is a link, not a file."
        elif b"ZF" in more:
            obstacle = Outcome.UNSUPPORTED, "The member is compressed within the image (zisofs), which no reader knows."
        elif record[26] or record[27]:
            obstacle = Outcome.UNSUPPORTED, "The member is interleaved with others, which no reader knows."
        name = path.decode("utf-8", "replace") if self._volume.is_joliet else None
        return Stretch(raw=path, name=name, pieces=pieces, modified=_time(record[18:25]), obstacle=obstacle)


def _place(record: bytes, block: int) -> tuple[int, int]:
    start, length = struct.unpack_from("<I", record, 2)[0], struct.unpack_from("<I", record, 10)[0]
    return (start + record[1]) * block, length


def _versionless(name: str) -> str:
    stem, mark, version = name.rpartition(";")
    return (stem if mark and version.isdecimal() else name).removesuffix(".")


def _time(field: bytes) -> str | None:
    year, month, day, hour, minute, second, quarter = struct.unpack("6Bb", field)
    try:
        return datetime(1900 + year, month, day, hour, minute, second, tzinfo=timezone(timedelta(minutes=15 * quarter))).isoformat()
    except ValueError:
        return None
