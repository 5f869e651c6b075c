"""Search over 100,000 mixed-language documents, beside SQLite FTS5 on the same tokens.

``python benchmarks/search.py [DOCUMENTS]`` prints p50 and p95 in milliseconds for each kind of query, in process, with
facets and snippets; budget: p95 20 ms. FTS5 only counts, without facets or snippets.
"""

from __future__ import annotations

import hashlib
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from _texts import documents

from unburnt.base.canonical import step_key
from unburnt.catalog.catalog import Catalog
from unburnt.model.events import AccessionBegan, ItemReceived, ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata, Part, PartHead, Reading
from unburnt.search.engine import Engine
from unburnt.search.index import Index
from unburnt.search.normalise import normalise
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout

_TOKEN = re.compile("[\u3400-\u9fff]|[^\\W\u3400-\u9fff]+")


def build(root: Path, count: int) -> tuple[Engine, sqlite3.Connection, list[str]]:
    """An archive's catalogue, derived store and index, and the FTS5 table."""
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
    return Engine(index, catalog, derived), fts, sample


def queries(sample: list[str], chance: random.Random) -> dict[str, list[str]]:
    """Thirty queries of each kind, taken from the documents."""
    words = [word for text in sample for word in text.strip(".").split() if len(word) > 4 and ord(word[0]) < 0x3000]
    han = [text for text in sample if ord(text[0]) >= 0x3400]

    def cut(length: int) -> str:
        text = chance.choice(han).split("。")[0]
        start = chance.randrange(len(text) - length)
        return text[start:start + length]

    pairs = [text.strip(".").split() for text in sample if ord(text[0]) < 0x3000]
    return {
        "common term": [" ".join(text[:1]) for text in pairs[:30]],
        "term": [chance.choice(words) for _ in range(30)],
        "two terms AND": [f"{chance.choice(words)} AND {chance.choice(words)}" for _ in range(30)],
        "OR": [f"{chance.choice(words)} OR {chance.choice(words)}" for _ in range(30)],
        "phrase": [f'"{" ".join(chance.choice(pairs)[3:6])}"' for _ in range(30)],
        "near ~5": [f'"{line[3]} {line[6]}"~5' for line in (chance.choice(pairs) for _ in range(30))],
        "prefix": [chance.choice(words)[:4] + "*" for _ in range(30)],
        "fuzzy ~1": [chance.choice(words) + "~1" for _ in range(30)],
        "zh 2 signs": [cut(2) for _ in range(30)],
        "zh 4 signs": [cut(4) for _ in range(30)],
        "detention": ["拘留"] * 10,
        "field": [f"{chance.choice(words)} lang:ru" for _ in range(30)],
    }


def timed(ask: Callable[[str], object], texts: list[str]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    runs = []
    for text in texts:
        began = time.perf_counter()
        ask(text)
        runs.append((time.perf_counter() - began) * 1000)
    runs.sort()
    return runs[len(runs) // 2], runs[min(len(runs) - 1, int(len(runs) * 0.95))]


def fts_query(text: str) -> str:
    """The nearest FTS5 has; nothing for what it cannot do."""
    if "~" in text or "lang:" in text:
        return ""
    if ord(text[0]) >= 0x3400:
        return '"' + " ".join(text) + '"'
    return text if '"' in text or text.endswith("*") else " ".join(
        word if word in ("AND", "OR") else f'"{normalise(word)}"' for word in text.split())


def main() -> None:
    """Build, ask, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        engine, fts, sample = build(Path(folder) / "archive", count)
        engine.search("warm")

        def counted(text: str) -> object:
            return fts.execute("SELECT count(*) FROM t WHERE t MATCH ?", (fts_query(text),)).fetchone()

        print(f"{'kind':<14}{'hits':>8}{'p50':>8}{'p95':>8}   FTS5 count only: p50, p95")
        for kind, texts in queries(sample, random.Random(3)).items():
            hits = sum(engine.count(text) for text in texts) // len(texts)
            half, high = timed(engine.search, texts)
            beside = "none"
            if all(fts_query(text) for text in texts):
                beside = "{:8.2f}{:8.2f}".format(*timed(counted, texts))
            print(f"{kind:<14}{hits:>8}{half:8.2f}{high:8.2f}   {beside}", flush=True)


if __name__ == "__main__":
    main()
