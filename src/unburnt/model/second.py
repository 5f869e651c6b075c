"""What a second opinion says of a reading."""

from __future__ import annotations

import msgspec

from unburnt.base.digests import Digest
from unburnt.model.outcome import Outcome


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """One document in which two engines read different words. Words are counted as often as they stand."""

    document: Digest
    type: str
    outcome: Outcome
    words_here: int
    words_there: int
    lacking_here: int
    """Words of the other engine that the reading lacks: perhaps a loss."""
    lacking_there: int
    examples_here: tuple[str, ...]
    """The commonest words that are lacking here, normalised."""
    examples_there: tuple[str, ...]

    @property
    def share_lacking_here(self) -> float:
        """Of the other engine's words, 0-1."""
        return self.lacking_here / max(self.words_there, 1)

    @property
    def share_lacking_there(self) -> float:
        """Of the reading's own words, 0-1."""
        return self.lacking_there / max(self.words_here, 1)


class SecondLook(msgspec.Struct, frozen=True, kw_only=True):
    """What one comparison covered."""

    compared: int
    passed_over: dict[str, int]
    """Reasons, with how many documents each concerns."""
    versions: dict[str, str]
    """The other engines."""
