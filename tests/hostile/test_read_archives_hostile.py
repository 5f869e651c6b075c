"""Archives that lie, overlap, explode or were cut: one of them costs its own outcome and nothing else."""

from __future__ import annotations

import gzip
import io
import random
import struct
import tarfile
import time
import warnings
import zipfile
import zlib
from typing import Any

import py7zr
import pytest

from tests.archives_made import rar4, rar4_file, rar5, rar5_file, seen
from tests.zip_made import raw_zip
from unburnt.base.limits import GIB, MIB, Limits
from unburnt.model.outcome import Outcome

SMALL = {"a.txt": b"first " * 200, "b.txt": b"second", "c.txt": b"third " * 300}


def zipped(members: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (2017, 2, 6, 10, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tarred(members: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def deflated_zeros(size: int) -> tuple[bytes, int]:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece, out, crc = bytes(16 * MIB), bytearray(), 0
    for _ in range(size // len(piece)):
        out += packer.compress(piece)
        crc = zlib.crc32(piece, crc)
    return bytes(out + packer.flush()), crc


def test_a_zip_bomb_ends_at_the_ratio_within_seconds() -> None:
    packed, crc = deflated_zeros(256 * MIB)
    began = time.process_time()
    result = seen(raw_zip([(b"bomb", 0, 8, crc, 256 * MIB, b"", packed)]), keep=False, limits=Limits(ratio=100, ratio_free=8 * MIB))
    assert time.process_time() - began < 120
    assert result.outcome is Outcome.REFUSED
    assert result.failures == [(b"bomb", "refused")]
    assert result.sizes[0] <= 8 * MIB + 100 * (len(packed) + 1000)


def test_a_gzip_bomb_ends_at_the_ratio() -> None:
    packed = gzip.compress(gzip.compress(bytes(80 * MIB)))
    once = gzip.decompress(packed)
    result = seen(once, keep=False, limits=Limits(ratio=10))
    assert (result.outcome, result.failures) == (Outcome.REFUSED, [(b"content", "refused")])


def test_a_member_over_its_limit_costs_only_itself() -> None:
    for data in (zipped([("big", bytes(3 * MIB)), ("small", b"1")]), tarred([("big", bytes(3 * MIB)), ("small", b"1")])):
        result = seen(data, limits=Limits(member_bytes=2 * MIB))
        assert (result.members, result.failures) == ([(b"small", b"1")], [(b"big", "refused")])
        assert result.outcome is Outcome.PARTIAL and result.is_whole


def test_a_7z_member_over_its_limit_costs_only_itself_in_a_solid_block() -> None:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        for name, data in (("big", bytes(3 * MIB)), ("small", b"1")):
            archive.writestr(data, name)
    result = seen(out.getvalue(), limits=Limits(member_bytes=2 * MIB))
    assert (result.members, result.failures) == ([(b"small", b"1")], [(b"big", "refused")])


def test_overlapping_entries_are_refused() -> None:
    data = bytearray(zipped([("a", b"one"), ("b", b"two"), ("apart", b"three")]))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    first = data.index(b"PK\x01\x02")
    # The second entry is told to be where the first one is.
    data[second + 16 : second + 28] = data[first + 16 : first + 28]
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    result = seen(bytes(data))
    assert result.members == [(b"apart", b"three")]
    assert result.failures == [(b"a", "refused"), (b"b", "refused")]
    assert "verlapping entries" in result.failed[0].reason and result.is_whole


def test_an_entry_that_quotes_the_next_one_is_refused() -> None:
    """As in Fifield's bombs: an entry's stored bytes hold the local header of the entry after it."""
    kernel = raw_zip([(b"kernel", 0, 0, zlib.crc32(b"x"), 1, b"", b"x")])
    local = kernel[: kernel.index(b"PK\x01\x02")]
    outer = raw_zip([(b"outer", 0, 0, zlib.crc32(local), len(local), b"", local)])
    directory = outer.index(b"PK\x01\x02", len(local) + 30)
    entry = bytearray(kernel[len(local) : kernel.index(b"PK\x05\x06")])
    struct.pack_into("<I", entry, 42, outer.index(local))
    end = bytearray(outer[outer.index(b"PK\x05\x06") :])
    struct.pack_into("<HHI", end, 8, 2, 2, len(outer) - 22 - directory + len(entry))
    result = seen(outer[:-22] + bytes(entry) + bytes(end))
    assert (result.outcome, result.failures) == (Outcome.REFUSED, [(b"outer", "refused"), (b"kernel", "refused")])


def test_200_000_empty_entries_are_read_and_more_than_the_limit_are_not() -> None:
    data = raw_zip([(b"%d" % number, 0, 0, 0, 0, b"", b"") for number in range(200_000)])
    result = seen(data)
    assert (len(result.ended), result.expected, result.outcome) == (200_000, 200_000, Outcome.READ)
    cut_short = seen(data, limits=Limits(members=1000))
    assert (len(cut_short.ended), cut_short.expected, cut_short.outcome) == (1000, 200_000, Outcome.PARTIAL)


NAMES = ["../up", "/absolute", "a\\b", "nul\x01l", "same", "same", "Same", "con", " ", "x" * 3000, "C:\\windows"]


def test_hostile_names_are_data() -> None:
    members = [(name, str(place).encode()) for place, name in enumerate(NAMES)]
    expected = [(name.encode(), str(place).encode()) for place, name in enumerate(NAMES)]
    assert seen(raw_zip([(name.encode(), 0, 0, zlib.crc32(data), len(data), b"", data) for name, data in members])).members == expected
    assert seen(tarred(members)).members == expected
    # libarchive gives up at names of more than 2 KiB.
    assert seen(rar5(*(rar5_file(name[:2000], data) for name, data in members))).members == [(name[:2000], data) for name, data in expected]


def test_a_nul_in_a_name_is_kept() -> None:
    assert seen(raw_zip([(b"a.txt\x00.exe", 0, 0, zlib.crc32(b"1"), 1, b"", b"1")])).members == [(b"a.txt\x00.exe", b"1")]


def test_a_wrong_checksum_fails_that_member_only() -> None:
    entries = [(name.encode(), 0, 0, zlib.crc32(data) ^ (name == "b.txt"), len(data), b"", data) for name, data in SMALL.items()]
    result = seen(raw_zip(entries))
    assert [path for path, _ in result.members] == [b"a.txt", b"c.txt"]
    assert (result.failures, result.outcome, result.is_whole) == ([(b"b.txt", "damaged")], Outcome.PARTIAL, True)


def test_an_unknown_method_fails_that_member_only() -> None:
    result = seen(raw_zip([(b"a", 0, 98, 0, 5, b"", b"12345"), (b"b", 0, 0, zlib.crc32(b"1"), 1, b"", b"1")]))
    assert (result.members, result.failures) == ([(b"b", b"1")], [(b"a", "unsupported")])


def test_a_zip_cut_anywhere_gives_what_stands_before_the_cut() -> None:
    data = zipped(list(SMALL.items()))
    whole = seen(data).members
    for length in range(100, len(data), 11):
        result = seen(data[:length])
        assert result.outcome in (Outcome.PARTIAL, Outcome.DAMAGED)
        assert result.members == whole[: len(result.members)]
        assert result.reason


def test_a_split_zip_names_the_volumes_that_are_missing() -> None:
    data = bytearray(zipped(list(SMALL.items())))
    end, first = data.rindex(b"PK\x05\x06"), data.index(b"PK\x01\x02")
    struct.pack_into("<HH", data, end + 4, 2, 2)
    entry = first
    for volume in (0, 2, 2):
        struct.pack_into("<H", data, entry + 34, volume)
        entry = data.find(b"PK\x01\x02", entry + 4)
    result = seen(bytes(data))
    assert result.failures == [(b"a.txt", "not-received")]
    assert [path for path, _ in result.members] == [b"b.txt", b"c.txt"]
    assert "volume 3 of 3" in result.reason and "volumes 1 to 2 are missing" in result.reason


def test_a_damaged_tar_header_hides_nothing_behind_it() -> None:
    data = bytearray(tarred(list(SMALL.items())))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        data[archive.getmember("b.txt").offset + 3] ^= 255
    result = seen(bytes(data))
    assert [path for path, _ in result.members] == [b"a.txt", b"c.txt"]
    assert result.outcome is Outcome.PARTIAL and "damaged" in result.reason


def test_a_cut_tar_names_the_member_that_was_cut() -> None:
    data = tarred([("a", b"x" * 1000), ("b", b"y" * 5000)])
    result = seen(data[:4000])
    assert (result.members, result.failures) == ([(b"a", b"x" * 1000)], [(b"b", "damaged")])


def test_pax_headers_that_describe_each_other_end() -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 0
    result = seen(header.tobuf(tarfile.USTAR_FORMAT) * 3000 + tarred([("a", b"1")]))
    assert result.failures == [(b"a", "damaged")] or result.members == [(b"a", b"1")]


def test_a_sparse_tar_cannot_unpack_without_end() -> None:
    header = bytearray(tarfile.TarInfo("hole").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[483:495] = b"%011o\x00" % (7 * GIB)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header)
    result = seen(bytes(header) + bytes(1024), keep=False)
    assert result.outcome in (Outcome.REFUSED, Outcome.PARTIAL) and not result.ended


def test_a_cut_gzip_gives_what_stands_before_the_cut() -> None:
    content = random.Random(1).randbytes(500_000)
    result = seen(gzip.compress(content)[:200_000], name="a.gz")
    assert result.outcome is Outcome.PARTIAL
    assert content.startswith(result.members[0][1]) and len(result.members[0][1]) > 100_000


def test_one_damaged_solid_block_of_a_7z_fails_with_a_reason() -> None:
    content = random.Random(2)
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        for name in ("a", "b", "c"):
            archive.writestr(content.randbytes(50_000), name)
    data = bytearray(out.getvalue())
    data[32 + 70_000] ^= 255
    result = seen(bytes(data))
    assert [path for path, _ in result.members][:1] == [b"a"]
    assert (b"b", "damaged") in result.failures and result.is_whole


def seven(**options: Any) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", **options) as archive:
        for name, data in SMALL.items():
            archive.writestr(data, name)
    return out.getvalue()


def test_a_wrong_password_is_never_tried_on_ppmd() -> None:
    """Its decoder breaks down, and the child with it, on what a wrong password makes."""
    filters = [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 20}, {"id": py7zr.FILTER_CRYPTO_AES256_SHA256}]
    result = seen(seven(filters=filters, password="right"), "wrong")
    assert {outcome for _, outcome in result.failures} == {"unsupported"} and result.is_whole


def test_a_7z_header_changed_under_a_right_checksum_never_leaves_the_reader_as_an_accident() -> None:
    good, chance = seven(), random.Random("7z")
    offset, size = struct.unpack_from("<QQ", good, 12)
    for _ in range(300):
        data = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            data[32 + offset + chance.randrange(size)] = chance.randrange(256)
        struct.pack_into("<I", data, 28, zlib.crc32(data[32 + offset : 32 + offset + size]))
        struct.pack_into("<I", data, 8, zlib.crc32(data[12:32]))
        result = seen(bytes(data))
        assert result.outcome is not Outcome.WAITING
        assert result.outcome is not Outcome.READ or result.is_whole


ARCHIVES = {
    "7z": lambda: seven(),
    "zip": lambda: zipped(list(SMALL.items())),
    "tar": lambda: tarred(list(SMALL.items())),
    "rar4": lambda: rar4(*(rar4_file(name.encode(), data) for name, data in SMALL.items())),
    "rar5": lambda: rar5(*(rar5_file(name, data) for name, data in SMALL.items())),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_changed_bytes_never_leave_the_reader_as_an_accident(kind: str) -> None:
    """Whatever is changed, the reading ends with an outcome, and what it gives was checked by the format's checksums."""
    good, chance = ARCHIVES[kind](), random.Random(kind)
    for _ in range(400):
        data = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        result = seen(bytes(data))
        assert result.outcome is not Outcome.WAITING
        assert result.expected is None or result.outcome is not Outcome.READ or result.is_whole
