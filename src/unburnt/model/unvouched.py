"""What nobody on this machine vouches for: events that are not sealed, and that it has no note of writing."""

from __future__ import annotations

import msgspec

OPEN = 1 << 62
"""The end of a span that has none."""
HELD_BACK = "this machine has no note of writing"
"""How the reason begins for which a keeper seals nothing while there are such events."""
Spans = tuple[tuple[int, int], ...]
"""Numbers of events, each span with its last."""


class Unvouched(msgspec.Struct, frozen=True, kw_only=True):
    """Of an archive, or of one document there. Anybody who could write to the archive's folder may have put it there."""

    deliveries: tuple[tuple[str, int], ...] = ()
    """Deliveries, with how many of their files (of a document: of its places) came by such events; 0 for the delivery's own
    beginning alone."""
    readings: int = 0
    """How many documents' current readings such events name."""
    events: int = 0
    """How many such events there are; counted for the whole archive only."""
    key_is_here: bool = True
    """Whether the key that seals this archive is on this machine; else nothing here can vouch for what is not sealed."""

    def __bool__(self) -> bool:
        return bool(self.deliveries or self.readings or self.events)


NOTHING = Unvouched()


def is_within(spans: Spans, number: int | None) -> bool:
    """Whether an event is among those."""
    return number is not None and any(first <= number <= last for first, last in spans)


def said_of_archive(found: Unvouched) -> str:
    """For people: of how many events, and of which deliveries and readings that is so; nothing where it is so of none."""
    if not found:
        return ""
    events = "1 event that is" if found.events == 1 else f"{found.events} events that are"
    deliveries = ", ".join(_delivery(*one) for one in found.deliveries)
    of = f": {_and(f'deliveries {deliveries}' if deliveries else '', _readings(found.readings))}" if deliveries or found.readings else ""
    return f"{_key(found)}Nobody on this machine vouches for {events} not sealed{of}. 'unburnt seal' says more."


def said_of_document(found: Unvouched) -> str:
    """For people: whether that is so of how it came, and of its reading."""
    if not found:
        return ""
    names = ", ".join(name for name, _ in found.deliveries)
    came = f"that this came with {names}" if names else ""
    what = _and(came, "that its reading is what was read from it" if found.readings else "")
    return (f"{_key(found)}Nobody on this machine vouches for it {what}: the events that say so are not sealed, and it has no note of "
            "writing them.")


def _and(first: str, second: str) -> str:
    return " and ".join(filter(None, (first, second)))


def _delivery(name: str, files: int) -> str:
    return f"{name} ({files} {'file' if files == 1 else 'files'})" if files else name


def _readings(count: int) -> str:
    return "" if not count else "1 reading" if count == 1 else f"{count} readings"


def _key(found: Unvouched) -> str:
    return "" if found.key_is_here else "The key that seals this archive is not on this machine. "
