"""A large archive made fast: catalogue, derived store and index without events and objects, and FTS5 beside."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import time
from pathlib import Path

import msgspec
from _texts import documents

from unburnt.base.canonical import step_key
from unburnt.catalog.catalog import Catalog
from unburnt.model.events import AccessionBegan, AnyEvent, ItemReceived, ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata, Part, PartHead, Reading
from unburnt.search.index import Index
from unburnt.search.normalise import normalise
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout

_TOKEN = re.compile("[\u3400-\u9fff]|[^\\W\u3400-\u9fff]+")


class Filler:
    """The writer of an archive that grows by :meth:`add`; seen after :meth:`commit`."""

    def __init__(self, root: Path) -> None:
        layout = Layout.open(root) if root.exists() else Layout.create(root, "benchmark")
        self._derived, self._catalog = Derived(layout), Catalog(layout.catalog, write=True)
        self._index = Index(layout.index, write=True)
        self._batch: list[tuple[int, str, int, str, str, Reading]] = []
        self._sequence = self._catalog.applied
        self.indexing = 0.0
        """CPU seconds."""
        if self._sequence < 0:
            with self._catalog.batch():
                self._apply(AccessionBegan(accession="d1", source=b"/source"))

    def add(self, number: int, lang: str, text: str) -> None:
        """One document, received and read."""
        digest = hashlib.sha256(f"{number}".encode()).hexdigest()
        part = Part(ordinal=0, kind="text", label="", text=text, lang=lang)
        reading = Reading(
            blob=digest, type="text/plain", reader="text", outcome=Outcome.READ, reason="", lang=lang,
            parts=(PartHead(ordinal=0, kind="text", label="", characters=len(text), lang=lang),),
            metadata=Metadata(dates=(Date(kind="sent", value=f"{2010 + number % 9}-03-04", zone="unknown", origin="x"),)),
        )
        key = step_key("read.text", 1, {}, [digest])
        output = self._derived.put(
            key, "read.text", 1, {}, [digest], [msgspec.json.encode(reading), msgspec.json.encode(part)])
        began = time.process_time()
        self._index.add(reading, [part])
        self.indexing += time.process_time() - began
        self._batch.append((number, digest, len(text), key, output, reading))

    def flush(self) -> None:
        """Let the catalogue know what was added."""
        self._derived.flush()
        with self._catalog.batch():
            for number, digest, size, key, output, reading in self._batch:
                path = f"folder-{number % 40}/sub-{number % 7}/file-{number}.txt".encode()
                self._apply(ItemReceived(accession="d1", path=path, digest=digest, size=str(size)))
                self._apply(ReadingMade(
                    blob=digest, step="read.text", version=1, key=key, output=output, outcome=Outcome.READ), reading)
        self._batch = []

    def commit(self) -> None:
        """Make all that was added findable."""
        self.flush()
        began = time.process_time()
        self._index.commit()
        self.indexing += time.process_time() - began

    def close(self) -> None:
        """Let go of the archive."""
        for store in (self._index, self._catalog, self._derived):
            store.close()

    def _apply(self, event: AnyEvent, reading: Reading | None = None) -> None:
        self._sequence += 1
        self._catalog.apply(self._sequence, event, reading)


def build(root: Path, count: int) -> list[str]:
    """Make the archive and ``fts.sqlite`` in it; gives a sample of its texts."""
    began, sample = time.perf_counter(), []
    filler = Filler(root)
    fts = sqlite3.connect(root / "fts.sqlite")
    fts.execute("CREATE VIRTUAL TABLE t USING fts5(body, content='', tokenize='unicode61')")
    for number, (lang, text) in enumerate(documents(count)):
        filler.add(number, lang, text)
        fts.execute("INSERT INTO t(rowid, body) VALUES (?, ?)", (number, " ".join(_TOKEN.findall(normalise(text)))))
        if number % 997 == 0:
            sample.append(text)
        if number % 2000 == 1999:
            filler.flush()
    filler.commit()
    fts.commit()
    print(f"built {count} documents in {time.perf_counter() - began:.0f} s; "
          f"indexing alone {count / filler.indexing:.0f} documents per CPU-s")
    fts.close()
    filler.close()
    return sample
