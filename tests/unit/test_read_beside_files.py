"""What systems keep beside files: shortcuts of Windows, property lists and AppleDouble of the Mac."""

from __future__ import annotations

import plistlib
import random
import struct
from datetime import datetime

import pytest

from tests.read_by_child import Said, read

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(60)


def reason(said: Said) -> str:
    assert said.finished is not None
    return said.finished.reason


def shortcut(*, wide: bool = True, flags: int = 0) -> bytes:
    base, label = b"C:\\\xcf\xe0\xef\xea\xe0\0", b"USB\0"
    volume = struct.pack("<4I", 16 + len(label), 2, 0x1234ABCD, 16) + label
    wide_base = "D:\\通知\0".encode("utf-16-le")
    header = 0x24 if wide else 0x1C
    at_volume = header
    at_base = at_volume + len(volume)
    at_suffix = at_base + len(base)
    body = volume + base + b"\0" + (wide_base + b"\0\0" if wide else b"")
    info = struct.pack("<6I", header, 1, at_volume, at_base, 0, at_suffix)
    info += struct.pack("<2I", at_suffix + 1, at_suffix + 1 + len(wide_base)) if wide else b""
    info = struct.pack("<I", 4 + len(info) + len(body)) + info + body
    strings = b"".join(struct.pack("<H", len(text)) + text.encode("utf-16-le") for text in ("описание", "/c del *"))
    tracker = struct.pack("<4I", 0x60, 0xA0000003, 0x58, 0) + b"desktop-7".ljust(16, b"\0") + bytes(64)
    stamp = 131308488000000000  # 2017-02-06 10:00 UTC
    head = struct.pack("<I", 0x4C) + bytes.fromhex("0114020000000000c000000000000046")
    head += struct.pack("<2I3QI", flags or 0x02 | 0x04 | 0x20 | 0x80, 0, stamp, 0, stamp, 4711) + bytes(20)
    return head + info + strings + tracker + bytes(4)


def test_a_shortcut_says_where_it_leads_and_which_machine_saw_it() -> None:
    said = read(shortcut(), "a.lnk")
    assert said.outcome == "read"
    assert said.text.splitlines() == [
        "target: D:\\通知", "volume: USB, serial number 1234ABCD", "description: описание", "arguments: /c del *", "machine: desktop-7",
    ]  # fmt: skip
    assert [(date.kind, date.value) for date in said.metadata.dates] == [
        ("created", "2017-02-06T10:00:00+00:00"), ("modified", "2017-02-06T10:00:00+00:00"),
    ]  # fmt: skip
    assert read(shortcut(wide=False), "a.lnk").text.startswith("target: C:\\Папка\n")


def test_a_shortcut_cut_anywhere_is_an_outcome() -> None:
    whole = shortcut()
    for length in range(20, len(whole), 7):
        assert read(whole[:length], "a.lnk").outcome in ("read", "partial", "damaged", "empty")
    assert read(whole[:150], "a.lnk").outcome == "damaged"


def test_a_property_list_is_shown_value_by_value_with_its_files_as_members() -> None:
    values = {"url": "https://a.example/通知", "seen": datetime(2017, 2, 6, 10), "list": [1, {"deep": True}], "icon": PNG, "raw": bytes(40), "none": []}
    said = read(plistlib.dumps(values, fmt=plistlib.FMT_BINARY, sort_keys=False), "a.webloc")
    assert said.outcome == "read"
    assert said.text.splitlines()[:4] == ["url: https://a.example/通知", "seen: 2017-02-06T10:00:00+00:00", "list[0]: 1", "list[1]/deep: True"]
    assert "none: []" in said.text and "(40 bytes)" in said.text
    assert (said.members, said.bytes) == ([b"icon"], PNG)


def test_a_property_list_that_holds_itself_or_a_thousand_copies_ends() -> None:
    # Objects 0 to 19 are lists of ten times the next one: 10^20 values.
    count = 20
    objects = [bytes([0xAA]) + bytes([number + 1]) * 10 for number in range(count)] + [b"\x10\x01"]
    body, places = b"bplist00", []
    for one in objects:
        places.append(len(body))
        body += one
    table = b"".join(struct.pack(">H", place) for place in places)
    said = read(body + table + struct.pack(">6x2B3Q", 2, 1, len(objects), 0, len(body)), "a.plist")
    assert (said.outcome, said.text.count("\n")) == ("read", 9 * 19 + 10)
    itself = b"bplist00" + b"\xa1\x00" + b"\x00\x08" + struct.pack(">6x2B3Q", 2, 1, 1, 0, 10)
    assert read(itself, "a.plist").finished is not None


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_property_list_is_an_outcome(seed: int) -> None:
    whole, chance = plistlib.dumps({"a": [1, 2.5, "x", b"y" * 50], "b": {"c": True}}, fmt=plistlib.FMT_BINARY), random.Random(seed)
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[chance.randrange(8, len(damaged))] = chance.randrange(256)
        assert read(bytes(damaged), "a.plist").outcome in ("read", "damaged", "empty")


def apple(entries: dict[int, bytes], *, single: bool = False) -> bytes:
    at = 26 + 12 * len(entries)
    head, body = b"", b""
    for kind, data in entries.items():
        head += struct.pack(">3I", kind, at + len(body), len(data))
        body += data
    return struct.pack(">2I16xH", 0x00051600 if single else 0x00051607, 0x00020000, len(entries)) + head + body


def finder(attributes: dict[str, bytes], start: int) -> bytes:
    """The Finder's 32 bytes, padding, and extended attributes whose offsets count from the file's start."""
    names = b""
    at = start + 34 + 36 + sum(-(-(11 + len(name) + 1) // 4) * 4 for name in attributes)
    values = b""
    for name, value in attributes.items():
        entry = struct.pack(">2IHB", at + len(values), len(value), 0, len(name) + 1) + name.encode() + b"\0"
        names += entry + bytes(-len(entry) % 4)
        values += value
    header = b"ATTR" + struct.pack(">4I12x2H", 1, at + len(values), at, len(values), 0, len(attributes))
    return b"TEXTttxt" + bytes(24) + bytes(2) + header + names + values


def test_apple_double_tells_where_a_file_came_from_and_gives_its_other_fork() -> None:
    origin = plistlib.dumps(["https://a.example/leak.zip", "https://a.example/"], fmt=plistlib.FMT_BINARY)
    attributes = {"com.apple.metadata:kMDItemWhereFroms": origin, "com.apple.quarantine": b"0083;58984a20;Safari;"}
    dates = struct.pack(">4i", 539690400, 539690400, -(1 << 31), -(1 << 31))
    said = read(apple({9: finder(attributes, 26 + 36), 2: b"resources", 8: dates}), "._leak.zip")
    assert said.outcome == "read"
    assert said.text.splitlines() == [
        "com.apple.metadata:kMDItemWhereFroms: [0]: https://a.example/leak.zip", "com.apple.metadata:kMDItemWhereFroms: [1]: https://a.example/",
        "com.apple.quarantine: 0083;58984a20;Safari;",
    ]  # fmt: skip
    assert (said.members, said.bytes) == ([b"resource fork"], b"resources")
    assert said.metadata.fields == {"finder:type": "TEXT", "finder:creator": "ttxt"}
    assert [(date.kind, date.value) for date in said.metadata.dates] == [("created", "2017-02-06T10:00:00+00:00"), ("modified", "2017-02-06T10:00:00+00:00")]


def test_apple_single_holds_the_file_itself_and_a_cut_one_is_partial() -> None:
    whole = apple({3: "通知.txt".encode(), 1: b"content"}, single=True)
    said = read(whole, "a.as")
    assert (said.outcome, said.text, said.members, said.bytes) == ("read", "name: 通知.txt\n", [b"data fork"], b"content")
    cut = read(whole[:-3], "a.as")
    assert (cut.outcome, [one.outcome for one in cut.failed]) == ("partial", ["damaged"])
    assert read(whole[:30], "a.as").outcome == "damaged"
    assert read(apple({9: bytes(32)}), "._a").outcome == "empty"


def test_dates_that_are_cut_within_a_number_cost_nothing_else() -> None:
    said = read(apple({3: "通知.txt".encode(), 8: struct.pack(">i", 539690400) + b"\0\0"}), "._a")
    assert (said.outcome, said.text, [date.kind for date in said.metadata.dates]) == ("read", "name: 通知.txt\n", ["created"])


def test_entries_that_lie_one_over_the_other_are_read_once() -> None:
    name = b"x" * 100_000
    entries = 500
    start = 26 + 12 * entries
    body = struct.pack(">2I16xH", 0x00051607, 0x00020000, entries) + struct.pack(">3I", 3, start, len(name)) * entries + name
    said = read(body, "._a")
    assert (said.outcome, "one over the other" in said.finished.reason if said.finished else None) == ("partial", True)
    assert len(name) <= len(said.text) < 2 * len(body)


def test_attributes_that_name_one_value_are_shown_once() -> None:
    entry = struct.pack(">2IHB", 26 + 12, 100_000, 0, 2) + b"a\0" + bytes(3)
    data = bytes(34) + b"ATTR" + struct.pack(">4I12x2H", 1, 0, 0, 0, 0, 500) + entry * 500 + b"x" * 100_000
    said = read(apple({9: data}), "._a")
    assert said.outcome == "read" and len(said.text) < 2 * len(data)


def test_a_property_list_with_a_long_path_to_each_of_its_values_costs_only_itself() -> None:
    origin = plistlib.dumps({"x" * 50_000: list(range(2_000))}, fmt=plistlib.FMT_BINARY)
    said = read(apple({9: finder({"a": b"kept", "b": origin}, 26 + 36), 2: b"resources", 4: b"comment"}), "._a")
    assert said.outcome == "partial" and "16 MiB" in (said.finished.reason if said.finished else "")
    assert "a: kept" in said.text and "comment: comment" in said.text and said.bytes == b"resources"
    assert len(said.text) < 20 << 20
