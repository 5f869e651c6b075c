"""Healing an archive from a copy of it: the events first, then the log, originals and derived records.

Damaged bytes are moved aside into ``out/``, never deleted. What was healed is written down before it is done and
told by an event at the end, so that a repair that is killed is finished, and told, by the next.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from unburnt.base.errors import DamagedArchive, NotFound, UsageError
from unburnt.flow.copy_content import Tell
from unburnt.flow.copy_place import copy_id
from unburnt.flow.copy_plain import require_plain
from unburnt.flow.copy_sealed import held, known_keys, signed_size
from unburnt.flow.keeper import Keeper
from unburnt.flow.lock import KeeperLock
from unburnt.flow.options import Options
from unburnt.flow.repair_content import heal_derived, heal_objects
from unburnt.flow.repair_events import good_lines, heal_events
from unburnt.flow.repair_journal import Healed, Journal
from unburnt.flow.repair_log import heal_log
from unburnt.model.audit import Finding
from unburnt.model.copies import RepairReport
from unburnt.model.events import ArchiveCreated, Repaired
from unburnt.vault.audit.events import EventsAudit
from unburnt.vault.durable import disk_errors, replace_file
from unburnt.vault.fields import BadLine, event_of
from unburnt.vault.layout import FORMAT_VERSION, Layout

_MOST_IN_AN_EVENT = 5_000


def repair_archive(
    root: Path, copy_root: Path, *, tell: Tell = lambda what, done, total: None
) -> RepairReport:
    """Heal the archive at *root* from the copy at *copy_root*; *findings* in the report name what stays damaged.

    Raises :class:`UsageError` for what is no copy of this archive, :class:`KeeperBusy`, :class:`OutOfSpace`, and
    :class:`unburnt.flow.repair_events.Unhealable` before anything was changed.
    """
    require_plain(copy_root)
    require_plain(root)
    copy = Layout.open(copy_root)
    if root.exists() and os.path.samefile(root, copy_root):
        raise UsageError("That is the archive itself.", remedy="Name the folder of a copy.")
    lock = KeeperLock(root)
    try:
        layout, journal = _opened(root, copy)
        findings, left, must_rebuild = _heal(layout, copy, journal, tell)
    finally:
        lock.release()
    must_rebuild = must_rebuild or lock.interrupted is not None
    if journal.healed:
        _tell(layout, copy, journal, must_rebuild=must_rebuild)
    folder = str(journal.folder.relative_to(root)) if journal.folder is not None else ""
    return _report(copy, list(journal.healed), findings, left, folder)


def _opened(root: Path, copy: Layout) -> tuple[Layout, Journal]:
    """The archive, with a lost or damaged ``unburnt.toml`` written anew from its first event."""
    layout = Layout(root)
    try:
        archive_id, lost = layout.archive_id, False
    except (NotFound, DamagedArchive):
        archive_id, lost = _id_in_events(layout), True
    if archive_id != copy.archive_id:
        raise UsageError("That is a copy of another archive.", remedy="Nothing was changed.")
    if lost:
        text = f'# An unburnt archive. Do not edit.\nformat = {FORMAT_VERSION}\narchive = "{archive_id}"\n'
        layout.out.mkdir(mode=0o700, exist_ok=True)
        with disk_errors("healing unburnt.toml"):
            journal = Journal(layout, archive_id)
            journal.note([Healed("file", layout.config.name)])
            journal.aside(layout.config)
            replace_file(layout.config, text.encode())
    layout = Layout.open(root)
    layout.clean_tmp()
    shutil.rmtree(layout.tmp / "log-anew", ignore_errors=True)
    return layout, Journal(layout, archive_id)


def _id_in_events(layout: Layout) -> str:
    with contextlib.suppress(BadLine, OSError):
        first = next(good_lines(layout.events), None)
        if first is not None and first.line.seq == 0 and isinstance(event := event_of(first.line), ArchiveCreated):
            return event.archive
    raise DamagedArchive("unburnt.toml and the first event are both damaged: nobody can tell which archive this is.",
                         remedy="Use the copy in its place; it is an archive.")


def _heal(layout: Layout, copy: Layout, journal: Journal, tell: Tell) -> tuple[list[Finding], list[Finding], bool]:
    findings = heal_events(layout, copy, journal)
    events_changed = any(one.kind == "event" for one in journal.healed)
    damaged, left = heal_log(layout, copy, journal)
    left = [*journal.strange, *left]
    findings += damaged
    audit = EventsAudit(layout)
    for _ in audit.entries():
        pass
    findings += audit.findings
    known = held(layout, signed_size(layout, known_keys(layout, copy)), audit.events)
    findings += heal_objects(layout, copy, known, journal, tell)
    derived_changed = heal_derived(layout, copy, known, journal)
    return findings, left, events_changed or derived_changed


def _tell(layout: Layout, copy: Layout, journal: Journal, *, must_rebuild: bool) -> None:
    """Log what was healed, and bring the views up to it."""
    keeper = Keeper(layout, Options(reads=False), rebuild=must_rebuild)
    keeper.start()
    try:
        for event in _events(copy_id(copy), list(journal.healed)):
            keeper.call(partial(keeper.stores.recorder.happened, event))
        journal.finish()
        keeper.wait_until_idle()
    finally:
        keeper.stop()


def _events(copy: str, healed: list[Healed]) -> Iterator[Repaired]:
    things = iter(healed)
    while part := list(islice(things, _MOST_IN_AN_EVENT)):
        yield Repaired(
            copy_id=copy, objects=_of("object", part), events=tuple(map(int, _of("event", part))),
            records=_of("record", part), files=_of("file", part),
        )


def _of(kind: str, healed: list[Healed]) -> tuple[str, ...]:
    return tuple(one.item for one in healed if one.kind == kind)


def _report(
    copy: Layout, healed: list[Healed], findings: list[Finding], left: list[Finding], folder: str
) -> RepairReport:
    return RepairReport(
        copy=copy_id(copy), objects=_of("object", healed), events=tuple(map(int, _of("event", healed))),
        records=_of("record", healed), files=_of("file", healed), aside=folder, findings=tuple(findings), left=tuple(left),
    )


