"""The keeper: the one process that writes an archive, and the one thread in it that does.

Intake and readers work in threads beside it and hand over through the inbox. What is to be read is always
asked of the catalogue, so that a keeper killed at any moment is followed by one that goes on.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from unburnt.base.clock import now
from unburnt.base.digests import Digest
from unburnt.base.errors import KeeperGone, OutOfSpace
from unburnt.base.limits import Limits
from unburnt.catalog.catalog import Catalog
from unburnt.catalog.errors import RebuildNeeded
from unburnt.flow.content import Content
from unburnt.flow.delivery import Delivery
from unburnt.flow.erasing import finish_erasing
from unburnt.flow.inbox import Arrived, Call, Inbox, Walked, WasRead
from unburnt.flow.lock import KeeperLock
from unburnt.flow.ocr_step import OcrStep
from unburnt.flow.passwords import merged
from unburnt.flow.reading import DocumentReader, batches
from unburnt.flow.recorder import Recorder
from unburnt.flow.steps import OCR_STEP, OCR_VERSION, current_versions
from unburnt.flow.workers import Job, Workers
from unburnt.model.events import AccessionBegan, AccessionEnded, ObjectAdopted
from unburnt.model.views import Progress
from unburnt.sandbox.runner import Sandbox
from unburnt.search.index import Index
from unburnt.vault.derived import Derived
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects

READER_ENTRY = "unburnt.read.child:main"
_INDEX_EVERY_SECONDS = 1.0
_INDEX_EVERY_DOCUMENTS = 1_000


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a keeper reads. *workers* 0 means one per processor."""

    workers: int = 0
    isolate_each: bool = False
    unsafe_parsers: bool = False
    ocr: bool = True
    limits: Limits = Limits()


class Keeper:
    """Opens an archive for writing; :meth:`start` runs it in a thread until :meth:`stop`."""

    def __init__(self, layout: Layout, options: Options | None = None, *, rebuild: bool = False) -> None:
        self.layout = layout
        self._rebuild = rebuild
        self.options = options or Options()
        self._lock = KeeperLock(layout.root)
        self.messages: list[str] = []
        """What a person should know of how this keeper began."""
        self._stack = contextlib.ExitStack()
        self._stack.callback(self._lock.release)
        try:
            self._open_stores()
            self._open_readers()
        except BaseException:
            self._stack.close()
            raise
        self._progress = Progress(state="idle", pid=os.getpid(), since=now())
        self._deliveries: dict[str, Delivery] = {}
        self._in_flight: set[Digest] = set()
        self._passwords: tuple[str, ...] = ()
        self._done = 0
        self._poisoned: dict[Digest, int] = {}
        self._lined_up: deque[Job] = deque()
        self._last_index = time.monotonic()
        self._backlog = True
        self._stopping = threading.Event()
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    # --- what other threads may call ---------------------------------------------------------------

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being written, then end; what waits goes on waiting in the catalogue."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._inbox.closed.set()
        self._ocr.close()  # first: a page under way could take a minute
        self._workers.close()
        self._stack.close()

    def progress(self) -> Progress:
        """What is being done at this moment."""
        return self._progress

    def call(self, act: Callable[[], Any]) -> Any:
        """Have *act* done in the keeper's thread, between two batches; gives its result or raises its error."""
        if threading.current_thread() is self._thread:
            return act()
        request = Call(act, [], threading.Event())
        self._inbox.put(request)
        while not request.finished.wait(0.5):
            if not self._thread.is_alive():
                raise KeeperGone("The keeper has ended.", remedy="Run the command again; nothing is lost.")
        answer = request.answer[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def receive(self, source: Path, *, note: str = "") -> str | None:
        """Begin to take *source* in; gives the delivery's id, or None where nothing in it would be new."""
        delivery: Delivery = self.call(lambda: self._begin_delivery(source, note))
        return delivery.accession

    def give_passwords(self, passwords: Sequence[str]) -> int:
        """Try *passwords* on all that is locked; gives how many documents are read again."""
        def act() -> int:
            self._passwords = merged(self._passwords, passwords)
            self._reader.passwords = self._ocr.passwords = self._passwords
            return self.retry({"password"})
        return int(self.call(act))

    def retry(self, now_available: set[str]) -> int:
        """Let wait again what an older step made, or what lacked something that is there now."""
        return int(self.call(
            lambda: self.catalog.retry(steps=current_versions(), now_available=now_available)
        ))

    def is_idle(self) -> bool:
        """Whether nothing is being received, waits to be read, or waits to be indexed."""
        return self._thread.is_alive() and self._progress.state == "idle"

    def wait_until_idle(self, tell: Callable[[Progress], None] | None = None) -> None:
        """Return when all is received, read and findable; raises what made the keeper end."""
        quiet = 0
        while quiet < 2:
            self.call(lambda: None)
            quiet = quiet + 1 if self.is_idle() else 0
            if tell is not None:
                tell(self._progress)
            if quiet == 0:
                time.sleep(0.1)
        if self.failure is not None:
            raise self.failure

    # --- the keeper's own thread ---------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn()
            self.recorder.commit_index()
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            self.failure = error
            self._progress = msgspec.structs.replace(self._progress, state="stopped", message=str(error))
        finally:
            self._inbox.closed.set()

    def _turn(self) -> None:
        busy = self._progress.state != "idle"
        messages = self._inbox.take(0.05 if busy else 0.2)
        self._handle([one for one in messages if not isinstance(one, Call)])
        fed = self._feed()
        self._index(idle=not fed and not self._in_flight and not messages)
        self._tell()
        for one in messages:
            if isinstance(one, Call):
                self._answer(one)

    def _handle(self, messages: Sequence[Arrived | Walked | WasRead]) -> None:
        read: list[WasRead] = []
        for message in messages:
            if isinstance(message, WasRead):
                read.append(message)
            elif isinstance(message, Arrived):
                self._say_begun(self._deliveries[message.accession])
                self.recorder.receive(message.accession, message.batch)
            else:
                self._end_delivery(message)
        for message in read:
            self._in_flight -= message.digests
            if message.error is not None:
                self._reading_failed(message)
        plain = [done for message in read if message.step is None for done in message.done]
        if plain:
            self.recorder.read(plain)
        for message in read:
            if message.step is not None and message.done:
                self.recorder.read(message.done, step=message.step)
        self._done += sum(len(message.done) for message in read)

    def _reading_failed(self, message: WasRead) -> None:
        """The machine's failure, not the document's: a full disk ends the keeper, anything else is tried twice."""
        error = message.error
        if isinstance(error, OutOfSpace) or not isinstance(error, Exception):
            raise error if error is not None else KeeperGone("A reader ended.")
        for digest in message.digests:
            self._poisoned[digest] = self._poisoned.get(digest, 0) + 1
        if any(self._poisoned[digest] > 2 for digest in message.digests):
            raise error

    def _feed(self) -> bool:
        """Keep every worker busy, with a little lined up; gives whether there is anything to do."""
        room = 2 * self._workers.count - len(self._lined_up) - self._jobs_out()
        if room > 0:
            waiting = self.catalog.waiting(64 * self._workers.count, exclude=self._in_flight)
            for batch in batches(waiting, isolate_each=self.options.isolate_each)[: max(room, 1) * 4]:
                self._line_up(Job(batch, self._reader.read))
            if not waiting and self.options.ocr and self._ocr.is_available:
                for one in self.catalog.lacking("ocr", room, exclude=self._in_flight):
                    self._line_up(Job([one], self._ocr.read, (OCR_STEP, OCR_VERSION)))
        while self._lined_up:
            self._workers.give(self._lined_up.popleft())
        return bool(self._in_flight)

    def _jobs_out(self) -> int:
        return 0 if not self._in_flight else max(1, len(self._in_flight) // 8)

    def _line_up(self, job: Job) -> None:
        self._in_flight |= {waiting.digest for waiting in job.batch}
        self._lined_up.append(job)

    def _index(self, *, idle: bool) -> None:
        if self._backlog:
            self._backlog = self.recorder.index_backlog() > 0
        due = time.monotonic() - self._last_index >= _INDEX_EVERY_SECONDS
        if idle or due or self.recorder.unindexed >= _INDEX_EVERY_DOCUMENTS:
            self.recorder.commit_index()
            self._last_index = time.monotonic()

    def _tell(self) -> None:
        state = "idle"
        if any(not delivery.walked.is_set() for delivery in self._deliveries.values()):
            state = "receiving"
        elif self._in_flight or self._lined_up or self.recorder.unindexed or self._backlog:
            state = "reading"
        status_waiting = len(self._in_flight)
        self._progress = Progress(
            state=state, pid=os.getpid(), since=self._progress.since, done=self._done, waiting=status_waiting,
            received=sum(delivery.new_items for delivery in self._deliveries.values()),
            received_bytes=sum(delivery.received_bytes for delivery in self._deliveries.values()),
            message=" ".join(self.messages),
        )

    def _answer(self, request: Call) -> None:
        try:
            request.answer.append(request.act())
        except OutOfSpace as error:
            request.answer.append(error)
            raise
        except Exception as error:  # noqa: BLE001 - raised again where it was asked
            request.answer.append(error)
        finally:
            request.finished.set()

    def _begin_delivery(self, source: Path, note: str) -> Delivery:
        everything = self.catalog.accessions()
        known = [one for one in everything if one.source == os.fsencode(source)]
        unfinished = next((one for one in known if not one.complete), None)
        running = [one for one in self._deliveries.values() if not one.walked.is_set()]
        for delivery in running:
            if delivery.source == source:
                return delivery
        # A source that was received whole gets a new delivery only when something in it is new.
        accession = unfinished.id if unfinished else f"d{len(everything) + sum(not d.begun for d in running) + 1}"
        delivery = Delivery(
            accession, source, {one.id for one in known}, objects=self.objects, catalog=self.catalog,
            inbox=self._inbox, archive_root=self.layout.root, note=note, begun=unfinished is not None,
        )
        if not known:
            self._say_begun(delivery)
        self._deliveries[accession] = delivery
        self._progress = msgspec.structs.replace(self._progress, state="receiving")
        delivery.start()
        return delivery

    def _say_begun(self, delivery: Delivery) -> None:
        if not delivery.begun:
            delivery.begun = True
            self.recorder.happened(AccessionBegan(
                accession=delivery.accession, source=os.fsencode(delivery.source), note=delivery.note,
            ))

    def _end_delivery(self, message: Walked) -> None:
        delivery = self._deliveries[message.accession]
        if delivery.begun:
            self.recorder.happened(AccessionEnded(
                accession=message.accession, items=delivery.new_items, complete=message.error is None,
            ))
        delivery.walked.set()
        if message.error is not None:
            self.messages.append(message.error)

    # --- opening ---------------------------------------------------------------------------------------

    def _open_stores(self) -> None:
        layout = self.layout
        if self._lock.interrupted is not None:
            self.messages.append(f"The last keeper (process {self._lock.interrupted.pid}) was interrupted; going on.")
        layout.clean_tmp()
        self.objects = Objects(layout)
        self.events = Events(layout)
        self._stack.callback(self.events.close)
        if self.events.recovered:
            self.messages.append(self.events.recovered)
        self.derived = Derived(layout)
        if self._rebuild:
            self._drop_views()
        try:
            self.catalog = Catalog(layout.catalog, write=True)
        except RebuildNeeded:
            self._drop_views()
            self.catalog = Catalog(layout.catalog, write=True)
            self.messages.append("The catalogue was made again from the events.")
        self._stack.callback(self.catalog.close)
        self.index = Index(layout.index, write=True)
        self._stack.callback(lambda: self.index.close())
        self.recorder = Recorder(self.objects, self.events, self.derived, self.catalog, self.index)
        self.recorder.catch_up()
        if self.index.recreated:
            self.catalog.forget_index()
        if self._lock.interrupted is not None or self._rebuild:
            self._adopt_objects()
            finish_erasing(self)

    def _drop_views(self) -> None:
        """Catalogue and index are views: they are thrown away and made again."""
        for path in self.layout.root.glob("catalog.sqlite*"):
            path.unlink()
        empty_folder(self.layout.index)

    def renew_index(self) -> None:
        """Throw the index away and fill a new one, so that nothing that was deleted stays in its files."""
        self.index.close()
        empty_folder(self.layout.index)
        self.index = Index(self.layout.index, write=True)
        self.recorder.use_index(self.index)
        self.catalog.forget_index()
        self._backlog = True

    def _adopt_objects(self) -> None:
        """Objects that no event names were flushed before a crash, or put there by hand: kept and said."""
        known = self.catalog.known_objects()
        adopted = list(self.objects.orphans(known))
        self.recorder.happened(*(
            ObjectAdopted(digest=digest, size=str(self.objects.path(digest).stat().st_size)) for digest in adopted
        ))
        if adopted:
            self.messages.append(f"{len(adopted)} objects that no event named were kept.")

    def _open_readers(self) -> None:
        self._inbox = Inbox()
        content = Content(self.objects, self.derived, self.catalog)
        sandbox = Sandbox(READER_ENTRY, unsafe=self.options.unsafe_parsers)
        self._stack.callback(sandbox.close)
        self.rung = sandbox.rung
        self._reader = DocumentReader(self.layout, content, self.derived, sandbox, self.options.limits)
        content.extract_with(self._reader.extract)
        self._ocr = OcrStep(self.layout, content, self.derived, self.catalog, sandbox, self.options.limits)
        self._stack.callback(self._ocr.close)
        self._workers = Workers(self.options.workers or os.cpu_count() or 1, self._inbox)



def empty_folder(folder: Path) -> None:
    """Remove everything in *folder*, not the folder."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
