"""Binary property lists as Apple's programs wrote them, though Python's library refuses them."""

from __future__ import annotations

import plistlib
import random
import struct

import pytest

from tests.read_by_child import read
from unburnt.read.formats.systems.plist_lenient import read_leniently


def written(values: object) -> bytes:
    return plistlib.dumps(values, fmt=plistlib.FMT_BINARY)


def test_letters_in_what_is_stated_to_be_ascii_are_read() -> None:
    data = written({"Name": "xxxxxx", "Old": "yyyy"}).replace(b"xxxxxx", "名前".encode()).replace(b"yyyy", b"caf\x8e")
    said = read(data, "a.plist")
    assert said.outcome == "read"
    assert "Name: 名前" in said.text and "Old: café" in said.text


def test_a_time_that_no_calendar_has_costs_nothing_else() -> None:
    data = written({"when": 1.5, "words": "kept"})
    data = data.replace(b"\x23" + struct.pack(">d", 1.5), b"\x33" + struct.pack(">d", 1e300))
    said = read(data, "a.plist")
    assert said.outcome == "read"
    assert "words: kept" in said.text and "1e+300 seconds after 2001-01-01" in said.text


@pytest.mark.parametrize(
    "values", [{"a": [1, -5, 2**70 - 1, True, None, 2.5, b"x" * 300, "字" * 40, {"deep": [[]]}]}, ["x" * 20] * 70_000, {"u": plistlib.UID(7)}]
)
def test_it_reads_what_the_library_reads(values: object) -> None:
    data = written(values) if "None" not in repr(values) else written({"a": [1, -5, True, 2.5, b"x" * 300, "字" * 40, {"deep": [[]]}]})
    assert read_leniently(data) == plistlib.loads(data)


def test_hostile_lists_end() -> None:
    whole = written({"a": [1, "zwölf", {"b": b"x" * 99}], "c": 2.5})
    chance = random.Random(3)
    for _ in range(2000):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        read_leniently(bytes(data))
    assert read_leniently(b"bplist00") is None


def test_a_list_that_stands_in_several_places_is_shown_once_and_named_there() -> None:
    inner = {"words": "kept"}
    values = [inner, {"again": inner}]
    data = b"bplist00" + b"\xa2\x01\x02" + b"\xd1\x03\x04" + b"\xd1\x05\x01" + b"\x55words\x54kept\x55again"
    offsets = (8, 11, 14, 17, 23, 28)
    data += bytes(offsets) + bytes(6) + bytes((1, 1)) + struct.pack(">QQQ", 6, 0, 34)
    assert plistlib.loads(data) == values
    assert read(data, "a.plist").text == "[0]/words: kept\n[1]/again: as [0]\n"


def test_a_long_list_is_shown_to_its_end() -> None:
    said = read(written([str(number) for number in range(200_001)]), "a.plist")
    assert (said.outcome, said.text.count("\n")) == ("read", 200_001)
    assert "[200000]: 200000\n" in said.text


def test_what_is_nested_too_deeply_is_said_to_be() -> None:
    values: object = "lost"
    for _ in range(80):
        values = [values]
    assert read(written(values), "a.plist").text.endswith("]: [more, nested too deeply]\n")
