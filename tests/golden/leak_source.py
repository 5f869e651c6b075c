"""The example leak's truth, as its generator wrote it. Nothing here comes from a reader."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "examples"
LEAK = EXAMPLES / "leak"
TRUTH: dict[str, Any] = json.loads((EXAMPLES / "leak.truth.json").read_text(encoding="utf-8"))
STORIES: dict[str, Any] = TRUTH["stories"]
# Letters that compatibility forms decompose to, beside what NFKC gives (Uyghur heh and yeh).
RESIDUE = str.maketrans({"\u0647": "\u06d5", "\u06be": "\u06d5", "\u06cc": "\u0649", "\u064a": "\u0649"})


@dataclass(frozen=True)
class SourceFile:
    """One file of the leak as the generator wrote it."""

    path: bytes
    digest: str
    size: int


def source_files() -> list[SourceFile]:
    """Every file, by path."""
    return [SourceFile(base64.b64decode(one["path"]), one["sha256"], one["size"]) for one in TRUTH["files"]]


def source_documents() -> dict[str, dict[str, Any]]:
    """Every content by digest, those inside containers too, but not what only a password opens."""
    reachable: dict[str, dict[str, Any]] = {}

    def reach(digest: str) -> None:
        if digest in reachable:
            return
        reachable[digest] = TRUTH["documents"][digest]
        for member in reachable[digest].get("members", ()):
            if member["sha256"] is not None:
                reach(member["sha256"])

    for file in source_files():
        reach(file.digest)
    return reachable


def name_of(digest: str) -> str:
    """A name for a test: where the content lies, in ASCII."""
    for file in TRUTH["files"]:
        if file["sha256"] == digest:
            return _ascii(file["shown"].rsplit("/", 1)[-1])
    for document in TRUTH["documents"].values():
        for member in document.get("members", ()):
            if member["sha256"] == digest:
                return _ascii("in-" + (member["name"] or "mailbox"))
    return digest[:12]


def with_fact(fact: str) -> list[tuple[str, dict[str, Any]]]:
    """All (digest, truth) of reachable contents about which the generator knows *fact*."""
    return [(digest, truth) for digest, truth in source_documents().items() if fact in truth]


def path_of(story: str) -> bytes:
    return base64.b64decode(story)


def member_path(member: dict[str, Any]) -> bytes | None:
    return None if member.get("path") is None else base64.b64decode(member["path"])


def occurrences_of(digest: str) -> int:
    """At how many places a content must be listed: each file, and each member once per place of its container."""
    places = sum(file.digest == digest for file in source_files())
    for container, truth in source_documents().items():
        inside = sum(member["sha256"] == digest for member in truth.get("members", ()))
        places += inside * occurrences_of(container) if inside else 0
    return places


def normalised(text: str) -> str:
    """What is left when fonts, layout and white space are taken away."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).translate(RESIDUE)


def missing_in_order(lines: Sequence[str], text: str) -> str | None:
    """The first line that does not follow the ones before it."""
    at = 0
    for line in lines:
        found = text.find(line, at)
        if found < 0:
            return line
        at = found + len(line)
    return None


def error_rate(expected: str, found: str) -> float:
    """Edit distance over the expected length; *found* may go on before and after without a cost."""
    best = _distance(expected, found)
    return best / max(1, len(expected))


def _distance(needle: str, text: str) -> int:
    """Sellers' algorithm: the fewest edits that turn *needle* into some stretch of *text*."""
    row = [0] * (len(text) + 1)
    for number, letter in enumerate(needle, 1):
        before, row[0] = row[0], number
        for column, other in enumerate(text, 1):
            kept = before + (letter != other)
            before = row[column]
            row[column] = min(kept, row[column] + 1, row[column - 1] + 1)
    return min(row)


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode().replace("\\", "").replace("\x1b", "ESC")[:60]


def walked() -> Iterator[tuple[bytes, Path]]:
    """The files that lie on disk now, with their paths as bytes."""
    root = bytes(LEAK)
    for path in sorted(LEAK.rglob("*")):
        if path.is_file() or path.is_symlink():
            yield bytes(path)[len(root) + 1 :], path
