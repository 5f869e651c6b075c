"""How reading an item ended: the ledger's vocabulary (DESIGN.md, section 2)."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """Every item has exactly one, at every moment."""

    WAITING = "waiting"
    READ = "read"
    PARTIAL = "partial"
    EMPTY = "empty"
    NEEDS_OCR = "needs-ocr"
    LOCKED = "locked"
    UNSUPPORTED = "unsupported"
    DAMAGED = "damaged"
    REFUSED = "refused"
    CRASHED = "crashed"
    NOT_RECEIVED = "not-received"
