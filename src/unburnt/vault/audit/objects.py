"""Checking the originals: every byte hashed again, and completeness both ways."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable

from unburnt.base.digests import Digest, is_digest
from unburnt.model.audit import Check, Finding
from unburnt.vault.audit.events import Named
from unburnt.vault.audit.hashing import GONE, hash_original, new_buffer
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects

_HEAL = "Heal it from a copy: unburnt repair --from COPY."


class ObjectsAudit:
    """Hashes originals again. May stop after any object and go on with the rest another time."""

    def __init__(self, layout: Layout, barred: Collection[str] = ()) -> None:
        """*barred* are paths within the archive that must not be opened; see :class:`Walk`."""
        self._folder = layout.objects
        self.place = os.fspath(layout.objects)
        self._barred = barred
        self._objects = Objects(layout)
        self._sizes: dict[Digest, int] = {}
        self.looked_at = 0
        self.bytes = 0
        self.findings: list[Finding] = []

    def hash_all(self, digests: Iterable[Digest], done: Callable[[Digest], None] = lambda digest: None) -> None:
        """Hash each object here and compare with its name; *done* is told after each."""
        buffer = new_buffer()
        for digest in digests:
            self.take(digest, *hash_original(self.place, digest, buffer))
            done(digest)

    def take(self, digest: Digest, size: int, problem: str | None) -> None:
        """What hashing an object showed; see :func:`hash_original`."""
        self.looked_at += 1
        if size != GONE:
            self.bytes += size
            self._sizes[digest] = size
        if problem is not None:
            self.findings.append(Finding(f"objects/{digest[:2]}/{digest}", problem, _HEAL))
        # One that went while this looked is no finding here: completeness says whether it should have gone.

    def check(self) -> Check:
        """What the bytes showed."""
        return Check(name="originals", looked_at=self.looked_at, unit="files", findings=tuple(self.findings))

    def completeness(self, named: Named) -> Check:
        """No object without its event, no event without its object unless an event erased it. Sizes are compared.

        What came or went while this looks, as a keeper at work has it, is looked at once more before it counts.
        """
        here, strangers = self._listed()
        findings: list[Finding] = []
        for digest in _doubtful(here, named):
            found = here[digest]
            if found is None:
                continue
            if digest in named.erased:
                findings.append(Finding(f"objects/{digest[:2]}/{digest}",
                                        f"Event {named.erased[digest]} says that it was erased, and it is here.",
                                        "Start the archive once (unburnt add): it finishes what was interrupted."))
            elif digest not in named.objects:
                findings.append(Finding(f"objects/{digest[:2]}/{digest}", "No event names this file.",
                                        "It is kept. If its bytes are those of its name, unburnt rebuild adopts it with an event."))
            elif (size := named.objects[digest][1]) and size != str(found):
                findings.append(Finding(f"objects/{digest[:2]}/{digest}", f"It does not have the {size} bytes that "
                                        f"event {named.objects[digest][0]} gives.", _HEAL))
        findings = [*strangers, *sorted(findings, key=lambda one: one.item)]
        missing = named.objects.keys() - here.keys() - named.erased.keys()
        for digest in sorted(missing, key=lambda one: named.objects[one][0]):
            if not self._objects.path(digest).is_file():
                doubted = f" Event {named.doubted[digest]}, which is not sealed, says that it was erased." \
                    if digest in named.doubted else ""
                findings.append(Finding(f"objects/{digest[:2]}/{digest}",
                                        f"Event {named.objects[digest][0]} names this file, and it is not here.{doubted}", _HEAL))
        erased = len(named.erased)
        notes = (f"{erased} contents were erased, as events say.",) if erased else ()
        return Check(name="completeness", looked_at=len(named.objects), unit="contents that events name",
                     findings=tuple(findings), notes=notes)

    def _listed(self) -> tuple[dict[Digest, int | None], list[Finding]]:
        """Every object's size in bytes, None where it must not be looked at or went; and what is no object."""
        here: dict[Digest, int | None] = {}
        strangers: list[Finding] = []
        for name in sorted(os.listdir(self._folder)):
            folder = f"{self.place}/{name}"
            if f"objects/{name}" in self._barred:
                here.update(dict.fromkeys(filter(is_digest, os.listdir(folder))) if os.path.isdir(folder) else {})
                continue
            if not os.path.isdir(folder):
                strangers.append(_stranger(f"objects/{name}"))
                continue
            with os.scandir(folder) as listing:
                unknown = []
                for entry in listing:
                    size = self._sizes.get(entry.name)
                    if size is not None and entry.name.startswith(name) and entry.is_file(follow_symlinks=False):
                        here[entry.name] = size
                    else:
                        unknown.append(entry)
                for entry in sorted(unknown, key=lambda one: one.name):
                    self._look_at(name, entry, here, strangers)
        return here, strangers

    def _look_at(
        self, folder: str, entry: os.DirEntry[str], here: dict[Digest, int | None], strangers: list[Finding]
    ) -> None:
        """One that was not hashed by this run."""
        digest = entry.name
        is_barred = bool(self._barred) and f"objects/{folder}/{digest}" in self._barred
        is_in_place = is_digest(digest) and digest.startswith(folder)
        is_file = not is_barred and is_in_place and entry.is_file()
        if is_in_place:
            here[digest] = _size_of(entry) if is_file else None
        if not is_file and not is_barred:
            strangers.append(_stranger(f"objects/{folder}/{digest}"))


def _doubtful(here: dict[Digest, int | None], named: Named) -> set[Digest]:
    """Objects that an event says were erased, that none names, or that have another size than their event gives."""
    other = {digest for digest, (_, size) in named.objects.items() if size and size != str(here.get(digest, size))}
    return here.keys() & (named.erased.keys() | other) | here.keys() - named.objects.keys()


def _size_of(entry: os.DirEntry[str]) -> int | None:
    try:
        return entry.stat().st_size
    except FileNotFoundError:
        return None  # it went while this looked


def _stranger(item: str) -> Finding:
    return Finding(item, "This is not one of the archive's files.", "Move it away; nothing of the archive needs it.")
