"""Languages by their letters; sentences written for this test."""

from __future__ import annotations

import pytest

from unburnt.read.language import language_of

CASES = [
    ("关于加强户籍登记管理工作的通知", "zh", "Hans"),
    ("關於加強戶籍登記管理工作的通知", "zh", "Hant"),
    ("شىنجاڭ ئۇيغۇر ئاپتونوم رايونلۇق خەلق ھۆكۈمىتى", "ug", "Arab"),
    ("Bu uqturush barliq kishi üchün we hemme yeza bilen nahiye üchün", "ug", "Latn"),
    ("Mektep heqqide qisqiche xatire: balilar qoshna yézigha piyade bardi", "ug", "Latn"),
    ("Мәктәптә оқуғучилар үчүн китаплар һазирланди, яхши күн болди", "ug", "Cyrl"),
    ("Қазақстан Республикасының азаматтары туралы бұйрық", "kk", "Cyrl"),
    ("Распоряжение о порядке учёта граждан", "ru", "Cyrl"),
    ("The list of the persons who are to be registered by the office", "en", "Latn"),
]


@pytest.mark.parametrize(("text", "lang", "script"), CASES)
def test_letters_tell_the_language_without_native_code(text: str, lang: str, script: str) -> None:
    assert language_of(text, native=False) == (lang, script)


@pytest.mark.parametrize(("text", "lang", "script"), CASES)
def test_native_code_agrees_where_letters_are_certain(text: str, lang: str, script: str) -> None:
    assert language_of(text, native=True) == (lang, script)


@pytest.mark.parametrize("text", ["", " \n", "12345 67", "\x00\x01", "\ud800", "…—"])
def test_nothing_is_said_about_what_is_no_language(text: str) -> None:
    assert language_of(text) == (None, None)


def test_a_word_alone_in_latin_letters_is_left_open() -> None:
    assert language_of("rot") == (None, "Latn")
