"""A verified second copy of an archive, made or brought up to date while its keeper may go on.

The checkpoint and the events are looked at first; then originals, derived records and the events that name them
go into the copy in that order, and the log last. So the copy is an archive at every moment, older or newer. What
can be made again (catalogue, index) and what is personal (the desk's state, signing keys) is not copied.
"""

from __future__ import annotations

from pathlib import Path

from unburnt.base.errors import OutOfSpace
from unburnt.flow.copy_content import DerivedCopy, ObjectsCopy, Tell
from unburnt.flow.copy_history import History, put_in_place
from unburnt.flow.copy_place import place_for
from unburnt.flow.lock import is_kept
from unburnt.flow.stores import empty_folder
from unburnt.flow.unvouched import unvouched
from unburnt.model.copies import CopyReport
from unburnt.vault.durable import disk_errors
from unburnt.vault.layout import Layout
from unburnt.vault.log.keys import Keys


def copy_archive(
    source: Layout, target: Path, *, quick: bool = False, tell: Tell = lambda what, done, total: None
) -> CopyReport:
    """Make or update the copy in *target*. A run that was interrupted is gone on with by the next.

    Every original is hashed while it is copied, and all of them are read back from the copy's disk and hashed again;
    with *quick* only those copied now. Damaged originals are left out and stand in the report's *findings*.

    Raises :class:`UsageError` for a folder that is no copy of this archive, :class:`DamagedArchive` where the
    archive's events are damaged, :class:`unburnt.flow.copy_history.Diverged`, :class:`KeeperBusy`, :class:`OutOfSpace`.
    """
    with place_for(source, target) as place:
        try:
            busy = is_kept(source.root)
            history = History(source, place.layout)
            staged = history.stage(place.layout)
            objects = ObjectsCopy(source, place.layout, history.held, busy=busy, tell=tell)
            objects.run(quick=quick)
            derived = DerivedCopy(source, place.layout, history.held, busy=busy)
            derived.run(quick=quick)
            with disk_errors("copying events"):
                put_in_place(staged, place.layout.events)
                if staged:
                    _drop_views(place.layout)
            history.copy_log(place.layout)
            place.finish()
        except OutOfSpace as error:
            raise OutOfSpace("The disk of the copy is full.",
                             remedy="Free some space there and run the same command again: it goes on.") from error
    return CopyReport(
        copy=place.copy, objects=objects.copied, bytes=objects.bytes, already=objects.already, checked=objects.checked,
        removed=objects.removed, events=history.events, records=derived.copied, sealed=history.sealed,
        unvouched=sum(min(last + 1, history.events) - first for first, last in unvouched(source, Keys(), history.events)),
        findings=(*objects.findings, *derived.findings, *history.kept_findings, *history.log_findings,
                  *history.vouched_findings),
    )


def _drop_views(layout: Layout) -> None:
    """The copy's catalogue and index are older than its events now; whoever opens it makes them again."""
    for path in layout.root.glob("catalog.sqlite*"):
        path.unlink()
    empty_folder(layout.index)
