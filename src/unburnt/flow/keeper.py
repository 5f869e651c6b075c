"""The keeper: the one process that writes an archive, and the one thread in it that does.

Intake and readers work in threads beside it and hand over through the inbox. What is to be read is always
asked of the catalogue, so that a keeper killed at any moment is followed by one that goes on.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from unburnt.base.clock import now
from unburnt.base.digests import Digest
from unburnt.base.errors import ForeignLines, KeeperGone, NotFound, OutOfSpace, UnburntError, UsageError
from unburnt.base.raising import raised
from unburnt.flow.deliveries import Deliveries
from unburnt.flow.erasing import finish_erasing
from unburnt.flow.inbox import Arrived, Call, Inbox, Walked, WasRead
from unburnt.flow.lock import KeeperLock
from unburnt.flow.member_budget import MemberBudget
from unburnt.flow.options import Options
from unburnt.flow.readers import Readers
from unburnt.flow.recorder import LACKS_PASSWORD
from unburnt.flow.steps import current_versions
from unburnt.flow.stores import Stores
from unburnt.model.views import Progress
from unburnt.vault.layout import Layout

_INDEX_EVERY_SECONDS = 1.0
_INDEX_EVERY_DOCUMENTS = 1_000


class Keeper:
    """Opens an archive for writing; :meth:`start` runs it in a thread until :meth:`stop`."""

    def __init__(self, layout: Layout, options: Options | None = None, *, rebuild: bool = False, set_aside: bool = False) -> None:
        self.layout = layout
        self.options = options or Options()
        self._began: list[str] = []
        self._stack = contextlib.ExitStack()
        layout.require_own_places()
        self._lock = lock = KeeperLock(layout.root)
        self._stack.callback(lock.release)
        try:
            self._open(lock, rebuild=rebuild, set_aside=set_aside)
        except BaseException:
            self._stack.close()
            raise
        self._progress = Progress(state="idle", pid=os.getpid(), since=now())
        self._done = 0
        self._last_index = time.monotonic()
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
        self._inbox.close()
        if self._readers is not None:
            self._readers.close()
        self._stack.close()

    def progress(self) -> Progress:
        """What is being done at this moment."""
        return self._progress

    @property
    def messages(self) -> list[str]:
        """What a person should know of how this keeper began, and at last why it seals nothing now."""
        return [*self._began, *filter(None, [self.stores.sealing.message])]

    @property
    def rung(self) -> str:
        """Where parsers stand on the sandbox ladder; ``none`` for a keeper that reads nothing."""
        return "none" if self._readers is None else self._readers.rung

    def call(self, act: Callable[[], Any]) -> Any:
        """Have *act* done in the keeper's thread, between two batches; gives its result or raises its error."""
        if threading.current_thread() is self._thread:
            return act()
        request = Call(act, [], threading.Event())
        self._inbox.put(request)
        while not request.finished.wait(0.5):
            if not self._thread.is_alive():
                raise self._end()
        answer = request.answer[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def receive(self, source: Path, *, note: str = "", readmit: bool = False) -> str:
        """Begin to take *source* in, with *readmit* also what was erased before; gives the delivery's id."""
        def act() -> str:
            accession = self._deliveries.begin(source, note, readmit=readmit)
            self._progress = msgspec.structs.replace(self._progress, state="receiving")
            return accession
        return str(self.call(act))

    def give_passwords(self, passwords: Sequence[str]) -> int:
        """Try *passwords* on all that is locked; gives how many documents are read again."""
        def act() -> int:
            if self._readers is not None:
                self._readers.give_passwords(passwords)
            return self.retry({LACKS_PASSWORD})
        return int(self.call(act))

    def prefer(self, digest: Digest) -> None:
        """Somebody looks at this document: its pictures are read before others'. Never waits."""
        if self._readers is not None:
            self._readers.prefer(digest)

    def retry(self, now_available: set[str]) -> int:
        """Let wait again what an older step made, what lacked something that is there now, or a limit that is higher now."""
        def act() -> int:
            catalog = self.stores.catalog
            higher = raised(catalog.limits_reached(), self.options.limits)
            return catalog.retry(steps=current_versions(), now_available=now_available | higher)
        return int(self.call(act))

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

    def raise_failures_of(self, accessions: Sequence[str]) -> None:
        """Raise why one of these deliveries could not be taken in whole, if one could not."""
        for accession in accessions:
            failure = self._deliveries.failure_of(accession)
            if failure is not None:
                raise failure

    # --- the keeper's own thread ---------------------------------------------------------------------

    def _open(self, lock: KeeperLock, *, rebuild: bool, set_aside: bool) -> None:
        if lock.interrupted is not None:
            self._began.append(f"The last keeper (process {lock.interrupted.pid}) was interrupted; going on.")
        self.stores = Stores(self.layout, rebuild=rebuild, set_aside=set_aside, was_interrupted=lock.interrupted is not None)
        self._stack.callback(self.stores.close)
        self._began += self.stores.messages
        if lock.interrupted is not None or rebuild:
            finish_erasing(self.stores)
        self._inbox = Inbox()
        self._deliveries = Deliveries(self.stores, self._inbox)
        self._members = MemberBudget(self.stores.derived, self.stores.catalog, self.options.member_cache)
        self._readers = Readers(self.stores, self.options, self._inbox) if self.options.reads else None

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn()
            self.stores.recorder.commit_index()
            self.stores.sealing.seal()
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            self.failure = error
            self._lock.unfinished = self._lock.unfinished or isinstance(error, ForeignLines)  # objects may lack their event
            self._progress = msgspec.structs.replace(self._progress, state="stopped", message=str(error))
        finally:
            self._inbox.close()

    def _end(self) -> BaseException:
        """What whoever waited for the keeper is told when it has ended."""
        if isinstance(self.failure, UnburntError):
            return self.failure
        error = KeeperGone(
            f"The keeper has ended{f' ({type(self.failure).__name__})' if self.failure else ''}.",
            remedy="Run the command again; nothing is lost.",
        )
        error.__cause__ = self.failure
        return error

    def _turn(self) -> None:
        busy = self._progress.state != "idle"
        messages = self._inbox.take(0.05 if busy else 0.2)
        self._handle([one for one in messages if not isinstance(one, Call)])
        fed = self._readers is not None and self._readers.feed(receiving=self._deliveries.are_running)
        self._index(idle=not fed and not messages)
        self.stores.sealing.follow(idle=not fed and not messages, under_way=self._is_under_way)
        self._tell()
        is_idle = self._progress.state == "idle"
        awaited = ["ocr"] if self._readers is not None and self._readers.recognises else []
        self._members.keep(awaited=awaited if is_idle else [*awaited, "volumes"], is_idle=is_idle)
        for one in messages:
            if isinstance(one, Call):
                self._answer(one)

    def _handle(self, messages: Sequence[Arrived | Walked | WasRead]) -> None:
        read: list[WasRead] = []
        for message in messages:
            if isinstance(message, WasRead):
                read.append(message)
            elif isinstance(message, Arrived):
                self._deliveries.arrived(message)
            else:
                self._deliveries.walked(message)
        for message in read:
            if self._readers is not None:
                self._readers.came_back(message)
        plain = [done for message in read if message.step is None for done in message.done]
        if plain:
            self.stores.recorder.read(plain)
            if self._readers is not None and (locked := self._readers.locked_meanwhile(plain)):
                self.stores.catalog.wait_again(locked)
        for message in read:
            if message.step is not None and message.done:
                self.stores.recorder.read(message.done, step=message.step)
        self._done += sum(done.reading.rest is None for message in read for done in message.done)

    def _index(self, *, idle: bool) -> None:
        recorder = self.stores.recorder
        if self.stores.index_is_behind:
            self.stores.index_is_behind = recorder.index_backlog() > 0
        due = time.monotonic() - self._last_index >= _INDEX_EVERY_SECONDS
        if idle or due or recorder.unindexed >= _INDEX_EVERY_DOCUMENTS:
            recorder.commit_index()
            self._last_index = time.monotonic()

    @property
    def _is_under_way(self) -> bool:
        return self._deliveries.are_running or (self._readers is not None and self._readers.under_way > 0)

    def _tell(self) -> None:
        under_way = 0 if self._readers is None else self._readers.under_way
        state = "idle"
        if self._deliveries.are_running:
            state = "receiving"
        elif under_way or self.stores.recorder.unindexed or self.stores.index_is_behind:
            state = "reading"
        self._progress = Progress(
            state=state, pid=os.getpid(), since=self._progress.since, done=self._done, waiting=under_way,
            received=self._deliveries.items, received_bytes=self._deliveries.bytes,
            message=" ".join(dict.fromkeys(
                [*self._began, *self._deliveries.messages, *filter(None, [self.stores.sealing.message])])),
        )

    def _answer(self, request: Call) -> None:
        try:
            request.answer.append(request.act())
        except (OutOfSpace, ForeignLines) as error:
            request.answer.append(error)
            raise
        except Exception as error:  # noqa: BLE001 - raised again where it was asked
            request.answer.append(error)
            if not isinstance(error, UsageError | NotFound):
                self._lock.unfinished = True  # an erasing may be logged, and what it is about still there
        finally:
            request.finished.set()
