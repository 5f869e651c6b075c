"""What the log holds of an event: 32 bytes, from which nothing about the event can be told or guessed."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

ENTRY_BYTES = 32
_PREFIX = "unburnt event v1"


def entry_of(digests: Sequence[str]) -> bytes:
    """The entry of an event: SHA-256 over a first line and the digests of its line in ``events/``, a line each.

    The digests are salted or random, always as many, and sorted. Erasing keeps them.
    """
    return sha256("\n".join((_PREFIX, *digests, "")).encode()).digest()
