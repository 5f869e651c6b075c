"""Pages, Numbers and Keynote files: their texts, and the preview as a member."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.read_by_child import read
from unburnt.model.outcome import Outcome
from unburnt.read.formats.office.iwork_archive import BrokenArchive, snappy, unpacked

JPEG = b"\xff\xd8\xff\xe0" + bytes(20)


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def block(data: bytes) -> bytes:
    """A snappy block of literals only."""
    packed = varint(len(data))
    for start in range(0, len(data), 60):
        piece = data[start : start + 60]
        packed += bytes([(len(piece) - 1) << 2]) + piece
    return b"\0" + len(packed).to_bytes(3, "little") + packed


def part(*messages: tuple[int, bytes]) -> bytes:
    stream = b""
    for number, (kind, payload) in enumerate(messages, 1):
        described = field(1, number) + field(2, field(1, kind) + field(2, b"\1\0\5") + field(3, len(payload)))
        stream += varint(len(described)) + described + payload
    return b"".join(block(stream[at : at + 1000]) for at in range(0, len(stream), 1000))


def storage(*texts: str) -> tuple[int, bytes]:
    return 2001, field(1, 5) + b"".join(field(3, text.encode()) for text in texts)


def strings(*texts: str) -> tuple[int, bytes]:
    return 6005, field(1, 1) + b"".join(field(3, field(1, key) + field(2, 1) + field(3, text.encode())) for key, text in enumerate(texts))


def package(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, data in parts.items():
            target.writestr(f"Index/{name}.iwa", data)
        target.writestr("preview.jpg", JPEG)
        target.writestr("Metadata/Properties.plist", b"bplist00")
    return file.getvalue()


def test_texts_of_documents_and_tables_are_read_and_the_preview_is_a_member() -> None:
    document = part((1, b"\x08\x01"), storage("关于登记的通知\n各村上报\n", "页眉"), storage("\ufffc"))
    said = read(package(Document=document, Tables=part(strings("张三", "李四"))), "通知.pages")
    assert said.outcome is Outcome.READ
    assert [(one.label, one.text) for one in said.parts] == [("Document", "关于登记的通知\n各村上报\n\n页眉\n"), ("Tables", "张三\n李四\n")]
    assert said.members == [b"preview.jpg"]


def test_a_damaged_part_costs_only_itself() -> None:
    whole = part(storage("完整"))
    said = read(package(Document=whole, Other=part(storage("坏"))[:-3]), "a.key")
    assert said.outcome is Outcome.PARTIAL
    assert said.text == "完整\n"
    assert said.finished is not None and "Other.iwa" in said.finished.reason


@pytest.mark.parametrize("copy", [b"\x01\x02", b"\x0e\x02\x00", b"\x0f\x02\x00\x00\x00"])
def test_copies_repeat_what_they_write(copy: bytes) -> None:
    assert snappy(b"\x06\x04ab" + copy) == b"ababab"


@pytest.mark.parametrize("packed", [
    b"\x06\x04ab\x01\x00", b"\x06\x04ab\x01\x03", b"\x03\x04ab\x01\x02", b"\x09\x04ab\x01\x02", b"\x06\x04ab\x01", b"\xff" * 12,
])
def test_a_block_that_contradicts_itself_is_refused(packed: bytes) -> None:
    with pytest.raises(BrokenArchive):
        snappy(packed)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_text_or_a_refusal(data: bytes) -> None:
    try:
        unpacked(b"\0" + len(data).to_bytes(3, "little") + data)
    except BrokenArchive:
        pass
    assert read(package(Document=block(data)), "a.pages").finished is not None


def test_a_block_that_claims_more_than_programs_write_is_refused() -> None:
    with pytest.raises(BrokenArchive):
        snappy(varint(1 << 30) + b"\x00a")
