"""The languages inside one part: where each begins and ends, by lines and paragraphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import islice

import msgspec

from unburnt.model.reading import Part, Passage
from unburnt.read.language import language_of, named
from unburnt.read.scripts import script_of_line

MOST_PASSAGES = 500
_LONGEST_CODE = 8
_MOST_BLOCKS = 4_000
_SHORT_TEXT = 4_000
_BLOCK = {True: 60, False: 600}
"""So many characters at least are named at once, in a short text and in a long one; another script ends a
block before, and a blank line does in a short text."""
_NAMED = 300
"""So many characters of a block are looked at."""
_FEWEST = 30
"""A block of fewer letters belongs to its neighbours where they have its script."""
_FEWEST_HAN = 12
_HAN_COUNTS = 3


class _Block:
    __slots__ = ("end", "lang", "letters", "script", "start")

    def __init__(self, start: int, end: int, script: str | None, letters: int) -> None:
        self.start, self.end, self.script, self.letters = start, end, script, letters
        self.lang: tuple[str | None, str | None] = (None, None)


def passages_of(text: str, *, native: bool = True) -> tuple[Passage, ...]:
    """The passages of *text* in order, without gaps, neighbours differing; none where no language is found.

    Offsets are code points. Where there are more than :data:`MOST_PASSAGES`, as in a list of names in many scripts,
    the text counts as one passage.
    """
    blocks = list(islice(_blocks(text), _MOST_BLOCKS + 1))
    if len(blocks) > _MOST_BLOCKS:
        return _as_one(text, native)
    for block in blocks:
        if block.script is not None and (block.letters >= _FEWEST or block.script != "Latn"):
            block.lang = named(block.script, text[block.start : min(block.end, block.start + _NAMED)], native)
    _settle_small(blocks)
    found = _joined(blocks)
    return _as_one(text, native) if len(found) > MOST_PASSAGES or not found else tuple(found)


def _as_one(text: str, native: bool) -> tuple[Passage, ...]:
    lang, script = language_of(text, native=native)
    return (Passage(0, len(text), lang, script),) if script else ()


def in_languages(part: Part, *, native: bool = True) -> Part:
    """The part with its language and script, and with passages where there are several."""
    return with_passages(part, passages_of(part.text, native=native))


def are_of(untrusted_passages: Sequence[Passage], text: str) -> bool:
    """Whether these could be the passages of *text*: in order, within it, not too many, their codes short."""
    places = [place for one in untrusted_passages for place in (one.start, one.end)]
    codes = [code for one in untrusted_passages for code in (one.lang, one.script) if code is not None]
    return (
        len(untrusted_passages) <= MOST_PASSAGES and places == sorted(places) and max(places, default=0) <= len(text)
        and all(code.isascii() and code.isalpha() and len(code) <= _LONGEST_CODE for code in codes)
    )


def with_passages(part: Part, passages: Sequence[Passage]) -> Part:
    """The part with the language and script of most of *passages*, and with them where they are several."""
    lang, script = most_of(passages)
    several = tuple(passages) if len(passages) > 1 else ()
    return msgspec.structs.replace(part, lang=lang, script=script, passages=several)


def most_of(passages: Sequence[Passage]) -> tuple[str | None, str | None]:
    """Language and script of most of the text, a Chinese sign counted as three letters."""
    if len(passages) == 1:
        return passages[0].lang, passages[0].script
    sizes: Counter[tuple[str | None, str | None]] = Counter()
    for one in passages:
        sizes[one.lang, one.script] += (one.end - one.start) * (_HAN_COUNTS if one.lang in ("zh", "ja", "ko") else 1)
    return max(sizes, key=lambda key: (key[0] is not None and sizes[key] or 0, sizes[key]), default=(None, None))


def _blocks(text: str) -> Iterator[_Block]:
    is_short = len(text) <= _SHORT_TEXT
    least = _BLOCK[is_short]
    start = end = letters = 0
    script: str | None = None
    for line in StringIO(text):  # whose lines end with \n alone, unlike those of str.splitlines
        found = script_of_line(line)
        if found is not None:
            if script is not None and script != found:
                yield _Block(start, end, script, letters)
                start, letters = end, 0
            script = found
            letters += len(line)
        end += len(line)
        if letters >= least or (is_short and letters >= _FEWEST and line.isspace()):
            yield _Block(start, end, script, letters)
            start, script, letters = end, None, 0
    if start < end:
        yield _Block(start, end, script, letters)


def _settle_small(blocks: Sequence[_Block]) -> None:
    """Give blocks that tell nothing, or too little, the language of the one before or after."""
    for order in (blocks, blocks[::-1]):
        before: _Block | None = None
        for block in order:
            is_small = block.script is None or block.lang[0] is None or block.letters < _least_of(block)
            if is_small and before is not None and block.script in (None, before.script):
                block.lang, block.script = before.lang, before.script
                block.letters = max(block.letters, _FEWEST)
            if block.lang[0] is not None:
                before = block


def _least_of(block: _Block) -> int:
    """Below so many letters a block is not trusted; a Chinese sentence may have no sign that tells its script."""
    return _FEWEST_HAN if block.script == "Han" else _FEWEST


def _joined(blocks: Sequence[_Block]) -> list[Passage]:
    found: list[Passage] = []
    start = end = 0
    said: tuple[str | None, str | None] = (None, None)
    for block in blocks:
        if block.lang != said and block.lang[1] is not None:
            if said[1] is not None:
                found.append(Passage(start, end, *said))
            start, said = block.start, block.lang
        end = block.end
    return [*found, Passage(start, end, *said)] if said[1] is not None else found
