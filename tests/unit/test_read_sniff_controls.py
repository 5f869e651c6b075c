"""Texts with zeros, bells and escapes among their signs are texts; what only holds some letters is none."""

from __future__ import annotations

import io
import random
import struct

import pytest

from tests.read_by_child import read
from unburnt.read.sniff import sniff
from unburnt.read.source import Source

LETTER = b"Dear colleague,\n\nthe list of those transferred last week is attached. Keep it to yourself.\n\nYours, A.\n"
CONTROLS = b"page one\x0c" * 5 + b"ring\x07" * 5 + b"colour\x1b" * 5
ANSI = b"\x1b]0;window title\x07\x1b[31mred\x1b[0m and \x1b[1mbold\x1b[0m words\x07\n" * 3
CHINESE = "关于进一步加强管理工作的通知，各单位负责人应当在本月底前报送名单。\n"


def type_of(data: bytes, name: str = "") -> str:
    return sniff(Source(io.BytesIO(data), len(data), name))


def with_zeros(data: bytes, count: int = 5) -> bytes:
    step = len(data) // (count + 1)
    return b"\0".join(data[at * step:(at + 1) * step if at < count else None] for at in range(count + 1))


@pytest.mark.parametrize("data", [
    b"abc\0def nulltext\0\0", with_zeros(LETTER), with_zeros(LETTER * 1000, 9), CONTROLS, ANSI, LETTER + bytes(4000),
    "Отчёт о\0 работе за\x07 год".encode(), CHINESE.encode("gb18030") * 4 + b"\0\x07", ("é\0" + "é" * 40_000).encode(),
])  # fmt: skip
def test_a_text_with_a_few_control_bytes_is_text(data: bytes) -> None:
    assert type_of(data) == "text/plain"


@pytest.mark.parametrize("data", [
    b"abc\0def nulltext\0\0", with_zeros(LETTER), with_zeros(LETTER, 9), CONTROLS, ANSI, LETTER + bytes(999),
])  # fmt: skip
def test_the_text_of_record_is_what_the_file_says_zeros_and_escapes_too(data: bytes) -> None:
    said = read(data, "a.txt")
    assert said.outcome == "read"
    assert said.text == data.decode()


def test_a_page_with_a_stray_zero_stays_a_page() -> None:
    assert type_of(b"<!DOCTYPE html><html><body><p>some\0 words of text</p></body></html>") == "text/html"


@pytest.mark.parametrize("text", [CHINESE, CHINESE * 50, "Dear colleague,\r\n", "名单\t2017\r\n", "Отчёт о работе\n", "ئۇيغۇر تىلى\n"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_zeros_of_utf_16_are_still_known_for_what_they_are(text: str, encoding: str) -> None:
    assert read(text.encode(encoding), "a.txt").text == text


@pytest.mark.parametrize("data", [
    *(random.Random(size).randbytes(size) for size in (12, 40, 200, 5000, 70_000)),
    struct.pack("<I16sHH", 7, b"Ivan", 2, 9) * 9, struct.pack("<16s", b"root") * 4, b"abc\0\0\0\0\0\0\0",
    b"\xcf\xfa\xed\xfe" + struct.pack("<7I", 7, 3, 2, 4, 99, 1, 0) + b"__TEXT".ljust(16, b"\0") * 3,
    bytes(range(256)) * 4, bytes(4096), bytes(range(32)) + LETTER[:60],
])  # fmt: skip
def test_binary_data_that_holds_some_letters_stays_unknown(data: bytes) -> None:
    assert type_of(data) == "application/octet-stream"


@pytest.mark.parametrize("zeros", [1, 2, 16, 100, 512, 4096, 30_000])
@pytest.mark.parametrize(("text", "encoding"), [
    ("Отчёт о переселении жителей села в другой район области.\n", "cp1251"), ("关于人员管理的通知，请各单位执行。\n", "gb18030"),
    ("关于人员管理的通知，请各单位执行。\n", "utf-8"), ("The list of names was kept by the office.\n", "ascii"),
    ("The list of names was kept by the office.\n", "utf-16-le"), ("Отчёт о переселении жителей села.\n", "utf-16-le"),
    ("The list of names was kept by the office.\n", "utf-16-be"), ("关于人员管理的通知，请各单位执行。\n", "utf-16-le"),
])
def test_a_text_behind_zeros_is_read_in_its_own_encoding(zeros: int, text: str, encoding: str) -> None:
    if encoding.startswith("utf-16"):
        zeros *= 2
    said = read(bytes(zeros) + text.encode(encoding) * 3, "a.txt")
    assert said.outcome == "read" and said.text.lstrip("\0") == text * 3
    assert said.metadata.fields["text:encoding"] == encoding
    assert len(said.text) - len(text) * 3 == (zeros // 2 if encoding.startswith("utf-16") else zeros)


def test_a_short_text_behind_a_zero_is_not_taken_for_wide_letters() -> None:
    assert "hello" in read(b"\0hello\n" * 2, "a.txt").text


def test_zeros_with_a_handful_of_letters_behind_them_are_no_text() -> None:
    assert read(bytes(4096) + b"VOLUME", "a.bin").outcome == "unsupported"
