"""Cabinets, LZH and ARJ: what was packed comes out, and what cannot be had is named."""

from __future__ import annotations

import base64
import random
import struct

import pytest

from tests.archives_made import seen
from tests.packed_made import arj, arj_header, cabinet, help_file, lzh, lzh_literals, lzx_stored, mszip
from tests.read_by_child import read
from unburnt.base.limits import MIB, Limits
from unburnt.model.outcome import Outcome

TEXT = "第三号指示 ".encode() * 6000
# Written by ARJ 3.10: "unburnt keeps what they burn. " forty times.
BY_ARJ = base64.b64decode(
    "YOopACILAQIQAAJvw10La8NdC2sAAAAAAAAAAAAAAAAAAAAAAABtLmFyagAATw8ZxQAAYOo1AC4LAQIQAQDDIEmYWCsAAACwBAAA4mxKDwAApBEAAAAAAAAgSZhYw10LawAAAABtLnR4dAAA4ObOJAAAACBCio1/kGf1SHqDwwQYitjEnOTzJZ8BZfE7eBknXBTXgQx6PLYLVq1b/WDqAAA="
)


def test_a_cabinet_gives_back_its_members_in_every_folder() -> None:
    stored = [(b"plain", 5)]
    data = cabinet(
        [(b"one.txt", 40_000, 0, 0), (b"dir\\two.txt", len(TEXT) - 40_000, 40_000, 0), (b"three", 5, 0, 1), (b"none", 0, 0, 1)],
        [(1, mszip(TEXT)), (0, stored)],
    )
    result = seen(data, name="a.cab")
    assert result.members == [(b"one.txt", TEXT[:40_000]), (b"dir\\two.txt", TEXT[40_000:]), (b"three", b"plain"), (b"none", b"")]
    assert (result.outcome, result.is_whole, result.began[1].name) == (Outcome.READ, True, "dir/two.txt")
    assert result.began[0].modified == "2017-02-06T10:00:00"


def test_a_cabinet_packed_with_lzx_is_unpacked() -> None:
    data = TEXT[:30_000]
    result = seen(cabinet([(b"a", 10_000, 0, 0), (b"b", 20_000, 10_000, 0)], [(3 | 16 << 8, [(lzx_stored(data), len(data))])]))
    assert result.members == [(b"a", data[:10_000]), (b"b", data[10_000:])]


def test_a_damaged_folder_costs_its_members_and_no_others() -> None:
    folders = [(1, [(b"CK" + bytes(50), 500)]), (9, [(b"x", 1)]), (0, [(b"good", 4)])]
    result = seen(cabinet([(b"a", 500, 0, 0), (b"b", 1, 0, 1), (b"c", 4, 0, 2), (b"d", 9, 0, 7)], folders))
    assert result.members == [(b"c", b"good")]
    assert result.failures == [(b"a", "damaged"), (b"b", "unsupported"), (b"d", "damaged")]
    assert (result.outcome, result.is_whole) == (Outcome.PARTIAL, True)
    wrong = seen(cabinet([(b"a", 4, 0, 0)], [(0, [(b"good", 4)])], checksum=1))
    assert wrong.failures == [(b"a", "damaged")]


def test_a_cabinet_of_a_set_names_the_one_before_it() -> None:
    result = seen(cabinet([(b"split", 99, 0, 0xFFFD), (b"whole", 4, 0, 0)], [(0, [(b"good", 4)])], previous=b"first.cab"))
    assert (result.members, result.failures) == ([(b"whole", b"good")], [(b"split", "not-received")])
    assert "cabinet 2 of a set" in result.reason and "first.cab" in result.reason


@pytest.mark.parametrize("level", range(4))
def test_lzh_gives_back_its_members_at_every_level_of_header(level: int) -> None:
    folder = b"" if level == 0 else b"dir/"
    data = lzh(b"stored.txt", TEXT, level=level, folder=folder)
    data += lzh(b"packed.txt", TEXT[:900], level=level, method=b"-lh5-", packed=lzh_literals(TEXT[:900]), folder=folder)
    result = seen(data + b"\0", name="a.lzh")
    assert result.members == [(folder + b"stored.txt", TEXT), (folder + b"packed.txt", TEXT[:900])]
    assert (result.outcome, result.is_whole) == (Outcome.READ, True)
    assert result.began[0].modified == ("2017-02-06T10:00:00" if level < 2 else "2017-02-06T10:00:00+00:00")


def test_lzh_members_that_cannot_be_had_are_named() -> None:
    good = lzh(b"good", b"abc")
    wrong = bytearray(lzh(b"wrong", b"abc"))
    wrong[-1] ^= 1
    old = lzh(b"old", b"abc", method=b"-lh1-")
    result = seen(good + bytes(wrong) + old + lzh(b"cut", TEXT)[:500], name="a.lzh")
    assert result.members == [(b"good", b"abc")]
    assert result.failures == [(b"wrong", "damaged"), (b"old", "unsupported"), (b"cut", "damaged")]


def test_arj_gives_back_what_the_program_of_that_name_packed() -> None:
    result = seen(BY_ARJ, name="a.arj")
    assert result.members == [(b"m.txt", b"unburnt keeps what they burn. " * 40)]
    assert (result.outcome, result.began[0].modified) == (Outcome.READ, "2017-02-06T10:00:00+00:00")


def test_arj_members_stored_packed_and_lost_are_told_apart() -> None:
    packed = lzh_literals(TEXT[:900], place_bits=5)
    result = seen(arj(
        arj_header(b"stored", b"abc", b"abc") + b"abc", arj_header(b"packed", TEXT[:900], packed, method=1) + packed,
        arj_header(b"locked", b"abc", b"abc", flags=1) + b"abc", arj_header(b"fastest", b"abc", b"abc", method=4) + b"abc",
        arj_header(b"wrong", b"abc", b"abc", crc=1) + b"abc", arj_header(b"goes on", b"abc", b"abc", flags=4) + b"abc",
        arj_header(b"folder", b"", b"", kind=3),
    ), name="a.arj")  # fmt: skip
    assert result.members == [(b"stored", b"abc"), (b"packed", TEXT[:900])]
    assert result.failures == [(b"locked", "locked"), (b"fastest", "unsupported"), (b"wrong", "damaged"), (b"goes on", "not-received")]
    assert (result.outcome, result.is_whole) == (Outcome.PARTIAL, True)
    assert seen(arj(arj_header(b"cut", TEXT, TEXT) + TEXT)[:2000]).failures == [(b"cut", "damaged")]


PAGES = [(b"/first.htm", TEXT[:50_000]), (b"/dir/", b""), (b"/dir/\xe9\x80\x9a.htm", TEXT[:90_000]), (b"/$index", b"own"), (b"/last.htm", b"end")]


@pytest.mark.parametrize("interval", [1, 2])
def test_a_help_file_gives_its_pages_from_the_compressed_stream_and_beside_it(interval: int) -> None:
    system = struct.pack("<I2H", 3, 3, 8) + "通知".encode("gb18030").ljust(8, b"\0")
    result = seen(help_file(PAGES, stored=[(b"/plain.txt", b"plain"), (b"/#SYSTEM", system)], interval=interval), name="a.chm")
    assert result.members == [
        (b"plain.txt", b"plain"), (b"first.htm", TEXT[:50_000]), ("dir/通.htm".encode(), TEXT[:90_000]), (b"last.htm", b"end"),
    ]  # fmt: skip
    assert (result.outcome, result.is_whole) == (Outcome.READ, True)


def test_a_help_file_that_is_cut_or_damaged_gives_what_is_before() -> None:
    whole = help_file(PAGES, stored=[(b"/plain.txt", b"plain")])
    cut = seen(whole[:-60_000], name="a.chm")
    assert (cut.outcome, cut.is_whole) == (Outcome.DAMAGED if not cut.ended else Outcome.PARTIAL, True)
    assert (b"plain.txt", b"plain") in cut.members
    lost = seen(whole.replace(b"LZXC", b"LZXC").replace(struct.pack("<3I", 2, 2, 2), struct.pack("<3I", 2, 9999, 2)), name="a.chm")
    assert lost.members == [(b"plain.txt", b"plain")] and {outcome for _, outcome in lost.failures} == {"damaged"}


def test_a_cabinet_that_states_gigabytes_ends_at_its_bytes() -> None:
    bomb = cabinet([(b"huge", 0xFFFFFFFF, 0, 0)], [(1, mszip(bytes(32768)) * 3000)])
    result = seen(bomb, keep=False, limits=Limits(ratio=10, ratio_free=8 * MIB))
    assert result.outcome in (Outcome.REFUSED, Outcome.PARTIAL, Outcome.DAMAGED) and not result.ended


@pytest.mark.parametrize("form", ["cab", "lzh", "arj", "chm"])
def test_changed_bytes_never_leave_the_reader_as_an_accident(form: str) -> None:
    whole = {
        "cab": cabinet([(b"a", 30_000, 0, 0), (b"b", 4, 0, 1)], [(3 | 16 << 8, [(lzx_stored(TEXT[:30_000]), 30_000)]), (0, [(b"good", 4)])]),
        "lzh": lzh(b"a", TEXT[:900], level=2, method=b"-lh5-", packed=lzh_literals(TEXT[:900])) + lzh(b"b", b"abc") + b"\0",
        "arj": BY_ARJ, "chm": help_file(PAGES, stored=[(b"/plain.txt", b"plain")]),
    }[form]
    chance = random.Random(form)
    for _ in range(40):
        damaged = bytearray(whole)
        for _ in range(5):
            damaged[chance.randrange(8, min(len(damaged), 400))] = chance.randrange(256)
        assert seen(bytes(damaged)).outcome is not Outcome.WAITING


def test_a_cabinet_that_states_more_than_its_frames_can_hold_loses_that_member_only() -> None:
    """Sizes that add up to more than 32 bits ended the child, as a fuzzer found."""
    lzx = 3 | 15 << 8
    data = cabinet([(b"far.txt", 0xFFFFFFFF, 0xFFFFFFFF, 0), (b"b.txt", 3, 0, 1)], [(lzx, [(b"\0" * 40, 3)]), (0, [(b"abc", 3)])])
    said = read(data, "a.cab")
    assert [one.path for one in said.failed] == [b"far.txt"]
    assert said.bytes == b"abc"
