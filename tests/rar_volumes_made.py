"""RAR volumes of stored members, written by hand after the two technotes: no free program writes any."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from tests.archives_made import RAR4, RAR5, number, rar4_block, rar5_block

BEFORE_5, AFTER_5 = 8, 16
BEFORE_4, AFTER_4 = 1, 2


def pieces(files: dict[str, bytes], room: int) -> list[list[tuple[str, bytes, bytes, bool, bool]]]:
    """What each volume holds: name, all bytes of the member, those here, whether it began before and goes on after."""
    volumes: list[list[tuple[str, bytes, bytes, bool, bool]]] = [[]]
    left = room
    for name, data in files.items():
        at = 0
        while True:
            here = data[at : at + left]
            at, left = at + len(here), left - len(here)
            volumes[-1].append((name, data, here, at > len(here), at < len(data)))
            if left == 0:
                volumes.append([])
                left = room
            if at == len(data):
                break
    return volumes if volumes[-1] else volumes[:-1]


def rar5_volumes(files: dict[str, bytes], room: int) -> list[bytes]:
    """Volumes with *room* bytes of members each. A piece has its own checksum, the last one that of the member."""
    made, volumes = [], pieces(files, room)
    for index, volume in enumerate(volumes):
        out = RAR5 + rar5_block(1, number(3) + number(index) if index else number(1))
        for name, data, here, before, after in volume:
            fields = number(2 | 4) + number(len(data)) + number(0o100644) + struct.pack("<I", 1486375200)
            fields += struct.pack("<I", zlib.crc32(here if after else data))
            raw = name.encode()
            fields += number(0) + number(1) + number(len(raw)) + raw
            out += rar5_block(2, fields, flags=BEFORE_5 * before | AFTER_5 * after, data=here)
        made.append(out + rar5_block(5, number(int(index < len(volumes) - 1))))
    return made


def rar4_volumes(files: dict[str, bytes], room: int) -> list[bytes]:
    """As :func:`rar5_volumes`, in the older format, with the volume's number in its last block."""
    made, volumes = [], pieces(files, room)
    for index, volume in enumerate(volumes):
        out = RAR4 + rar4_block(0x73, 0x11 | (0 if index else 0x100), bytes(6))
        out += b"".join(_members4(volume))
        made.append(out + rar4_block(0x7B, 0x4008 | int(index < len(volumes) - 1), struct.pack("<H", index)))
    return made


def _members4(volume: list[tuple[str, bytes, bytes, bool, bool]]) -> Iterator[bytes]:
    time = (37 << 25 | 2 << 21 | 6 << 16) | 10 << 11
    for name, data, here, before, after in volume:
        raw = name.encode()
        checksum = zlib.crc32(here if after else data)
        fields = struct.pack("<IIBIIBBHI", len(here), len(data), 3, checksum, time, 29, 0x30, len(raw), 0o100644)
        yield rar4_block(0x74, 0x8000 | BEFORE_4 * before | AFTER_4 * after, fields + raw, here)
