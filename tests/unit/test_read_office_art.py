"""Pictures come out of old office files' drawing records as the files that were put in (records written after MS-ODRAW)."""

from __future__ import annotations

import random
import struct
import zlib

import pytest

from unburnt.read.formats.office.office_art import Picture, inline_pictures, pictures_in

PNG = b"\x89PNG\r\n\x1a\n not a whole picture"
METAFILE = b"\x01\x00\x00\x00 drawing orders " * 50


def record(kind: int, content: bytes, *, instance: int = 0, version: int = 0) -> bytes:
    return struct.pack("<HHI", instance << 4 | version, kind, len(content)) + content


def png(instance: int = 0x6E0) -> bytes:
    return record(0xF01E, bytes(16 + 16 * (instance & 1)) + b"\xff" + PNG, instance=instance)


def metafile(*, packed: bool) -> bytes:
    head = struct.pack("<I4i2iIBB", len(METAFILE), 0, 0, 1, 1, 1, 1, 0, 0 if packed else 0xFE, 0xFE)
    return record(0xF01A, bytes(16) + head + (zlib.compress(METAFILE) if packed else METAFILE), instance=0x3D4)


def stored(inside: bytes, *, name: bytes = b"", used: int = 1, place: int = 0xFFFFFFFF, size: int = 0) -> bytes:
    head = struct.pack("<BB16sHIIIBBBB", 6, 6, bytes(16), 0xFF, size or len(inside), used, place, 0, len(name), 0, 0)
    return record(0xF007, head + name + inside, version=2)


def group(*blocks: bytes) -> bytes:
    return record(0xF000, record(0xF006, bytes(24)) + record(0xF001, b"".join(blocks), version=0xF), version=0xF)


@pytest.mark.parametrize("instance", [0x6E0, 0x6E1])
def test_a_picture_follows_one_digest_or_two(instance: int) -> None:
    assert pictures_in(group(stored(png(instance)), stored(png(instance), name=b"a\0b\0"))) == [Picture("png", PNG)] * 2


@pytest.mark.parametrize("packed", [True, False])
def test_a_drawing_is_unpacked(packed: bool) -> None:
    assert pictures_in(metafile(packed=packed)) == [Picture("emf", METAFILE)]


def test_a_picture_kept_in_the_other_stream_is_fetched_where_it_is_used() -> None:
    other = b"text" * 9 + png()
    used, unused = (stored(b"", used=count, place=36, size=len(png())) for count in (1, 0))
    assert pictures_in(group(used, unused), other) == [Picture("png", PNG)]
    assert pictures_in(group(stored(b"", place=1 << 31, size=9)), other) == []


def test_pictures_in_the_line_follow_their_own_headers() -> None:
    def field(kind: int, content: bytes) -> bytes:
        return struct.pack("<IHH", 68 + len(content), 68, kind) + bytes(60) + content

    data = field(0x64, stored(png())) + field(0x66, b"\x05a.png" + record(0xF004, bytes(8), version=0xF) + stored(png()))
    assert inline_pictures(data) == [Picture("png", PNG)] * 2


def test_records_that_lie_end() -> None:
    chance = random.Random(7)
    whole = group(stored(png()), stored(metafile(packed=True)))
    for _ in range(3000):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        pictures_in(bytes(changed[: chance.randint(0, len(changed))]), bytes(changed))
        inline_pictures(bytes(changed))


def test_records_within_records_end_at_a_depth() -> None:
    data = b""
    for _ in range(2000):
        data = record(0xF001, data, version=0xF)
    assert pictures_in(data) == []


def test_a_drawing_that_unpacks_to_gigabytes_is_bounded() -> None:
    packed = zlib.compressobj(9)
    bomb = b"".join(packed.compress(bytes(1 << 20)) for _ in range(200)) + packed.flush()
    (picture,) = pictures_in(record(0xF01A, bytes(16 + 34) + bomb, instance=0x3D4))
    assert len(picture.data) == 64 << 20
    assert len(pictures_in(record(0xF01A, bytes(16 + 34) + bomb, instance=0x3D4) * 9)) == 4
