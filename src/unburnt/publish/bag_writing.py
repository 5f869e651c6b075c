"""Writing a bag (BagIt 1.0, RFC 8493): documents under neutral names, each with what proves it.

Until the tools that protect sources exist, nothing that is written here has been looked through for what
betrays one. So every bag says INTERNAL, UNCHECKED in its name, in ``bag-info.txt`` and in its README.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from unburnt.base.digests import CHUNK, Digest
from unburnt.base.errors import DamagedArchive, UnburntError, UsageError
from unburnt.base.visible import visible
from unburnt.publish.bag_readme import MARK, UNVOUCHED, readme
from unburnt.vault.durable import FILE_MODE, disk_errors, flush_batch, flush_directory, make_directory, write_all

NAME = "INTERNAL-UNCHECKED-bag-"
_ALGORITHMS = ("sha256", "sha512")
_UNFINISHED = ".unfinished-bag-"


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into a bag and where its parts come from."""

    documents: tuple[Digest, ...]
    open: Callable[[Digest], BinaryIO]
    places: Mapping[Digest, tuple[str, ...]] = {}
    """Where below ``data/`` documents stand that do not stand by themselves under their digest; each path once."""
    names: Callable[[Digest], Iterable[tuple[bytes, str]]] | None = None
    """A document's paths as received; without it no name goes into the bag."""
    proof: Callable[[Digest], bytes | None] | None = None
    """A document's proof, None where it has none."""
    checker: bytes | None = None
    """``check_proof.py``, which checks those proofs."""
    unvouched: frozenset[Digest] = frozenset()
    """Those of *documents* whose receipt nobody vouches for."""


class Written(msgspec.Struct, frozen=True):
    """A bag that was written."""

    folder: Path
    documents: int
    bytes: int
    proofs: int
    unvouched: int = 0
    """For how many of the documents nobody vouches that they were received."""


def write_bag(parent: Path, contents: Contents, *, day: str, software: str) -> Written:
    """Write a bag into a new folder below *parent*, whole or not at all; *day* is the date it gives, ``YYYY-MM-DD``.

    Raises :class:`DamagedArchive` where a document's bytes are not its digest's, :class:`UsageError` when there
    is such a bag already, :class:`OutOfSpace`.
    """
    if not contents.documents:
        raise UsageError("There is no document to export.", remedy="Name one, or give --all.")
    with disk_errors("writing the bag"), _unfinished(parent) as folder:
        writing = _Writing(folder)
        size = writing.payload(contents)
        proofs = writing.seal(contents)
        writing.describe(day=day, software=software, size=size, proofs=proofs, contents=contents)
        target = parent / f"{NAME}{writing.close()}"
        if target.exists():
            raise UsageError("This bag was written here before.", remedy="It is whole; nothing was changed.")
        flush_batch(parent, [])
        os.rename(folder, target)
        flush_directory(parent)
    return Written(target, len(set(contents.documents)), size, proofs, len(contents.unvouched & set(contents.documents)))


class _Writing:
    """One bag under way: every file is hashed as it is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sums: dict[str, dict[str, str]] = {}

    def payload(self, contents: Contents) -> int:
        """Copy the documents; gives their bytes."""
        make_directory(self._folder / "data")
        make_directory(self._folder / "data" / "objects")
        total = 0
        for digest in sorted(set(contents.documents)):
            for place in contents.places.get(digest, (f"objects/{digest}",)):
                total += self._document(f"data/{place}", digest, contents)
        return total

    def _document(self, path: str, digest: Digest, contents: Contents) -> int:
        for folder in reversed(Path(path).parents[:-1]):
            make_directory(self._folder / folder)
        with contents.open(digest) as file:
            size = self._copy(path, file)
        if self._sums[path]["sha256"] != digest:
            raise DamagedArchive(
                f"The bytes of {digest} were changed since they were received.",
                remedy="No bag was written. Heal them from a copy: unburnt repair --from COPY.",
            )
        return size

    def seal(self, contents: Contents) -> int:
        """Proofs, their checker and, where they were asked for, names; gives the number of proofs."""
        make_directory(self._folder / "unburnt")
        count = 0
        if contents.proof is not None:
            make_directory(self._folder / "unburnt" / "proofs")
            for digest in sorted(set(contents.documents)):
                if (proof := contents.proof(digest)) is not None:
                    self._write(f"unburnt/proofs/{digest}.proof", [proof])
                    count += 1
        if contents.checker is not None and count:
            self._write("check_proof.py", [contents.checker])
        if contents.names is not None:
            self._write("unburnt/items.jsonl", _items(contents.documents, contents.names))
        return count

    def describe(self, *, day: str, software: str, size: int, proofs: int, contents: Contents) -> None:
        """``bagit.txt``, ``bag-info.txt``, the README and, where there are any, the list of documents nobody vouches for."""
        count = sum(path.startswith("data/") for path in self._sums)
        unvouched = contents.unvouched & set(contents.documents)
        self._write("bagit.txt", [b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"])
        info = (f"Bagging-Date: {day}\nPayload-Oxum: {size}.{count}\nBag-Software-Agent: {software}\n"
                f"Internal-Sender-Description: {MARK}\n")
        if unvouched:
            info += f"Unvouched: {UNVOUCHED.format(count=len(unvouched))}\n"
            self._write("unburnt/unvouched.txt", [f"{one}\n".encode() for one in sorted(unvouched)])
        self._write("bag-info.txt", [info.encode()])
        text = readme(count=len(set(contents.documents)), proofs=proofs, names=contents.names is not None, sets=bool(contents.places),
                      unvouched=len(unvouched))
        self._write("unburnt/README.txt", [text.encode()])

    def close(self) -> str:
        """The manifests; gives the bag's id."""
        for algorithm in _ALGORITHMS:
            self._write(f"manifest-{algorithm}.txt", self._lines(algorithm, payload=True))
        tags = {algorithm: list(self._lines(algorithm, payload=False)) for algorithm in _ALGORITHMS}
        for algorithm, lines in tags.items():
            self._write(f"tagmanifest-{algorithm}.txt", lines)
        return self._sums["tagmanifest-sha256.txt"]["sha256"][:16]

    def _lines(self, algorithm: str, *, payload: bool) -> Iterator[bytes]:
        for path in sorted(self._sums):
            if path.startswith("data/") == payload:
                yield f"{self._sums[path][algorithm]}  {path}\n".encode()

    def _copy(self, path: str, file: BinaryIO) -> int:
        return self._write(path, iter(lambda: file.read(CHUNK), b""))

    def _write(self, path: str, pieces: Iterable[bytes]) -> int:
        hashers = {algorithm: hashlib.new(algorithm) for algorithm in _ALGORITHMS}
        size = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(self._folder / path, flags, FILE_MODE)
        try:
            for piece in pieces:
                write_all(descriptor, piece)
                size += len(piece)
                for hasher in hashers.values():
                    hasher.update(piece)
        finally:
            os.close(descriptor)
        self._sums[path] = {algorithm: hasher.hexdigest() for algorithm, hasher in hashers.items()}
        return size


def _items(documents: Iterable[Digest], names: Callable[[Digest], Iterable[tuple[bytes, str]]]) -> Iterator[bytes]:
    """One JSON line per place: the path as base64 of its bytes, since it may be no text, and as people read it."""
    for digest in sorted(set(documents)):
        for path, shown in names(digest):
            line = {"document": digest, "path": base64.b64encode(path).decode(), "shown": visible(shown)}
            yield json.dumps(line, ensure_ascii=False).encode() + b"\n"


@contextmanager
def _unfinished(parent: Path) -> Iterator[Path]:
    """A folder that is gone when the bag was not finished; what a killed run left is removed first."""
    if not parent.is_dir():
        raise UnburntError("There is no folder of that name to write a bag into.", remedy="Make it first.")
    for left in parent.glob(f"{_UNFINISHED}*"):
        with _lock(left) as free:
            if free:
                shutil.rmtree(left, ignore_errors=True)
    folder = parent / f"{_UNFINISHED}{secrets.token_hex(8)}"
    make_directory(folder)
    try:
        with _lock(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _lock(folder: Path) -> Iterator[bool]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = True
    except BlockingIOError:
        free = False
    try:
        yield free
    finally:
        os.close(descriptor)
