"""Tokens: one CJK character, one run of other word characters, or one break between CJK characters."""

from __future__ import annotations

import re
from functools import cache

import tantivy

from unburnt.search.normalise import BREAK
from unburnt.search.tables import CJK, WORD

TOKENIZER = "unburnt"
PATTERN = f"[{CJK}]|[{WORD}]+|{BREAK}"
_TOKEN = re.compile(PATTERN)
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
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(PATTERN)).build()
