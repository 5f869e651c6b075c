"""Healing originals and derived records: bytes come from the copy, and only when they have their digest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from unburnt.base.digests import CHUNK, Digest
from unburnt.base.errors import DamagedArchive, NotFound, UnburntError
from unburnt.flow.copy_content import Tell, copy_record, damaged_keys, unreadable_databases
from unburnt.flow.copy_history import put_in_place
from unburnt.flow.copy_sealed import ACCEPT, Held
from unburnt.flow.repair_journal import Healed, Journal
from unburnt.model.audit import Check, Finding
from unburnt.vault.audit.derived import ORPHAN, DerivedAudit
from unburnt.vault.audit.objects import ObjectsAudit
from unburnt.vault.derived import Derived
from unburnt.vault.durable import OBJECT_MODE, disk_errors, new_temporary, write_all
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects

_BATCH = 200
_OTHER = "Try another copy."


def heal_objects(
    layout: Layout, copy: Layout, known: Held, journal: Journal, tell: Tell = lambda what, done, total: None
) -> list[Finding]:
    """Hash every original, and bring back those that are lost or changed; gives what could not be healed."""
    named = known.named
    objects = Objects(layout)
    here = set(objects.digests())
    audit = ObjectsAudit(layout)
    audit.hash_all(sorted(here), lambda digest: tell("hashing originals", audit.looked_at, len(here)))
    wrong = {finding.item.rpartition("/")[2] for finding in audit.findings}
    wrong |= {digest for digest in named.objects if digest not in here and digest not in named.erased}
    findings = [Finding(f"objects/{digest[:2]}/{digest}", f"Event {known.doubtful[digest]}, which is not sealed, says that "
                        "it was erased. The copy holds it; it was not brought back.", ACCEPT)
                for digest in sorted(known.doubtful.keys() - here) if Objects(copy).has(digest)]
    wrong -= known.doubtful.keys() - here
    batch: list[tuple[Path, Path]] = []
    for digest in sorted(wrong):
        temporary = _good_bytes(Objects(copy), digest, layout)
        if temporary is None:
            findings.append(Finding(f"objects/{digest[:2]}/{digest}", "It is damaged here, and the copy does not hold it "
                                    "whole either.", _OTHER))
            journal.forget(Healed("object", digest))
            continue
        batch.append((temporary, objects.path(digest)))
        if len(batch) >= _BATCH:
            _put(batch, layout, journal)
            batch = []
    _put(batch, layout, journal)
    return findings


def _put(batch: list[tuple[Path, Path]], layout: Layout, journal: Journal) -> None:
    with disk_errors("healing originals"):
        journal.note(Healed("object", place.name) for _, place in batch)
        for _, place in batch:
            journal.aside(place)
        put_in_place(batch, layout.objects)


def _good_bytes(source: Objects, digest: Digest, layout: Layout) -> Path | None:
    """The object from the copy as a temporary file, None where the copy's is lost or damaged too."""
    hasher = hashlib.sha256()
    with disk_errors("healing originals"):
        descriptor, temporary = new_temporary(layout.tmp, OBJECT_MODE)
    try:
        with source.open(digest) as file:
            while piece := _piece(file.fileno()):
                hasher.update(piece)
                with disk_errors("healing originals"):
                    write_all(descriptor, piece)
    except (NotFound, _CopyUnreadable):
        hasher = hashlib.sha256(b"not " + digest.encode())
    finally:
        os.close(descriptor)
    if hasher.hexdigest() == digest:
        return temporary
    temporary.unlink()
    return None


class _CopyUnreadable(Exception):
    """The copy's own disk failed."""


def _piece(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, CHUNK)
    except OSError as error:
        raise _CopyUnreadable from error


def heal_derived(layout: Layout, copy: Layout, known: Held, journal: Journal) -> bool:
    """Drop damaged derived records and take them, and lost ones, from the copy where it has them whole.

    What neither has is made again when the archive is next read. Gives whether anything was done.
    """
    named = known.named
    with disk_errors("healing derived records"):
        changed = _move_unreadable(layout, journal)
        doomed = _damaged(DerivedAudit(layout, named).run())
    ours, theirs = Derived(layout), Derived(copy)
    try:
        journal.note(Healed("record", key) for key in sorted(doomed))
        if doomed:
            ours.erase(*doomed)
        lost = [key for key in named.readings if key not in doomed and not ours.has(key)]
        brought = _bring([*sorted(doomed), *lost], ours, theirs, known)
        journal.note(Healed("record", key) for key in brought)
        ours.flush()
        again = _damaged(DerivedAudit(layout, named).run()) & brought
        if again:  # whole by its own digests, but not what the reading commits to
            ours.erase(*again)
    finally:
        ours.close()
        theirs.close()
    return changed or bool(doomed) or bool(brought)


def _bring(keys: Iterable[Digest], ours: Derived, theirs: Derived, known: Held) -> set[Digest]:
    named = known.named
    brought: set[Digest] = set()
    for key in keys:
        try:
            described = theirs.describe(key)
            if key in named.readings and described.output != named.readings[key][1]:
                continue
            if not known.doubtful.keys().isdisjoint(described.inputs):
                continue  # text of what an unsealed event says was erased
            if copy_record(theirs, ours, key):
                brought.add(key)
        except (NotFound, DamagedArchive):
            continue
        except UnburntError:
            break  # the copy's derived/ cannot be read at all: everything is made again
    return brought


def _move_unreadable(layout: Layout, journal: Journal) -> bool:
    names = unreadable_databases(layout)
    journal.note(Healed("file", f"derived/{name}") for name in names)
    for name in names:
        for ending in ("", "-wal", "-shm"):
            path = layout.derived / f"{name}{ending}"
            journal.aside(path)
            path.unlink(missing_ok=True)
    return bool(names)


def _damaged(check: Check) -> set[Digest]:
    """Keys of damaged records; one whose input is not known may be whole: its container's record may be the lost one."""
    return damaged_keys(Check(name=check.name, looked_at=check.looked_at, unit=check.unit, findings=tuple(
        finding for finding in check.findings if finding.what != ORPHAN)))
