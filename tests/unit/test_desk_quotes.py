"""An earlier mail in a mail's text is folded away on the desk, and unfolded where a hit stands in it."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from unburnt.desk.desk import template_environment
from unburnt.desk.passages import segments
from unburnt.model.reading import Mark, Part

TEXT = "New words.\n> old words\n> more\nlast words\n"
START, END = TEXT.index(">"), TEXT.index("last")


def page(hits: list[tuple[int, int]], language: str = "en") -> str:
    part = Part(ordinal=0, kind="message", label="body", text=TEXT, marks=(Mark(kind="quote", start=START, end=END),))
    shown = SimpleNamespace(part=part, segments=segments(part, hits, (0, len(TEXT))), windows=1, window=0, asked=None)
    return template_environment(language, str).get_template("text.html").render(part=part, s=shown, base="", key=None)


def test_a_quotation_is_folded_and_loses_nothing() -> None:
    found = page([])
    assert re.search(r"<details class=\"quoted\"><summary[^>]*><bdi>Quoted history</bdi></summary>&gt; old words\n&gt; more\n</details>last words", found)


@pytest.mark.parametrize(("word", "is_open"), [("old", True), ("New", False)])
def test_a_quotation_with_a_hit_in_it_stands_open(word: str, is_open: bool) -> None:
    found = page([(TEXT.index(word), TEXT.index(word) + 3)])
    assert ('<details class="quoted" open>' in found) is is_open and f">{word}</mark>" in found


def test_the_heading_is_in_the_desks_language() -> None:
    assert "引用的往来内容" in page([], "zh-Hans") and '<summary lang="ug"><bdi>' in page([], "ug")
