"""Limits by the names that people use: ``--limit members=2000000``. What was stopped at one waits again once it is raised."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from unburnt.base.errors import UsageError
from unburnt.base.limits import Limits

FIELDS: Final = {
    "members": "members", "member-size": "member_bytes", "members-size": "members_bytes", "ratio": "ratio", "depth": "depth",
    "text": "text", "pages": "pages", "pixels": "pixels", "memory": "memory", "cpu": "cpu_seconds", "time": "wall_seconds",
}
"""Names that can be set, and the field of :class:`Limits` that each is."""
NAMES: Final = {"member size": "member-size", "members' size": "members-size"} | {name: name for name in FIELDS}
"""How readers and the sandbox call a limit that was reached, and the name by which it can be raised."""
_SIZES: Final = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_MOST: Final = 1 << 50
_PREFIX: Final = "limit:"


def limits_with(settings: Iterable[str]) -> Limits:
    """The usual limits with those that *settings* (``NAME=VALUE``, K, M or G for powers of 1024) change.

    Raises :class:`UsageError`.
    """
    changed: dict[str, int] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in FIELDS:
            raise UsageError(f"There is no limit {name!r}.", remedy=f"There are: {', '.join(FIELDS)}.")
        number, factor = (value[:-1], _SIZES[value[-1:].upper()]) if value[-1:].upper() in _SIZES else (value, 1)
        if not (number.isascii() and number.isdigit()) or not 0 < int(number) * factor <= _MOST:
            raise UsageError(f"The limit {name} needs a whole number.", remedy=f"For example --limit {name}=1000, or 8G for a size.")
        changed[FIELDS[name]] = int(number) * factor
    return msgspec.structs.replace(Limits(), **changed)


def hit(name: str, limits: Limits) -> str:
    """What is remembered of a limit that was reached: ``limit:members=1000000``; nothing where it cannot be raised."""
    setting = NAMES.get(name)
    return f"{_PREFIX}{setting}={int(getattr(limits, FIELDS[setting]))}" if setting is not None else ""


def sentence(remembered: str) -> str:
    """How to raise a limit that was reached."""
    setting, _, value = remembered.removeprefix(_PREFIX).partition("=")
    return f"The limit {setting} ({value}) was reached. To read more, add the source again with --limit {setting}={2 * int(value)}."


def is_hit(text: str) -> bool:
    """Whether *text* is what :func:`hit` gives."""
    return text.startswith(_PREFIX)


def raised(remembered: Iterable[str], limits: Limits) -> set[str]:
    """Those of the limits reached before that are higher in *limits*."""
    found = set()
    for one in remembered:
        setting, _, value = one.removeprefix(_PREFIX).partition("=")
        if setting in FIELDS and value.isdigit() and getattr(limits, FIELDS[setting]) > int(value):
            found.add(one)
    return found
