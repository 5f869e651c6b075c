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
from unburnt.model.frames import Frame, MemberBegan, MemberBytes, MemberEnded, ReadTask
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

    def extract(self, container: Digest, file: BinaryIO, member: Digest) -> BinaryIO | None:
        """The bytes of *member*, whose digest is that, out of *container*'s *file*; None where it is not found."""
        with self._lock:
            if member not in self._at_hand:
                found = self._search(file, member)
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

    def _search(self, file: BinaryIO, member: Digest) -> BinaryIO | None:
        if self._sandbox is None:
            from unburnt.flow.readers import READER_ENTRY  # most who ask an archive extract nothing
            from unburnt.sandbox.runner import Sandbox

            self._sandbox = Sandbox(READER_ENTRY)
        with disk_errors("extracting a member"):
            sieve = _Sieve(member, tempfile.TemporaryFile(buffering=0, dir=self._tmp))  # noqa: SIM115 - it outlives this call
        limits = self._limits
        task = ReadTask(
            text_limit=limits.text, members_limit=limits.members, member_bytes_limit=limits.member_bytes,
            members_bytes_limit=limits.members_bytes, ratio=limits.ratio, ratio_free=limits.ratio_free,
            pages_limit=limits.pages, pixels_limit=limits.pixels,
        )
        try:
            self._sandbox.run(msgspec.msgpack.encode([task]), [file.fileno()], limits, sieve.take)
        except _Found:
            return sieve.file
        except BaseException:
            sieve.file.close()
            raise
        sieve.file.close()
        return None


class _Found(Exception):
    """The member wanted is whole; its container need not be read further."""


class _Sieve:
    """Lets every member run through one file until one has the digest that is wanted."""

    def __init__(self, wanted: Digest, file: BinaryIO) -> None:
        self.file = file
        self._wanted = wanted
        self._hasher = hashlib.sha256()

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
            elif isinstance(frame, MemberEnded) and self._hasher.hexdigest() == self._wanted:
                raise _Found
