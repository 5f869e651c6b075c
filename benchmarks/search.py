"""Search over 100,000 mixed-language documents, beside SQLite FTS5 on the same tokens.

``python benchmarks/search.py [DOCUMENTS]`` prints p50 and p95 in milliseconds for each kind of query: in process with
facets and snippets (budget: p95 20 ms), and as a page of the desk over a loopback socket (budget: p95 60 ms). Each as
time passed and as CPU time: of the asking thread, and for the page of the whole process, browser's side included. FTS5
only counts, without facets or snippets. In the end 200 documents are brought in twenty times, and each time searched for.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from _archive import Filler, build
from _desk import Browser
from _texts import documents

from unburnt.api import Archive
from unburnt.search.normalise import normalise


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
        "zh near ~9": [f'"{cut(2)} {cut(2)}"~9' for _ in range(30)],
        "detention near": ['"拘留 通知"~5'] * 10,
        "field": [f"{chance.choice(words)} lang:ru" for _ in range(30)],
        "path": [f"{chance.choice(words)} path:folder-{chance.randrange(40)}/" for _ in range(30)],
        "with facets": [chance.choice(words) for _ in range(30)],
        "by date": [chance.choice(words) for _ in range(30)],
        "by path": [chance.choice(words) for _ in range(30)],
    }


def timed(ask: Callable[[str], object], texts: Iterable[str], clock: Callable[[], float] = time.thread_time) -> str:
    """p50 and p95 in milliseconds of time passed, and p95 of *clock*."""
    passed, worked = [], []
    for text in texts:
        began, before = time.perf_counter(), clock()
        ask(text)
        worked.append((clock() - before) * 1000)
        passed.append((time.perf_counter() - began) * 1000)
    return f"{_share(passed, 0.5):8.2f}{_share(passed, 0.95):8.2f}{_share(worked, 0.95):8.2f}"


def _share(runs: list[float], part: float) -> float:
    return sorted(runs)[min(len(runs) - 1, int(len(runs) * part))]


def fts_query(text: str) -> str:
    """The nearest FTS5 has; nothing for what it cannot do."""
    if "~" in text or ":" in text:
        return ""
    if ord(text[0]) >= 0x3400:
        return '"' + " ".join(text) + '"'
    return text if '"' in text or text.endswith("*") else " ".join(
        word if word in ("AND", "OR") else f'"{normalise(word)}"' for word in text.split())


def main() -> None:
    """Build, ask, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "archive"
        measure(root, build(root, count))
        growing(root, count)


def measure(root: Path, sample: list[str]) -> None:
    """Print a line for each kind of query."""
    fts = sqlite3.connect(root / "fts.sqlite")
    asked = queries(sample, random.Random(3))
    with Archive.open(root) as archive, Browser(archive) as browser:

        def counted(text: str) -> object:
            return fts.execute("SELECT count(*) FROM t WHERE t MATCH ?", (fts_query(text),)).fetchone()

        began = time.perf_counter()
        archive.search("warm")
        print(f"first search {(time.perf_counter() - began) * 1000:.0f} ms")
        print(f"{'':22}{'in process':^24}{'page':^24}{'FTS5, counting only':^24}")
        print(f"{'kind':<14}{'hits':>8}" + f"{'p50':>8}{'p95':>8}{'CPU p95':>8}" * 3)
        for kind, texts in asked.items():
            hits = sum(archive.count(text) for text in texts) // len(texts)
            narrowed = {"type": ["text/plain"], "year": ["2012", "2013"]} if kind == "with facets" else {}
            sort = kind.removeprefix("by ") if kind.startswith("by ") else "relevance"
            here = timed(partial(archive.search, filters=narrowed, sort=sort), texts)
            page = timed(partial(browser.search, filters=narrowed, sort=sort), texts, time.process_time)
            beside = timed(counted, texts) if all(fts_query(text) for text in texts) else f"{'none':>8}"
            print(f"{kind:<14}{hits:>8}{here}{page}{beside}", flush=True)
    fts.close()


def growing(root: Path, count: int) -> None:
    """Print how long the first search takes after each batch that another writer brings in."""
    filler, fresh = Filler(root), documents(4_000, seed=8)
    with Archive.open(root) as archive:
        archive.search("warm")

        def after_a_batch(word: str) -> None:
            if archive.search(word, filters={"delivery": ["d1"]}).total == 0:
                raise SystemExit("What was just brought in was not found.")

        def words() -> Iterator[str]:
            for batch in range(20):
                for place, (lang, text) in enumerate(islice(fresh, 200)):
                    filler.add(count + batch * 200 + place, lang, text)
                filler.commit()
                yield "拘留"

        print(f"{'after 200 new':<22}{timed(after_a_batch, words())}")
    filler.close()


if __name__ == "__main__":
    main()
