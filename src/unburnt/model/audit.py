"""What checking an archive found (``unburnt verify``)."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong: *item* names it exactly, *remedy* says what may be done."""

    item: str
    what: str
    remedy: str = ""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One question that was asked, of how many things, and what was wrong."""

    name: str
    """``files originals events log checkpoint countersignatures timestamps completeness derived members rederived``."""
    looked_at: int
    unit: str
    """What was counted, in the plural."""
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader of the report should know, and is no failure."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report. *sample* is the share of originals whose bytes were hashed again, 1.0 for all."""

    schema: str = "unburnt/verification/1"
    archive: str
    software: str
    finished: str
    """By this computer's clock, UTC: for the reader's orientation, it proves nothing."""
    sample: float
    checks: tuple[Check, ...]
    seal: tuple[str, ...] = ()
    """What the seal shows, a sentence each: logged, countersigned, timestamped."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not any(check.findings for check in self.checks)
