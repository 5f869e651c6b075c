"""Uyghur of before Unicode: found, said, read beside the text where that is certain, and never replaced."""

from __future__ import annotations

import functools
import unicodedata

import pytest

from tests.charset_texts import ARABIC, UYGHUR
from tests.read_by_child import read
from unburnt.read.legacy_uyghur import judge, mapped

TEXT = "\n".join(UYGHUR * 2)
KAZAKH = "حالىقتى تىركەۋ جۇمىسىن ودان ارى كۇشەيتۋ تۋرالى حابارلاما. اۋداندىق بولىم باستىقتارىنا تىزىمدەردى جىبەرىڭىزدەر. مۇعالىم بالالاردىڭ كەشە وزەن جاعاسىنا بارىپ مۇز كورگەنىن ايتىپ بەردى."
PERSIAN = "اطلاعیه درباره تقویت بیشتر کار ثبت ساکنان. به رؤسای دفاتر شهرستان‌ها: لطفا فهرست‌ها را تا پایان ماه بفرستید. معلم گفت که بچه‌ها دیروز برای دیدن یخ به کنار رودخانه رفتند و در راه خانه آواز خواندند."
SHAPES = ("isolated", "final", "initial", "medial")


@functools.cache
def shapes() -> dict[str, dict[str, str]]:
    """Each letter's presentation forms, from the Unicode character database; ە and ھ as Uyghur fonts have them."""
    found: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEFD)):
        kind, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        if len(letters) == 1:
            found.setdefault(chr(int(letters[0], 16)), {}).setdefault(kind.strip("<>"), chr(code))
    found["\u06d5"] = {"isolated": "\ufee9", "final": "\ufeea"}
    return found


def shaped(text: str) -> str:
    """Every letter by the shape that it takes between its neighbours."""
    table, out = shapes(), []
    for at, sign in enumerate(text):
        before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
        joins_before = sign in table and before in table and "initial" in table[before] and "final" in table[sign]
        joins_after = sign in table and after in table and "initial" in table[sign] and "final" in table[after]
        kind = SHAPES[joins_before + 2 * joins_after]
        out.append(table[sign].get(kind, sign) if sign in table else sign)
    return "".join(out)


def turned(text: str) -> str:
    """The order of the screen: lines from left to right, with numbers as they are read."""
    lines = []
    for line in text.split("\n"):
        words = ["".join(reversed(word)) if not word.isascii() else word for word in line.split(" ")]
        lines.append(" ".join(reversed(words)))
    return "\n".join(lines)


def test_letters_coded_by_shape_are_found_and_read_back_to_the_same_text() -> None:
    text = shaped(TEXT)
    assert text != TEXT
    found = judge(text)
    assert found is not None and found.kind == "forms"
    assert mapped(text, found) == TEXT


def test_shapes_in_the_order_of_the_screen_are_turned_back() -> None:
    text = turned(shaped(TEXT.replace(".", "").replace("،", "") + "\n1949 يىل 10 ئاي"))
    found = judge(text)
    assert found is not None and found.kind == "turned-forms"
    assert mapped(text, found) == TEXT.replace(".", "").replace("،", "") + "\n1949 يىل 10 ئاي"


def test_plain_letters_in_the_order_of_the_screen_are_turned_back() -> None:
    plain = TEXT.replace(".", "").replace("،", "")
    found = judge(turned(plain))
    assert found is not None and found.kind == "turned"
    assert mapped(turned(plain), found) == plain


def test_borrowed_codes_are_flagged_with_their_letters_and_nothing_is_mapped() -> None:
    text = TEXT.translate(str.maketrans("ەېۈ", "ةثظ"))
    found = judge(text)
    assert found is not None and found.kind == "borrowed" and not found.is_certain
    assert "ة (" in found.sentence
    assert "cannot be known without that font" in found.sentence


@pytest.mark.parametrize("text", [
    TEXT, "\n".join(ARABIC * 3), KAZAKH * 3, PERSIAN * 3, TEXT + "\n".join(ARABIC * 3), TEXT + PERSIAN * 3, "قارئ شاطئ " * 40,
    TEXT.replace("ە", "ه"), TEXT.replace("ى", "ي"), "ئا " * 200, shaped("\n".join(ARABIC * 3)), shaped(PERSIAN * 2),
])  # fmt: skip
def test_other_texts_and_usual_spellings_are_left_alone(text: str) -> None:
    assert judge(text) is None


def test_shapes_in_no_consistent_order_are_flagged_and_not_mapped() -> None:
    words = shaped(TEXT).split(" ")
    found = judge(" ".join(word[::-1] if number % 2 else word for number, word in enumerate(words)))
    assert found is not None and not found.is_certain


def test_the_reading_keeps_the_text_of_record_and_sets_the_mapped_one_beside_it() -> None:
    text = shaped(TEXT)
    said = read(text.encode(), "old.txt")
    record, beside = said.parts
    assert (record.text, record.origin) == (text, "file")
    assert (beside.text, beside.origin, beside.kind) == (TEXT, "mapped", "section")
    assert "not the text of record" in beside.label
    assert [code for code, _ in said.notes] == ["legacy-uyghur"]


def test_what_cannot_be_mapped_is_said_and_nothing_is_added() -> None:
    said = read(TEXT.translate(str.maketrans("ەېۈ", "ةثظ")).encode(), "old.txt")
    assert len(said.parts) == 1
    assert [code for code, _ in said.notes] == ["legacy-uyghur"]


def test_a_usual_text_gets_neither_note_nor_part() -> None:
    said = read(TEXT.encode(), "new.txt")
    assert (len(said.parts), said.notes) == (1, [])
