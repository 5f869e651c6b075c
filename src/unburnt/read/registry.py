"""What a reader is, and which one reads what. Adding a format: one file in ``formats/``, one line in ``families.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.read.step import READ_STEP_VERSIONS as READ_STEP_VERSIONS

if TYPE_CHECKING:
    from unburnt.read.emitter import Emitter
    from unburnt.read.source import Source


class Ending(msgspec.Struct, frozen=True):
    """How reading ended, in the reader's own judgement."""

    outcome: Outcome
    reason: str = ""
    opened_with_secret: bool = False


class Format(msgspec.Struct, frozen=True):
    """A reader. *memory_safe* says that no native code beyond the standard library's touches the content."""

    name: str
    media_types: tuple[str, ...]
    read: Callable[[Source, Emitter], Ending]
    memory_safe: bool
    version: int
    libraries: tuple[str, ...] = ()
    """Distributions whose versions a reading records."""
