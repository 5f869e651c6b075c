"""Each format's reader beside kreuzberg and the bare library: ``python benchmarks/formats.py FOLDER...``.

Files a CPU-second (this process, all its threads; each file once before it counts, the least of 7-60 turns taken one after the
other by all five) and recall: the share of the words that at least two of reader, kreuzberg and independent programs
(``_truth.py``) have. Pictures and what only OCR could read are left out, and containers, whose members are files of their
own. *Bare text* is the library's text alone, *bare facts* the same library asked for the facts that a reader must give, the
language of each passage among them; *one language* is the same with one language a part (``_bare.py``). Garbage is looked for as
seldom as in a child. Aim: not slower than 1.3 times the bare library, and a recall of at least kreuzberg's, for every format. Wants
the extra ``second-opinion``, and takes ``striprtf`` where it is installed.
"""

from __future__ import annotations

import gc
import sys
import time
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import kreuzberg
import msgspec
from _bare import at_once, facts, text
from _truth import agreed, truths, words
from readers import seconds, task_of

from unburnt.model import frames
from unburnt.read.child import warm
from unburnt.read.emitter import Emitter
from unburnt.read.errors import GivenUp
from unburnt.read.families import format_for
from unburnt.read.registry import Format
from unburnt.read.second.engine import TYPES
from unburnt.read.sniff import sniff
from unburnt.read.source import Source

_LEAST_TURNS, _MOST_TURNS, _ENOUGH = 7, 60, 0.05
"""So often is each file read; more often where that takes less than so many CPU seconds, for the clock is coarse."""
_GARBAGE_EVERY = 50_000
_PLAIN = kreuzberg.ExtractionConfig(use_cache=False, output_format="plain", enable_quality_processing=False)


class Measured(NamedTuple):
    """Of one file: CPU seconds of five, and words expected, found here, found by kreuzberg."""

    ours: float
    theirs: float
    bare: float | None
    facts: float | None
    one_language: float | None
    expected: int
    here: int
    there: int


def read(reader: Format, data: bytes, name: str) -> list[frames.Frame]:
    """What our reader says, encoded as a child encodes it."""
    said: list[frames.Frame] = []

    def take(frame: frames.Frame) -> None:
        msgspec.msgpack.encode((0, frame))
        said.append(frame)

    reader.read(Source(BytesIO(data), len(data), name), Emitter(take, task_of(name), len(data), native=not reader.memory_safe))
    return said


def text_of(said: list[frames.Frame]) -> str:
    """The text of what a reader said, and what it said of the document."""
    texts = [one.part.text for one in said if isinstance(one, frames.PartFrame)]
    texts += [" ".join(map(str, msgspec.to_builtins(one.metadata).values())) for one in said if isinstance(one, frames.MetadataFrame)]
    return "\n".join(texts)


def ask(data: bytes, media_type: str) -> str:
    """What kreuzberg says; empty where it gives up."""
    try:
        return str(kreuzberg.extract_bytes_sync(data, media_type, _PLAIN).content)
    except (kreuzberg.KreuzbergError, ValueError):
        return ""


def measured(path: Path) -> tuple[str, Measured] | None:
    """The reader's name and figures; None where nobody reads such files, or nothing can be compared."""
    data = path.read_bytes()
    kind = sniff(Source(BytesIO(data), len(data), path.name)) if data else ""
    reader = format_for(kind)
    if reader is None or kind not in TYPES:
        return None
    try:
        here = words(text_of(read(reader, data, path.name)))
    except GivenUp:
        return None
    there_text = ask(data, kind)
    there = words(there_text)
    independent = [text for name, text in truths(path).items() if name != "kreuzberg"]
    expected = agreed([" ".join(here.elements()), there_text, *independent])
    asked = [
        lambda: read(reader, data, path.name), lambda: ask(data, kind), lambda: text(kind, data), lambda: facts(kind, data),
        lambda: facts(kind, data, at_once),
    ]
    turns: list[tuple[float, ...]] = []
    while len(turns) < _LEAST_TURNS or (len(turns) < _MOST_TURNS and sum(map(sum, turns)) < _ENOUGH):
        turns.append(tuple(map(seconds, asked)))
    ours, theirs, bare, more, less = map(min, zip(*turns, strict=True))
    has_facts = facts(kind, data) is not None
    return reader.name, Measured(
        ours, theirs, bare if text(kind, data).strip() else None, more if has_facts else None, less if has_facts else None,
        expected.total(), (expected & here).total(), (expected & there).total(),
    )


def times(rows: list[Measured], which: str) -> str:
    """How many times the bare library's CPU, over the files that it can read."""
    known = [(one.ours, bare) for one in rows if (bare := getattr(one, which)) is not None]
    return f"{sum(one for one, _ in known) / max(sum(two for _, two in known), 1e-9):.2f} ({len(known)})" if known else "-"


def main() -> None:
    """Print a line for each reader, and with ``--files`` one for each file."""
    warm()
    time.sleep(0.1)
    gc.freeze()
    gc.set_threshold(_GARBAGE_EVERY)
    found: dict[str, list[Measured]] = defaultdict(list)
    folders = [Path(each) for each in sys.argv[1:] if not each.startswith("--")]
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        result = measured(path)
        if result is None or not result[1].expected:
            continue
        name, one = result
        found[name].append(one)
        if "--files" in sys.argv:
            print(f"  {name:9} recall {one.here / one.expected:.3f} {one.there / one.expected:.3f}  "
                  f"{one.ours * 1e3:8.2f} {one.theirs * 1e3:8.2f} ms  {path.name}")
    print("reader    files   files/CPU-s  kreuzberg  ours/kreuzberg   ours/bare text  ours/bare facts  ours/one language   recall  "
          "kreuzberg's")
    for name, rows in sorted(found.items()):
        ours, theirs = sum(one.ours for one in rows), sum(one.theirs for one in rows)
        expected = sum(one.expected for one in rows)
        print(f"{name:9} {len(rows):5} {len(rows) / max(ours, 1e-9):13.0f} {len(rows) / max(theirs, 1e-9):10.0f} "
              f"{ours / max(theirs, 1e-9):15.1f} {times(rows, 'bare'):>16} {times(rows, 'facts'):>16} "
              f"{times(rows, 'one_language'):>18} "
              f"{sum(one.here for one in rows) / expected:8.3f} {sum(one.there for one in rows) / expected:12.3f}")


if __name__ == "__main__":
    main()
