"""What a reader should find in a file, written down by the one who made the file."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Passage:
    """Lines that must be found in this order. *match*: ``exact``, ``normalised`` (NFKC, white space) or ``ocr``."""

    lines: list[str]
    match: str = "exact"
    tolerance: float = 0.0
    """For ``ocr``: the share of characters that may be wrong."""
    kind: str | None = None
    """The kind of part (``page sheet notes comments ...``), where only one is right."""
    label: str | None = None
    lang: str | None = None
    page: int | None = None
    """0-based, where the lines stand on one page."""
    places: list[list[float]] | None = None
    """For each line, the point inside its rectangle: x, y from the page's upper left corner, in points."""


@dataclass
class CellTruth:
    """A cell as the source has it; *shown* is what a person reads."""

    shown: str
    type: str = "text"
    raw: str | None = None
    formula: str | None = None
    comment: str | None = None
    flags: list[str] = field(default_factory=list)


@dataclass
class SheetTruth:
    """A sheet: every cell that is not empty, by A1 address."""

    name: str
    hidden: bool
    cells: dict[str, CellTruth]
    hidden_rows: list[int]
    """1-based, as a person counts them."""
    hidden_columns: list[str]
    merged: list[str]


@dataclass
class MarkTruth:
    """A tracked change or comment: what it covers, what it says, who made it."""

    kind: str
    covered: str
    author: str
    said: str = ""


@dataclass
class Document:
    """The truth about one content."""

    family: str
    """What it is: ``pdf docx xlsx xls pptx text html mail mbox zip ...``."""
    types: list[str]
    """The media types that are right."""
    outcomes: list[str] = field(default_factory=lambda: ["read"])
    passages: list[Passage] = field(default_factory=list)
    members: list[dict[str, Any]] | None = None
    """None where nothing is said about members; an empty list where there are none."""
    sheets: list[SheetTruth] | None = None
    marks: list[MarkTruth] = field(default_factory=list)
    mail: dict[str, Any] | None = None
    pages: int | None = None
    password: str | None = None
    opened: dict[str, Any] | None = None
    """What changes with the password: ``outcomes``, ``passages``, ``members``, ``sheets``."""
    title: str | None = None
    author: str | None = None
    taken: str | None = None
    """When a photograph says it was taken."""
    absent: list[str] = field(default_factory=list)
    """What must not be in its text."""


@dataclass
class Made:
    """Bytes, what they should be read as, and what was put inside them."""

    data: bytes
    truth: Document
    inside: list[Made] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def member(path: bytes, content: Made | None, *, kind: str = "entry", name: str | None = None) -> dict[str, Any]:
    """A member of a container; without *content* its bytes cannot be had."""
    return {
        "path": base64.b64encode(path).decode(),
        "name": name if name is not None else path.decode("utf-8"),
        "kind": kind,
        "sha256": content.digest if content else None,
        "size": len(content.data) if content else None,
    }


def plain(document: Document) -> dict[str, Any]:
    """The record without its empty fields, for JSON."""
    found: dict[str, Any] = _without_empty(asdict(document))
    if document.members is not None:
        found["members"] = document.members
    return found


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {
            key: item
            for key, item in kept.items()
            if item not in (None, [], {}, "") or key in ("cells", "shown", "sha256")
        }
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value
