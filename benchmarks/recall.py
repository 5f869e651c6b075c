"""How much of the text the readers find: ``python benchmarks/recall.py FOLDER [--json FILE] [--truth FILE]``.

Each file of the folder is imported (OCR off) and its words are compared with those that independent programs find
(``_truth.py``): with what at least two of them agree on, or with the only one's. Recall is the share of these words, each
as often as it occurs, that stand in the reading or in the readings of its members. *Confirmed* is the share of the
reading's own words that some program finds too; the rest is what they do not read (comments, headers, notes), or wrong.
Pictures have no independent text here.
"""

from __future__ import annotations

import functools
import hashlib
import json
import operator
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from _truth import agreed, truths, words

from unburnt.api import Archive
from unburnt.flow.options import Options

GOOD = 0.95
_ARCHIVES = (".zip", ".tar", ".gz", ".bz2", ".mbox", ".p7m")


def text_of(archive: Archive, digest: str, *, members: bool, depth: int = 0) -> str:
    """A document's text; with *members* that of everything inside it too."""
    reading = archive.reading(digest)  # type: ignore[arg-type]
    said = [part.text for part in archive.parts(digest)]  # type: ignore[arg-type]
    said.append(reading.metadata.mail.subject if reading and reading.metadata.mail else "")
    if depth < 5:
        for row in archive.members(digest, limit=1000):  # type: ignore[arg-type]
            if row.digest and (members or row.type == "message/rfc822"):
                said.append(text_of(archive, row.digest, members=members, depth=depth + 1))
    return "\n".join(said)


def recall(expected: Counter[str], found: Counter[str]) -> float:
    """The share of the expected words that were found."""
    return (expected & found).total() / expected.total() if expected else 1.0


def judge(archive: Archive, path: Path, said: dict[str, str]) -> dict[str, Any]:
    """One line of the table."""
    view = archive.document(hashlib.sha256(path.read_bytes()).hexdigest())
    found = words(text_of(archive, view.document, members=path.suffix in _ARCHIVES))
    expected = agreed(list(said.values()))
    anyone = functools.reduce(operator.or_, map(words, said.values()))
    return {
        "file": path.name, "outcome": str(view.outcome), "reason": view.reason, "words": expected.total(),
        "recall": round(recall(expected, found), 3),
        "confirmed": round(recall(found, anyone), 3),
        "tools": {name: round(recall(words(text), found), 3) for name, text in said.items()},
        "missing": [word for word, _ in (expected - found).most_common(12)],
    }  # fmt: skip


def what_tools_say(paths: list[Path]) -> dict[Path, dict[str, str]]:
    """Each file's texts by tool; they take minutes, so ``--truth FILE`` keeps them for the next run."""
    kept = Path(sys.argv[sys.argv.index("--truth") + 1]) if "--truth" in sys.argv else None
    known = json.loads(kept.read_text()) if kept and kept.exists() else {}
    asked = [path for path in paths if path.name not in known]
    with ThreadPoolExecutor(2) as pool:
        known |= {path.name: said for path, said in zip(asked, pool.map(truths, asked), strict=True)}
    if kept:
        kept.write_text(json.dumps(known))
    return {path: known[path.name] for path in paths}


def main() -> None:
    """Import, ask the tools, print the table and the share."""
    folder = Path(sys.argv[1])
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    with tempfile.TemporaryDirectory() as temporary:
        said = what_tools_say(paths)
        with Archive.create(Path(temporary, "archive")) as archive:
            archive.add([folder], options=Options(ocr=False))
            lines = [judge(archive, path, said[path]) for path in paths if said[path]]
    lines = [line for line in lines if line["words"]]
    good = [line for line in lines if line["outcome"] in ("read", "partial") and line["recall"] >= GOOD]
    for line in sorted(lines, key=lambda one: one["recall"]):
        tools = ", ".join(f"{name} {value}" for name, value in line["tools"].items())
        print(f"{line['recall']:.3f}  {line['confirmed']:.3f}  {line['outcome']:10} {line['words']:7}  {line['file']}  ({tools})"
              + (f"  missing: {' '.join(line['missing'])}" if line["recall"] < 1 else ""))
    total = sum(line["words"] for line in lines)
    print(f"\n{len(paths)} files, {len(lines)} with text that a tool finds; {len(good)} of them ({len(good) / len(lines):.1%}) end "
          f"read or partial with recall >= {GOOD}; recall of all words "
          f"{sum(line['recall'] * line['words'] for line in lines) / total:.4f}")
    for line in lines:
        if line not in good:
            print(f"not: {line['file']}: {line['outcome']}, recall {line['recall']}, {line['reason']}")
    if "--json" in sys.argv:
        Path(sys.argv[sys.argv.index("--json") + 1]).write_text(json.dumps(lines, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
