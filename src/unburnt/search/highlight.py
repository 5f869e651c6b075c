"""Our own highlighter: where a query's terms stand in the text of record, exactly, found part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from unburnt.search.fuzzy import candidates
from unburnt.search.normalise import BREAK, normalise
from unburnt.search.offsets import Mapped
from unburnt.search.query import And, Field, Node, Not, Or, Term
from unburnt.search.tables import CJK, WORD
from unburnt.search.tokens import is_cjk, tokens
from unburnt.search.uyghur import other_scripts

Span = tuple[int, int]
_WORD, _WORDS = re.compile(f"[{WORD}]"), re.compile(f"[{WORD}]+")
_BETWEEN = re.compile(f"[^{CJK}{WORD}{BREAK}]*")
_NEAR_HITS = 5_000
_COUNTED = re.compile(f"[{CJK}]|[{WORD}]+")


def wanted(node: Node | None) -> Iterator[Term]:
    """The terms whose places are shown: those of the text, and not what is excluded."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from wanted(part)
    elif isinstance(node, Field | Not):
        return


def spans(node: Node | None, text: str, limit: int = 10_000) -> list[Span]:
    """Places ``[start, end)`` in code points of *text*, rising and not overlapping."""
    terms = list(wanted(node))
    if not terms:
        return []
    mapped = Mapped(text)
    return _apart(sorted(mapped.original(*place) for place in _all_places(terms, mapped.text, limit)))


def _all_places(terms: list[Term], normalised: str, limit: int) -> set[Span]:
    found: set[Span] = set()
    for term in terms:
        for place in places(term, normalised):
            found.add(place)
            if len(found) >= limit:
                break
    return found


def _apart(found: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for start, end in found:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


def places(term: Term, normalised: str) -> Iterator[Span]:
    """Where *term* stands in normalised text; for ``near`` each of its groups where they are near each other."""
    if term.kind == "near":
        yield from _near(term, normalised)
        return
    if term.kind == "fuzzy" and (words := _fuzzy(term)):
        for word in sorted(words.intersection(_WORDS.findall(normalised))):
            yield from _following((word,), normalised)
        return
    for cut in _forms(term):
        yield from _following(cut, normalised, prefix=term.kind == "prefix")


@lru_cache(maxsize=512)
def _forms(term: Term) -> tuple[tuple[str, ...], ...]:
    written = [term.text, *(sorted(other_scripts(term.text)) if term.kind == "word" else ())]
    return tuple(dict.fromkeys(cut for text in written if (cut := tuple(tokens(normalise(text))))))


def _fuzzy(term: Term) -> frozenset[str]:
    cut = _forms(term)[0] if _forms(term) else ()
    return candidates(cut[0]) if len(cut) == 1 and not is_cjk(cut[0]) else frozenset()


def _following(cut: tuple[str, ...], text: str, *, prefix: bool = False) -> Iterator[Span]:
    """Where the tokens of *cut* follow each other with no other token between.

    The classes of letters are large: a pattern made for each query took 15 ms to compile, so there is none.
    """
    start = text.find(cut[0])
    while start >= 0:
        end = _end(cut, text, start, prefix)
        if end:
            yield start, end
        start = text.find(cut[0], start + 1)  # places may overlap: three same signs hold two pairs


def _end(cut: tuple[str, ...], text: str, start: int, prefix: bool) -> int:
    """Where the tokens that begin at *start* end; 0 when they do not stand there."""
    at = start
    for number, token in enumerate(cut):
        if number:
            at = _passed(_BETWEEN, text, at)
            if not text.startswith(token, at):
                return 0
        cjk = is_cjk(token)
        if not cjk and at and _WORD.match(text, at - 1):
            return 0
        at += len(token)
        if not cjk and _WORD.match(text, at):
            if not prefix or number < len(cut) - 1:
                return 0
            at = _passed(_WORDS, text, at)
    return at


def _passed(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def groups(term: Term) -> list[list[str]]:
    """What must be near each other: each CJK run as one, each other word alone."""
    found: list[list[str]] = []
    for chunk in term.text.split():
        for cjk, run in groupby(tokens(normalise(chunk)), key=is_cjk):
            cut = list(run)
            found.extend([cut] if cjk else [[token] for token in cut])
    return found


def _near(term: Term, normalised: str) -> Iterator[Span]:
    wanted_groups = groups(term)
    hits = sorted((start, end, which) for which, group in enumerate(wanted_groups)
                  for start, end in _following(tuple(group), normalised))
    del hits[_NEAR_HITS:]  # a hostile text could hold nothing but the words
    # Words are counted from one found group to the next, whatever their order.
    for first, (start, _, _) in enumerate(hits):
        seen: dict[int, Span] = {}
        between, last = 0, start
        for begin, end, which in hits[first:]:
            if begin < last:
                continue
            between += len(_COUNTED.findall(normalised, last, begin))
            if between > term.distance:
                break
            seen.setdefault(which, (begin, end))
            last = end
            if len(seen) == len(wanted_groups):
                yield from seen.values()
                break
