"""What archives of uncompressed members have in common: a member is a stretch of the file, there or cut off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.archives.archives_ending import Tally
from unburnt.read.formats.archives.archives_names import encoding_shown

_NAMES_SEEN = 1000
_FARTHEST = 1 << 42
"""Four tebibytes; a file system may refuse to look farther."""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A member as its header tells of it; *pieces* are (start, length) in the file."""

    raw: bytes
    pieces: tuple[tuple[int, int], ...] = ()
    name: str | None = None
    """Where the format says how names are encoded."""
    modified: str | None = None
    obstacle: tuple[Outcome, str] | None = None
    checksum: int | None = None
    """Where there is one: the sum of all bytes, as cpio has it."""

    @property
    def size(self) -> int:
        return sum(length for _, length in self.pieces)


def emit_all(members: list[Stretch], file: BinaryIO, size: int, emitter: Emitter, tally: Tally) -> None:
    """Every member ends as emitted or failed."""
    unnamed = (one.raw for one in members[:_NAMES_SEEN] if one.name is None)
    encoding = encoding_shown(emitter, unnamed)

    def emit(one: Stretch) -> None:
        name = one.name if one.name is not None else one.raw.decode(encoding, "replace")
        obstacle = one.obstacle
        if obstacle is None and any(length and start + length > size for start, length in one.pieces):
            obstacle = Outcome.DAMAGED, "The file ends before the end of this member."
        if obstacle is not None:
            tally.fail(emitter, one.raw, *obstacle, name=name, size=one.size, modified=one.modified)
        else:
            tally.emit(emitter, one.raw, _content(file, one), name=name, modified=one.modified)

    tally.go_through(emitter, members, emit)


def _content(file: BinaryIO, member: Stretch) -> Iterator[bytes]:
    total = 0
    for start, length in member.pieces:
        for data in stretch(file, start, length):
            if member.checksum is not None:
                total += sum(data)
            yield data
    if member.checksum is not None and total & 0xFFFFFFFF != member.checksum:
        raise Damaged("The member's bytes do not match their checksum.")


def stretch(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    """*length* bytes from *start*, in pieces. Raises :class:`Damaged` where the file ends before."""
    if length and start + length > _FARTHEST:
        raise Damaged("The member is said to stand where no file reaches.")
    while length:
        file.seek(start)
        data = file.read(min(MIB, length))
        if not data:
            raise Damaged("The file ends before the end of this member.")
        start += len(data)
        length -= len(data)
        yield data


def unix_time(seconds: int) -> str | None:
    """In UTC; None for 0 and for what is no time."""
    if not 0 < seconds < 1 << 34:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat()
