"""``verify``: every question to an archive in one order, in pieces that an interruption does not lose."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TypeVar

import msgspec

from unburnt import __version__
from unburnt.base.clock import now
from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import UsageError
from unburnt.base.settings import state_folder
from unburnt.flow.lock import is_kept
from unburnt.model.audit import Check, Finding, Verification
from unburnt.vault.audit.derived import DerivedAudit
from unburnt.vault.audit.events import EventsAudit
from unburnt.vault.audit.log import LogAudit
from unburnt.vault.audit.members import MembersAudit
from unburnt.vault.audit.objects import ObjectsAudit
from unburnt.vault.audit.trusted import Trusted
from unburnt.vault.audit.walk import Walk
from unburnt.vault.durable import replace_file
from unburnt.vault.layout import Layout

_SAVE_EVERY_BYTES = 1 << 30
_SAVE_EVERY_FILES = 10_000
_TRIES, _MOMENT = 8, 0.3
_CHECKS = ("originals", "events", "log", "checkpoint", "countersignatures", "timestamps", "completeness", "derived", "members")

_Thing = TypeVar("_Thing")
Tell = Callable[[str, int, int], None]
"""What is being checked, how many of them are done, and how many there are."""


class _Progress(msgspec.Struct):
    """What an interrupted run had hashed: digests come in order, so the last one says it all."""

    last: Digest
    looked_at: int
    findings: list[Finding]


class Verifying:
    """One run over one archive. It changes nothing there.

    How far it came is noted outside the archive: what an archive says of its own soundness proves nothing.
    """

    def __init__(self, layout: Layout, *, trusted: Trusted, tell: Tell = lambda what, done, total: None) -> None:
        self._layout = layout
        self._trusted = trusted
        self._tell = tell
        place = digest_of(str(layout.root.resolve()).encode("utf-8", "surrogateescape"))[:16]  # copies share the id
        self._notebook = state_folder() / "verify" / f"{layout.archive_id}-{place}.json"

    def run(
        self, *, sample: float = 1.0, resume: bool = False, rederived: Callable[[], Check] | None = None
    ) -> Verification:
        """All checks; raises :class:`UsageError` for a *sample* that is no share.

        With *resume* a full run believes what an interrupted one wrote down of itself, and the report says so.
        """
        if not 0 < sample <= 1:
            raise UsageError("A sample is a share of the files, above 0 and up to 1 (or 100%).")
        walk = Walk(self._layout)
        checks = [walk.run()]
        objects = ObjectsAudit(self._layout, walk.barred)
        if "objects" not in walk.barred:
            notes = self._hash(objects, sample, resume=resume)
            checks.append(msgspec.structs.replace(objects.check(), notes=notes))
        seal: list[str] = []
        if not walk.is_barred("events"):
            found, seal = self._with_events(walk, objects)
            checks += found
        if not walk.is_barred("derived"):
            checks.append(MembersAudit(self._layout).run(sample))
        names = list(_CHECKS) if rederived is None else [*_CHECKS, "rederived"]
        if rederived is not None and not walk.barred and not _is_a_database_damaged(checks):
            checks.append(rederived())
        with suppress(OSError):
            self._notebook.unlink()
        return Verification(
            archive=self._layout.archive_id, software=f"unburnt {__version__}", finished=now(), sample=sample,
            checks=tuple(_said(checks, names)), seal=tuple(seal),
        )

    def _with_events(self, walk: Walk, objects: ObjectsAudit) -> tuple[list[Check], list[str]]:
        """Everything that is compared with the events, and what the seal shows.

        Beside a keeper at work this is asked again until nothing is wrong, or the same is twice: what it removes or
        seals between two questions is no damage.
        """
        before: list[Finding] | None = None
        for _ in range(_TRIES):
            busy = is_kept(self._layout.root)
            checks, seal = self._compared(walk, objects)
            found = [one for check in checks for one in check.findings]
            if not busy or not found or found == before:
                break
            before = found
            time.sleep(_MOMENT)
        return checks, seal

    def _compared(self, walk: Walk, objects: ObjectsAudit) -> tuple[list[Check], list[str]]:
        log = None if walk.is_barred("log") else LogAudit(self._layout, self._trusted)
        events = EventsAudit(self._layout, sealed=log.sealed if log is not None else None)
        entries = self._told("events", events.entries())
        if log is None:
            deque(entries, maxlen=0)
        else:
            log.compare(entries)
        checks = [events.check(), *(log.checks(events.named) if log is not None else ())]
        if "objects" not in walk.barred:
            events.catch_up()
            checks.append(objects.completeness(events.named))
        if not walk.is_barred("derived"):
            checks.append(DerivedAudit(self._layout, events.named).run(events.catch_up))
        return checks, log.statements() if log is not None else []

    def _hash(self, objects: ObjectsAudit, sample: float, *, resume: bool) -> tuple[str, ...]:
        digests = list(objects.digests())
        if sample < 1:
            chosen = random.SystemRandom().sample(digests, max(1, round(sample * len(digests)))) if digests else []
            objects.hash_all(self._told("originals", chosen, len(chosen)))
            return ()
        notes: tuple[str, ...] = ()
        before = self._before() if resume else None
        if before is not None:
            objects.looked_at, objects.findings = before.looked_at, before.findings
            digests = [digest for digest in digests if digest > before.last]
            notes = (f"{before.looked_at} of them were hashed by an earlier run that was interrupted.",)
        self._hash_in_pieces(objects, digests)
        return notes

    def _hash_in_pieces(self, objects: ObjectsAudit, digests: list[Digest]) -> None:
        total = objects.looked_at + len(digests)
        saved_files, saved_bytes = objects.looked_at, 0

        def done(digest: Digest) -> None:
            nonlocal saved_files, saved_bytes
            self._tell("originals", objects.looked_at, total)
            grown = objects.bytes - saved_bytes >= _SAVE_EVERY_BYTES
            if grown or objects.looked_at - saved_files >= _SAVE_EVERY_FILES:
                saved_files, saved_bytes = objects.looked_at, objects.bytes
                self._save(_Progress(digest, objects.looked_at, objects.findings))

        objects.hash_all(digests, done)

    def _told(self, what: str, things: Iterable[_Thing], total: int = 0) -> Iterator[_Thing]:
        for number, thing in enumerate(things):
            self._tell(what, number, total)
            yield thing

    def _before(self) -> _Progress | None:
        with suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode(self._notebook.read_bytes(), type=_Progress)
        return None

    def _save(self, progress: _Progress) -> None:
        with suppress(OSError):  # without such a place it is verified too, only not in pieces
            self._notebook.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self._notebook, msgspec.json.encode(progress))


def _is_a_database_damaged(checks: list[Check]) -> bool:
    """Readers and pages would ask it, whatever it is now."""
    return any(one.item.startswith("derived/") for check in checks if check.name == "derived" for one in check.findings)


def _said(checks: list[Check], names: list[str]) -> Iterator[Check]:
    """The first check, of files, tells which of *names* could therefore not be checked."""
    done = {check.name for check in checks}
    left = [name for name in names if name not in done]
    notes = (f"Not checked because of what is named as wrong: {', '.join(left)}.",) if left else ()
    yield msgspec.structs.replace(checks[0], notes=(*checks[0].notes, *notes))
    yield from checks[1:]
