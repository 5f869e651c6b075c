"""Healing events: line by line the good one of archive and copy, and the log decides where both seem good.

A line is never invented and never taken against the log. What an event says was erased is not brought back, and only
what a sealed event erased is taken from a line that still holds it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from unburnt.base.errors import DamagedArchive, UnburntError
from unburnt.catalog.catalog import Catalog
from unburnt.flow.copy_sealed import ACCEPT, is_signed, known_keys
from unburnt.flow.repair_journal import Healed, Journal
from unburnt.model.audit import Finding
from unburnt.model.events import Erased, KeyAnnounced, KeyRotated
from unburnt.vault.durable import disk_errors, flush_batch, flush_directory, new_temporary
from unburnt.vault.fields import BadLine, Line, event_of, opened, parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.keys import origin_of
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Verifier

_encode = msgspec.json.Encoder().encode


class Unhealable(DamagedArchive):
    """The copy does not hold what is needed, or tells another history. Nothing was changed."""


class Good(msgspec.Struct, frozen=True):
    """A whole line and the file of events that it stands in, counted from 1."""

    segment: int
    raw: bytes
    line: Line


def heal_events(layout: Layout, copy: Layout, journal: Journal) -> list[Finding]:
    """Put the events of *layout* in order with the lines of *copy*; gives what an unsealed event keeps from healing.

    Raises :class:`Unhealable` before any change.
    """
    with disk_errors("healing events"):
        merging = _Merging(layout, copy)
        staged, numbers = merging.run()
        if not staged:
            return merging.findings
        flush_batch(layout.tmp, [temporary for temporary, _ in staged])
        journal.note(Healed("event", str(number)) for number in numbers)
        journal.note(Healed("file", f"events/{place.name}") for _, place in staged)
        for temporary, place in staged:
            journal.aside(place)
            os.replace(temporary, place)
        flush_directory(layout.events)
        return merging.findings


def good_lines(folder: Path) -> Iterator[Good]:
    """Every line that is whole and stands in order; all others are passed over."""
    following = 0
    for path in sorted(folder.glob("[0-9]*.jsonl")):
        with path.open("rb") as file:
            for raw in file:
                try:
                    line = parse_line(raw)
                except BadLine:
                    continue
                if line.seq >= following and _encode(line) + b"\n" == raw:
                    following = line.seq + 1
                    yield Good(int(path.stem), raw, line)


class _Merging:
    """Two tellings of one history, made one."""

    def __init__(self, layout: Layout, copy: Layout) -> None:
        self._layout = layout
        self._copy = copy
        origin = origin_of(copy.archive_id)
        keys = known_keys(layout, copy)
        self._logs = [log for one in (layout, copy) if (log := _log_of(one, origin, keys)) is not None]
        self._erased: dict[int, set[str]] = {}
        self._doubted: dict[int, set[str]] = {}
        """Fields that the archive's own events say were erased, unsealed: neither brought back nor taken away."""
        self._last = [self._learn(one.events, own=one is layout) for one in (layout, copy)]
        self._numbers: list[int] = []
        self.findings: list[Finding] = []

    def run(self) -> tuple[list[tuple[Path, Path]], list[int]]:
        """What each file of events is to become, (temporary, place), where it differs; and the events brought back."""
        staged: list[tuple[Path, Path]] = []
        written: set[Path] = set()
        chosen = self._chosen()
        one = next(chosen, None)
        while one is not None:
            place = self._layout.events / f"{one.segment:06}.jsonl"
            segment = one.segment
            descriptor, temporary = new_temporary(self._layout.tmp)
            with closing(os.fdopen(descriptor, "wb")) as file:
                while one is not None and one.segment == segment:
                    file.write(one.raw)
                    one = next(chosen, None)
            if _same(temporary, place):
                temporary.unlink()
            else:
                staged.append((temporary, place))
            written.add(place)
        return staged + self._emptied(written), self._numbers

    def _emptied(self, written: set[Path]) -> list[tuple[Path, Path]]:
        """Files of events that hold no good line: only the last may be empty, and none may hold anything else."""
        staged = []
        for place in sorted(self._layout.events.glob("[0-9]*.jsonl")):
            if place not in written and place.stat().st_size:
                descriptor, temporary = new_temporary(self._layout.tmp)
                os.close(descriptor)
                staged.append((temporary, place))
        return staged

    def _chosen(self) -> Iterator[Good]:
        ours, theirs = good_lines(self._layout.events), good_lines(self._copy.events)
        our, their = next(ours, None), next(theirs, None)
        end = self._end()
        segment = 1
        for number in range(end):
            while our is not None and our.line.seq < number:
                our = next(ours, None)
            while their is not None and their.line.seq < number:
                their = next(theirs, None)
            here = our if our is not None and our.line.seq == number else None
            there = their if their is not None and their.line.seq == number else None
            good = self._choose(number, here, there)
            # The copy has the archive's own cut; what only the archive has goes on behind it.
            segment = max(segment, (there or good).segment)
            yield Good(segment, good.raw, good.line)

    def _choose(self, number: int, here: Good | None, there: Good | None) -> Good:
        if here is not None and there is not None and here.line.digests == there.line.digests:
            whole = self._united(here, there)
            if whole.raw != here.raw:
                self._numbers.append(number)
                return whole
            return here
        entries = self._entries(number)
        candidates = [one for one in (here, there) if one is not None
                      and (not entries or entry_of(one.line.digests) in entries)]
        if len(candidates) != 1 or len(entries) > 1:
            raise self._unhealable(number, candidates)
        if candidates[0] is here:
            return here
        if not entries and _takes_away(candidates[0].line):
            raise Unhealable(
                f"Event {number} of the copy says that something was erased or a key was changed, and nothing sealed it.",
                remedy="Nothing was changed. Seal it in the copy if it is yours (unburnt seal --accept), or try another.")
        self._numbers.append(number)
        return self._united(candidates[0], candidates[0], keeping=())

    def _end(self) -> int:
        """The number of events there must be. The copy's later ones are taken only where the archive lost some."""
        ours, theirs = self._last
        known = max([ours, _applied(self._layout), *(log.size for log in self._logs)])
        if known > ours or not (self._logs or self._layout.catalog.exists()):
            return max(known, theirs)
        return ours

    def _entries(self, number: int) -> set[bytes]:
        """What the logs committed to, each proven to stand in its checkpoint; empty where none knows."""
        found = set()
        for log in self._logs:
            if number < log.size:
                with contextlib.suppress(UnburntError):
                    log.inclusion(number, log.size)
                    found.add(log.entry(number))
        return found

    def _united(self, here: Good, there: Good, keeping: Collection[str] | None = None) -> Good:
        """What either line opens, but for what a sealed event erased; what is in doubt only as far as *keeping* has it."""
        line = here.line
        keeping = line.disclosures if keeping is None else keeping
        erased, doubted = (known.get(line.seq, set()) for known in (self._erased, self._doubted))
        both = there.line.disclosures if set(line.disclosures) < set(there.line.disclosures) else line.disclosures
        both = [*both, *(one for one in there.line.disclosures if one not in both)]
        kept = [one for one in both if opened(one)[0] not in erased]
        left = [one for one in kept if one not in keeping and opened(one)[0] in doubted]
        if left:
            names = ", ".join(sorted(opened(one)[0] for one in left))
            self.findings.append(Finding(
                f"event {line.seq}", f"An event that is not sealed says that its {names} was erased. The copy holds it; it "
                "was not brought back.", ACCEPT))
        kept = [one for one in kept if one not in left]
        if kept == line.disclosures:
            return here
        raw = _encode(msgspec.structs.replace(line, disclosures=kept)) + b"\n"
        return Good(here.segment, raw, parse_line(raw))

    def _learn(self, folder: Path, *, own: bool) -> int:
        """Note what erasing events permit to be missing; gives the number after the last good line."""
        following = 0
        for one in good_lines(folder):
            following = one.line.seq + 1
            with contextlib.suppress(BadLine):
                event = event_of(one.line)
                if isinstance(event, Erased):
                    sealed = self._entries(one.line.seq) == {entry_of(one.line.digests)}
                    for sequence in event.events if sealed or own else ():
                        known = self._erased if sealed else self._doubted
                        known.setdefault(sequence, set()).update(event.fields)
        return following

    def _unhealable(self, number: int, candidates: list[Good]) -> Unhealable:
        if not candidates:
            return Unhealable(f"Event {number} is damaged, and the copy does not hold it whole either.",
                              remedy="Nothing was changed. Try another copy.")
        return Unhealable(f"Event {number} of the copy is another than that of this archive, and no log says which is right.",
                          remedy="Nothing was changed. Verify both and keep both: one may have been forged.")


def _takes_away(line: Line) -> bool:
    try:
        return isinstance(event_of(line), Erased | KeyAnnounced | KeyRotated)
    except BadLine:
        return False


def _log_of(layout: Layout, origin: str, keys: list[Verifier]) -> Log | None:
    """The log that something was committed to, where it can be read and one of *keys* signed it."""
    try:
        log = Log(layout.log, layout.tmp, origin)
        note = log.checkpoint()
    except UnburntError:
        return None
    return log if log.size and note is not None and is_signed(note, keys) else None


def _applied(layout: Layout) -> int:
    """How many events the catalogue has seen: it outlives a file of events that was cut off."""
    if not layout.catalog.exists():
        return 0
    try:
        catalog = Catalog(layout.catalog)
    except UnburntError:
        return 0
    try:
        return catalog.applied + 1
    except UnburntError:
        return 0
    finally:
        catalog.close()


def _same(one: Path, other: Path) -> bool:
    if not other.exists() or one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while piece := first.read(1 << 20):
            if piece != second.read(1 << 20):
                return False
    return True
