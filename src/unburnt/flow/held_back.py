"""What a person is told of unsealed events that this machine has no note of writing: every one, and no more than is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Protocol

from unburnt.model.unvouched import HELD_BACK

_MOST_NAMED = 20


class Event(Protocol):
    """What is said of an event."""

    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def grave(self) -> bool: ...


def why_not_sealed(doubtful: Sequence[Event]) -> str:
    """Why nothing is sealed, what is known of who wrote them, and what to do."""
    them, events = ("it", "that event") if len(doubtful) == 1 else ("them", "those events")
    return (
        f"Not sealed: {HELD_BACK} {_which(doubtful)}. An older version of unburnt wrote {them} here, another "
        f"machine did, or somebody else.{_grave(doubtful)} If you did that, 'unburnt seal --accept' seals {them} on your word, "
        "which verify will tell; nothing is removed before. If you did not, keep a copy of this archive as it is: it is "
        f"evidence; 'unburnt rebuild --set-aside' goes on without {events}."
    )


def numbered(numbers: Iterable[int]) -> str:
    """Numbers as people read them: ``number 7``, ``numbers 3 to 9 and 12``."""
    spans = []
    for _, run in groupby(enumerate(sorted(numbers)), lambda pair: pair[1] - pair[0]):
        one = [number for _, number in run]
        spans.append(str(one[0]) if len(one) == 1 else f"{one[0]} to {one[-1]}")
    single = len(spans) == 1 and spans[0].isdigit()
    return f"{'number' if single else 'numbers'} {_listed(spans)}"


def _which(doubtful: Sequence[Event]) -> str:
    if len(doubtful) == 1:
        return f"event {doubtful[0].number} ({doubtful[0].kind})"
    kinds = ", ".join(f"{count} {kind}" for kind, count in Counter(one.kind for one in doubtful).most_common())
    return f"{len(doubtful)} events ({kinds}), {numbered(one.number for one in doubtful)}"


def _grave(doubtful: Sequence[Event]) -> str:
    grave = [f"{one.number} ({one.kind})" for one in doubtful if one.grave]
    return f" Of these, take something away or change the key: {_listed(grave, last=', ')}." if grave else ""


def _listed(names: Sequence[str], last: str = " and ") -> str:
    if len(names) > _MOST_NAMED:
        return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more"
    return last.join(filter(None, [", ".join(names[:-1]), names[-1]]))
