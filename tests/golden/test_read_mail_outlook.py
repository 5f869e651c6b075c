"""Outlook messages put together here from known texts; olefile and python-oxmsg check the compound files we write."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime, timedelta

import olefile
import pytest
from oxmsg import Message

from tests.ole_made import Content, compound
from tests.read_by_child import read as ask
from unburnt.model.frames import (
    ExpectedFrame,
    Finished,
    Frame,
    MemberBegan,
    MemberBytes,
    MemberFailed,
    MetadataFrame,
    PartFrame,
)
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Mail, Metadata

ZH = "关于加强户籍登记管理工作的通知"
UG = "ئاپتونوم رايونلۇق خەلق ھۆكۈمىتى"


def read(data: bytes) -> list[Frame]:
    return ask(data, "x.msg", shared=True).frames


def properties(header: int, fixed: dict[int, tuple[int, int]], text: dict[int, str], binary: dict[int, bytes]) -> Content:
    """One storage's properties: numbers as (kind, value), texts in UTF-16, bytes."""
    streams: Content = {f"__substg1.0_{number:04X}001F": value.encode("utf-16-le") for number, value in text.items()}
    streams |= {f"__substg1.0_{number:04X}0102": value for number, value in binary.items()}
    entries = b"".join(struct.pack("<HHIQ", kind, number, 6, value) for number, (kind, value) in fixed.items())
    entries += b"".join(struct.pack("<HHIQ", 0x1F, number, 6, len(value.encode("utf-16-le")) + 2) for number, value in text.items())
    entries += b"".join(struct.pack("<HHIQ", 0x102, number, 6, len(value)) for number, value in binary.items())
    return {"__properties_version1.0": bytes(header) + entries, **streams}


def attachment(name: str, data: bytes) -> Content:
    return properties(8, {0x3705: (3, 1)}, {0x3707: name, 0x370E: "application/pdf"}, {0x3701: data})


def message(subject: str, more: Content | None = None, *, header: int = 32) -> Content:
    ticks = (datetime(2017, 2, 6, 7, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10
    texts = {0x0037: subject, 0x1000: UG, 0x0C1A: "张　三", 0x5D01: "z@x.example", 0x1035: "<1@x>", 0x001A: "IPM.Note"}
    recipient = properties(8, {0x0C15: (3, 1)}, {0x3001: "买买提", 0x39FE: "m@x.example"}, {})
    copied = properties(8, {0x0C15: (3, 2)}, {0x3001: "c@x.example", 0x39FE: "c@x.example"}, {})
    return {
        **properties(header, {0x0039: (0x40, ticks)}, texts, {0x1013: f"<p>{ZH}</p>".encode()}),
        "__recip_version1.0_#00000000": recipient, "__recip_version1.0_#00000001": copied, **(more or {}),
    }  # fmt: skip


def texts(frames: list[Frame]) -> dict[str, str]:
    return {
        frame.part.label: frame.part.text for frame in frames
        if isinstance(frame, PartFrame) and frame.part.kind != "properties"
    }  # fmt: skip


def members(frames: list[Frame]) -> list[tuple[str | None, str, bytes]]:
    return [
        (one.name, one.kind, b"".join(frame.data for frame in frames if isinstance(frame, MemberBytes) and frame.ordinal == one.ordinal))
        for one in frames if isinstance(one, MemberBegan)
    ]  # fmt: skip


def metadata(frames: list[Frame]) -> tuple[Metadata, Mail]:
    found = next(frame.metadata for frame in frames if isinstance(frame, MetadataFrame))
    assert found.mail is not None
    return found, found.mail


def expected(frames: list[Frame]) -> int | None:
    return next(frame.expected.members for frame in frames if isinstance(frame, ExpectedFrame))


def ending(frames: list[Frame]) -> Finished:
    (last,) = [frame for frame in frames if isinstance(frame, Finished)]
    return last


def test_header_bodies_and_time_of_a_message() -> None:
    frames = read(compound(message(ZH)))
    found, mail = metadata(frames)
    assert (found.title, mail.sender, mail.to, mail.cc) == (
        ZH, ("张　三 <z@x.example>",), ("买买提 <m@x.example>",), ("c@x.example",),
    )  # fmt: skip
    assert mail.message_id == "<1@x>"
    assert [(date.kind, date.value, date.zone) for date in found.dates] == [("sent", "2017-02-06T07:00:00Z", "UTC")]
    assert texts(frames) == {"body": UG, "html": ZH + "\n"}
    assert ending(frames).outcome is Outcome.READ


def test_attachments_of_a_message_keep_bytes_and_names() -> None:
    parts: Content = {f"__attach_version1.0_#{number:08X}": attachment(name, data) for number, (name, data) in enumerate(
        [(ZH + ".pdf", b"%PDF" * 3000), (UG + ".pdf", b"small"), ("same.pdf", b"small")])}  # fmt: skip
    frames = read(compound(message(ZH, parts)))
    assert members(frames) == [
        (ZH + ".pdf", "attachment", b"%PDF" * 3000), (UG + ".pdf", "attachment", b"small"), ("same.pdf", "attachment", b"small"),
    ]  # fmt: skip
    assert expected(frames) == 3


def test_a_message_inside_a_message_becomes_a_file_that_others_open() -> None:
    inner = message("inner " + ZH, {"__attach_version1.0_#00000000": attachment("deep.pdf", b"deep")}, header=24)
    holder = properties(8, {0x3705: (3, 5)}, {0x3001: "inner"}, {}) | {"__substg1.0_3701000D": inner}
    frames = read(compound(message("outer", {"__attach_version1.0_#00000000": holder, "__nameid_version1.0": {"x": b"y"}})))
    ((name, kind, data),) = members(frames)
    assert (name, kind, expected(frames)) == ("inner", "message", 1)
    theirs = Message.load(io.BytesIO(data))
    assert (theirs.subject, theirs.body) == ("inner " + ZH, UG)
    assert [one.file_bytes for one in theirs.attachments] == [b"deep"]
    again = read(data)
    assert members(again) == [("deep.pdf", "attachment", b"deep")]
    assert metadata(again)[0].title == "inner " + ZH


def test_an_attachment_without_bytes_is_damaged_and_one_by_reference_not_received() -> None:
    parts: Content = {
        "__attach_version1.0_#00000000": properties(8, {0x3705: (3, 1)}, {0x3707: "gone.pdf"}, {}),
        "__attach_version1.0_#00000001": properties(8, {0x3705: (3, 4)}, {0x3707: "elsewhere.pdf"}, {}),
    }
    frames = read(compound(message("x", parts)))
    failed = [frame for frame in frames if isinstance(frame, MemberFailed)]
    assert [(one.name, one.outcome) for one in failed] == [("gone.pdf", Outcome.DAMAGED), ("elsewhere.pdf", Outcome.NOT_RECEIVED)]
    assert (expected(frames), ending(frames).outcome) == (2, Outcome.PARTIAL)


def test_a_body_in_an_old_code_page_is_read() -> None:
    content = properties(32, {0x3FFD: (3, 936)}, {}, {})
    content["__substg1.0_1000001E"], content["__substg1.0_0037001E"] = ZH.encode("gbk"), "通知".encode("gbk")
    frames = read(compound(content))
    assert (texts(frames), metadata(frames)[0].title) == ({"body": ZH}, "通知")


def test_a_body_that_is_only_rich_text_is_read() -> None:
    rich = rb"{\rtf1\ansi\ansicpg936 \u36890?\u30693?\par}"
    stored = struct.pack("<IIII", len(rich) + 12, len(rich), 0x414C454D, 0) + rich
    frames = read(compound(properties(32, {}, {0x0037: "x"}, {0x1009: stored})))
    assert texts(frames)["body"].strip() == "通知"


@pytest.mark.parametrize("size", [0, 1, 64, 4095, 4096, 4097, 70_000, 8_000_000])
def test_compound_files_of_every_size_are_read_back_by_olefile(size: int) -> None:
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    content: Content = {"stream": data, "storage": {f"child {number}": str(number).encode() for number in range(50)}}
    with olefile.OleFileIO(io.BytesIO(compound(content)), raise_defects=olefile.DEFECT_INCORRECT) as ole:
        assert ole.openstream("stream").read() == data
        for number in range(50):
            assert ole.openstream(["storage", f"child {number}"]).read() == str(number).encode()
