"""Archives made byte by byte where no program here writes them, and a reader of them as the child reads."""

from __future__ import annotations

import struct
import tempfile
import zlib
from dataclasses import dataclass, field

from unburnt.base.limits import Limits
from unburnt.model import frames
from unburnt.model.outcome import Outcome
from unburnt.read.child import read_one
from unburnt.read.source import Source


@dataclass
class Seen:
    """What a reading said; members by ordinal."""

    outcome: Outcome = Outcome.WAITING
    reason: str = ""
    opened_with_secret: bool = False
    expected: int | None = None
    began: dict[int, frames.MemberBegan] = field(default_factory=dict)
    content: dict[int, bytes] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    failed: dict[int, frames.MemberFailed] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    type: str = ""

    @property
    def members(self) -> list[tuple[bytes, bytes]]:
        """Path and bytes of every member that was had, in order."""
        return [(self.began[number].path, self.content[number]) for number in sorted(self.ended)]

    @property
    def failures(self) -> list[tuple[bytes, str]]:
        """Path and outcome of every member that was not had, in order."""
        return [(one.path, one.outcome.value) for _, one in sorted(self.failed.items())]

    @property
    def is_whole(self) -> bool:
        """Whether emitted and failed members are together as many as the archive's structure says."""
        return self.expected == len(self.ended) + len(self.failed) and not self.ended & set(self.failed)

    def take(self, frame: frames.Frame, *, keep: bool = True) -> None:
        match frame:
            case frames.Began():
                self.type = frame.type
            case frames.ExpectedFrame():
                self.expected = frame.expected.members
            case frames.NoteFrame():
                self.notes.append(frame.note.code)
            case frames.MemberBegan():
                self.began[frame.ordinal] = frame
                self.content[frame.ordinal] = b""
                self.sizes[frame.ordinal] = 0
            case frames.MemberBytes():
                self.sizes[frame.ordinal] += len(frame.data)
                if keep:
                    self.content[frame.ordinal] += frame.data
            case frames.MemberEnded():
                self.ended.add(frame.ordinal)
            case frames.MemberFailed():
                self.failed[frame.ordinal] = frame
            case frames.Finished():
                self.outcome, self.reason = frame.outcome, frame.reason
                self.opened_with_secret = frame.opened_with_secret


def task(name: str = "", passwords: tuple[str, ...] = (), limits: Limits | None = None) -> frames.ReadTask:
    """A task with the limits that the keeper would set."""
    limits = limits or Limits()
    return frames.ReadTask(
        name=name, passwords=passwords, text_limit=limits.text, members_limit=limits.members,
        member_bytes_limit=limits.member_bytes, members_bytes_limit=limits.members_bytes, ratio=limits.ratio,
        ratio_free=limits.ratio_free, pages_limit=limits.pages, pixels_limit=limits.pixels,
    )


def seen(data: bytes, *passwords: str, name: str = "", limits: Limits | None = None, keep: bool = True) -> Seen:
    """Read *data* by its content, as a child does."""
    result = Seen()
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        told = task(name, passwords, limits)
        read_one(told, Source(file, len(data), name, passwords=passwords), lambda frame: result.take(frame, keep=keep))
    return result


# --- RAR 5: https://www.rarlab.com/technote.htm -----------------------------------------------------------------

RAR5 = b"Rar!\x1a\x07\x01\x00"
SPLIT_BEFORE, SPLIT_AFTER = 8, 16


def number(value: int) -> bytes:
    """A variable-length integer."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def rar5_block(kind: int, fields: bytes, *, flags: int = 0, extra: bytes = b"", data: bytes = b"") -> bytes:
    """A header with its checksum, and its data."""
    flags |= bool(extra) | (2 if data or kind == 2 else 0)
    body = number(kind) + number(flags) + (number(len(extra)) if extra else b"")
    body += number(len(data)) if flags & 2 else b""
    body += fields + extra
    sized = number(len(body)) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized + data


def rar5_file(name: str, data: bytes, *, directory: bool = False, flags: int = 0, extra: bytes = b"",
              crc: int | None = None, method: int = 0) -> bytes:
    """A stored file, modified 2017-02-06 10:00 UTC."""
    raw = name.encode()
    fields = number(1 | 2 if directory else 2 | 4) + number(len(data)) + number(0o100644) + struct.pack("<I", 1486375200)
    if not directory:
        fields += struct.pack("<I", zlib.crc32(data) if crc is None else crc)
    fields += number(method << 7) + number(1) + number(len(raw)) + raw
    return rar5_block(2, fields, flags=flags, extra=extra, data=data)


def rar5(*files: bytes, volume: int | None = None, more: bool = False) -> bytes:
    """An archive of those files; *volume* counts from 0."""
    main = number(0) if volume is None else number(1) if not volume else number(3) + number(volume)
    return RAR5 + rar5_block(1, main) + b"".join(files) + rar5_block(5, number(int(more)))


def rar5_record(kind: int, data: bytes) -> bytes:
    """A record for a header's extra area: 1 is encryption, 5 is a link."""
    body = number(kind) + data
    return number(len(body)) + body


# --- RAR 4: technote.txt of RAR 3.x -----------------------------------------------------------------------------

RAR4 = b"Rar!\x1a\x07\x00"
ENCRYPTED, DIRECTORY, UNICODE = 4, 0xE0, 0x200


def rar4_block(kind: int, flags: int, fields: bytes, data: bytes = b"") -> bytes:
    """A header with its checksum, and its data."""
    rest = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest + data


def rar4_file(raw: bytes, data: bytes, *, flags: int = 0) -> bytes:
    """A stored file, modified 2017-02-06 10:00."""
    time = (37 << 25 | 2 << 21 | 6 << 16) | 10 << 11
    fields = struct.pack(
        "<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), time, 29, 0x30, len(raw), 0o100644
    )
    return rar4_block(0x74, 0x8000 | flags, fields + raw, data)


def rar4(*files: bytes, flags: int = 0) -> bytes:
    """An archive of those files."""
    return RAR4 + rar4_block(0x73, flags, bytes(6)) + b"".join(files) + rar4_block(0x7B, 0x4000, b"")
