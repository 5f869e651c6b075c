"""What strangers vouched for, on its way into a copy: it cannot be made again, so a damaged one replaces no good one.

The copy may be the only place that still holds a countersignature or a timestamp whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from unburnt.base.errors import UnburntError
from unburnt.flow.vouched_files import KINDS, MOST, is_sound, joined_checkpoint, names_of, vkeys_of
from unburnt.model.audit import Finding
from unburnt.vault.log.strict import decimal
from unburnt.vault.log.tiles import read_at_most

_HEAL = "The copy keeps its own. Heal the archive: unburnt repair --from COPY."


class VouchedCopy:
    """Compares the two folders ``log/`` file by file; *most* is the size of the checkpoint that is copied."""

    def __init__(self, ours: Path, theirs: Path, most: int) -> None:
        self._ours, self._theirs, self._most = ours, theirs, most
        self.findings: list[Finding] = []

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Name below ``log/`` and bytes of all that the copy is to get."""
        for kind in KINDS:
            ours, theirs = names_of(self._ours, kind), names_of(self._theirs, kind)
            for name in ours:
                size = decimal(name.split("/")[1]) if kind in ("checkpoints", "timestamps") else 0
                if (size or 0) <= self._most:  # else kept since we began to look
                    data = self._chosen(name, _read(self._ours / name), _read(self._theirs / name))
                    if data is not None:
                        yield name, data
            for name in sorted(set(theirs) - set(ours)):
                self._found(name, "The archive lacks it, and the copy has it.")

    def _chosen(self, name: str, ours: bytes, theirs: bytes) -> bytes | None:
        """What the copy is to have in place of *theirs*; None where that stays."""
        if ours == theirs:
            return None
        if not is_sound(name, theirs):
            return ours
        if not is_sound(name, ours):
            self._found(name, "It is damaged in the archive.")
            return None
        if name == "key.pub":
            return self._listed(name, ours, theirs, "keys")
        if name == "witnesses":
            return self._listed(name, ours, theirs, "witnesses")
        if name.startswith("checkpoints/"):
            return self._joined(name, ours, theirs)
        return None  # of one name, so of one content

    def _listed(self, name: str, ours: bytes, theirs: bytes, what: str) -> bytes | None:
        """A list that only grows."""
        here, there = vkeys_of(ours), vkeys_of(theirs)
        if here[:len(there)] == there:
            return ours
        self._found(name, f"It does not go on from the {what} that the copy lists.")
        return None

    def _joined(self, name: str, ours: bytes, theirs: bytes) -> bytes | None:
        keys = [key for log in (self._ours, self._theirs) for one in ("key.pub", "witnesses") for key in vkeys_of(_read(log / one))]
        with suppress(UnburntError):
            joined = joined_checkpoint(theirs, ours, keys)
            if joined_checkpoint(ours, theirs, keys) != ours:
                self._found(name, "The archive's lacks signatures that the copy's has.")
            return joined if joined != theirs else None
        self._found(name, "Archive and copy have different checkpoints of this size.")
        return None

    def _found(self, name: str, what: str) -> None:
        self.findings.append(Finding(f"log/{name}", what, _HEAL))


def _read(path: Path) -> bytes:
    return read_at_most(path, MOST) or b""
