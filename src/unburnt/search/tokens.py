"""Tokens: one CJK character, one run of other word characters, or one break between CJK characters."""

from __future__ import annotations

import re
from functools import cache

import tantivy

from unburnt.search.normalise import BREAK
from unburnt.search.query import MAX_DISTANCE
from unburnt.search.tables import CJK, WORD

TOKENIZER = "unburnt"
PATTERN = f"[{CJK}]|[{WORD}]+|{BREAK}"
_TOKEN = re.compile(PATTERN)
_NOTHING = "\u2063"
"""Never in normalised text: the normaliser drops it."""
APART = _NOTHING * (MAX_DISTANCE + 1)
"""Before each further text of a document: takes up places but is no word, so that nothing is near across two texts."""
_CJK = re.compile(f"[{CJK}{BREAK}]")


def tokens(normalised: str) -> list[str]:
    """The tokens of normalised text, as the index cuts them."""
    return _TOKEN.findall(normalised)


def is_cjk(token: str) -> bool:
    """Whether a token is a single CJK character or a break."""
    return _CJK.match(token) is not None


@cache
def analyzer() -> tantivy.TextAnalyzer:
    """The same cut in Rust; text is normalised before it gets there."""
    cut = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(f"{PATTERN}|{_NOTHING}"))
    return cut.filter(tantivy.Filter.custom_stopword([_NOTHING])).build()
