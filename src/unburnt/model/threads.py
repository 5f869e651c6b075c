"""Conversations: which mail answers which."""

from __future__ import annotations

import msgspec

from unburnt.base.digests import Digest


class Mailed(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says about its place among others. All of it was written by its sender, and may be false."""

    document: Digest
    message_id: str = ""
    references: tuple[str, ...] = ()
    """From the first mail of the conversation to the one that is answered; ``In-Reply-To`` comes last."""
    subject: str = ""
    date: str = ""
    """As stated, ISO 8601; empty where unknown."""
    sender: str = ""
    addresses: frozenset[str] = frozenset()
    """Of sender and recipients, in small letters."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One mail of a conversation in its order, or the gap where a mail is that others refer to and nobody delivered."""

    document: Digest | None
    message_id: str
    depth: int
    """0 for a mail that begins it."""
    subject: str = ""
    date: str = ""
    sender: str = ""
    by_subject: bool = False
    """Whether only its subject and the addresses put it here, and no reference."""
