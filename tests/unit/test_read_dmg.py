"""Disk images of the Mac, made here block by block: each partition is a member, and what cannot be had is named."""

from __future__ import annotations

import bz2
import lzma
import plistlib
import struct
import zlib

from tests.archives_made import Seen, seen
from unburnt.base.limits import MIB, Limits
from unburnt.model.outcome import Outcome

Block = tuple[int, int, bytes]
ZLIB, BZIP2, LZFSE, LZMA = 0x80000005, 0x80000006, 0x80000007, 0x80000008
HFS = bytes(1024) + b"H+\0\4" + bytes(508)


def dmg(*partitions: tuple[str, list[Block]]) -> bytes:
    """*Block*: kind, sectors, packed bytes."""
    data, listed = b"", []
    for name, blocks in partitions:
        table, sector = b"", 0
        for kind, sectors, packed in blocks:
            table += struct.pack(">2I4Q", kind, 0, sector, sectors, len(data), len(packed))
            data += packed
            sector += sectors
        table += struct.pack(">2I4Q", 0xFFFFFFFF, 0, sector, 0, len(data), 0)
        head = b"mish" + struct.pack(">I3Q2I", 1, 0, sector, 0, 0, 0) + bytes(160) + struct.pack(">I", len(blocks) + 1)
        listed.append({"Name": name, "Data": head + table})
    xml = plistlib.dumps({"resource-fork": {"blkx": listed}})
    trailer = bytearray(b"koly" + struct.pack(">2I", 4, 512)).ljust(512, b"\0")
    struct.pack_into(">2Q", trailer, 0xD8, len(data), len(xml))
    return data + xml + trailer


def test_partitions_are_put_together_from_blocks_of_every_kind() -> None:
    pieces = [bytes([number]) * 1024 for number in range(4)]
    result = seen(dmg(
        ("Driver", [(1, 2, pieces[0])]),
        ("disk image (Apple_HFS : 1)", [(ZLIB, 4, zlib.compress(HFS.ljust(2048, b"\0"))), (BZIP2, 2, bz2.compress(pieces[1])), (0, 3, b""),
                                        (2, 1, b""), (LZMA, 2, lzma.compress(pieces[2])), (1, 2, pieces[3])]),
    ), name="a.dmg")  # fmt: skip
    assert result.type == "application/x-apple-diskimage"
    assert (result.outcome, result.is_whole) == (Outcome.READ, True)
    whole = HFS.ljust(2048, b"\0") + pieces[1] + bytes(2048) + pieces[2] + pieces[3]
    assert result.members == [(b"0 Driver", pieces[0]), (b"1 disk image (Apple_HFS : 1)", whole)]
    inner: Seen = seen(whole)
    assert (inner.type, inner.outcome) == ("application/x-hfs-plus", Outcome.UNSUPPORTED)


def test_an_image_that_begins_like_a_bzip2_stream_is_told_by_its_end() -> None:
    assert seen(dmg(("a", [(BZIP2, 2, bz2.compress(bytes(1024)))])), name="a.bin").type == "application/x-apple-diskimage"


def test_partitions_that_cannot_be_had_are_named_beside_the_others() -> None:
    result = seen(dmg(
        ("newer", [(LZFSE, 2, b"bvx2")]), ("broken", [(ZLIB, 2, b"nonsense")]), ("short", [(ZLIB, 2, zlib.compress(b"few"))]),
        ("absurd", [(ZLIB, 1 << 40, zlib.compress(b"few"))]), ("good", [(1, 1, bytes(512))]),
    ), name="a.dmg")  # fmt: skip
    assert [outcome for _, outcome in result.failures] == ["unsupported", "damaged", "damaged", "damaged"]
    assert (result.members, result.outcome, result.is_whole) == ([(b"4 good", bytes(512))], Outcome.PARTIAL, True)


def test_encrypted_cut_and_hostile_images_end_with_a_reason() -> None:
    assert seen(b"encrcdsa" + bytes(2000)).outcome is Outcome.LOCKED
    trailer = bytearray(dmg(("a", [(1, 1, bytes(512))])))
    struct.pack_into(">2Q", trailer, len(trailer) - 512 + 0xD8, 1 << 60, 100)
    assert seen(bytes(trailer)).outcome is Outcome.DAMAGED
    bomb = seen(dmg(("zeros", [(0, 1 << 50, b"")])), keep=False, limits=Limits(ratio=10, ratio_free=8 * MIB))
    assert bomb.outcome is Outcome.REFUSED and not bomb.ended
