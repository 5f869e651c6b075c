"""Holding readings against what an independent engine says of the same bytes, so that a silent loss can be found.

The other text is compared and thrown away: it becomes neither a reading nor a hit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound, UnburntError
from unburnt.catalog.catalog import Catalog
from unburnt.flow.content import Content
from unburnt.model.reading import Part, Reading
from unburnt.model.second import Disagreement, SecondLook
from unburnt.read.second.engine import MOST_BYTES, TYPES, GaveUp, SecondEngine
from unburnt.search.normalise import normalise
from unburnt.search.tokens import tokens
from unburnt.vault.derived import Derived

Tell = Callable[[str, int, int], None]
_EXAMPLES: Final = 8
_LONGEST_EXAMPLE: Final = 40
_HEADER: Final = "From To Cc Bcc Subject Date"
_MEMBERS: Final = 10_000
"""The most members of a container whose names are looked at."""

_part = msgspec.json.Decoder(Part)


class SecondOpinion:
    """Asks *engine* about documents of one archive and counts words: as a search would cut them, whatever their order."""

    def __init__(self, catalog: Catalog, derived: Derived, content: Content, engine: SecondEngine) -> None:
        self._catalog, self._derived, self._content, self._engine = catalog, derived, content, engine
        self._passed_over: Counter[str] = Counter()
        self._compared = 0

    def compare(
        self, documents: Sequence[Digest], threshold: float, tell: Tell, *, both_ways: bool = False
    ) -> Iterator[Disagreement]:
        """Those of *documents* whose reading lacks more than *threshold* (0-1) of the other's words.

        With *both_ways* also those where the other lacks so much of the reading's text: often an engine that sees less.
        """
        for number, document in enumerate(documents, 1):
            tell("compared", number, len(documents))
            found = self._one(document)
            if found is None:
                continue
            share = max(found.share_lacking_here, found.share_lacking_there if both_ways else 0.0)
            if share > threshold:
                yield found

    def looked(self) -> SecondLook:
        """How many were compared, and why others were not."""
        return SecondLook(compared=self._compared, passed_over=dict(self._passed_over), versions=self._engine.versions)

    def _one(self, document: Digest) -> Disagreement | None:
        row = self._catalog.document(document)
        if row.reading is None or row.key is None or not self._derived.has(row.key):
            self._passed_over["it has no reading yet"] += 1
        elif row.reading.type not in TYPES:
            self._passed_over["the other engine does not read its type"] += 1
        elif row.size > MOST_BYTES:
            self._passed_over[f"it is larger than {MOST_BYTES >> 20} MiB"] += 1
        else:
            return self._asked(document, row.key, row.reading)
        return None

    def _asked(self, document: Digest, key: Digest, reading: Reading) -> Disagreement | None:
        try:
            with self._content.open(document) as file:
                theirs = words_of(self._engine.text(file, reading.type))
        except GaveUp as error:
            self._passed_over[f"the other engine gave up: {error}"] += 1
            return None
        except NotFound:
            self._passed_over["its bytes cannot be had without a password"] += 1
            return None
        except UnburntError as error:
            self._passed_over[error.message] += 1
            return None
        self._compared += 1
        text = words_of("\n".join(part.text for part in self._parts(key)))
        lacking_here, lacking_there = theirs - text - words_of("\n".join(self._beside(document, key, reading))), text - theirs
        return Disagreement(
            document=document, type=reading.type, outcome=reading.outcome, words_here=text.total(), words_there=theirs.total(),
            lacking_here=lacking_here.total(), lacking_there=lacking_there.total(),
            examples_here=_examples(lacking_here), examples_there=_examples(lacking_there),
        )

    def _parts(self, key: Digest) -> Iterator[Part]:
        return (_part.decode(chunk) for number, chunk in enumerate(self._derived.chunks(key)) if number)

    def _beside(self, document: Digest, key: Digest, reading: Reading) -> Iterator[str]:
        """What holds words beside the text: what is said at places, and what the file says about itself."""
        for part in self._parts(key):
            yield part.label
            yield part.kind
            yield from (text for mark in part.marks for text in (mark.text, mark.author) if text)
            yield from (text for cell in part.cells for text in (cell.raw, cell.formula, cell.comment) if text)
        metadata = reading.metadata
        yield from (text for text in (metadata.title, metadata.author) if text)
        yield from metadata.fields.values()
        yield from (said for date in metadata.dates for said in (date.value, *_as_headers(date.value)))
        if metadata.mail is not None:
            yield from _said(msgspec.to_builtins(metadata.mail))
        for member in self._catalog.items_of_container(document, limit=_MEMBERS):
            yield member.path.decode("utf-8", "replace")


def words_of(text: str) -> Counter[str]:
    """Tokens of at least one letter or digit, counted."""
    return Counter(one for one in tokens(normalise(text)) if any(sign.isalnum() for sign in one))


def _said(mail: dict[str, object]) -> Iterator[str]:
    """A mail's header, the fields' names too."""
    yield _HEADER
    yield from (f"{name} {value}" for name, value in mail.items())


def _as_headers(date: str) -> tuple[str, ...]:
    """A time as a mail's header writes it, and in ISO 8601 with its offset, of the precision that MSG has; nothing where
    it is no whole time."""
    try:
        time = datetime.fromisoformat(date)
        return format_datetime(time), time.isoformat(timespec="milliseconds" if time.microsecond else "seconds")
    except ValueError:
        return ()


def _examples(words: Counter[str]) -> tuple[str, ...]:
    return tuple(word[:_LONGEST_EXAMPLE] for word, _ in words.most_common(_EXAMPLES))
