"""What the doctor says about one thing."""

from __future__ import annotations

from typing import Final

import msgspec

OK: Final = "ok"
MISSING: Final = "missing"
WARNING: Final = "warning"


class Check(msgspec.Struct, frozen=True):
    """One thing looked at: *state* is ``ok``, ``missing`` or ``warning``; *cost* and *remedy* are empty when ok."""

    name: str
    state: str
    finding: str
    cost: str = ""
    remedy: str = ""
