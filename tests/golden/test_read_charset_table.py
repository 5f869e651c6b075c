"""How well an undeclared encoding is found: a table of encodings and lengths, with a floor for each.

Texts are of our own making (``tests/charset_texts.py``); right means every character of every piece.
"""

from __future__ import annotations

import pytest

from tests.charset_texts import (
    ARABIC,
    ENGLISH,
    KAZAKH,
    RUSSIAN,
    SIMPLIFIED,
    TRADITIONAL,
    UKRAINIAN,
    UYGHUR,
    encoding_guessed,
    pieces,
)
from tests.read_by_child import read
from unburnt.read.charset import decode
from unburnt.read.sniff_text import looks_like_text

RARE = tuple(text.replace("王五", "㐀㐁𠀀王五").replace("张三", "张㑇") + "㐂𠮷" for text in SIMPLIFIED)
CANTONESE = tuple(f"{text}佢哋喺嗰度" for text in TRADITIONAL)
LENGTHS = (40, 200, 2000)
TABLE = [
    ("gb18030", SIMPLIFIED), ("gb18030", RARE), ("gb18030", UYGHUR), ("gbk", SIMPLIFIED), ("big5", TRADITIONAL),
    ("big5hkscs", CANTONESE), ("hz", SIMPLIFIED), ("iso-2022-cn", SIMPLIFIED), ("cp1251", RUSSIAN), ("cp1251", UKRAINIAN),
    ("cp866", RUSSIAN), ("koi8-r", RUSSIAN), ("koi8-u", UKRAINIAN), ("kz1048", KAZAKH), ("cp1256", ARABIC), ("cp1252", ENGLISH),
    ("iso8859-5", RUSSIAN), ("iso8859-6", ARABIC), ("utf-8", SIMPLIFIED), ("utf-8", UYGHUR),
    *((f"utf-16-{order}", texts) for order in ("le", "be") for texts in (SIMPLIFIED, TRADITIONAL, RUSSIAN, KAZAKH, UYGHUR, ENGLISH)),
]  # fmt: skip
FLOOR = 1.0
"""The share of pieces that are right, in every row; one worse is to be said aloud."""


def iso_2022_cn(text: str) -> bytes:
    """GB 2312 between SO and SI, announced anew on every line (RFC 1922)."""
    lines = []
    for line in text.split("\n"):
        out, shifted, announced = b"", False, False
        for sign in line:
            if sign.isascii():
                out += (b"\x0f" if shifted else b"") + sign.encode()
                shifted = False
            else:
                out += (b"" if announced else b"\x1b$)A") + (b"" if shifted else b"\x0e")
                out += bytes(byte & 0x7F for byte in sign.encode("gb2312"))
                shifted = announced = True
        lines.append(out + (b"\x0f" if shifted else b""))
    return b"\n".join(lines)


def encoded(text: str, encoding: str) -> tuple[str, bytes]:
    """What of *text* the encoding can say, and its bytes."""
    if encoding == "iso-2022-cn":
        kept = text.encode("gb2312", "ignore").decode("gb2312")
        return kept, iso_2022_cn(kept)
    data = text.encode(encoding, "ignore")
    return data.decode(encoding), data


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("encoding", "texts"), TABLE)
def test_an_undeclared_encoding_is_found(encoding: str, texts: tuple[str, ...], length: int, native: bool) -> None:
    said = [encoded(piece, encoding) for piece in pieces(texts, length)]
    right = sum(decode(data, native=native).text == text for text, data in said)
    assert right / len(said) >= FLOOR


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("encoding", "texts"), TABLE)
def test_a_file_in_any_of_them_is_taken_for_text_and_read(encoding: str, texts: tuple[str, ...], length: int) -> None:
    text, data = encoded(pieces(texts, length)[0], encoding)
    said = read(data, "notice")
    assert said.began is not None
    assert (said.began.type, said.text) == ("text/plain", text)


@pytest.mark.parametrize(("encoding", "texts"), TABLE)
def test_what_is_declared_wins_where_it_decodes_cleanly(encoding: str, texts: tuple[str, ...]) -> None:
    text, data = encoded(pieces(texts, 200)[0], encoding)
    assert decode(data, encoding, native=False).text == text


@pytest.mark.parametrize(("encoding", "texts"), TABLE)
@pytest.mark.parametrize("declared", ["utf-8", "shift_jis", "nonsense", "utf-16-le"])
def test_a_wrong_declaration_costs_no_text(encoding: str, texts: tuple[str, ...], declared: str) -> None:
    text, data = encoded(pieces(texts, 200)[0], encoding)
    assert decode(data, declared, native=False).text == text


@pytest.mark.parametrize("text", [
    "if x: print('~{ab~}')", "a template of ~{name~} and ~{value~}", "cost ~{ 5 ~} or so", "~{", "~~{!!~}",
    "\x1b[31mred\x1b[0m and $B in ASCII", "\x1b$ stray escape\n", "x\x0ey\x0fz plain",
])  # fmt: skip
def test_ascii_that_looks_like_switching_signs_stays_ascii(text: str) -> None:
    assert decode(text.encode(), native=False).text == text


@pytest.mark.parametrize("data", [
    b"\x1b$)A\x0e!", b"\x1b$)A\x0e\x21\x21\xff\x0f", b"\x1b$)G\x0e!!\x0f", b"\x1b$)A\x0e" + b"\x7f\x7f" * 50, b"~{" + b"!" * 9 + b"~}",
    b"\x1b$)A" * 1000 + b"\x0e\x0f" * 1000,
])  # fmt: skip
def test_switching_signs_that_lie_do_no_harm(data: bytes) -> None:
    assert decode(data, native=False).text


def test_japanese_and_korean_bytes_are_not_taken_for_chinese_in_utf_16() -> None:
    kana = "本日は晴天なり。会議の議事録を添付します。よろしくお願いいたします。" * 5
    assert decode(kana.encode("shift_jis"), native=True).text == kana
    assert decode(kana.encode("euc_jp"), native=True).text == kana
    assert not decode(kana.encode("shift_jis"), native=False).encoding.startswith("utf-16")


def test_a_mac_s_russian_is_told_from_that_of_windows_by_its_capitals() -> None:
    for text in pieces(RUSSIAN, 200):
        assert decode(text.encode("mac-cyrillic"), native=False).text == text
        assert decode(text.encode("cp1251"), native=False).text == text


def test_random_bytes_are_no_text() -> None:
    state, out = 7, bytearray()
    for _ in range(8192):
        state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        out.append(state >> 56)
    assert not any(looks_like_text(bytes(out[start : start + 1024])) for start in range(0, 8192, 1024))


def test_names_in_kazakh_and_ukrainian_do_not_change_what_russian_names_are() -> None:
    assert encoding_guessed([name.encode("cp866") for name in ("Приказ", "Отчёт за май", "список")]) == "cp866"
