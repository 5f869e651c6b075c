"""Property sets of OLE files, written here after MS-OLEPS, and the outcome of old files whose objects stay inside."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest

from unburnt.model.outcome import Outcome
from unburnt.read.formats.office.docx import Progress
from unburnt.read.formats.office.ole_members import ending
from unburnt.read.formats.office.ole_properties import custom_properties, summary

SUMMARY = bytes.fromhex("02d5cdd59c2e1b10939708002b2cf9ae")
CUSTOM = bytes.fromhex("05d5cdd59c2e1b10939708002b2cf9ae")


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def section(codepage: int, values: dict[str, bytes], encoding: str) -> bytes:
    names = b""
    for number, name in enumerate(values, 2):
        text = (name + "\0").encode(encoding)
        length = len(text) // 2 if codepage == 1200 else len(text)
        names += struct.pack("<2I", number, length) + (padded(text) if codepage == 1200 else text)
    blocks = [struct.pack("<I", len(values)) + names, struct.pack("<IHH", 2, codepage, 0), *values.values()]
    table, body, at = b"", b"", 8 + 8 * len(blocks)
    for number, block in enumerate(blocks):
        table += struct.pack("<2I", number, at + len(body))
        body += padded(block)
    return struct.pack("<2I", 8 + len(table) + len(body), len(blocks)) + table + body


def stream(inner: bytes) -> bytes:
    head = struct.pack("<2HI16sI", 0xFFFE, 0, 2, bytes(16), 2)
    first = section(1252, {}, "cp1252")
    at = len(head) + 40
    return head + SUMMARY + struct.pack("<I", at) + CUSTOM + struct.pack("<I", at + len(first)) + first + inner


def text(value: str, encoding: str) -> bytes:
    data = (value + "\0").encode(encoding)
    return struct.pack("<2I", 30, len(data)) + data


@pytest.mark.parametrize(("codepage", "encoding"), [(936, "gb18030"), (1251, "cp1251"), (65001, "utf-8"), (1200, "utf-16-le")])
def test_custom_properties_are_read_in_their_code_page(codepage: int, encoding: str) -> None:
    name, value = ("Дело", "№ 4711") if codepage == 1251 else ("案卷", "四七一一")
    made = {name: text(value, encoding), "count": struct.pack("<Ii", 3, 42), "yes": struct.pack("<I2H", 11, 0xFFFF, 0),
            "share": struct.pack("<Id", 5, 0.5), "when": struct.pack("<IQ", 64, 131_383_627_200_000_000)}  # fmt: skip
    assert custom_properties(stream(section(codepage, made, encoding))) == {
        name: value, "count": "42", "yes": "true", "share": "0.5", "when": "2017-05-04T09:12:00+00:00",
    }


def numbered(values: dict[int, bytes]) -> bytes:
    """A stream of one section."""
    table, body, at = b"", b"", 8 + 8 * len(values)
    for number, value in values.items():
        table += struct.pack("<2I", number, at + len(body))
        body += padded(value)
    head = struct.pack("<2HI16sI", 0xFFFE, 0, 2, bytes(16), 1) + SUMMARY + struct.pack("<I", 48)
    return head + struct.pack("<2I", 8 + len(table) + len(body), len(values)) + table + body


def test_a_vector_that_says_more_than_its_stream_holds_takes_no_time() -> None:
    endless = struct.pack("<3I", 0x1000 | 30, 0xFFFFFFFF, 0)
    found = summary(numbered({2: text("通知", "gb18030"), 1: struct.pack("<IHH", 2, 936, 0), 13: endless, 4: text("李四", "gb18030")}))
    assert (found[2], found[4]) == ("通知", "李四")


def test_texts_in_unicode_end_where_they_say() -> None:
    title = "제목 ئەسلى"
    wide = struct.pack("<2I", 31, len(title) + 1) + (title + "\0").encode("utf-16-le")
    edited, made = struct.pack("<IQ", 64, 600_000_000), struct.pack("<IQ", 64, 131_383_627_200_000_000)
    found = summary(numbered({2: wide, 4: wide, 10: edited, 12: made, 14: struct.pack("<Ii", 3, 7)}))
    assert found == {2: title, 4: title, 10: 60, 12: datetime(2017, 5, 4, 9, 12, tzinfo=UTC), 14: 7}


def test_property_sets_that_lie_or_are_cut_give_what_is_certain() -> None:
    whole = stream(section(65001, {"name": text("value", "utf-8")}, "utf-8"))
    for end in range(0, len(whole), 3):
        assert set(custom_properties(whole[:end])) <= {"name"}
    for at in range(24, len(whole), 4):
        custom_properties(whole[:at] + b"\xff\xff\xff\x7f" + whole[at + 4 :])
        summary(whole[:at] + b"\xff\xff\xff\x7f" + whole[at + 4 :])


def test_an_old_file_without_text_whose_objects_stay_inside_is_partial() -> None:
    assert ending(Progress(), 2, False, 1).outcome is Outcome.PARTIAL
    assert ending(Progress(), 2, False, 0).outcome is Outcome.EMPTY
    assert ending(Progress(text=True), 2, False, 0).outcome is Outcome.READ
