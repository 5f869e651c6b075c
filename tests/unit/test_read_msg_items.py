"""A meeting or a contact that Outlook saved as a file tells what its form shows: times, place, people, addresses."""

from __future__ import annotations

import struct

from tests.ole_made import Content, compound
from tests.read_by_child import Said, read

APPOINTMENT = bytes.fromhex("0220060000000000c000000000000046")


def fixed(number: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<HHI", kind, number, 6) + value.ljust(8, b"\0")


def item(kind: str, properties: bytes = b"", named: list[tuple[int, bool]] | None = None, texts: bytes = b"", **streams: str) -> Said:
    entries = b"".join(struct.pack("<IHH", identifier, 6 | by_text, index) for index, (identifier, by_text) in enumerate(named or []))
    content: Content = {
        "__properties_version1.0": bytes(32) + properties, "__substg1.0_001A001F": kind.encode("utf-16-le"),
        "__nameid_version1.0": {"__substg1.0_00020102": APPOINTMENT, "__substg1.0_00030102": entries, "__substg1.0_00040102": texts},
        **{f"__substg1.0_{name[1:].replace('_', '-')}": text.encode("utf-16-le") for name, text in streams.items()},
    }  # fmt: skip
    return read(compound(content), "a.msg")


def shown(said: Said) -> list[str]:
    return [line for part in said.parts if part.label == "properties" for line in part.text.splitlines()]


def test_a_meeting_tells_its_time_place_and_what_its_maker_named() -> None:
    start = struct.pack("<Q", (11_644_473_600 + 1_600_000_000) * 10_000_000)
    name = "Keywords".encode("utf-16-le")
    said = item(
        "IPM.Appointment", fixed(0x8000, 0x40, start) + fixed(0x8002, 0xB, b"\1"), [(0x820D, False), (0x8208, False), (0x8215, False), (0, True)],
        struct.pack("<I", len(name)) + name, _8001001F="三号楼", _8003101F_00000000="urgent", _8003101F_00000001="内部", _0037001F="会议",
    )  # fmt: skip
    assert shown(said) == [
        "Message class: IPM.Appointment", "Subject: 会议", "Appointment start: 2020-09-13T12:26:40Z", "Place: 三号楼", "All day: yes",
        "Keywords: urgent; 内部",
    ]  # fmt: skip
    assert said.outcome == "read"


def test_a_contact_tells_its_addresses_and_a_mail_lists_no_properties() -> None:
    assert "Mobile telephone: +1 555" in shown(item("IPM.Contact", _3A1C001F="+1 555"))
    assert not shown(item("IPM.Note", _3A1C001F="+1 555", _1000001F="body"))


def test_names_that_are_cut_off_leave_the_numbers() -> None:
    said = item("IPM.Task", fixed(0x8000, 3, struct.pack("<i", 7))[:-3], [(9_999, True)], b"\xff\xff", _80019999="", _8001001F="kept")
    assert "0x8001: kept" in shown(said)
