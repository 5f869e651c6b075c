"""A small archive for searching, with a second, naive account of what it holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec

from unburnt.base.digests import Digest, digest_of
from unburnt.catalog.catalog import Catalog
from unburnt.model.events import AccessionBegan, AnyEvent, Erased, ItemReceived, ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Mail, Member, Metadata, Part, PartHead, Reading
from unburnt.search.engine import Engine
from unburnt.search.index import Index
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout


@dataclass
class Known:
    """What the naive account says of one document."""

    texts: tuple[str, ...]
    type: str
    lang: str
    year: str
    outcome: str = "read"
    members: tuple[Digest, ...] = ()


class Made:
    """An archive that grows by calls; index and catalogue follow at :meth:`commit`."""

    def __init__(self, root: Path) -> None:
        layout = Layout.create(root, "test")
        self.derived, self.catalog = Derived(layout), Catalog(layout.catalog, write=True)
        self.index = Index(layout.index, write=True)
        self.engine = Engine(self.index, self.catalog, self.derived)
        self.documents: dict[Digest, Known] = {}
        self.titles: dict[Digest, str] = {}
        self._received: dict[Digest, set[tuple[str, str]]] = {}
        self._sequence = -1
        self._deliveries: set[str] = set()

    def close(self) -> None:
        self.index.close()
        self.catalog.close()
        self.derived.close()

    def apply(self, *events: tuple[AnyEvent, Reading | None]) -> None:
        with self.catalog.batch():
            for event, reading in events:
                self._sequence += 1
                self.catalog.apply(self._sequence, event, reading)

    def receive(self, content: str, path: str, delivery: str = "D1") -> Digest:
        if delivery not in self._deliveries:
            self._deliveries.add(delivery)
            self.apply((AccessionBegan(accession=delivery, source=b"/x"), None))
        digest = digest_of(content.encode())
        self.apply((ItemReceived(accession=delivery, path=path.encode(), digest=digest, size="1"), None))
        folder = path.rpartition("/")[0].partition("/")[0]
        self._received.setdefault(digest, set()).add((delivery, folder))
        return digest

    def places(self, digest: Digest) -> set[tuple[str, str]]:
        """(delivery, uppermost folder, "" for none) of a content, those of what holds it included."""
        found = set(self._received.get(digest, ()))
        for container, known in self.documents.items():
            if digest in known.members:
                found |= self.places(container)
        return found

    def read(
        self, digest: Digest, *texts: str, type: str = "text/plain", lang: str = "en", date: str = "2019-05-03",
        members: tuple[Digest, ...] = (), title: str = "", outcome: Outcome = Outcome.READ, mail: Mail | None = None,
    ) -> None:
        """Make a reading whose parts hold *texts*."""
        if title:
            self.titles[digest] = title
        reading = Reading(
            blob=digest, type=type, reader="text", outcome=outcome, reason="", lang=lang,
            parts=tuple(PartHead(ordinal=n, kind="text", label="", characters=len(t)) for n, t in enumerate(texts)),
            metadata=Metadata(title=title or None, mail=mail, dates=(
                Date(kind="sent", value=date, zone="unknown", origin="x"),) if date else ()),
            members=tuple(Member(ordinal=n, path=f"m{n}".encode(), kind="entry", digest=one, size=1)
                          for n, one in enumerate(members)),
        )
        parts = [Part(ordinal=n, kind="text", label="", text=text) for n, text in enumerate(texts)]
        key = digest_of(f"{digest}{texts}{type}{lang}{date}{outcome}".encode())
        chunks = [msgspec.json.encode(reading), *map(msgspec.json.encode, parts)]
        output = self.derived.put(key, "read", 1, {}, [digest], chunks)
        self.derived.flush()
        self.apply((ReadingMade(blob=digest, step="read", version=1, key=key, output=output, outcome=outcome), reading))
        self.index.add(reading, parts)
        self.documents[digest] = Known(texts, type, lang, date[:4], str(outcome), members)

    def erase(self, digest: Digest) -> None:
        self.apply((Erased(events=(), fields=(), digests=(digest,)), None))
        del self.documents[digest]

    def commit(self) -> None:
        for digest in self.catalog.gone(100):
            self.index.delete(digest)
        self.index.commit()

    def facets(self, digests: set[Digest]) -> dict[str, dict[str, int]]:
        """Labels and how often each occurs, counted one by one."""
        counted: dict[str, Counter[str]] = {
            name: Counter() for name in ("type", "lang", "outcome", "folder", "year", "delivery")}
        for digest in digests:
            known = self.documents[digest]
            for name, value in (("type", known.type), ("lang", known.lang), ("year", known.year),
                                ("outcome", known.outcome)):
                counted[name].update([value] if value else [])
            counted["delivery"].update({delivery for delivery, _ in self.places(digest)})
            counted["folder"].update(folder or delivery for delivery, folder in self.places(digest))
        return {name: dict(counter) for name, counter in counted.items()}


def labelled(engine: Engine, query: str, filters: dict[str, list[str]] | None = None) -> dict[str, dict[str, int]]:
    """The engine's facets in the same form; folders of one name count together."""
    found: dict[str, Counter[str]] = {}
    for name, facets in engine.search(query, filters=filters).facets.items():
        found[name] = Counter()
        for facet in facets:
            found[name][facet.label] += facet.count
    return {name: dict(counter) for name, counter in found.items()}
