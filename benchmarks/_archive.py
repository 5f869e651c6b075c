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
from unburnt.model.events import AccessionBegan, ItemReceived, ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata, Part, PartHead, Reading
from unburnt.search.index import Index
from unburnt.search.normalise import normalise
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout

_TOKEN = re.compile("[\u3400-\u9fff]|[^\\W\u3400-\u9fff]+")


def build(root: Path, count: int) -> list[str]:
    """Make the archive and ``fts.sqlite`` in it; gives a sample of its texts."""
    layout = Layout.create(root, "benchmark")
    derived, catalog = Derived(layout), Catalog(layout.catalog, write=True)
    index = Index(layout.index, write=True)
    fts = sqlite3.connect(root / "fts.sqlite")
    fts.execute("CREATE VIRTUAL TABLE t USING fts5(body, content='', tokenize='unicode61')")
    sequence, sample, began, cpu = 0, [], time.perf_counter(), 0.0
    with catalog.batch():
        catalog.apply(0, AccessionBegan(accession="d1", source=b"/source"))
    batch = []
    for number, (lang, text) in enumerate(documents(count)):
        digest = hashlib.sha256(f"{number}".encode()).hexdigest()
        part = Part(ordinal=0, kind="text", label="", text=text, lang=lang)
        reading = Reading(
            blob=digest, type="text/plain", reader="text", outcome=Outcome.READ, reason="", lang=lang,
            parts=(PartHead(ordinal=0, kind="text", label="", characters=len(text), lang=lang),),
            metadata=Metadata(dates=(Date(kind="sent", value=f"{2010 + number % 9}-03-04", zone="unknown", origin="x"),)),
        )
        key = step_key("read.text", 1, {}, [digest])
        output = derived.put(key, "read.text", 1, {}, [digest], [msgspec.json.encode(reading), msgspec.json.encode(part)])
        before = time.process_time()
        index.add(reading, [part])
        cpu += time.process_time() - before
        batch.append((digest, len(text), key, output, reading, number))
        fts.execute("INSERT INTO t(rowid, body) VALUES (?, ?)", (number, " ".join(_TOKEN.findall(normalise(text)))))
        if number % 997 == 0:
            sample.append(text)
        if len(batch) == 2000 or number == count - 1:
            with catalog.batch():
                for digest, size, key, output, reading, place in batch:
                    sequence += 1
                    path = f"folder-{place % 40}/sub-{place % 7}/file-{place}.txt".encode()
                    catalog.apply(sequence, ItemReceived(accession="d1", path=path, digest=digest, size=str(size)))
                    sequence += 1
                    catalog.apply(sequence, ReadingMade(
                        blob=digest, step="read.text", version=1, key=key, output=output, outcome=Outcome.READ), reading)
            batch = []
    derived.flush()
    before = time.process_time()
    index.commit()
    cpu += time.process_time() - before
    fts.commit()
    print(f"built {count} documents in {time.perf_counter() - began:.0f} s; indexing alone {count / cpu:.0f} documents per CPU-s")
    for store in (index, catalog, derived, fts):
        store.close()
    return sample


