"""Streams of compress (``.Z``): what gzip unpacks is what comes out, and no code makes it hold more than a little."""

from __future__ import annotations

import io
import random
import subprocess
import tracemalloc

import pytest

from tests.golden.test_read_archives_others import tar
from tests.read_by_child import read
from unburnt.read.formats.archives.lzw import LzwReader

WORDS = "关于加强管理的通知 Приказ № 3 order\n".encode()


def compressed(data: bytes, most: int = 16, *, anew: int = 0) -> bytes:
    """As compress writes it; the table starts anew behind each *anew* codes."""
    out = bytearray((0x1F, 0x9D, 0x80 | most))
    group: list[int] = []
    table, width, given = {bytes((value,)): value for value in range(256)}, 9, 0

    def flush(*, fill: bool = True) -> None:
        if group:
            bits = sum(code << place * width for place, code in enumerate(group))
            out.extend(bits.to_bytes(width if fill else (len(group) * width + 7) // 8, "little"))
            group.clear()

    def put(code: int) -> None:
        group.append(code)
        if len(group) == 8:
            flush()

    current = b""
    for value in data:
        longer = current + bytes((value,))
        if longer in table:
            current = longer
            continue
        put(table[current])
        given += 1
        # The reader knows an entry one code later than the writer, and 256 is none.
        if min(256 + given, 1 << most) >= 1 << width and width < most:
            flush()
            width += 1
        if len(table) < (1 << most) - 1:
            table[longer] = len(table) + 1
        if given == anew:
            put(256)
            flush()
            table, width, given = {bytes((value,)): value for value in range(256)}, 9, 0
        current = bytes((value,))
    put(table[current])
    flush(fill=False)
    return bytes(out)


def unpacked(data: bytes) -> bytes:
    reader = LzwReader(io.BytesIO(data))
    return b"".join(iter(reader.read1, b""))


@pytest.mark.parametrize("most", [10, 12, 16])
@pytest.mark.parametrize("anew", [0, 700])
@pytest.mark.parametrize("data", [b"a", b"aaaa" * 50_000, WORDS * 500, random.Random(1).randbytes(90_000)], ids=["one", "same", "words", "noise"])
def test_what_gzip_unpacks_is_what_comes_out(data: bytes, most: int, anew: int) -> None:
    packed = compressed(data, most, anew=anew)
    gzip = subprocess.run(["gzip", "-dc"], input=packed, capture_output=True, check=False)
    assert gzip.stdout == data, gzip.stderr
    assert unpacked(packed) == data


def test_codes_never_grow_wider_than_the_stream_says() -> None:
    assert unpacked(compressed(WORDS * 200, 9)) == WORDS * 200


def test_an_archive_in_it_is_its_one_member() -> None:
    said = read(compressed(tar({"a.txt": WORDS})), "leak.tar.Z")
    assert (said.outcome, said.members, said.bytes) == ("read", [b"leak.tar"], tar({"a.txt": WORDS}))


def test_what_stands_before_a_code_that_cannot_be_is_kept() -> None:
    packed = compressed(WORDS * 20)
    said = read(packed[:60] + b"\xff" * 40, "a.Z")
    assert said.outcome == "partial"
    assert said.bytes and (WORDS * 20).startswith(said.bytes[:30])


@pytest.mark.parametrize("head", [b"\x1f\x9d\x1eB", b"\x1f\x9d\x88", b"\x1f\x9d\xf0abc", b"\x1f\x9d\x91abcdef", b"\x1f\x9d"])
def test_codes_of_a_width_that_nobody_writes_are_damage(head: bytes) -> None:
    said = read(head, "a.Z")
    assert said.outcome in ("damaged", "unsupported")


def test_a_bomb_is_unpacked_in_bounded_pieces_and_ends_at_the_limit() -> None:
    packed = compressed(bytes(2 << 20))
    assert len(packed) < 20_000
    reader = LzwReader(io.BytesIO(packed))
    tracemalloc.start()
    try:
        assert max(len(piece) for piece in iter(reader.read1, b"")) < 1 << 17
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    said = read(packed, "a.Z", ratio=100, ratio_free=1 << 18)
    assert said.outcome in ("refused", "partial")
    assert len(said.bytes) <= 1 << 20


def test_hostile_codes_end_in_an_error_and_not_in_another() -> None:
    chance = random.Random(7)
    for _ in range(300):
        try:
            unpacked(b"\x1f\x9d" + bytes((chance.choice([0x80, 0]) | chance.randrange(9, 17),)) + chance.randbytes(300))
        except ValueError:
            continue
