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
_BEFORE, _AFTER = f"(?<![{WORD}])", f"(?![{WORD}])"
_BETWEEN = f"[^{CJK}{WORD}{BREAK}]*"
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
    found: set[Span] = set()
    for term in terms:
        for place in places(term, mapped.text):
            found.add(mapped.original(*place))
            if len(found) >= limit:
                break
    return _apart(sorted(found))


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
    for match in _pattern(term).finditer(normalised):
        yield match.span()


@lru_cache(maxsize=512)
def _pattern(term: Term) -> re.Pattern[str]:
    forms = [sequence(tokens(normalise(term.text)), prefix=term.kind == "prefix")]
    if term.kind == "word":
        forms += [sequence(tokens(normalise(word))) for word in other_scripts(term.text)]
    if term.kind == "fuzzy":
        cut = tokens(normalise(term.text))
        if len(cut) == 1 and not is_cjk(cut[0]):
            forms = [f"{_BEFORE}(?:{'|'.join(map(re.escape, candidates(cut[0])))}){_AFTER}"]
    return re.compile("|".join(filter(None, forms)) or "(?!)")


def sequence(cut: list[str], *, prefix: bool = False) -> str:
    """A pattern for tokens that follow each other."""
    written = [re.escape(token) if is_cjk(token) else f"{_BEFORE}{re.escape(token)}{_AFTER}" for token in cut]
    if prefix and cut and not is_cjk(cut[-1]):
        written[-1] = f"{_BEFORE}{re.escape(cut[-1])}[{WORD}]*"
    return _BETWEEN.join(written)


@lru_cache(maxsize=512)
def _sequence(cut: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(sequence(list(cut)))


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
    hits = sorted((match.start(), match.end(), which) for which, group in enumerate(wanted_groups)
                  for match in _sequence(tuple(group)).finditer(normalised))
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
