"""Which derived records this archive's own history speaks of: of these alone is anything new made.

A slice, or a reading whose pages wait for OCR, is taken up again from ``derived/``, where anybody who may write to the
archive's folder can change it; what was made of a changed one would be sealed as if it came from the document. So each
is compared with the digest in its event, which this keeper wrote, or the log counts, or a note beside the key vouches for.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

from unburnt.base.digests import Digest
from unburnt.base.errors import UnburntError
from unburnt.model.events import ReadingMade
from unburnt.vault.events import Events
from unburnt.vault.fields import BadLine, event_of
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.keys import Keys, origin_of
from unburnt.vault.log.log import Log

Record = tuple[Digest, Digest]
"""Key of a derived record, and the digest of its first chunk."""


class OwnRecords:
    """For the keeper's own thread. *admits* says of an event's number and entry whether this keeper vouches for it."""

    def __init__(self, layout: Layout, events: Events, admits: Callable[[int, bytes], bool]) -> None:
        self._layout, self._events, self._admits = layout, events, admits
        self._made: dict[Digest, tuple[Digest | None, Digest | None]] = {}
        """Output and content of records that this keeper made and that may be taken up again."""
        self._numbers: dict[Digest, int] | None = None

    def made(self, event: ReadingMade, *, of_several: bool = False) -> None:
        """Remember what was recorded just now: what is final is not taken up again, but where it was read *of_several* files."""
        if event.attempt or of_several:
            self._made[event.key] = event.output, event.blob

    def not_among(self, records: Iterable[Record], of: Container[Digest]) -> list[Digest]:
        """The keys of those that the history does not name so, as made from one of the contents *of*."""
        return [key for key, output in records if not self._is_named(key, output, of)]

    def _is_named(self, key: Digest, output: Digest, of: Container[Digest]) -> bool:
        """Whether an event names the record; the history from before this keeper is gone through for it once."""
        if key in self._made:
            made, blob = self._made[key]
            if made == output and blob in of:
                return True
        if self._numbers is None:
            self._numbers = {event.key: number for number, event in self._events.replay() if isinstance(event, ReadingMade)
                             and event.attempt}
        number = self._numbers.get(key)
        if number is None:
            number = next((at for at, event in self._events.replay() if isinstance(event, ReadingMade) and event.key == key), None)
        return number is not None and self._says(number, key, output, of)

    def _says(self, number: int, key: Digest, output: Digest, of: Container[Digest]) -> bool:
        line = self._events.line(number)
        try:
            event = event_of(line)
        except BadLine:
            return False
        is_so = isinstance(event, ReadingMade) and (event.key, event.output) == (key, output) and event.blob in of
        return is_so and self._is_ours(number, entry_of(line.digests))

    def _is_ours(self, number: int, entry: bytes) -> bool:
        """Where the key is not on this machine nothing is sealed, so that nothing false can be."""
        if not Keys().has(self._layout.archive_id):
            return True
        try:
            log = Log(self._layout.log, self._layout.tmp, origin_of(self._layout.archive_id))
            if number >= log.size:
                return self._admits(number, entry)
            log.inclusion(number, log.size)
            return log.entry(number) == entry
        except UnburntError:  # damaged: it says nothing
            return False
