"""The originals' part of ``verify``: all of them or a sample, hashed by several processes, in pieces that an interruption
does not lose.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

import msgspec

from unburnt.base.digests import Digest, digest_of
from unburnt.base.settings import state_folder
from unburnt.model.audit import Check, Finding
from unburnt.vault.audit.hashers import Hashers
from unburnt.vault.audit.hashing import Hashed
from unburnt.vault.audit.objects import ObjectsAudit
from unburnt.vault.durable import replace_file
from unburnt.vault.layout import Layout

SAVE_EVERY_BYTES = 1 << 30
SAVE_EVERY_FILES = 10_000

Tell = Callable[[str, int, int], None]
"""What is being checked, how many of them are done, and how many there are."""


class _Progress(msgspec.Struct):
    """What an interrupted run had hashed: digests come in order, so the last one says it all."""

    last: Digest
    looked_at: int
    findings: list[Finding]


class Originals:
    """Hashes while its caller does something else and listens from time to time. To be closed, which ends its helpers.

    How far it came is noted outside the archive: what an archive says of its own soundness proves nothing.
    """

    def __init__(self, layout: Layout, barred: Collection[str], tell: Tell) -> None:
        self.audit = ObjectsAudit(layout, barred)
        self._tell = tell
        place = digest_of(str(layout.root.resolve()).encode("utf-8", "surrogateescape"))[:16]  # copies share the id
        self._notebook = state_folder() / "verify" / f"{layout.archive_id}-{place}.json"
        self._digests: Sequence[Digest] = ()
        self._total = 0
        self._is_sample = False
        self._saved_files = self._saved_bytes = 0
        self._notes: tuple[str, ...] = ()
        self._has_begun = False
        self._hashers: Hashers | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._hashers is not None:
            self._hashers.__exit__(kind, error, trace)

    @property
    def is_done(self) -> bool:
        """Whether nothing is being hashed: not begun, or finished."""
        return self._hashers is None

    def begin(self, digests: Sequence[Digest], sample: float, *, resume: bool) -> None:
        """Have helpers begin with *digests*, which are in order, or a random *sample* of them.

        With *resume* a full run believes what an interrupted one noted.
        """
        if sample < 1 and digests:
            from random import SystemRandom  # only for a sample

            digests = SystemRandom().sample(digests, max(1, round(sample * len(digests))))
        elif sample == 1 and resume and (before := self._before()) is not None:
            self.audit.looked_at, self.audit.findings = before.looked_at, before.findings
            digests = [digest for digest in digests if digest > before.last]
            self._notes = (f"{before.looked_at} of them were hashed by an earlier run that was interrupted.",)
        self._digests, self._is_sample = digests, sample < 1
        self._total = self.audit.looked_at + len(digests)
        self._saved_files = self.audit.looked_at
        self._has_begun = True
        self._hashers = Hashers(self.audit.place, digests).__enter__()

    def listen(self) -> None:
        """Take what helpers have hashed by now, and give them more to do."""
        if self._hashers is not None:
            self._take(self._hashers.ready())

    def finish(self) -> None:
        """Hash, or wait for, all that is left."""
        if self._hashers is not None:
            self._take(self._hashers.rest())
            self._hashers.__exit__(None, None, None)
            self._hashers = None

    def check(self) -> list[Check]:
        """What the bytes showed; nothing where it was not begun."""
        if not self._has_begun:
            return []
        self.finish()
        return [msgspec.structs.replace(self.audit.check(), notes=self._notes)]

    def forget(self) -> None:
        """There is nothing left to go on with."""
        with suppress(OSError):
            self._notebook.unlink()

    def _take(self, found: Iterable[Hashed]) -> None:
        for hashed in found:
            for number, size in enumerate(hashed.sizes, hashed.begin):
                self.audit.take(self._digests[number], size, hashed.problems.get(number))
                self._done(self._digests[number])

    def _done(self, digest: Digest) -> None:
        audit = self.audit
        self._tell("originals", audit.looked_at, self._total)
        grown = audit.bytes - self._saved_bytes >= SAVE_EVERY_BYTES
        if not self._is_sample and (grown or audit.looked_at - self._saved_files >= SAVE_EVERY_FILES):
            self._saved_files, self._saved_bytes = audit.looked_at, audit.bytes
            self._save(_Progress(digest, audit.looked_at, audit.findings))

    def _before(self) -> _Progress | None:
        with suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode(self._notebook.read_bytes(), type=_Progress)
        return None

    def _save(self, progress: _Progress) -> None:
        with suppress(OSError):  # without such a place it is verified too, only not in pieces
            self._notebook.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self._notebook, msgspec.json.encode(progress))
