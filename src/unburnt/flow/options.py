"""How a keeper reads: always the wish of the command that started it, never a property of the archive."""

from __future__ import annotations

import msgspec

from unburnt.base.limits import Limits
from unburnt.base.settings import member_cache_bytes


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a keeper reads, for as long as it lives. *workers* 0 means one per processor.

    Nothing of this is kept in the archive: what one command left unread (*ocr* off), the next that does not say
    so makes up for.
    """

    workers: int = 0
    isolate_each: bool = False
    unsafe_parsers: bool = False
    rung: str | None = None
    """Which rung of the sandbox ladder; None takes the highest that this machine offers."""
    ocr: bool = True
    reads: bool = True
    """False for commands that read nothing, such as rebuilding: then no sandbox is started at all."""
    limits: Limits = Limits()
    member_cache: int = msgspec.field(default_factory=member_cache_bytes)
    """Bytes that members' cached copies may take before those that were read are dropped."""
