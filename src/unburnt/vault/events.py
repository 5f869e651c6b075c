"""The events of an archive: appended, flushed in batches, replayed, and erased field by field.

Nothing that :meth:`Events.flush` acknowledged is lost. What a crash leaves half written is cut at the
last whole line when the keeper next starts, and saved beside.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from unburnt.base.clock import now
from unburnt.base.errors import KeeperBusy, NotFound, UnburntError, UsageError
from unburnt.model.events import AnyEvent
from unburnt.vault import segments as segment_files
from unburnt.vault.durable import FILE_MODE, disk_error, disk_errors, flush_directory, replace_file, write_all
from unburnt.vault.fields import FIELD_NAMES, BadLine, Line, LineWriter, event_of, never_erased, parse_line, without
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of
from unburnt.vault.own_tail import OwnTail, foreign

SEGMENT_BYTES = 64 << 20
_BUFFER_BYTES = 4 << 20


class Events:
    """The folder ``events/``. One writer at a time: a second one gets :class:`KeeperBusy`.

    *write* = False reads only and changes nothing on disk, so that a torn tail is passed over.
    """

    def __init__(self, layout: Layout, *, write: bool = True, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder = layout.events
        self._tmp = layout.tmp
        self._segment_bytes = segment_bytes
        self._writer = LineWriter()
        self._buffer: list[bytes] = []
        self._buffered = 0
        self._descriptor = -1
        self._tail: OwnTail | None = None
        self._broken = False
        self._place: tuple[int, Path, int, int] | None = None
        """Where :meth:`commitments` stopped: after which event, in which file (path, inode: erasing writes a new one)."""
        self._next = self._number = self._written = self._durable = 0
        self.before_write: Callable[[list[tuple[int, bytes]]], None] = lambda events: None
        """Called with the number and the log's entry of each event that is about to be written."""
        self.recovered: str | None = None
        """A sentence for the user when a torn tail was cut."""
        with disk_errors("opening the events"):
            self._lock = self._take_lock() if write else -1
            try:
                self._open(write)
            except BaseException:
                self.close()
                raise

    @property
    def last(self) -> int:
        """The number of the last event appended, -1 before the first."""
        return self._next - 1

    def append(self, event: AnyEvent) -> int:
        """Number *event* and line it up; durable after :meth:`flush`. A missing time is filled in.

        Raises :class:`OutOfSpace`, :class:`ForeignLines` or :class:`UnburntError` without having taken the event.
        """
        self._require_writer()
        if self._buffered > _BUFFER_BYTES:
            self._write_buffer()
        if event.time is None:
            event = msgspec.structs.replace(event, time=now())
        sequence = self._next
        line = self._writer.line(sequence, event)
        self._buffer.append(line)
        self._buffered += len(line)
        self._next += 1
        return sequence

    def flush(self) -> None:
        """Make every appended event durable.

        After :class:`OutOfSpace` the events are still lined up and a later flush may succeed. After any other
        error nobody knows what the disk holds: this object then refuses to go on, and opening anew recovers.
        """
        self._require_writer()
        self._write_buffer()
        if self._durable == self._written:
            return
        try:
            os.fdatasync(self._descriptor)
        except OSError as error:
            self._broken = True
            raise disk_error(error, "flushing events") from error
        self._durable = self._written
        if self._written >= self._segment_bytes:
            with disk_errors("beginning a new file of events"):
                self._open_segment(self._number + 1, is_new=True)

    def replay(self, after: int = -1) -> Iterator[tuple[int, AnyEvent]]:
        """Every event after number *after*, in order, each with its number; erased fields are None or empty.

        Events not yet flushed are not among them. Raises :class:`DamagedArchive`, :class:`FormatVersionError`.
        """
        with disk_errors("reading events"):
            paths, expected = self._paths_from(after)
            for path in paths:
                for number, (_, line) in enumerate(segment_files.lines(path, expected, last=path == paths[-1]), 1):
                    expected = line.seq + 1
                    if line.seq <= after:
                        continue
                    try:
                        event = event_of(line)
                    except BadLine as error:
                        raise segment_files.unreadable(path, number, error) from error
                    yield line.seq, event

    def line(self, sequence: int) -> Line:
        """The line of event number *sequence* as it stands, for opening fields of it; raises :class:`NotFound`."""
        with disk_errors("reading events"):
            for path in self._paths_from(sequence - 1)[0] if sequence >= 0 else ():
                if (line := segment_files.line_of(path, sequence)) is not None:
                    return line
        raise NotFound(f"There is no event {sequence}.")

    def lines(self, after: int = -1) -> Iterator[tuple[bytes, Line]]:
        """The line of every event after number *after*, as its bytes are and parsed; errors as for :meth:`replay`."""
        with disk_errors("reading events"):
            paths, expected = self._paths_from(after)
            for path in paths:
                for raw, line in segment_files.lines(path, expected, last=path == paths[-1]):
                    expected = line.seq + 1
                    if line.seq > after:
                        yield raw, line

    def commitments(self, after: int = -1) -> Iterator[bytes]:
        """The log's 32-byte entry of every flushed event after number *after*, in order; see ``vault/log/entries``.

        Lines are not checked against their disclosures here, which replaying and verifying do.
        """
        with disk_errors("reading events"):
            paths, expected = self._paths_from(after)
            for path in paths:
                inode, offset = path.stat().st_ino, 0
                if self._place is not None and self._place[:3] == (after, path, inode):
                    expected, offset = after + 1, self._place[3]
                lines = segment_files.commitments(path, expected, last=path == paths[-1], offset=offset)
                for sequence, digests, end in lines:
                    expected = sequence + 1
                    if sequence > after:
                        self._place = sequence, path, inode, end
                        yield entry_of(digests)

    def put_in_place(self, events: Mapping[int, AnyEvent]) -> None:
        """Write each of *events* in place of the line of that number. For what nobody sealed only: the log commits to
        lines.
        """
        self._require_writer()
        self.flush()
        self._require_untouched()
        lines = {number: self._writer.line(number, event) for number, event in events.items()}
        self.before_write([segment_files.noted(line) for line in lines.values()])
        with disk_errors("setting lines of events aside"):
            paths, expected = self._paths_from(min(lines, default=self._next) - 1)
            for path in paths:
                expected = self._rewrite(path, expected, lambda line: lines.get(line.seq))

    def erase_fields(self, sequences: Iterable[int], fields: set[str]) -> None:
        """Remove the disclosures of *fields* from these events, on disk too; their digests stay.

        Saved torn tails lose those fields wherever they stand. Raises :class:`UsageError` for a field that
        does not exist or must stay.
        """
        self._require_writer()
        if unknown := fields - FIELD_NAMES | fields & never_erased():
            raise UsageError(f"These fields cannot be erased: {', '.join(sorted(unknown))}.")
        self.flush()
        self._require_untouched()
        wanted = set(sequences)

        def shorter(line: Line) -> bytes | None:
            return without(line, fields) if line.seq in wanted else None

        with disk_errors("erasing fields of events"):
            expected = 0
            for path in segment_files.segments(self._folder):
                expected = self._rewrite(path, expected, shorter)
            for path in segment_files.torn_tails(self._folder):
                _scrub(path, fields, self._tmp)

    def close(self) -> None:
        """Let go of the files, unflushed events with them."""
        for descriptor in (self._descriptor, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._descriptor = self._lock = -1

    def _open(self, write: bool) -> None:
        paths = segment_files.segments(self._folder)
        self._number = len(paths)
        first = 0
        for before in reversed(paths[:-1]):  # an older segment is never empty: see flush
            start = segment_files.first_sequence(before)
            if start is not None:
                first = segment_files.examine_tail(before, start).following
                break
        if not paths:
            if write:
                self._open_segment(1)
            return
        tail = segment_files.examine_tail(paths[-1], first)
        self._next, self._written, self._durable = tail.following, tail.whole, tail.whole
        if write:
            if tail.size > tail.whole:
                self._recover(paths[-1], tail)
            self._open_segment(self._number)
            os.fdatasync(self._descriptor)  # lines that a crashed keeper wrote but did not flush count from now on

    def _recover(self, path: Path, tail: segment_files.Tail) -> None:
        beside = segment_files.cut_tail(path, tail)
        self.recovered = (
            f"The last run stopped while writing events: {tail.size - tail.whole} bytes of an unfinished line "
            f"were cut off and saved as events/{beside.name}; everything before is whole, and the work goes on."
        )

    def _open_segment(self, number: int, *, is_new: bool = False) -> None:
        path = segment_files.segment_path(self._folder, number)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_EXCL if is_new else 0)
        try:
            descriptor = os.open(path, flags, FILE_MODE)
        except FileExistsError as error:
            raise foreign(path, "this keeper did not make it") from error
        flush_directory(self._folder)
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._number = descriptor, number
        self._written = self._durable = os.fstat(descriptor).st_size
        self._tail = OwnTail(path, descriptor)

    def _write_buffer(self) -> None:
        if not self._buffer:
            return
        self._require_untouched()
        self.before_write([segment_files.noted(line) for line in self._buffer])
        data = b"".join(self._buffer)
        try:
            write_all(self._descriptor, data)
        except OSError as error:
            try:
                os.ftruncate(self._descriptor, self._written)
            except OSError:
                self._broken = True
            raise disk_error(error, "writing events") from error
        self._written += self._buffered
        self._buffer.clear()
        self._buffered = 0
        if self._tail is not None:
            self._tail.grew(data)
            self._require_untouched()  # else somebody wrote between the look before and this

    def _paths_from(self, after: int) -> tuple[list[Path], int]:
        """The segments from the one that holds the event following *after*, and the number that one begins with."""
        paths = segment_files.segments(self._folder)
        for index in range(len(paths) - 1, 0, -1):
            first = segment_files.first_sequence(paths[index])
            if first is not None and first <= after + 1:
                return paths[index:], first
        return paths, 0

    def _rewrite(self, path: Path, expected: int, other: Callable[[Line], bytes | None]) -> int:
        """Rewrite one segment if *other* gives another line for any; gives the number that follows its last event."""
        changed = False
        kept: list[bytes] = []
        for raw, line in segment_files.lines(path, expected):
            instead = other(line)
            changed = changed or instead is not None
            kept.append(instead or raw)
            expected = line.seq + 1
        if changed:
            replace_file(path, b"".join(kept), self._tmp)
            if path == segment_files.segment_path(self._folder, self._number):
                self._open_segment(self._number)
        return expected

    def _take_lock(self) -> int:
        lock = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise KeeperBusy("Another process is writing the events of this archive.") from error
        return lock

    def _require_untouched(self) -> None:
        with disk_errors("looking at the events"):
            if self._tail is not None:
                self._tail.require()

    def _require_writer(self) -> None:
        if self._descriptor < 0:
            raise UnburntError("The events of this archive are open for reading only.")
        if self._broken:
            raise UnburntError(
                "The disk of this archive failed while events were written.",
                remedy="Check the drive, then start again; what was acknowledged before is kept.",
            )


def _scrub(path: Path, fields: set[str], tmp: Path) -> None:
    """Take *fields* out of a saved torn tail; what is no whole line is dropped, since it may hold anything."""
    kept = []
    for raw in path.read_bytes().splitlines(keepends=True):
        try:
            kept.append(without(parse_line(raw), fields) or raw)
        except BadLine:
            continue
    replace_file(path, b"".join(kept), tmp)
