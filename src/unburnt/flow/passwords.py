"""Passwords while a keeper runs: in memory only, each once, in the order given."""

from __future__ import annotations

from collections.abc import Iterable

_MOST = 10_000
_LONGEST = 1_000


def merged(known: tuple[str, ...], given: Iterable[str]) -> tuple[str, ...]:
    """*known* and *given* together, without empty, overlong and double ones."""
    fitting = (one for one in given if one and len(one) <= _LONGEST)
    return tuple(dict.fromkeys([*known, *fitting]))[:_MOST]
