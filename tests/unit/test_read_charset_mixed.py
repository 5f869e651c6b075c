"""Texts whose lines are in different encodings: nothing becomes signs that nobody wrote, and whole texts stay as they were."""

from __future__ import annotations

import pytest

from tests.charset_texts import ARABIC, RUSSIAN, SIMPLIFIED, TRADITIONAL, UKRAINIAN, pieces
from tests.read_by_child import read
from unburnt.read.charset_mixed import decode_lines

ZH = "关于加强户籍登记管理工作的通知，请各村委会查收并按时上报。"
RU = "Распоряжение о порядке учёта граждан"
UG = "ئاپتونوم رايونلۇق خەلق ھۆكۈمىتى"


def put_together(*lines: tuple[str, str]) -> tuple[bytes, str]:
    return b"".join(f"{text}\n".encode(encoding) for text, encoding in lines), "".join(f"{text}\n" for text, _ in lines)


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.md", "a.log"])
@pytest.mark.parametrize("lines", [
    ((ZH, "utf-8"), (ZH, "gbk")),
    ((ZH, "gbk"), (ZH, "utf-8"), ("plain words", "ascii"), (RU, "utf-8")),
    ((UG, "utf-8"), (ZH, "gbk"), (UG, "utf-8")),
    ((RU, "cp1251"), (ZH, "utf-8"), (RU, "cp1251")),
])  # fmt: skip
def test_each_line_is_decoded_by_its_own_encoding(lines: tuple[tuple[str, str], ...], name: str) -> None:
    data, text = put_together(*lines)
    said = read(data, name)
    assert said.text == text and said.outcome == "read"
    assert [code for code, _ in said.notes] == ["mixed-encodings"]
    assert said.metadata.fields["text:encoding"].startswith("utf-8, ")


def test_many_lines_in_turn_come_out_whole() -> None:
    data, text = put_together(*((f"{number} {ZH}", ("utf-8", "gbk")[number % 3 == 0]) for number in range(3_000)))
    said = read(data, "a.txt")
    assert said.text == text
    assert said.notes == [("mixed-encodings", "2000 lines are in UTF-8 and 1000 in gb18030: each was decoded by its own.")]


def test_a_short_word_of_gbk_that_could_be_utf_8_stays_what_it_is() -> None:
    data, text = put_together(("联通", "gbk"), (ZH, "gbk"), (ZH, "utf-8"))
    assert read(data, "a.txt").text == text


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8"])
def test_a_text_in_one_encoding_is_not_called_mixed(encoding: str) -> None:
    lines = [(word, encoding) for word in ("联通", "通知", ZH, "中国移动") for _ in range(50)]
    data, text = put_together(*lines)
    said = read(data, "a.txt")
    assert said.text == text and said.notes == []


@pytest.mark.parametrize(("texts", "encodings"), [
    (SIMPLIFIED, ("gbk", "gb18030", "utf-16", "hz")), (TRADITIONAL, ("big5", "big5hkscs")), (RUSSIAN, ("cp1251", "koi8-r", "cp866")),
    (UKRAINIAN, ("cp1251", "koi8-u")), (ARABIC, ("cp1256",)),
])  # fmt: skip
def test_no_text_in_one_old_encoding_is_called_mixed(texts: tuple[str, ...], encodings: tuple[str, ...]) -> None:
    for encoding in encodings:
        for piece in pieces(texts, 400):
            assert decode_lines(piece.encode(encoding, "ignore"), native=False)[1] == ""
