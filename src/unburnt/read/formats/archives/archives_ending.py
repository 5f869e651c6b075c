"""Going through an archive's members, slice by slice, and how reading it ended, from what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import GivenUp
from unburnt.read.registry import Ending

_ALONE = {
    Outcome.LOCKED: "The members are encrypted and no given password opens them.",
    Outcome.REFUSED: "The members were refused: overlapping entries, or too large.",
}
"""Outcomes of a whole archive of which nothing else could be had, the weightiest first."""


_Entry = TypeVar("_Entry")


class Place(msgspec.Struct, frozen=True):
    """Where the next child goes on: the number of the next entry, and what became of those before."""

    next: int
    emitted: int
    failed: dict[Outcome, int]
    secret: bool
    note: bytes = b""
    """What the reader needs to find the next entry without listing all of them again."""


@dataclass
class Tally:
    """What became of the members so far."""

    emitted: int = 0
    failed: Counter[Outcome] = field(default_factory=Counter)
    loss: str = ""
    secret: bool = False

    def go_through(
        self, emitter: Emitter, entries: Iterable[_Entry], emit: Callable[[_Entry], Any],
        *, may_pause_before: Callable[[_Entry], bool] = lambda entry: True, note: Callable[[_Entry], bytes] = lambda entry: b"",
    ) -> None:
        """Have *emit* called for each of *entries*, from where an earlier child paused, until this one's share is done.

        *entries* are all there are, or, where that child left a *note*, those from its place on.
        """
        place, number = emitter.resume(Place), 0
        if place is not None:
            self.emitted, self.failed, self.secret, number = place.emitted, Counter(place.failed), place.secret, place.next
        emitter.begin_share()
        for entry in islice(entries, number if place is not None and not place.note else 0, None):
            if may_pause_before(entry):
                emitter.may_pause(Place(number, self.emitted, self.failed, self.secret, note(entry)), secret=self.secret)
            emit(entry)
            number += 1

    def emit(
        self, emitter: Emitter, path: bytes, content: Iterable[bytes], *, name: str | None = None,
        modified: str | None = None,
    ) -> None:
        """Send a member and count what became of it; content that gives up midway makes it a failed one."""
        before, outcomes = emitter.failed_members, [Outcome.REFUSED]
        emitter.member(path, "entry", _watched(content, outcomes), name=name, modified=modified)
        if emitter.failed_members > before:
            self.failed[outcomes[-1]] += 1
        else:
            self.emitted += 1

    def fail(
        self, emitter: Emitter, path: bytes, outcome: Outcome, reason: str, *, name: str | None = None,
        size: int | None = None, modified: str | None = None,
    ) -> None:
        """Say of a member why it could not be had."""
        self.failed[outcome] += 1
        emitter.member_failed(path, "entry", outcome, reason, name=name, size=size, modified=modified)

    def ending(self) -> Ending:
        """The outcome of the whole archive."""
        for outcome, reason in _ALONE.items():
            if outcome in self.failed and not self.emitted and not self.loss:
                return Ending(outcome, reason, self.secret)
        if self.failed or self.loss:
            outcome = Outcome.PARTIAL if self.emitted or self.failed else Outcome.DAMAGED
            return Ending(outcome, " ".join(filter(None, (self.loss, self._shortfall()))), self.secret)
        if not self.emitted:
            return Ending(Outcome.EMPTY, "The archive holds no files.", self.secret)
        return Ending(Outcome.READ, "", self.secret)

    def _shortfall(self) -> str:
        count = self.failed.total()
        if not count:
            return ""
        kinds = ", ".join(f"{number} {outcome.value}" for outcome, number in self.failed.most_common())
        return f"{count} of {count + self.emitted} members could not be had: {kinds}."


def _watched(content: Iterable[bytes], outcomes: list[Outcome]) -> Iterator[bytes]:
    try:
        yield from content
    except GivenUp as error:
        outcomes.append(error.outcome)
        raise
