"""The timestamps of an archive: ``log/timestamps/<size>/``, where size is that of the kept checkpoint.

``<sha256 of the request>.tsq`` is what was asked, with its nonce; ``<sha256 of the token>.tsr`` an answer that was
checked. Both are as ``openssl ts`` reads them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from unburnt.base.errors import DamagedArchive
from unburnt.vault.durable import disk_errors
from unburnt.vault.log.kept import Kept, own_folder
from unburnt.vault.log.note import Note
from unburnt.vault.log.outside import MAX_TOKEN
from unburnt.vault.log.roots import Roots
from unburnt.vault.log.strict import decimal
from unburnt.vault.log.tiles import read_at_most
from unburnt.vault.log.timestamp import (
    BadTimestamp,
    Requested,
    Timestamped,
    WrongNonce,
    WrongText,
    imprint_of,
    request,
    requested,
    verify,
)
from unburnt.vault.log.timestamp_token import as_response, parse_token
from unburnt.vault.log.undated import replace_undated


class Found(msgspec.Struct, frozen=True):
    """A stored timestamp over the checkpoint of *size*: what it says, or why it is not believed."""

    size: int
    name: str
    said: Timestamped | BadTimestamp


class Timestamps:
    """The folder *log* ``/timestamps``. Writing is for the keeper; *tmp* is on the same file system."""

    def __init__(self, log: Path, tmp: Path) -> None:
        self._folder = log / "timestamps"
        self._tmp = tmp
        self._kept = Kept(log, tmp)

    def request(self, note: Note) -> bytes:
        """Keep the checkpoint *note* and a new request over its text; gives the request (.tsq, DER).

        One request is for one authority. Raises :class:`BadNote`, :class:`CheckpointsDiffer`.
        """
        size = self._kept.keep(note)
        query, _ = request(note.text)
        self._write(size, f"{hashlib.sha256(query).hexdigest()}.tsq", query)
        return query

    def add(self, untrusted: bytes, roots: Roots, *, now: datetime | None = None) -> tuple[int, Timestamped]:
        """Check an authority's answer (.tsr, DER) against the request that was kept, and keep it.

        Gives the size of the checkpoint and what the authority says. Raises a :class:`BadTimestamp`.
        """
        token = parse_token(untrusted)
        asked = [(size, each) for size, each in self._requests() if each.imprint == token.imprint]
        if not asked:
            raise WrongText(
                "No request of this archive is answered by this timestamp: it is over something else.",
                remedy="Look whether it belongs to another archive.",
            )
        size = next((size for size, each in asked if each.nonce == token.nonce), None)
        if size is None:
            raise WrongNonce(
                "The timestamp answers no request that this archive made: its random number is another one.",
                remedy="Make a new request with `unburnt timestamp request`.",
            )
        said = verify(
            untrusted, self._text(size), roots.anchors, nonce=token.nonce, intermediates=roots.intermediates, now=now,
        )
        self._write(size, f"{hashlib.sha256(said.token).hexdigest()}.tsr", as_response(said.token))
        return size, said

    def found(self, roots: Roots) -> Iterator[Found]:
        """Every stored timestamp, checked again, in the order of sizes."""
        for size, path in self._files(".tsr"):
            name = f"log/timestamps/{size}/{path.name}"
            try:
                said = verify(_read(path), self._text(size), roots.anchors, intermediates=roots.intermediates)
            except BadTimestamp as error:
                yield Found(size, name, error)
                continue
            yield Found(size, name, said)

    def damaged_requests(self) -> Iterator[tuple[str, str]]:
        """Each kept request that is not what was written, or not over its checkpoint: its name, and why."""
        for size, path in self._files(".tsq"):
            name, query = f"log/timestamps/{size}/{path.name}", _read(path)
            if hashlib.sha256(query).hexdigest() != path.stem:
                yield name, "The request is damaged: it does not have the SHA-256 that its name states."
                continue
            try:
                asked = requested(query)
                if asked.imprint != imprint_of(self._text(size)):
                    yield name, "The request is over another checkpoint than the one kept beside it."
            except (BadTimestamp, DamagedArchive) as error:
                yield name, error.message

    def _text(self, size: int) -> str:
        note = self._kept.note(size)
        if note is None:
            raise DamagedArchive(
                f"The checkpoint that was timestamped, log/checkpoints/{size}, is missing.",
                remedy="Put the file back from a copy of the archive.",
            )
        return note.text

    def _requests(self) -> Iterator[tuple[int, Requested]]:
        for size, path in self._files(".tsq"):
            with suppress(BadTimestamp):  # one damaged request must not keep answers to the others out
                yield size, requested(_read(path))

    def _files(self, suffix: str) -> Iterator[tuple[int, Path]]:
        folders = self._folder.iterdir() if self._folder.is_dir() else ()
        sized = sorted((size, path) for path in folders if (size := decimal(path.name)) is not None)
        for size, folder in sized:
            for path in sorted(folder.glob(f"*{suffix}")):
                yield size, path

    def _write(self, size: int, name: str, data: bytes) -> None:
        folder = self._folder / str(size)
        with disk_errors("keeping a timestamp"):
            own_folder(self._folder)
            own_folder(folder)
            replace_undated(folder / name, data, self._tmp)


def _read(path: Path) -> bytes:
    return read_at_most(path, MAX_TOKEN + 1) or b""
