"""What was sealed on somebody's word, and what was not sealed for want of anybody's."""

from __future__ import annotations

from unburnt.model.events import EventsAccepted, LineSetAside

_BY = {"machine": "before the archive had a key", "person": "by 'unburnt seal --accept'"}
_MOST_NAMED = 20


class OnWord:
    """Collects the sealed events that say so."""

    def __init__(self) -> None:
        self._spans: list[EventsAccepted] = []
        self._aside: list[int] = []

    def learn(self, number: int, event: EventsAccepted | LineSetAside) -> None:
        """Take event *number* into account; one that speaks of events after itself says nothing."""
        if isinstance(event, LineSetAside):
            self._aside.append(number)
        elif 0 <= event.first <= event.last < number:
            self._spans.append(event)

    @property
    def accepted(self) -> int:
        """How many events were sealed as they were found; none is counted twice."""
        count = following = 0
        for one in sorted(self._spans, key=lambda span: (span.first, span.last)):
            count += max(0, one.last + 1 - max(one.first, following))
            following = max(following, one.last + 1)
        return count

    def notes(self) -> list[str]:
        """A sentence for each kind, for the report."""
        said = []
        if self._spans:
            spans = [f"{one.first} to {one.last} {_BY.get(one.by, 'by somebody')}" for one in self._spans]
            said.append(f"{self.accepted} events were sealed as they were found, on somebody's word, as no keeper's note vouched "
                        f"for them: {_listed(spans)}. The seal shows nothing of who wrote them before.")
        if self._aside:
            said.append(f"{len(self._aside)} lines that nobody vouched for were set aside and are not part of the history: "
                        f"events {_listed([str(one) for one in self._aside])}. out/ keeps them where nobody took them away.")
        return said


def _listed(names: list[str]) -> str:
    more = f", and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
