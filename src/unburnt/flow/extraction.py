"""A member's bytes for somebody who looks at it: read out of its container again, checked, and kept nowhere.

The keeper extracts into the cache (:meth:`DocumentReader.extract`); here, in whatever process shows a document, the
bytes go to a nameless file in ``tmp/``, which is gone with its last reader.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.errors import BadAnswer
from unburnt.base.limits import Limits
from unburnt.flow.content import Opened
from unburnt.flow.slices import may_go_on
from unburnt.model.frames import (
    Frame,
    MemberBegan,
    MemberBytes,
    MemberEnded,
    MemberFailed,
    NeedsOwnChild,
    Paused,
    ReadTask,
    Share,
)
from unburnt.model.reading import Reading, Rest
from unburnt.read import nests
from unburnt.vault.durable import disk_errors, write_all
from unburnt.vault.layout import Layout

if TYPE_CHECKING:
    from unburnt.sandbox.runner import Sandbox

_MOST_AT_HAND = 4

_answers = msgspec.msgpack.Decoder(tuple[int, Frame])


class Extraction:
    """Extracts single members; the last few stay at hand, since a person leafs through pages. Any thread may ask."""

    def __init__(self, layout: Layout, limits: Limits | None = None) -> None:
        self._tmp = layout.tmp
        self._limits = limits or Limits()
        self._sandbox: Sandbox | None = None
        self._at_hand: OrderedDict[Digest, BinaryIO] = OrderedDict()
        self._lock = threading.Lock()

    def extract(self, container: Opened, member: Digest, before: Reading | None = None) -> BinaryIO | None:
        """The bytes of *member*, whose digest is that, out of *container*; None where it is not found.

        It is sought from after the slice *before* on.
        """
        with self._lock:
            if member not in self._at_hand:
                found = self._search(container, member, before)
                if found is None:
                    return None
                self._at_hand[member] = found
                while len(self._at_hand) > _MOST_AT_HAND:
                    self._at_hand.popitem(last=False)[1].close()
            self._at_hand.move_to_end(member)
            # Opened anew, so that each reader has its own place in it.
            return open(f"/proc/self/fd/{self._at_hand[member].fileno()}", "rb")

    def forget(self) -> None:
        """Keep nothing at hand any more."""
        with self._lock:
            while self._at_hand:
                self._at_hand.popitem()[1].close()

    def close(self) -> None:
        """Keep nothing, and end the sandbox."""
        self.forget()
        with self._lock:
            if self._sandbox is not None:
                self._sandbox.close()
                self._sandbox = None

    def _search(self, container: Opened, member: Digest, before: Reading | None) -> BinaryIO | None:
        rest = before.rest if before is not None else None
        nest, tries = nests.nest_of(before.type) if before is not None else nests.SAFE, 0
        if self._sandbox is None:
            from unburnt.flow.readers import READER_ENTRY  # most who ask an archive extract nothing
            from unburnt.sandbox.runner import Sandbox

            self._sandbox = Sandbox(READER_ENTRY)
        with disk_errors("extracting a member"):
            # Not closed here: it outlives this call.
            sieve = _Sieve(member, tempfile.TemporaryFile(buffering=0, dir=self._tmp), rest)  # noqa: SIM115
        try:
            while True:
                payload = msgspec.msgpack.encode([_task(self._limits, rest, container)])
                self._sandbox.run(payload, [file.fileno() for file in container.files], self._limits, sieve.take, nest=nest)
                if (wanted := sieve.next_type()) is not None and nest != nests.EVERYTHING:
                    tries += 1
                    nest = nests.nest_of(wanted) if tries < 2 else nests.EVERYTHING
                    continue
                rest = sieve.next_rest(rest)
                if rest is None:
                    break
        except _Found:
            return sieve.file
        except BaseException:
            sieve.file.close()
            raise
        sieve.file.close()
        return None


def _task(limits: Limits, rest: Rest | None, container: Opened) -> ReadTask:
    return ReadTask(
        charsets=container.charsets, text_limit=limits.text, members_limit=limits.members, member_bytes_limit=limits.member_bytes,
        members_bytes_limit=limits.members_bytes, ratio=limits.ratio, ratio_free=limits.ratio_free,
        pages_limit=limits.pages, pixels_limit=limits.pixels, rest=rest,
        volumes=tuple(volume.number for volume in container.volumes),
        share=Share(members=limits.slice_members, member_bytes=limits.slice_bytes, seconds=limits.slice_seconds),
    )


class _Found(Exception):
    """The member wanted is whole; its container need not be read further."""


class _Sieve:
    """Lets every member run through one file until one has the digest that is wanted."""

    def __init__(self, wanted: Digest, file: BinaryIO, rest: Rest | None) -> None:
        self.file = file
        self._wanted = wanted
        self._hasher = hashlib.sha256()
        self._members = 0
        self._bytes = rest.members_bytes if rest is not None else 0
        self._paused: Paused | None = None
        self._wanted_type: str | None = None

    def next_type(self) -> str | None:
        """The type whose readers the child lacked, if it lacked any."""
        wanted, self._wanted_type = self._wanted_type, None
        return wanted

    def next_rest(self, rest: Rest | None) -> Rest | None:
        """Where the next child goes on; None where the reader finished, or paused more often than it brought members."""
        paused, self._paused = self._paused, None
        before = rest or Rest(cursor=b"")
        if paused is None or not self._members:
            return None
        members, self._members = before.members + self._members, 0
        found = Rest(cursor=paused.cursor, slices=before.slices + 1, members=members, members_bytes=self._bytes)
        return found if may_go_on(found) else None

    def take(self, untrusted_frame: bytes) -> None:
        """Take one answer of the child; raises :class:`_Found`, :class:`BadAnswer`."""
        try:
            _, frame = _answers.decode(untrusted_frame)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadAnswer("The reader's answer is not of the agreed form.") from error
        with disk_errors("extracting a member"):
            if isinstance(frame, MemberBegan):
                os.ftruncate(self.file.fileno(), 0)
                self.file.seek(0)
                self._hasher = hashlib.sha256()
            elif isinstance(frame, MemberBytes):
                write_all(self.file.fileno(), frame.data)
                self._hasher.update(frame.data)
                self._bytes += len(frame.data)
            elif isinstance(frame, MemberEnded):
                self._members += 1
                if self._hasher.hexdigest() == self._wanted:
                    raise _Found
            elif isinstance(frame, MemberFailed):
                self._members += 1
            elif isinstance(frame, NeedsOwnChild):
                self._wanted_type = frame.type
            elif isinstance(frame, Paused):
                self._paused = frame
