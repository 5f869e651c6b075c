"""What a reader is and what it says of itself. Adding a format: one file in ``formats/<family>/``, one row in ``known.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from unburnt.model.outcome import Outcome

if TYPE_CHECKING:
    from unburnt.read.emitter import Emitter
    from unburnt.read.source import Source


class Ending(msgspec.Struct, frozen=True):
    """How reading ended, in the reader's own judgement."""

    outcome: Outcome
    reason: str = ""
    opened_with_secret: bool = False
    wants_more: bool = False
    """Whether volumes of a split archive follow that are not here."""


class Format(msgspec.Struct, frozen=True):
    """A reader, and what docs/formats.md tells of it; its row in ``known`` has its types and its step's version."""

    name: str
    read: Callable[[Source, Emitter], Ending]
    memory_safe: bool
    """Whether no native code beyond the standard library's touches the content."""
    title: str
    """What people call the format."""
    gives: str
    """What is taken out of it."""
    lacks: str
    """What is not, and where its limits are."""
    libraries: tuple[str, ...] = ()
    """Distributions whose versions a reading records."""
