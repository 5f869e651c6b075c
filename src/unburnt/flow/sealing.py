"""Keeping the log up to the events: what happened is committed to, signed, and can no more be changed unseen.

The events come first and the log follows, so it may lag and never runs ahead. An archive whose key is not on this
machine, or whose key refuses because the archive was put back or forked, goes on working; it is only not sealed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from unburnt.base.errors import DamagedArchive, ForeignLines, NotFound, OutOfSpace, UnburntError
from unburnt.flow.held_back import why_not_sealed
from unburnt.flow.vouching import Vouching
from unburnt.model.events import AnyEvent, KeyAnnounced, KeyRotated
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.keys import KeyMissing, Keys, origin_of, published
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import BadNote, Signer, Verifier
from unburnt.vault.log.rotation import RotationStatement
from unburnt.vault.log.undated import replace_undated

SEAL_EVERY_SECONDS = 10.0
_PAUSE_SECONDS = 0.5
"""Between two checkpoints while work is under way: a delivery holds its breath many times a second."""
_BATCH = 4_096


class Sealing:
    """For the keeper's own thread. *happened* records an event; :attr:`message` says why nothing is sealed.

    *vouching* tells which events the key may sign; no event is written between its making and this.

    Raises :class:`DamagedArchive` where events are missing that the log counts: to add others would be a fork.
    """

    def __init__(
        self, layout: Layout, events: Events, keys: Keys, happened: Callable[..., None],
        passphrase: str | None = None, vouching: Vouching | None = None,
    ) -> None:
        self._layout, self._events, self._keys = layout, events, keys
        self._vouching = vouching or Vouching(layout, events, keys)
        self.origin = origin_of(layout.archive_id)
        self._happened, self._passphrase = happened, passphrase
        self.message = ""
        self._log: Log | None = None
        self._signer: Signer | None = None
        self._sealed_at = time.monotonic()
        try:
            self._log = Log(layout.log, layout.tmp, self.origin, write=True)
        except OutOfSpace:
            raise
        except UnburntError as error:
            self.message = f"Not sealed: {error}"
            return
        self._require_all_events(self._log.size)
        self._take_key()
        self._hold_back()

    @property
    def sealed(self) -> int:
        """How many events a checkpoint counts that the key on this machine signed; anybody can write another one."""
        with suppress(UnburntError):
            note = None if self._log is None else self._log.checkpoint()
            if note is not None and self._keys.public(self._layout.archive_id).verified(note) is not None:
                return Checkpoint.parse(note.text).size
        return 0

    @property
    def unsealed(self) -> int:
        """How many flushed events no checkpoint counts yet; 0 where nothing can be sealed."""
        return 0 if self._signer is None else self.behind

    @property
    def behind(self) -> int:
        """How many flushed events no checkpoint counts, whether or not they can be sealed."""
        return self._events.last + 1 - (self._log.size if self._log is not None else 0)

    def follow(self, *, idle: bool, under_way: bool) -> None:
        """Seal at once when nothing is *under_way*, in its pauses (*idle*) and every few seconds where there is none."""
        due = (_PAUSE_SECONDS if under_way else 0.0) if idle else SEAL_EVERY_SECONDS
        if self.unsealed and time.monotonic() - self._sealed_at >= due:
            self.seal()

    def seal(self) -> None:
        """Commit to every event there is, and sign, also where a checkpoint of another key was put in the place of one's own.

        A key that refuses leaves a message and the old checkpoint.
        """
        if self._log is None or self._signer is None or not self.unsealed and self._is_own(self._log, self._signer):
            return
        try:
            self._append_vouched(self._log)
            self._log.commit(self._signer)
            self._vouching.settled(self.sealed)
        except OutOfSpace:
            raise
        except UnburntError as error:
            self._signer = None
            self.message = f"Not sealed: {error}"
        self._sealed_at = time.monotonic()

    def accept(self) -> None:
        """A person says that the doubtful events are their own: an event tells so, and they are sealed with the rest."""
        self._happened(*self._vouching.accepted())
        self._vouching.accept()
        self.message = ""
        self._take_key()
        self.seal()

    def use_key(self, signer: Signer) -> None:
        """Go on with another key, which an event has made known. Of doubtful events it seals none: see :meth:`accept`."""
        self._require_current(signer)
        self._publish(signer)
        self._vouching.begin_anew()
        self._signer, self.message = signer, ""
        self._hold_back()
        self.seal()

    def public_key(self) -> Verifier:
        """The newest key that the archive names; raises :class:`NotFound` where it never had one."""
        lines = self._vkeys()
        if not lines:
            raise NotFound("This archive has never had a key.", remedy="Run 'unburnt add' once; it makes one.")
        return Verifier.parse(lines[-1])

    def _take_key(self) -> None:
        try:
            is_first = not self._keys.has(self._layout.archive_id)
            signer = self._key()
            from_before = self._vouching.begin() if is_first else []
            self._announce(signer)
            self._happened(*from_before)
            self._signer = signer
        except (OutOfSpace, ForeignLines):
            raise
        except UnburntError as error:
            self.message = f"Not sealed: {error}"

    @staticmethod
    def _is_own(log: Log, signer: Signer) -> bool:
        note = log.checkpoint()
        with suppress(UnburntError):
            return note is not None and signer.verifier.verified(note) is not None
        return False

    def _hold_back(self) -> None:
        if self._vouching.doubtful:
            self._signer, self.message = None, why_not_sealed(self._vouching.doubtful)

    def _append_vouched(self, log: Log) -> None:
        """Line up what the key may sign. Raises :class:`UnburntError` where somebody else wrote while a keeper did."""
        numbered = enumerate(self._events.commitments(log.appended - 1), log.appended)
        while batch := list(islice(numbered, _BATCH)):
            for number, entry in batch:
                if not self._vouching.admits(number, entry):
                    raise UnburntError(f"Event {number} stands in events/ and this keeper did not write it.",
                                       remedy="End the keeper; the next one looks at what nobody vouches for.")
            log.append(entry for _, entry in batch)

    def _key(self) -> Signer:
        """The archive's key; a first one is made where the archive has never had any."""
        archive = self._layout.archive_id
        never_sealed = not self._public().exists() and self._log is not None and self._log.size == 0
        if never_sealed and not self._keys.has(archive):
            if self._named_by_events():
                raise UnburntError(
                    "Events name the key that sealed this archive, and its seal is gone from log/: it was taken away.",
                    remedy="Put log/ back from a copy of the archive (unburnt repair --from COPY).",
                )
            return self._keys.create(archive, self._passphrase, log=self._layout.log)
        self._finish_change()
        try:
            signer = self._keys.open(archive, self._passphrase, log=self._layout.log)
        except KeyMissing as error:
            raise KeyMissing(f"{error.message} Everything else works.", remedy=error.remedy) from error
        self._require_current(signer)
        return signer

    def _require_current(self, signer: Signer) -> None:
        if self._is_replaced(signer.verifier):
            raise UnburntError(
                "The key on this machine was replaced by a later one, which has to seal now.",
                remedy="Seal on the machine that has the later key, or move the old one's folder away and import that.",
            )

    def _is_replaced(self, key: Verifier) -> bool:
        return key.vkey in self._vkeys()[:-1]

    def _finish_change(self) -> None:
        """After a crash between the event of a change of keys and the change: what the event says is so."""
        upcoming = self._keys.upcoming(self._layout.archive_id)
        if upcoming is None:
            return
        for statement in filter(None, map(_statement, self._named())):
            if statement.new == upcoming:
                self._keys.finish_rotation(self._layout.archive_id, statement)
                return

    def _announce(self, signer: Signer) -> None:
        """Name the first key in an event, then in the log's folder, where a stranger finds it."""
        if not self._public().exists():
            named = self._named_by_events()
            if not named:
                self._happened(KeyAnnounced(vkey=signer.verifier.vkey))
            self._write_keys(named)
        self._publish(signer)

    def _publish(self, signer: Signer) -> None:
        known = self._vkeys()
        if signer.verifier.vkey not in known:
            self._write_keys([*known, signer.verifier.vkey])

    def _write_keys(self, vkeys: Sequence[str]) -> None:
        if vkeys:
            replace_undated(self._public(), "".join(f"{one}\n" for one in vkeys).encode(), self._layout.tmp)

    def _named_by_events(self) -> list[str]:
        """Every key that the events name, in order; reads all of them, so only where the list in log/ is missing."""
        named = []
        for event in self._named():
            if isinstance(event, KeyAnnounced):
                named.append(event.vkey)
            elif statement := _statement(event):
                named.append(statement.new.vkey)
        return named

    def _named(self) -> Iterator[AnyEvent]:
        """Every event but those that nobody vouches for."""
        doubtful = {one.number for one in self._vouching.doubtful}
        return (event for number, event in self._events.replay() if number not in doubtful)

    def _vkeys(self) -> list[str]:
        return published(self._layout.log)

    def _require_all_events(self, logged: int) -> None:
        missing = logged - (self._events.last + 1)
        if missing > 0:
            raise DamagedArchive(
                f"The log counts {logged} events, and the last {missing} of them are missing from events/.",
                remedy="Put them back from a copy of the archive (unburnt repair --from COPY). Nothing was changed.",
            )

    def _public(self) -> Path:
        return self._layout.log / "key.pub"


def _statement(event: AnyEvent) -> RotationStatement | None:
    """What an event says of a change of keys; None where it is about something else, or not signed as it must be."""
    with suppress(BadNote):
        if isinstance(event, KeyRotated):
            return RotationStatement.parse(event.statement)
    return None
