"""Checking the kept copies of members: each must have the bytes that its name says, since they are shown and read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from unburnt.base.digests import CHUNK, is_digest
from unburnt.model.audit import Check, Finding
from unburnt.vault.layout import Layout

_AGAIN = "Remove the file: the member is had again from its container."


class MembersAudit:
    """Hashes ``derived/members/`` again, all or a random share of it. A keeper may drop any of them meanwhile."""

    def __init__(self, layout: Layout) -> None:
        self._folder = layout.derived / "members"
        self._findings: list[Finding] = []

    def run(self, sample: float = 1.0) -> Check:
        """Hash a *sample* (a share up to 1) of them."""
        paths = sorted(path for path in self._folder.glob("??/*") if is_digest(path.name))
        if sample < 1 and paths:
            from random import SystemRandom  # only for a sample

            paths = SystemRandom().sample(paths, max(1, round(sample * len(paths))))
        looked_at = sum(self._hash(path) for path in paths)
        return Check(name="members", looked_at=looked_at, unit="kept copies of members", findings=tuple(self._findings))

    def _hash(self, path: Path) -> bool:
        hasher = hashlib.sha256()
        item = f"derived/members/{path.parent.name}/{path.name}"
        try:
            with path.open("rb") as file:
                while data := file.read(CHUNK):
                    hasher.update(data)
        except FileNotFoundError:
            return False
        except OSError as error:
            self._findings.append(Finding(item, f"It cannot be read: {error.strerror}.", _AGAIN))
            return True
        if hasher.hexdigest() != path.name or not path.name.startswith(path.parent.name):
            self._findings.append(Finding(item, "Its bytes were changed: they no longer have this SHA-256.", _AGAIN))
        return True
