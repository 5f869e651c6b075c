"""What office readers decide without a file: how numbers and dates are shown, how RTF's bytes become text."""

from __future__ import annotations

import pytest

from unburnt.read.formats.office.xlsx_sheet import address, cell_range, unescape
from unburnt.read.formats.office.xlsx_styles import is_date_format, shown_date, shown_number
from unburnt.read.formats.texts.rtf_text import RtfWalker

UYGHUR = "ئۇيغۇر ئاپتونوم رايونى"


def rtf(body: bytes) -> RtfWalker:
    walker = RtfWalker()
    walker.walk(b"{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Times;}{\\f1\\fcharset134 SimSun;}{\\f2\\fcharset204 Arial;}}" + body + b"}")
    return walker


def text_of(walker: RtfWalker) -> str:
    return walker.found.stories["text"].text()


@pytest.mark.parametrize(
    ("stored", "shown", "imprecise"),
    [("3", "3", False), ("3.0", "3", False), ("0.1", "0.1", False), ("0.30000000000000004", "0.3", False),
     ("1.10101199003071E+17", "110101199003071000", True), ("110101199003071234", "110101199003071234", True),
     ("-5", "-5", False), ("1E+400", "1E+400", False), ("not a number", "not a number", False)],
)  # fmt: skip
def test_numbers_are_shown_as_people_write_them(stored: str, shown: str, imprecise: bool) -> None:
    assert shown_number(stored) == (shown, imprecise)


def test_dates_follow_the_workbooks_epoch() -> None:
    assert shown_date(42856, False) == "2017-05-01"
    assert shown_date(42856 - 1462, True) == "2017-05-01"
    assert shown_date(42856.5, False) == "2017-05-01 12:00:00"
    assert shown_date(1, False) == "1900-01-01"
    assert shown_date(-1, False) is None


@pytest.mark.parametrize(
    ("code", "is_date"),
    [("yyyy-mm-dd", True), ("[h]:mm", True), ("General", False), ("0.00E+00", False), ('0 "days"', False),
     ('yyyy"年"m"月"d"日"', True), ("[$-804]aaaa;@", False), ("[Red]0.00", False)],
)  # fmt: skip
def test_number_formats_tell_dates_from_numbers(code: str, is_date: bool) -> None:
    assert is_date_format(code) is is_date


def test_addresses_are_absolute_and_bounded() -> None:
    assert address("A1") == (0, 0)
    assert address("XFD1048576") == (1_048_575, 16_383)
    assert address("XFE1") is None
    assert address("A1048577") is None
    assert cell_range("B2:A1") == (0, 0, 1, 1)
    assert unescape("a_x000D_b") == "a\rb"


def test_rtf_unicode_skips_its_fallback_characters() -> None:
    body = b"\\uc1 " + b"".join(f"\\u{ord(c) if ord(c) < 32768 else ord(c) - 65536}?".encode() for c in UYGHUR)
    assert text_of(rtf(body)) == UYGHUR


def test_rtf_two_byte_characters_follow_their_font() -> None:
    body = b"\\f1 " + b"".join(b"\\'%02x" % byte for byte in "拘留".encode("gb18030"))
    body += b"\\f2 " + b"".join(b"\\'%02x" % byte for byte in "Приказ".encode("cp1251"))
    assert text_of(rtf(body)) == "拘留Приказ"


def test_rtf_double_byte_fallback_of_two_is_skipped_whole() -> None:
    assert text_of(rtf(b"\\uc2\\u24180\\'c4\\'ea abc")) == "年 abc"


def test_rtf_deleted_text_stays_and_is_marked() -> None:
    walker = rtf(b"keep {\\deleted gone} end")
    (mark,) = walker.found.stories["text"].marks
    assert text_of(walker)[mark.start : mark.end] == "gone"
    assert mark.kind == "deletion"


def test_rtf_million_nested_groups_end() -> None:
    walker = RtfWalker()
    found = walker.walk(b"{\\rtf1 first " + b"{" * 1_200_000)
    assert found.stories["text"].text() == "first "
    assert not found.whole
