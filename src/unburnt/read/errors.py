"""How a reader gives up on a document, or on one member of it: each becomes an outcome, none is an accident."""

from __future__ import annotations

from unburnt.model.outcome import Outcome


class GivenUp(Exception):
    """The base; *reason* is a sentence for the reading report."""

    outcome = Outcome.UNSUPPORTED

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Locked(GivenUp):
    """A secret is needed."""

    outcome = Outcome.LOCKED


class Damaged(GivenUp):
    """The content breaks the rules of its own format."""

    outcome = Outcome.DAMAGED


class Unsupported(GivenUp):
    """A format, or a variant of one, that no reader knows."""

    outcome = Outcome.UNSUPPORTED


class Stopped(GivenUp):
    """A limit was reached; *limit* is its name."""

    outcome = Outcome.REFUSED

    def __init__(self, limit: str, reason: str) -> None:
        super().__init__(reason)
        self.limit = limit


class Paused(Exception):
    """Another child goes on at *cursor*; *secret* tells whether a password opened any member so far."""

    def __init__(self, cursor: bytes, *, secret: bool) -> None:
        super().__init__("paused")
        self.cursor = cursor
        self.secret = secret


class NeedsAlone(Exception):
    """Reading needs native code, which must not run in a child that other documents share."""
