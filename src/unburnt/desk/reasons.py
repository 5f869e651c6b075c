"""The fixed sentences of readers, keeper and query language, told in the reader's language.

Archives hold them in English, with what varies filled in (``desk/sentences`` lists them). A sentence that follows none
of these patterns is shown as it is: an untranslated reason is better than a guessed one.
"""

from __future__ import annotations

import gettext
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from unburnt.base.visible import visible
from unburnt.desk.sentences import CLAUSES, LABELS, SENTENCES
from unburnt.desk.words import mark

_END = re.compile(r"(?<=[.])\s+(?=[A-Z0-9])")
_HOLE = re.compile(r"%\((\w+)\)s")
BETWEEN, COMMA = mark("; "), mark(", ")
_LONGEST = 2_000
_REMEMBERED = 4_096
_DEEPEST = 3
"""Clauses within clauses: a fault of a part of a list."""


@dataclass(frozen=True)
class Told:
    """A reason as shown. *translated* is false where it stayed English."""

    text: str
    translated: bool


class _Patterns:
    """English sentences as patterns, found by their first word: a page tells hundreds of reasons."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._by_word: defaultdict[str, list[tuple[str, str, re.Pattern[str]]]] = defaultdict(list)
        for sentence in sentences:
            first = sentence.partition(" ")[0]
            self._by_word["" if "%(" in first else first].append((sentence, _HOLE.split(sentence)[-1], _pattern(sentence)))

    def matching(self, text: str) -> Iterable[tuple[str, dict[str, str]]]:
        """Every sentence that *text* may be, the more literal first, with what fills its holes."""
        for word in (text.partition(" ")[0], ""):
            for sentence, end, pattern in self._by_word.get(word, ()):
                if text.endswith(end) and (found := pattern.match(text)) is not None:
                    yield sentence, found.groupdict()


def _pattern(sentence: str) -> re.Pattern[str]:
    """A hole ends where the words after it first occur, and is never tried longer: hostile text costs no more than its length."""
    pieces = _HOLE.split(sentence)
    made = re.escape(pieces[0])
    for name, after in zip(pieces[1::2], pieces[2::2], strict=True):
        last = after is pieces[-1]
        made += f"(?P<{name}>.+?){re.escape(after)}" if last else f"(?>(?P<{name}>.+?){re.escape(after)})"
    return re.compile(made + r"\Z", re.DOTALL)


@cache
def _patterns() -> tuple[_Patterns, _Patterns]:
    return _Patterns(sorted(SENTENCES, key=_exactness)), _Patterns(sorted(CLAUSES, key=_exactness))


@cache
def _labels() -> _Patterns:
    return _Patterns(sorted(LABELS, key=_exactness))


def label_told(catalogue: gettext.NullTranslations, kind: str, untrusted_rest: str) -> str:
    """What a reader called a part, beyond its kind; names that the file gives to sheets, pages and slides stay as they are."""
    if kind not in ("sheet", "page", "slide"):
        for english, values in _labels().matching(untrusted_rest):
            return catalogue.gettext(english) % {name: _isolated(value) for name, value in values.items()}
    return untrusted_rest


def _exactness(sentence: str) -> tuple[int, int]:
    """What has fewer holes and more words of its own is tried first."""
    return len(_HOLE.findall(sentence)), -len(_HOLE.sub("", sentence))


@lru_cache(_REMEMBERED)
def told(catalogue: gettext.NullTranslations, untrusted_reason: str) -> Told:
    """*untrusted_reason* in the language of *catalogue* where all of its sentences are known, else as it is."""
    whole = visible(untrusted_reason)
    if len(whole) > _LONGEST:
        return Told(whole, translated=False)
    sentences = [_one(catalogue, whole)]
    if sentences == [None]:
        sentences = [_one(catalogue, sentence) for sentence in _END.split(whole)]
    known = [sentence for sentence in sentences if sentence is not None]
    return Told(" ".join(known), translated=True) if len(known) == len(sentences) else Told(whole, translated=False)


def _one(catalogue: gettext.NullTranslations, sentence: str) -> str | None:
    for english, values in _patterns()[0].matching(sentence):
        if not any(_END.search(value) for value in values.values()):
            return _filled(catalogue, english, values, 0)
    return None


def _filled(catalogue: gettext.NullTranslations, english: str, values: dict[str, str], depth: int) -> str:
    return catalogue.gettext(english) % {name: _value(catalogue, value, depth) for name, value in values.items()}


def _value(catalogue: gettext.NullTranslations, value: str, depth: int) -> str:
    """A number as it is; known clauses told; anything else isolated, or it would be torn apart in right-to-left text."""
    if value.isascii() and value.isdigit():
        return value
    pieces = [_listed(catalogue, piece, depth) for piece in value.split("; ")]
    if all(piece is None for piece in pieces):
        return _isolated(value)
    told = (_isolated(piece) if clause is None else clause for piece, clause in zip(value.split("; "), pieces, strict=True))
    return catalogue.gettext(BETWEEN).join(told)


def _listed(catalogue: gettext.NullTranslations, piece: str, depth: int) -> str | None:
    """One clause, or several with commas between where each is known."""
    listed = [_clause(catalogue, one, depth) for one in piece.split(", ")]
    known = [one for one in listed if one is not None]
    return catalogue.gettext(COMMA).join(known) if len(known) == len(listed) else _clause(catalogue, piece, depth)


def _clause(catalogue: gettext.NullTranslations, clause: str, depth: int) -> str | None:
    if depth >= _DEEPEST:
        return None
    for english, values in _patterns()[1].matching(clause):
        return _filled(catalogue, english, values, depth + 1)
    return None


def _isolated(value: str) -> str:
    return f"\u2068{value}\u2069"
