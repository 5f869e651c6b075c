"""What is being read now: the sandboxes, the threads beside the keeper, and the line before them."""

from __future__ import annotations

import functools
import os
from collections import deque
from collections.abc import Iterable

from unburnt import __version__
from unburnt.base.digests import Digest
from unburnt.base.errors import OutOfSpace
from unburnt.flow.content import Content
from unburnt.flow.inbox import Inbox, WasRead
from unburnt.flow.memo_files import MemoFiles
from unburnt.flow.ocr_step import OcrStep
from unburnt.flow.options import Options
from unburnt.flow.passwords import merged
from unburnt.flow.reading import DocumentReader, Done, batches
from unburnt.flow.recorder import LACKS_PASSWORD, what_is_missing
from unburnt.flow.slices import Slices
from unburnt.flow.steps import OCR_STEP, OCR_VERSION
from unburnt.flow.stores import Stores
from unburnt.flow.volume_sets import VolumeSets, said_of
from unburnt.flow.workers import Job, Workers
from unburnt.model.events import ParsersUnlocked
from unburnt.sandbox.rungs import UNSAFE
from unburnt.sandbox.runner import Sandbox

READER_ENTRY = "unburnt.read.child:main"
_MOST_WANTED = 100
"""So many opened documents have their pictures read first."""


class Readers:
    """Keeps every processor busy with what the catalogue says is waiting. For the keeper's own thread, :meth:`prefer`
    excepted."""

    def __init__(self, stores: Stores, options: Options, inbox: Inbox) -> None:
        self._stores = stores
        self._options = options
        content = Content(stores.objects, stores.derived, stores.catalog)
        slices = Slices(stores.catalog, stores.derived)
        self._sandbox = Sandbox(READER_ENTRY, rung=options.rung, unsafe=options.unsafe_parsers)
        self.rung = self._sandbox.rung
        self._reader = DocumentReader(stores.layout, content, stores.derived, self._sandbox, options.limits, slices)
        content.extract_with(self._reader.extract)
        self._ocr = OcrStep(stores.layout, content, stores.derived, stores.catalog.key_of, self._sandbox, options.limits)
        self._workers = Workers(options.workers or os.cpu_count() or 1, inbox)
        self._in_flight: set[Digest] = set()
        self._being_read: set[Digest] = set()
        self._sets = VolumeSets(stores.catalog)
        self._memos = MemoFiles(stores.catalog)
        self._lined_up: deque[Job] = deque()
        self._failures: dict[Digest, int] = {}
        self._wanted: deque[Digest] = deque(maxlen=_MOST_WANTED)
        self._is_unlocked_said = False
        self._read_without: set[Digest] = set()
        """Given out before the last passwords came, and not back yet."""

    @property
    def under_way(self) -> int:
        """How many documents were given out and have not come back."""
        return len(self._in_flight)

    @property
    def recognises(self) -> bool:
        """Whether pictures of text are read here."""
        return self._options.ocr and self._ocr.is_available

    def give_passwords(self, passwords: Iterable[str]) -> None:
        """Try these too from now on; they stay in memory."""
        self._reader.passwords = self._ocr.passwords = merged(self._reader.passwords, passwords)
        self._read_without |= self._in_flight

    def locked_meanwhile(self, done: Iterable[Done]) -> list[Digest]:
        """Of what was read those that are locked, and were given out before the last passwords came: each is named once."""
        ended = [one.reading for one in done if one.reading.rest is None and one.reading.blob in self._read_without]
        self._read_without -= {reading.blob for reading in ended}
        return [reading.blob for reading in ended if LACKS_PASSWORD in what_is_missing(reading)]

    def prefer(self, digest: Digest) -> None:
        """Read this document's pictures before others', as soon as nothing else waits; the last asked for are kept."""
        self._wanted.append(digest)

    def feed(self, *, receiving: bool) -> bool:
        """Keep every worker busy, with a little lined up; gives whether there is anything to do.

        Split archives, and tables with their memo files, come when nothing else waits and nothing is being received: all
        that belongs to them is here then.
        """
        room = 2 * self._workers.count - len(self._lined_up) - self._jobs_out()
        if room > 0:
            waiting = self._stores.catalog.waiting(64 * self._workers.count, exclude=self._in_flight)
            for batch in batches(waiting, isolate_each=self._options.isolate_each)[: max(room, 1) * 4]:
                self._line_up(Job(batch, self._reader.read))
            is_quiet = not waiting and not receiving and not self._being_read
            if not (is_quiet and self._line_up_sets()) and not waiting and self.recognises:
                for one in self._stores.catalog.lacking("ocr", room, exclude=self._in_flight, wanted=self._wanted.copy()):
                    self._line_up(Job([one], self._ocr.read, (OCR_STEP, OCR_VERSION)))
        while self._lined_up:
            self._workers.give(self._lined_up.popleft())
        return bool(self._in_flight)

    def came_back(self, message: WasRead) -> None:
        """Take note that a batch is back.

        A failure is the machine's, not the document's: a full disk is raised at once, anything else when it
        happened three times to the same document.
        """
        self._in_flight -= message.digests
        self._being_read -= message.digests
        error = message.error
        if error is None:
            return
        if isinstance(error, OutOfSpace) or not isinstance(error, Exception):
            raise error
        for digest in message.digests:
            self._failures[digest] = self._failures.get(digest, 0) + 1
        if any(self._failures[digest] > 2 for digest in message.digests):
            raise error

    def close(self) -> None:
        """End the children at once and the threads after them; what was being read waits on in the catalogue.

        The inbox is to be closed before, so that nobody takes a killed child for a hostile document.
        """
        self._ocr.close()
        self._sandbox.close()
        self._workers.close()

    def _line_up(self, job: Job) -> None:
        if self.rung == UNSAFE and not self._is_unlocked_said:
            self._is_unlocked_said = True
            self._stores.recorder.happened(ParsersUnlocked(software=f"unburnt {__version__}"))
        self._in_flight |= {waiting.digest for waiting in job.batch}
        if job.step is None:
            self._being_read |= {waiting.digest for waiting in job.batch}
        self._lined_up.append(job)

    def _line_up_sets(self) -> bool:
        """Have split archives read, and say of their other volumes that they were; gives whether there is anything.

        Tables with their memo files come after them, for they may lie in one.
        """
        found = self._sets.to_read() or self._memos.to_read()
        for one in found:
            if one.read_with is None:
                self._line_up(Job([one], self._reader.read))
        following = [one for one in found if one.read_with is not None]
        if following:
            self._line_up(Job(following, functools.partial(said_of, self._stores.layout.tmp, self._stores.derived, self._stores.catalog)))
        return bool(found)

    def _jobs_out(self) -> int:
        return 0 if not self._in_flight else max(1, len(self._in_flight) // 8)
