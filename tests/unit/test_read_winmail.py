"""Outlook's wrapping (winmail.dat), written here attribute by attribute from MS-OXTNEF."""

from __future__ import annotations

import struct

import pytest

from tests.read_by_child import read
from unburnt.read.formats.mail.tnef_attributes import moment

NOTE = b"IPM.Microsoft Mail.Note\0"


def attribute(level: int, identifier: int, data: bytes, wrong: int = 0) -> bytes:
    return struct.pack("<BII", level, identifier, len(data)) + data + struct.pack("<H", (sum(data) + wrong) & 0xFFFF)


def listed(*properties: bytes) -> bytes:
    return struct.pack("<I", len(properties)) + b"".join(properties)


def sized(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data + bytes(-len(data) % 4)


def text(number: int, value: str) -> bytes:
    return struct.pack("<HHI", 0x1F, number, 1) + sized(value.encode("utf-16-le") + b"\0\0")


def number(identifier: int, value: int) -> bytes:
    return struct.pack("<HHi", 3, identifier, value)


def stream(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x89006, struct.pack("<I", 0x10000)) + b"".join(attributes)


def attached(name: bytes, data: bytes, *properties: bytes) -> bytes:
    found = attribute(2, 0x69002, bytes(14)) + attribute(2, 0x18010, name + b"\0") + attribute(2, 0x6800F, data)
    return found + (attribute(2, 0x69005, listed(*properties)) if properties else b"")


LETTER = (
    attribute(1, 0x69007, struct.pack("<II", 1251, 0)), attribute(1, 0x78008, NOTE),
    attribute(1, 0x18004, "Приказ".encode("cp1251") + b"\0"), attribute(1, 0x38005, struct.pack("<7H", 2020, 9, 13, 12, 26, 40, 0)),
    attribute(1, 0x69003, listed(text(0x1000, "текст 正文\r\n"), text(0xC1A, "Анна"), text(0xC1F, "anna@example.org"))),
    attribute(1, 0x69004, listed(listed(number(0xC15, 2), text(0x3001, "Bob"), text(0x39FE, "bob@example.org")))),
)  # fmt: skip


def test_text_people_and_time_are_read() -> None:
    said = read(stream(*LETTER), "winmail.dat")
    assert said.outcome == "read" and said.text == "текст 正文\r\n"
    mail = said.metadata.mail
    assert mail is not None and mail.sender == ("Анна <anna@example.org>",) and mail.cc == ("Bob <bob@example.org>",)
    assert mail.subject == "Приказ" and said.metadata.dates[0].value == "2020-09-13T12:26:40Z"


def test_attachments_are_members_with_their_long_names() -> None:
    said = read(stream(*LETTER, attached(b"REPORT~1.DOC", b"\0\1\2" * 1000, text(0x3707, "отчёт.doc")), attached(b"b.txt", b"b")), "winmail.dat")
    assert said.members == ["1/отчёт.doc".encode(), b"2/b.txt"] and said.bytes == b"\0\1\2" * 1000 + b"b"
    assert said.expected is not None and said.expected.members == 2


def test_a_message_within_is_a_stream_of_its_own() -> None:
    inner = stream(*LETTER)
    holder = struct.pack("<HHI", 0x0D, 0x3701, 1) + sized(bytes(16) + inner)
    said = read(stream(attribute(2, 0x69002, bytes(14)), attribute(2, 0x69005, listed(number(0x3705, 5), holder))), "winmail.dat")
    assert said.bytes == inner
    assert read(said.bytes, "inner").text == "текст 正文\r\n"


def test_a_named_property_of_an_appointment_is_told() -> None:
    place = struct.pack("<HH", 0x1F, 0x8000) + bytes(16) + struct.pack("<III", 0, 0x8208, 1) + sized("三号楼".encode("utf-16-le"))
    said = read(stream(attribute(1, 0x69003, listed(text(0x1A, "IPM.Appointment"), place))), "winmail.dat")
    assert "Place: 三号楼" in said.text


def test_a_checksum_that_does_not_fit_is_told_and_nothing_is_thrown_away() -> None:
    said = read(stream(*LETTER, attribute(1, 0x18004, b"x\0", wrong=1)), "winmail.dat")
    assert said.outcome == "partial" and "текст" in said.text and said.notes[0][0] == "tnef-checksum"


def test_a_stream_cut_anywhere_or_changed_anywhere_has_an_outcome() -> None:
    whole = stream(*LETTER, attached(b"a.bin", b"abc", text(0x3707, "a")))
    for end in range(6, len(whole), 5):
        assert read(whole[:end], "winmail.dat").outcome in ("partial", "damaged", "empty", "read"), end
    assert read(whole[:-3], "winmail.dat").outcome == "partial"
    for at in range(6, len(whole) - 4, 11):
        changed = whole[:at] + b"\xff\xff\xff\x7f" + whole[at + 4 :]
        assert read(changed, "winmail.dat").outcome in ("partial", "damaged", "empty", "read"), at


@pytest.mark.parametrize("year", [1, 1600, 1601, 9999, 10_000])
def test_a_date_that_windows_cannot_state_is_none(year: int) -> None:
    """As a fuzzer found: a year before 1601 ended the child."""
    made = moment(struct.pack("<7H", year, 5, 4, 3, 2, 1, 0))
    assert (made is not None) == (1601 <= year <= 9999)
