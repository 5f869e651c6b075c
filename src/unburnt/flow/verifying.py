"""``verify``: every question to an archive in one order, in pieces that an interruption does not lose."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator

import msgspec

from unburnt import __version__
from unburnt.base.clock import now
from unburnt.base.errors import UsageError
from unburnt.flow.lock import is_kept
from unburnt.flow.originals import Originals, Tell
from unburnt.model.audit import Check, Finding, Verification
from unburnt.vault.audit.derived import DerivedAudit
from unburnt.vault.audit.events import EventsAudit
from unburnt.vault.audit.log import LogAudit
from unburnt.vault.audit.members import MembersAudit
from unburnt.vault.audit.trusted import Trusted
from unburnt.vault.audit.walk import Walk
from unburnt.vault.layout import Layout

_TRIES, _MOMENT = 8, 0.3
_CHECKS = ("originals", "events", "log", "checkpoint", "countersignatures", "timestamps", "completeness", "derived", "members")

_LISTEN_EVERY = 64

_Entry = tuple[int, list[str] | None]


class Verifying:
    """One run over one archive. It changes nothing there."""

    def __init__(self, layout: Layout, *, trusted: Trusted, tell: Tell = lambda what, done, total: None) -> None:
        self._layout = layout
        self._trusted = trusted
        self._tell = tell

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
        seal: list[str] = []
        with Originals(self._layout, walk.barred, self._tell) as originals:
            if "objects" not in walk.barred:
                originals.begin(walk.originals, sample, resume=resume)
            found: list[Check] = []
            if not walk.is_barred("events"):
                found, seal = self._with_events(walk, originals)
            checks += [*originals.check(), *found]
        if not walk.is_barred("derived"):
            checks.append(MembersAudit(self._layout).run(sample))
        names = list(_CHECKS) if rederived is None else [*_CHECKS, "rederived"]
        if rederived is not None and not walk.barred and not _is_a_database_damaged(checks):
            checks.append(rederived())
        originals.forget()
        return Verification(
            archive=self._layout.archive_id, software=f"unburnt {__version__}", finished=now(), sample=sample,
            checks=tuple(_said(checks, names)), seal=tuple(seal),
        )

    def _with_events(self, walk: Walk, originals: Originals) -> tuple[list[Check], list[str]]:
        """Everything that is compared with the events, and what the seal shows.

        Beside a keeper at work this is asked again until nothing is wrong, or the same is twice: what it removes or
        seals between two questions is no damage. Nor is what it did while the originals were being hashed, which may
        take hours.
        """
        before: list[Finding] | None = None
        for _ in range(_TRIES):
            took_long = not originals.is_done
            busy = is_kept(self._layout.root)
            checks, seal = self._compared(walk, originals)
            found = [one for check in checks for one in check.findings]
            if not found or found == before or not (busy or took_long):
                break
            before = found
            time.sleep(_MOMENT if busy else 0)
        return checks, seal

    def _compared(self, walk: Walk, originals: Originals) -> tuple[list[Check], list[str]]:
        log = None if walk.is_barred("log") else LogAudit(self._layout, self._trusted)
        events = EventsAudit(self._layout, sealed=log.sealed if log is not None else None)
        entries = self._told(events.entries(), originals)
        if log is None:
            deque(entries, maxlen=0)
        else:
            log.compare(entries)
        checks = [events.check(), *(log.checks(events.named) if log is not None else ())]
        if "objects" not in walk.barred:
            originals.finish()  # what went meanwhile is missed below
            events.catch_up()
            checks.append(originals.audit.completeness(events.named))
        if not walk.is_barred("derived"):
            checks.append(DerivedAudit(self._layout, events.named).run(events.catch_up))
        return checks, log.statements() if log is not None else []

    def _told(self, entries: Iterable[_Entry], originals: Originals) -> Iterator[_Entry]:
        for number, entry in enumerate(entries):
            if number % _LISTEN_EVERY == 0:
                originals.listen()
            self._tell("events", number, 0)
            yield entry


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
