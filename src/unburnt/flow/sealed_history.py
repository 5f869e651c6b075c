"""What the sealed history says of contents and readings: read from the events, each compared with the signed log.

The catalogue is a view that anybody who may write to the archive's folder can change. Where something new is to be
signed or proven its word is a hint where to look, and no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import DamagedArchive, NotFound, UnburntError
from unburnt.model.events import AnyEvent, ItemReceived, MemberPromoted, ObjectAdopted, ReadingMade
from unburnt.model.reading import Reading
from unburnt.vault.derived import Derived
from unburnt.vault.events import Events
from unburnt.vault.fields import BadLine, event_of
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.keys import Keys, origin_of
from unburnt.vault.log.log import Log

_reading = msgspec.json.Decoder(Reading)


class SealedHistory:
    """The events that the checkpoint on disk counts, which the key on this machine must have signed. Any thread may ask.

    Raises :class:`NotFound` where there is no such checkpoint.
    """

    def __init__(self, layout: Layout) -> None:
        self._events = Events(layout, write=False)
        self._log = Log(layout.log, layout.tmp, origin_of(layout.archive_id))
        note = self._log.checkpoint()
        if note is None or Keys().public(layout.archive_id).verified(note) is None:
            raise NotFound("This archive's last checkpoint was not signed by the key on this machine.",
                           remedy="Seal the archive first (unburnt seal), on the machine that has its key.")

    def event(self, number: int) -> AnyEvent | None:
        """Event *number*, None where it is not sealed; raises :class:`DamagedArchive` where the log holds another."""
        if not 0 <= number < self._log.size:
            return None
        line = self._events.line(number)
        self._log.inclusion(number, self._log.size)
        if self._log.entry(number) != entry_of(line.digests):
            raise DamagedArchive(f"Event {number} is not the one that was sealed.", remedy="Verify the archive (unburnt verify).")
        try:
            return event_of(line)
        except BadLine as error:
            raise DamagedArchive(f"Event {number} is damaged.", remedy="Verify the archive (unburnt verify).") from error

    def naming(self, content: Digest, hints: Iterable[int] = ()) -> int | None:
        """The number of an event by which *content* came to be an object; *hints* are looked at first."""
        for number in hints:
            if _names(self.event(number), content):
                return number
        return next((number for number, event in self._events.replay()
                     if _names(event, content) and _names(self.event(number), content)), None)

    def readings(self, keys: Collection[Digest]) -> dict[Digest, ReadingMade]:
        """The last events by which derived records of these keys were made. The history is gone through, once."""
        wanted, found = set(keys), dict[Digest, tuple[int, ReadingMade]]()
        for number, event in self._events.replay() if wanted else ():
            if isinstance(event, ReadingMade) and event.key in wanted and number < self._log.size:
                found[event.key] = number, event
        return {key: event for key, (number, event) in found.items() if self.event(number) == event}

    def record(self, derived: Derived, key: Digest, made_of: Digest) -> tuple[ReadingMade, Reading] | None:
        """The derived record of *key* and its event; None unless that says it was made of *made_of*, and was just this one."""
        event = self.readings([key]).get(key)
        try:
            head = derived.chunk(key, 0)
            if event is None or event.blob != made_of or head is None or digest_of(head) != event.output:
                return None
            return event, _reading.decode(head)
        except (UnburntError, msgspec.DecodeError):  # damaged: as if it were gone
            return None


def _names(event: AnyEvent | None, content: Digest) -> bool:
    return isinstance(event, ItemReceived | ObjectAdopted | MemberPromoted) and event.digest == content
