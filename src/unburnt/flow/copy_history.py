"""Copying what happened: the events as whole lines, and the log never ahead of them.

The archive's keeper may go on writing. So the checkpoint is taken first, then the events there are, and both are
compared with each other before anything is copied; the copy gets tiles, events, checkpoint in an order that holds
at every moment.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

import msgspec

from unburnt.base.errors import DamagedArchive, UnburntError
from unburnt.flow.aside import is_set_aside
from unburnt.flow.copy_sealed import ACCEPT, Held, held, is_signed, known_keys
from unburnt.flow.copy_vouched import VouchedCopy
from unburnt.model.audit import Finding
from unburnt.vault import segments
from unburnt.vault.audit.events import EventsAudit
from unburnt.vault.durable import (
    disk_errors,
    flush_batch,
    flush_directory,
    make_directory,
    new_temporary,
    write_all,
)
from unburnt.vault.fields import BadLine, Line, opened, parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.keys import origin_of
from unburnt.vault.log.log import CHECKPOINT, Log
from unburnt.vault.log.note import MAX_NOTE_BYTES, BadNote, parse_note
from unburnt.vault.log.tile_check import contradictions
from unburnt.vault.log.tiles import LARGEST_TILE, read_at_most
from unburnt.vault.log.undated import replace_undated, undate

_MANY = 500
_HEAL = "The copy's log was left as it was. Heal it: unburnt repair --from COPY."
_encode = msgspec.json.Encoder().encode


class Diverged(DamagedArchive):
    """Archive and copy do not tell the same history."""


class History:
    """The events and the log of *source* as they are at one moment, checked.

    The keys that *target* knows, if it is a copy already, say which events are sealed.
    """

    def __init__(self, source: Layout, target: Layout) -> None:
        self._source = source
        self._target = target
        self._origin = origin_of(source.archive_id)
        self._checkpoint = read_at_most(source.log / CHECKPOINT, MAX_NOTE_BYTES + 1)
        audit = EventsAudit(source)
        self.log_findings = tuple(self._compare(audit.entries()))
        """What is wrong with the log; then it is not copied."""
        if audit.findings:
            first = audit.findings[0]
            raise DamagedArchive(f"The events of this archive are damaged: {first.item}: {first.what}",
                                 remedy="Nothing was copied. " + first.remedy)
        self.events = audit.events
        self.held: Held = held(source, 0 if self.log_findings else self._counted(), self.events)
        """What the events name; those that are not sealed take nothing away."""
        self.kept_findings: list[Finding] = []
        """Of events: what the copy holds and an unsealed event says was erased."""
        self.vouched_findings: tuple[Finding, ...] = ()
        """What strangers vouched for and is damaged or gone in the archive."""
        self.sealed = 0

    def _counted(self) -> int:
        return 0 if self._checkpoint is None else Checkpoint.parse(parse_note(self._checkpoint).text).size

    def stage(self, target: Layout) -> list[tuple[Path, Path]]:
        """Write beside each other what the copy's events are to become: (temporary, place), durable, not in place yet.

        Raises :class:`Diverged` where the copy holds events that this archive does not.
        """
        staged: list[tuple[Path, Path]] = []
        left = self.events
        with disk_errors("copying events"):
            for path in segments.segments(self._source.events):
                place = target.events / path.name
                temporary, count = self._stage_segment(path, place, target, left)
                left -= count
                if temporary is not None:
                    staged.append((temporary, place))
            self._refuse_more(target)
            for torn in segments.torn_tails(self._source.events):
                temporary = _whole_file(torn, target)
                staged.append((temporary, target.events / torn.name))
            flush_batch(target.tmp, [temporary for temporary, _ in staged])
        return staged

    def _compare(self, events: Iterator[tuple[int, list[str] | None]]) -> Iterator[Finding]:
        """Each event with what the log committed to; uses up *events*."""
        if self._checkpoint is not None:
            try:
                note = parse_note(self._checkpoint)
                head = Checkpoint.parse(note.text)
            except BadNote as error:
                yield Finding("log/checkpoint", error.message, _HEAL)
            else:
                if not is_signed(note, known_keys(self._target, self._source)):
                    yield Finding("log/checkpoint", "No key that the copy, or this machine, knows has signed it.",
                                  "The copy's log was left as it was. If the key was lost and replaced, run this on "
                                  "the machine that has the new one, or make a new copy; keep the old one.")
                entries = (entry_of(digests or ()) for _, digests in islice(events, head.size))
                for wrong in contradictions(self._source.log, head, entries):
                    yield Finding(wrong.path, wrong.reason, _HEAL)
        deque(events, maxlen=0)

    def copy_log(self, target: Layout) -> None:
        """Copy tiles and what else lies in ``log/``, flushed, then the checkpoint."""
        if self._checkpoint is None or self.log_findings:
            return
        with disk_errors("copying the log"):
            head = Checkpoint.parse(parse_note(self._checkpoint).text)
            self._require_growth(target, head)
            batch: list[tuple[Path, Path]] = []
            needed: set[Path] = set()
            for name, data in self._log_files(target.log, head.size):
                place = target.log / name
                needed.add(place)
                if data is not None and data != read_at_most(place, len(data) + 1):
                    descriptor, temporary = new_temporary(target.tmp)
                    with closing(os.fdopen(descriptor, "wb")) as file:
                        file.write(data)
                    batch.append((temporary, place))
                if len(batch) >= _MANY:
                    put_in_place(batch, target.log)
                    batch = []
            put_in_place(batch, target.log)
            replace_undated(target.log / CHECKPOINT, self._checkpoint, target.tmp)
            _drop_outgrown(target.log, needed)
            undate(target.log, *target.log.rglob("*"))
        self.sealed = Log(target.log, target.tmp, head.origin).size

    def _log_files(self, theirs: Path, size: int) -> Iterator[tuple[str, bytes | None]]:
        """What of the log goes into the copy, but the checkpoint: tiles, then what strangers vouched for."""
        ours = self._source.log
        for path in sorted((ours / "tile").rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield str(path.relative_to(ours)), read_at_most(path, LARGEST_TILE)
        vouched = VouchedCopy(ours, theirs, size)
        yield from vouched.files()
        self.vouched_findings = tuple(vouched.findings)

    def _require_growth(self, target: Layout, head: Checkpoint) -> None:
        """What the copy's checkpoint counts must be a beginning of this log; else both are evidence, and kept."""
        try:
            theirs = Checkpoint.parse(parse_note(read_at_most(target.log / CHECKPOINT, MAX_NOTE_BYTES + 1) or b"").text)
        except BadNote:
            return
        ours = Log(self._source.log, self._source.tmp, head.origin)
        if theirs.size > ours.size or ours.root(theirs.size) != theirs.root:
            raise Diverged(
                f"The copy holds a signed checkpoint over {theirs.size} events that this archive's log did not grow from.",
                remedy="Its log was not changed. Keep both: the archive may have been put back or forged.",
            )

    def _stage_segment(self, path: Path, place: Path, target: Layout, most: int) -> tuple[Path | None, int]:
        """Up to *most* lines of one segment; no temporary file where the copy has just those bytes."""
        descriptor, temporary = new_temporary(target.tmp)
        count = 0
        same = place.exists()
        with closing(os.fdopen(descriptor, "wb")) as file, path.open("rb") as lines:
            theirs = _lines(place)
            for raw in lines:
                if count == most or not raw.endswith(b"\n"):
                    break
                other = next(theirs, None)
                if other is not None and other != raw:
                    _require_one_history(raw, other, target, self._origin, 0 if self.log_findings else self._counted())
                    raw = self._fuller(raw, other)
                same = same and other == raw
                file.write(raw)
                count += 1
            rest = next(theirs, None)
            if rest is not None:
                same = False
                _require_no_event(rest)
        if same:
            temporary.unlink()
            return None, count
        return temporary, count

    def _fuller(self, raw: bytes, untrusted_other: bytes) -> bytes:
        """The archive's line, and what the copy's line opens and no sealed event erased."""
        ours = parse_line(raw)
        try:
            theirs = parse_line(untrusted_other)
            more = [one for one in theirs.disclosures if one not in ours.disclosures
                    and opened(one)[0] not in self.held.fields.get(ours.seq, ())]
        except BadLine:
            return raw
        if (theirs.seq, theirs.digests) != (ours.seq, ours.digests) or not more:
            return raw
        names = ", ".join(sorted(opened(one)[0] for one in more))
        self.kept_findings.append(Finding(
            f"event {ours.seq}", f"Its {names} is gone from the archive, and no sealed event erased that. The copy keeps it.",
            ACCEPT))
        whole = [one for one in theirs.disclosures if one in ours.disclosures or one in more]
        whole += [one for one in ours.disclosures if one not in whole]
        return _encode(msgspec.structs.replace(ours, disclosures=list(dict.fromkeys(whole)))) + b"\n"

    def _refuse_more(self, target: Layout) -> None:
        ours = {path.name for path in segments.segments(self._source.events)}
        for path in sorted(target.events.glob("[0-9]*.jsonl")):
            if path.name not in ours:
                for raw in _lines(path):
                    _require_no_event(raw)


def put_in_place(batch: list[tuple[Path, Path]], root: Path) -> None:
    """Rename each temporary file to its place below *root*, durably; folders are made where needed."""
    if not batch:
        return
    flush_batch(root, [temporary for temporary, _ in batch])
    touched: set[Path] = set()
    for temporary, place in batch:
        for folder in reversed(place.parents):
            if folder.is_relative_to(root) and make_directory(folder):
                touched.add(folder.parent)
        os.replace(temporary, place)
        touched.add(place.parent)
    for folder in sorted(touched):
        flush_directory(folder)


def _require_one_history(raw: bytes, other: bytes, target: Layout, origin: str, sealed: int) -> None:
    """A line of the copy may be damaged, or hold fields that were erased since; but not another event.

    Rot in a digest that nothing opens looks like another event; then the copy's own log tells. A line that nobody sealed
    may have been set aside since, where a sealed event (*sealed* counts them) says so.
    """
    try:
        line = parse_line(other)
    except BadLine:
        return
    ours = parse_line(raw)
    if ours.seq < sealed and is_set_aside(ours, other) and not _is_logged(line, target, origin):
        return
    if (line.seq, line.digests) != (ours.seq, ours.digests) and not _is_logged(ours, target, origin):
        raise Diverged(
            f"Event {ours.seq} of the copy is another than that of this archive: they have gone different ways.",
            remedy="Nothing was changed. Verify both, and keep both: one may have been put back or forged.",
        )


def _is_logged(line: Line, target: Layout, origin: str) -> bool:
    """Whether the copy's log committed to this event, proven from its checkpoint."""
    try:
        log = Log(target.log, target.tmp, origin)
        log.inclusion(line.seq, log.size)
        return log.entry(line.seq) == entry_of(line.digests)
    except UnburntError:
        return False


def _require_no_event(raw: bytes) -> None:
    try:
        line = parse_line(raw)
    except BadLine:
        return
    raise Diverged(
        f"The copy holds event {line.seq}, which this archive does not have.",
        remedy="Nothing was changed. If this archive lost events, heal it: unburnt repair --from COPY.",
    )


def _lines(path: Path) -> Iterator[bytes]:
    if path.exists():
        with path.open("rb") as file:
            yield from file


def _whole_file(path: Path, target: Layout) -> Path:
    descriptor, temporary = new_temporary(target.tmp)
    try:
        write_all(descriptor, path.read_bytes())
    finally:
        os.close(descriptor)
    return temporary


def _drop_outgrown(log: Path, needed: Collection[Path]) -> None:
    """Partial tiles that the archive itself dropped tell how its log grew, and no checkpoint needs them."""
    for path in (log / "tile").glob("**/*.p/*"):
        if path not in needed:
            path.unlink()
            with suppress(OSError):
                path.parent.rmdir()
