"""Having documents read in the sandbox: one child each, or one for many where that is safe."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from typing import BinaryIO

import msgspec

from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import BadAnswer, NotFound
from unburnt.base.limits import Limits
from unburnt.catalog.records import Waiting
from unburnt.flow.chunks import Chunks
from unburnt.flow.collector import Collector
from unburnt.flow.content import Content, Opened
from unburnt.flow.kept_record import KeptRecord
from unburnt.flow.slices import Record, Slices, last_of
from unburnt.model.frames import Frame, ReadTask, Share
from unburnt.model.reading import Reading, Rest
from unburnt.read import nests
from unburnt.sandbox.runner import Ended, Sandbox
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout

SHARED_DOCUMENTS = 64
SHARED_BYTES = 16 << 20
_SHARED_LARGEST = 256 << 10
_answers = msgspec.msgpack.Decoder(tuple[int, Frame])


class Done(msgspec.Struct, frozen=True):
    """One document after reading: its reading, with the texts in *chunks*, and how the child ended."""

    waiting: Waiting
    reading: Reading
    chunks: Chunks
    ended: Ended
    members_before: int = 0
    """How many of the reading's members earlier slices gave."""
    made_from: tuple[tuple[Digest, Digest], ...] = ()
    """Derived records that something was taken over from: each one's key, and the digest that its first chunk had; none
    where its parts were not those that the first chunk names."""


def may_share(waiting: Waiting) -> bool:
    """Whether this document may be tried in a shared child; the child itself refuses what it must not read there."""
    is_whole = not waiting.is_begun and not waiting.volumes
    return is_whole and waiting.size <= _SHARED_LARGEST and nests.nest_of_name(waiting.name) == nests.SAFE


class DocumentReader:
    """Reads documents in the sandbox; any number of threads may use one.

    Of a giant container it reads one slice: the reading that it gives is then not finished. With *slices* it knows
    what was read before.
    """

    def __init__(
        self, layout: Layout, content: Content, derived: Derived, sandbox: Sandbox, limits: Limits,
        slices: Slices | None = None,
    ) -> None:
        self._tmp = layout.tmp
        self._content = content
        self._derived = derived
        self._sandbox = sandbox
        self._limits = limits
        self._slices = slices
        self.passwords: tuple[str, ...] = ()

    def read(self, batch: Sequence[Waiting]) -> list[Done]:
        """Read them all; those that a shared child could not finish, or would not touch, alone."""
        done: list[Done] = []
        wanted: dict[Digest, str] = {}
        if len(batch) > 1:
            done, wanted = self._read_shared(batch)
        finished = {one.waiting.digest for one in done}
        return done + [
            self._read_alone(waiting, wanted.get(waiting.digest)) for waiting in batch if waiting.digest not in finished
        ]

    def read_on(self, waiting: Waiting, earlier: Sequence[Record], wanted_type: str | None = None) -> Done:
        """Read one document, or the next slice of one of which *earlier* slices were read."""
        before = last_of(earlier)
        if before is not None and before.volumes != waiting.volumes:
            before, earlier = None, ()  # another volume came meanwhile
        try:
            with contextlib.ExitStack() as stack:
                digests = [volume.digest for volume in waiting.volumes] or [waiting.digest]
                files = [stack.enter_context(self._content.open_unchanged(digest)) for digest in digests]
                collector, ended = self._in_own_child(waiting, files, wanted_type, before)
        except NotFound as error:
            collector, ended = self._collector(waiting, before), Ended("crashed", detail=error.message)
        reading = collector.reading(ended, earlier)
        # A slice goes on from the last one; the whole holds what every one of them gave.
        taken = [one for one in (earlier[-1:] if reading.rest else earlier) if isinstance(one, KeptRecord)]
        made_from = tuple((one.key, "" if collector.is_spoilt else digest_of(one[0])) for one in taken)
        return Done(waiting, reading, collector.chunks, ended, 0 if reading.rest else collector.members_before, made_from)

    def extract(self, container: Opened, member: Digest, before: Reading | None = None) -> BinaryIO | None:
        """Read *container* again, from after the slice *before*, until the bytes of *member* came.

        It and its neighbours go into the cache, checked by digest.
        """
        size = sum(os.fstat(file.fileno()).st_size for file in container.files)
        waiting = Waiting(digest=container.digest, size=size, name="", depth=0, volumes=container.volumes,
                          charsets=container.charsets, may_wait=False)
        while True:
            collector, ended = self._in_own_child(waiting, container.files, None, before)
            before = collector.slice(ended)
            collector.abandon()
            found = self._derived.open_member(member)
            if found is not None or before is None:
                return found

    def _read_alone(self, waiting: Waiting, wanted_type: str | None) -> Done:
        begun = self._slices if waiting.is_begun else None
        return self.read_on(waiting, () if begun is None else begun.of(waiting.digest), wanted_type)

    def _in_own_child(
        self, waiting: Waiting, files: Sequence[BinaryIO], wanted_type: str | None, before: Reading | None
    ) -> tuple[Collector, Ended]:
        """Read one document from the nest that its name promises, else from that of the type its child found."""
        wanted_type = before.type if before is not None else wanted_type
        nest = nests.nest_of(wanted_type) if wanted_type else nests.nest_of_name(waiting.name)
        for last in (False, False, True):
            nest = nests.EVERYTHING if last else nest
            collector = self._collector(waiting, before)
            rest = before.rest if before is not None else None
            try:
                ended = self._run([waiting], files, [collector], nest, rest=rest, shared=False)
            except BaseException:
                collector.abandon()
                raise
            if collector.wanted_type is None or last:
                break
            nest = nests.nest_of(collector.wanted_type)
            collector.abandon()
        return collector, ended

    def _read_shared(self, batch: Sequence[Waiting]) -> tuple[list[Done], dict[Digest, str]]:
        """Those that were read, and the types of those that want a child of their own."""
        with contextlib.ExitStack() as stack:
            at_hand: list[tuple[Waiting, BinaryIO]] = []
            for waiting in batch:
                with contextlib.suppress(NotFound):
                    at_hand.append((waiting, stack.enter_context(self._content.open_unchanged(waiting.digest))))
            collectors = [self._collector(waiting) for waiting, _ in at_hand]
            ended = self._run([w for w, _ in at_hand], [f for _, f in at_hand], collectors, nests.SAFE, shared=True)
        # After any failure nothing of a shared child is believed.
        believed = ended.kind == "done"
        done: list[Done] = []
        wanted: dict[Digest, str] = {}
        for (waiting, _), collector in zip(at_hand, collectors, strict=True):
            if believed and collector.finished is not None and collector.wanted_type is None:
                done.append(Done(waiting, collector.reading(ended), collector.chunks, ended))
            else:
                collector.abandon()
                if believed and collector.wanted_type is not None:
                    wanted[waiting.digest] = collector.wanted_type
        return done, wanted

    def _run(
        self, batch: Sequence[Waiting], files: Sequence[BinaryIO], collectors: Sequence[Collector], nest: str, *,
        shared: bool, rest: Rest | None = None,
    ) -> Ended:
        def take(untrusted_frame: bytes) -> None:
            try:
                number, frame = _answers.decode(untrusted_frame)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise BadAnswer("The reader's answer is not of the agreed form.") from error
            if not 0 <= number < len(collectors):
                raise BadAnswer("The reader answered for a document that it was not given.")
            collectors[number].take(frame)

        payload = msgspec.msgpack.encode([self._task(waiting, rest, shared=shared) for waiting in batch])
        return self._sandbox.run(payload, [file.fileno() for file in files], self._limits, take, nest=nest)

    def _task(self, waiting: Waiting, rest: Rest | None, *, shared: bool) -> ReadTask:
        limits = self._limits
        share = Share(members=limits.slice_members, member_bytes=limits.slice_bytes, seconds=limits.slice_seconds)
        return ReadTask(
            name=waiting.name.encode("utf-8", "replace").decode(), charsets=waiting.charsets,
            passwords=self.passwords, shared=shared, text_limit=limits.text,
            members_limit=limits.members if waiting.depth < limits.depth else 0,
            member_bytes_limit=limits.member_bytes, members_bytes_limit=limits.members_bytes, ratio=limits.ratio,
            ratio_free=limits.ratio_free, pages_limit=limits.pages, pixels_limit=limits.pixels,
            rest=rest, share=None if shared else share,
            volumes=tuple(volume.number for volume in waiting.volumes), may_wait=waiting.may_wait,
        )

    def _collector(self, waiting: Waiting, before: Reading | None = None) -> Collector:
        return Collector(
            waiting.digest, waiting.size, Chunks(self._tmp), self._derived, self._limits, before, waiting.volumes, waiting.charsets)


def batches(waiting: Sequence[Waiting], *, isolate_each: bool) -> list[list[Waiting]]:
    """Group what waits: up to 64 documents or 16 MiB where they may share a child, else one each."""
    groups: list[list[Waiting]] = []
    shared: list[Waiting] = []
    size = 0
    for one in waiting:
        if isolate_each or not may_share(one):
            groups.append([one])
            continue
        if shared and (len(shared) >= SHARED_DOCUMENTS or size + one.size > SHARED_BYTES):
            groups.append(shared)
            shared, size = [], 0
        shared.append(one)
        size += one.size
    return [shared, *groups] if shared else groups


def digests_of(batch: Sequence[Waiting]) -> set[Digest]:
    """The digests of a batch."""
    return {waiting.digest for waiting in batch}
