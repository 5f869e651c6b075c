"""Passwords while a keeper runs: in memory only, each once, in the order given; and keys, which are given as passwords."""

from __future__ import annotations

import re
from collections.abc import Iterable

from unburnt.base.limits import LONGEST_PASSWORD

_MOST, _MOST_KEYS, _LONGEST_KEY = 10_000, 20, 1 << 16
_KEY = re.compile(r"[A-Za-z0-9+/=]+")
"""The key of a mail's recipient in base64, of a few thousand signs (RSA) or with certificates and photograph many more."""


def merged(known: tuple[str, ...], given: Iterable[str]) -> tuple[str, ...]:
    """*known* and *given* together, without empty, overlong and double ones."""
    fitting = dict.fromkeys([*known, *(one for one in given if one)])
    keys = [one for one in fitting if _is_key(one)][:_MOST_KEYS]
    return (*[one for one in fitting if len(one) <= LONGEST_PASSWORD][: _MOST - len(keys)], *keys)


def _is_key(one: str) -> bool:
    return LONGEST_PASSWORD < len(one) <= _LONGEST_KEY and _KEY.fullmatch(one) is not None
