"""Checking the originals: every byte hashed again, and completeness both ways."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator

from unburnt.base.digests import CHUNK, Digest, is_digest
from unburnt.model.audit import Check, Finding
from unburnt.vault.audit.events import Named
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects

_HEAL = "Heal it from a copy: unburnt repair --from COPY."


class ObjectsAudit:
    """Hashes originals again. May stop after any object and go on with the rest another time."""

    def __init__(self, layout: Layout, barred: Collection[str] = ()) -> None:
        """*barred* are paths within the archive that must not be opened; see :class:`Walk`."""
        self._folder = layout.objects
        self._place = os.fspath(layout.objects)
        self._barred = barred
        self._objects = Objects(layout)
        self._buffer = memoryview(bytearray(CHUNK))
        self.looked_at = 0
        self.bytes = 0
        self.findings: list[Finding] = []

    def digests(self) -> Iterator[Digest]:
        """Every object that may be opened, by name only, in order."""
        everything = self._objects.digests()
        return (digest for digest in everything if not self._is_barred(digest)) if self._barred else everything

    def hash_all(self, digests: Iterable[Digest], done: Callable[[Digest], None] = lambda digest: None) -> None:
        """Hash each object and compare with its name; *done* is told after each."""
        for digest in digests:
            self._hash(digest)
            self.looked_at += 1
            done(digest)

    def check(self) -> Check:
        """What the bytes showed."""
        return Check(name="originals", looked_at=self.looked_at, unit="files", findings=tuple(self.findings))

    def completeness(self, named: Named) -> Check:
        """No object without its event, no event without its object unless an event erased it. Sizes are compared.

        What came or went while this looks, as a keeper at work has it, is looked at once more before it counts.
        """
        here, findings = self._sizes()
        for digest, found in here.items():
            if found is None:
                continue
            if digest in named.erased:
                findings.append(Finding(f"objects/{digest[:2]}/{digest}",
                                        f"Event {named.erased[digest]} says that it was erased, and it is here.",
                                        "Start the archive once (unburnt add): it finishes what was interrupted."))
            elif digest not in named.objects:
                findings.append(Finding(f"objects/{digest[:2]}/{digest}", "No event names this file.",
                                        "It is kept; the next start of the archive adopts it with an event."))
            elif (size := named.objects[digest][1]) and size != str(found):
                findings.append(Finding(f"objects/{digest[:2]}/{digest}", f"It does not have the {size} bytes that "
                                        f"event {named.objects[digest][0]} gives.", _HEAL))
        for digest, (event, _) in named.objects.items():
            if digest not in here and digest not in named.erased and not self._objects.path(digest).is_file():
                doubted = f" Event {named.doubted[digest]}, which is not sealed, says that it was erased." \
                    if digest in named.doubted else ""
                findings.append(Finding(f"objects/{digest[:2]}/{digest}",
                                        f"Event {event} names this file, and it is not here.{doubted}", _HEAL))
        erased = len(named.erased)
        notes = (f"{erased} contents were erased, as events say.",) if erased else ()
        return Check(name="completeness", looked_at=len(named.objects), unit="contents that events name",
                     findings=tuple(findings), notes=notes)

    def _hash(self, digest: Digest) -> None:
        hasher, buffer = hashlib.sha256(), self._buffer
        try:
            # Plain calls: a file object would take longer to make than a small file to hash.
            descriptor = os.open(f"{self._place}/{digest[:2]}/{digest}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            try:
                while count := os.readv(descriptor, (buffer,)):
                    hasher.update(buffer[:count])
                    self.bytes += count
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            return  # it went while this looked; completeness says whether it should have
        except OSError as error:
            reason = f"It cannot be read: {error.strerror}."
            self.findings.append(Finding(f"objects/{digest[:2]}/{digest}", reason, _HEAL))
            return
        if hasher.hexdigest() != digest:
            self.findings.append(Finding(f"objects/{digest[:2]}/{digest}",
                                         "Its bytes were changed: they no longer have this SHA-256.", _HEAL))

    def _is_barred(self, digest: Digest) -> bool:
        return f"objects/{digest[:2]}" in self._barred or f"objects/{digest[:2]}/{digest}" in self._barred

    def _sizes(self) -> tuple[dict[Digest, int | None], list[Finding]]:
        """Every object's size in bytes, None where it must not be looked at or went; and what is no object."""
        here: dict[Digest, int | None] = {}
        strangers: list[Finding] = []
        for folder in sorted(self._folder.iterdir()):
            if f"objects/{folder.name}" in self._barred:
                here.update(dict.fromkeys(filter(is_digest, os.listdir(folder))) if folder.is_dir() else {})
                continue
            if not folder.is_dir():
                strangers.append(_stranger(f"objects/{folder.name}"))
                continue
            with os.scandir(folder) as listing:
                for entry in sorted(listing, key=lambda one: one.name):
                    digest = entry.name
                    is_barred = bool(self._barred) and f"objects/{folder.name}/{digest}" in self._barred
                    is_in_place = is_digest(digest) and digest.startswith(folder.name)
                    is_file = not is_barred and is_in_place and entry.is_file()
                    if is_in_place:
                        here[digest] = _size_of(entry) if is_file else None
                    if not is_file and not is_barred:
                        strangers.append(_stranger(f"objects/{folder.name}/{digest}"))
        return here, strangers


def _size_of(entry: os.DirEntry[str]) -> int | None:
    try:
        return entry.stat().st_size
    except FileNotFoundError:
        return None  # it went while this looked


def _stranger(item: str) -> Finding:
    return Finding(item, "This is not one of the archive's files.", "Move it away; nothing of the archive needs it.")
