"""Drawings that office programs paste: their words and the pictures in them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.read_by_child import read
from unburnt.model.outcome import Outcome

PIXELS = struct.pack("<IiiHHIIiiII", 40, 20, 20, 1, 24, 0, 0, 0, 0, 0, 0), bytes(20 * 60)


def record(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, 8 + len(body)) + body


def emf(*records: bytes, title: str = "Excel\0年度计划\0\0") -> bytes:
    described = title.encode("utf-16-le")
    head = bytes(32) + b" EMF" + bytes(16) + struct.pack("<II", len(title), 108) + bytes(40) + described
    return record(1, head) + b"".join(records) + record(14, bytes(12))


def words(text: str, left: int, right: int, y: int, *, options: int = 0) -> bytes:
    encoded = text.encode("utf-16-le")
    return record(84, struct.pack("<4iIffiiIII4iI", left, y, right, y + 9, 1, 1, 1, left, y, len(encoded) // 2, 76, options, 0, 0, 0, 0, 0) + encoded)


def stretched() -> bytes:
    head, bits = PIXELS
    return record(81, struct.pack("<10i4I4i", *[0] * 10, 80, 40, 120, len(bits), 0, 0, 0, 0) + head + bits)


def drawn_string(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    plus = struct.pack("<HHIIIIIffff", 0x401C, 0, 40 + len(encoded), 28 + len(encoded), 0, 0, len(text), 5, 90, 0, 0) + encoded
    return record(70, struct.pack("<I", 4 + len(plus)) + b"EMF+" + plus)


def test_words_of_one_height_are_a_line_and_touching_pieces_a_word() -> None:
    said = read(emf(words("指标", 10, 30, 5), words("分解", 31, 50, 5), words("表", 90, 100, 5), words("合计", 10, 30, 25)), "a.emf")
    assert said.outcome is Outcome.READ
    assert said.text == "指标分解 表\n合计\n"
    assert said.metadata.title == "年度计划"


def test_strings_of_the_newer_form_are_read() -> None:
    assert read(emf(drawn_string("中心布局图")), "a.emf").text == "中心布局图\n"


def test_a_bitmap_in_a_drawing_is_a_picture_of_its_own() -> None:
    said = read(emf(stretched()), "a.emf")
    assert said.outcome is Outcome.EMPTY
    assert said.members == [b"picture 1.bmp"]
    inner = read(said.bytes, "picture 1.bmp")
    assert inner.began is not None and inner.began.type == "image/bmp"
    assert inner.outcome is Outcome.NEEDS_OCR


def test_words_stored_as_glyphs_are_counted_and_not_guessed() -> None:
    said = read(emf(words("\u0123\u0456", 0, 9, 0, options=0x10)), "a.emf")
    assert said.outcome is Outcome.EMPTY
    assert dict(said.notes)["glyphs"].startswith("1 pieces")


def test_a_cut_drawing_keeps_what_came_before() -> None:
    said = read(emf(words("指标", 10, 30, 5))[:-15], "a.emf")
    assert (said.outcome, said.text) == (Outcome.PARTIAL, "指标\n")


@given(st.binary(max_size=300), st.integers(0, 120))
def test_any_records_end_in_an_outcome(body: bytes, kind: int) -> None:
    assert read(emf(record(kind, body), words("后", 1, 2, 3)), "a.emf").finished is not None


def meta(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 2)
    return struct.pack("<IH", 3 + len(body) // 2, kind) + body


def wmf(*records: bytes, placeable: bool = True) -> bytes:
    head = b"\xd7\xcd\xc6\x9a" + bytes(18) if placeable else b""
    return head + struct.pack("<HHHIHIH", 1, 9, 0x300, 0, 0, 0, 0) + b"".join(records) + meta(0, b"")


def font(charset: int) -> bytes:
    return meta(0x02FB, struct.pack("<5h8B", 10, 0, 0, 0, 400, 0, 0, 0, charset, 0, 0, 0, 0) + b"F\0")


@pytest.mark.parametrize("placeable", [True, False])
def test_an_old_drawing_is_read_in_the_character_set_of_its_font(placeable: bool) -> None:
    text = "各村名册".encode("gbk")
    shown = meta(0x0A32, struct.pack("<hhHH", 5, 5, len(text), 0) + text)
    russian = "справка".encode("cp1251")
    plain = meta(0x0521, struct.pack("<H", len(russian)) + russian + bytes(len(russian) % 2) + struct.pack("<hh", 30, 5))
    said = read(wmf(font(134), shown, font(204), plain, placeable=placeable), "a.wmf")
    assert (said.outcome, said.text) == (Outcome.READ, "各村名册\nсправка\n")


def test_a_bitmap_in_an_old_drawing_is_a_picture_of_its_own() -> None:
    said = read(wmf(meta(0x0F43, bytes(22) + PIXELS[0] + PIXELS[1])), "a.wmf")
    inner = read(said.bytes, "picture 1.bmp")
    assert inner.outcome is Outcome.NEEDS_OCR


@given(st.binary(max_size=300), st.sampled_from([0x0521, 0x0A32, 0x02FB, 0x0F43, 0x1234]))
def test_any_old_records_end_in_an_outcome(body: bytes, kind: int) -> None:
    assert read(wmf(meta(kind, body)), "a.wmf").finished is not None
