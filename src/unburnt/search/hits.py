"""From documents that were found to what a person sees of them, and the texts in which places are looked for."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from unburnt.base.digests import Digest
from unburnt.catalog.facets import Facts
from unburnt.model.reading import Part, Reading
from unburnt.model.views import Facet, Hit
from unburnt.search.found import Found, Page
from unburnt.search.highlight import places
from unburnt.search.index import headers, texts_of
from unburnt.search.normalise import normalise
from unburnt.search.query import Node, Term
from unburnt.search.snippets import snippets
from unburnt.vault.derived import Derived

_FACET_VALUES = 50
_PATHS = 3
_decode_part = msgspec.json.Decoder(Part).decode
_decode_reading = msgspec.json.Decoder(Reading).decode


def hits(facts: Facts, derived: Derived, node: Node | None, page: Page, count: int) -> Iterator[Hit]:
    """The documents of one page with up to *count* snippets each."""
    scores = dict(page)
    for one in facts.documents([number for number, _ in page], _PATHS):
        shown = snippets(node, parts(derived, one.key), count) if count and node and one.key else ()
        yield Hit(document=one.digest, paths=one.paths, shown=one.shown, title=one.title, type=one.type, lang=one.lang,
                  outcome=one.outcome, date=one.date, score=scores[one.number], snippets=shown)


def facets(facts: Facts, found: Found) -> dict[str, tuple[Facet, ...]]:
    """How often each value occurs among all that was found, commonest first."""
    counted = {name: values[:_FACET_VALUES] for name, values in facts.counts(found.numbers).items()}
    names = facts.folder_names([int(value) for value, _ in counted["folder"]])
    return {
        name: tuple(Facet(value=value, label=names.get(value, value) if name == "folder" else value, count=count)
                    for value, count in values)
        for name, values in counted.items()
    }


def parts(derived: Derived, key: Digest) -> Iterator[Part]:
    """The parts of a reading in order, one at a time."""
    number = 1
    while (found := part(derived, key, number - 1)) is not None:
        yield found
        number += 1


def part(derived: Derived, key: Digest, ordinal: int) -> Part | None:
    """One part of a reading, counted from 0."""
    chunk = derived.chunk(key, ordinal + 1)
    return None if chunk is None else _decode_part(chunk)


def is_near(derived: Derived, key: Digest, term: Term, field: str) -> bool:
    """Whether the words of *term* stand near each other in one of the texts that the index keeps under *field*."""
    return any(next(places(term, normalise(text)), None) for text in _texts(derived, key, field))


def _texts(derived: Derived, key: Digest, field: str) -> Iterator[str]:
    if field == "body":
        for one in parts(derived, key):
            yield from texts_of(one)
    head = derived.chunk(key, 0)
    if head is not None:
        yield from (value for name, value in headers(_decode_reading(head)) if field in ("body", name))
