"""What the normaliser, the map back to the text of record and the highlighter promise for any text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unburnt.search.highlight import spans
from unburnt.search.normalise import fold, normalise
from unburnt.search.offsets import SINGLE, Mapped
from unburnt.search.query import parse
from unburnt.search.tables import SIMPLIFIED, TRADITIONAL
from unburnt.search.tokens import tokens

HAN = st.sampled_from("被拘留居所通知學习習新疆漢字龍龙後后")
MIXED = st.text(alphabet=st.one_of(
    HAN, st.sampled_from(" \n\u3000·，。Ａa1ée\u0301ﬁß\u200b\u0640ئىيكﾀﾞカ\u1100\u1161ЙйИ\u0306"), st.characters(exclude_categories=["Cs"])))
few = settings(max_examples=200, deadline=None, derandomize=True, database=None)
SCRIPTS = ("ئۇيغۇر", "uyghur", "уйғур")


@few
@given(MIXED)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@few
@given(MIXED, st.booleans())
def test_the_map_back_rises_and_stays_within_the_text(text: str, long: bool) -> None:
    text = f"{text}\n{'林 ' * 1500}\n{text}" if long else text
    mapped = Mapped(text)
    assert mapped.text == normalise(text)
    places = [mapped.original(at, at + 1) for at in range(len(mapped.text))]
    assert places == sorted(places) and [end for _, end in places] == sorted(end for _, end in places)
    assert all(0 <= start < end <= len(text) for start, end in places)


@few
@given(MIXED, st.text(alphabet="\n \u0301居留，", max_size=3))
def test_a_place_in_a_long_text_is_where_it_is_in_a_short_one(text: str, before: str) -> None:
    filling = "一行 line\n" * 600
    alone = spans(parse("拘留"), "。" + text + "\n。")
    inside = spans(parse("拘留"), filling + before + "。" + text + "\n。" + filling)
    assert [(start - len(filling + before), end - len(filling + before)) for start, end in inside] == alone


@pytest.mark.parametrize("count", [1, 5, 12, 13, 400])
def test_every_traditional_character_is_simplified_however_many_there_are(count: int) -> None:
    step = max(1, len(TRADITIONAL) // count)
    text = "。".join(TRADITIONAL[start::step][:count] * 2 for start in range(3)) + "\U00020000\U00020000"
    assert fold(text) == fold(text.translate(str.maketrans(TRADITIONAL, SIMPLIFIED)))


def test_each_character_of_a_run_folds_to_exactly_one() -> None:
    single = re.compile(f"[{SINGLE}]")
    assert not [hex(code) for code in range(0xD800) if single.match(chr(code)) and len(fold(chr(code))) != 1]


@few
@given(st.text(alphabet="abcAÉéйЙ ,.\n", min_size=1), st.sampled_from(["abc", "é", "Й", "a"]))
def test_what_is_shown_holds_the_words_asked_for(text: str, word: str) -> None:
    found = spans(parse(word), text)
    assert len(found) == tokens(normalise(text)).count(normalise(word))
    assert all(normalise(text[start:end]) == normalise(word) for start, end in found)


@few
@given(st.lists(HAN, min_size=2, max_size=30), st.data())
def test_any_two_signs_are_found_exactly_also_across_a_break_of_line(signs: list[str], data: st.DataObject) -> None:
    gaps = [data.draw(st.sampled_from(["", "", "\n", "\u3000", " ", "·"])) for _ in signs[1:]] + [""]
    text = "".join(sign + gap for sign, gap in zip(signs, gaps, strict=True))
    at = data.draw(st.integers(0, len(signs) - 2))
    start = sum(len(sign) + len(gap) for sign, gap in zip(signs[:at], gaps[:at], strict=True))
    end = start + 2 + len(gaps[at])
    found = spans(parse(signs[at] + signs[at + 1]), text)
    assert any(first <= start and end <= last for first, last in found)
    if signs.count(signs[at]) == 1:
        assert found == [(start, end)]


@few
@given(st.text(alphabet="居留所 \n，被"), st.text(alphabet="拘留所 \n，被"))
def test_detention_and_residence_never_match_each_other(residence: str, detention: str) -> None:
    assert spans(parse("拘留"), residence) == []
    assert spans(parse("居留"), detention) == []


@pytest.mark.parametrize("asked", SCRIPTS)
@pytest.mark.parametrize("written", SCRIPTS)
def test_a_uyghur_word_is_found_in_each_of_its_scripts(asked: str, written: str) -> None:
    assert spans(parse(asked), f"1 {written}, 2") == [(2, 2 + len(written))]
