"""Healing what only strangers could give: countersignatures, timestamps, and the keys and roots that show them true.

A copy may have been tampered with, so a root or a witness's key comes from it only where the archive is known to have
had just that one: its damaged file has the name, or something that the archive holds was signed under it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cryptography import x509

from unburnt.base.errors import UnburntError
from unburnt.flow.copy_sealed import announced, countersignatures, is_signed, known_keys, signed_size
from unburnt.flow.vouched_files import MOST, is_sound, joined_checkpoint, names_of, vkeys_of
from unburnt.model.audit import Finding
from unburnt.vault.layout import Layout
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.note import BadNote, Note, Signature, Verifier, parse_note
from unburnt.vault.log.roots import read_roots
from unburnt.vault.log.strict import decimal
from unburnt.vault.log.tiles import read_at_most
from unburnt.vault.log.timestamp import requested, verify

_STRANGE = "If you know it to be the archive's, give it to the archive yourself."


class Vouched:
    """What of the copy's ``log/`` the archive may have: each kind gives (name below ``log/``, bytes), to be put there."""

    def __init__(self, layout: Layout, copy: Layout) -> None:
        self._layout, self._ours, self._theirs = layout, layout.log, copy.log
        self._copy = copy
        self._kept = Kept(layout.log, layout.tmp)
        self.left: list[Finding] = []
        """What the copy has and was not taken."""

    def keys(self) -> Iterator[tuple[str, bytes]]:
        """``key.pub``, where the archive's own is lost or damaged, and its events name all keys of the copy's."""
        data = _read(self._theirs / "key.pub")
        if is_sound("key.pub", _read(self._ours / "key.pub")) or not is_sound("key.pub", data):
            return
        if set(vkeys_of(data)) <= set(announced(self._layout)):
            yield "key.pub", data
        else:
            self._leave("key.pub", "It names a key that no event of this archive names.")

    def witnesses(self) -> Iterator[tuple[str, bytes]]:
        """``witnesses``, with the keys that countersigned a checkpoint which the archive kept, or that its events name."""
        known, theirs = (vkeys_of(_read(log / "witnesses")) for log in (self._ours, self._theirs))
        notes = []
        for size in Kept(self._layout.log, self._layout.tmp).sizes():
            with suppress(UnburntError):
                notes.append(self._kept.note(size))
        sealed = signed_size(self._layout, known_keys(self._layout, self._copy))
        named = {one.witness for one in countersignatures(self._layout, sealed)}
        back = []
        for key in theirs:
            if key not in known:
                if key.vkey in named or any(note is not None and is_signed(note, [key]) for note in notes):
                    back.append(key)
                else:
                    self._leave("witnesses", f"Nothing in this archive was countersigned by {key.name}.")
        if back:
            yield "witnesses", "".join(f"{key.vkey}\n" for key in (*known, *back)).encode()

    def checkpoints(self, most: int) -> Iterator[tuple[str, bytes]]:
        """Kept checkpoints that a key of the archive signed."""
        keys = known_keys(self._layout, self._copy)
        yield from self._with_more_signatures(keys)
        for name, data in self._lacking("checkpoints", most):
            if is_signed(parse_note(data), keys):
                yield name, data
            else:
                self._leave(name, "No key of this archive signed it.")

    def _with_more_signatures(self, keys: list[Verifier]) -> Iterator[tuple[str, bytes]]:
        """Kept checkpoints with the countersignatures that the copy has of the archive's own witnesses."""
        witnesses = vkeys_of(_read(self._ours / "witnesses"))
        for name in names_of(self._ours, "checkpoints"):
            ours, theirs = _read(self._ours / name), _read(self._theirs / name)
            with suppress(UnburntError):
                note = parse_note(theirs)
                theirs = Note(note.text, tuple(
                    one for key in (*keys, *witnesses) if (one := _true(key, note)) is not None)).encode()
                if (joined := joined_checkpoint(ours, theirs, [*keys, *witnesses])) != ours:
                    yield name, joined

    def roots(self) -> Iterator[tuple[str, bytes]]:
        """Roots whose own file is damaged, and lost ones under which a timestamp that the archive holds was made."""
        for name, data in self._lacking("roots"):
            if (self._ours / name).exists() or self._was_ours(data):
                yield name, data
            else:
                self._leave(name, "This archive is not known to have had that root of a timestamp authority.")

    def timestamps(self, most: int) -> Iterator[tuple[str, bytes]]:
        """Timestamps whose own file is damaged, and lost ones that the archive's own roots show true; and requests."""
        anchors = [one for path in (self._ours / "roots").glob("*.pem") for one in _anchors(_read(path))]
        for name, data in self._lacking("timestamps", most):
            if (self._ours / name).exists() or self._answers(name, data, anchors):
                yield name, data
            else:
                self._leave(name, "No root that this archive pinned shows that it is true.")

    def damaged(self) -> Iterator[Finding]:
        """What is still not as its name says, or not there."""
        if not (self._ours / "key.pub").exists() and (self._ours / "checkpoint").exists():
            yield Finding("log/key.pub", "It is lost, and the copy has none that belongs to this archive.", "Try another copy.")
        for kind in ("key.pub", "witnesses", "checkpoints", "timestamps", "roots"):
            for name in names_of(self._ours, kind):
                if not is_sound(name, _read(self._ours / name)):
                    yield Finding(f"log/{name}", "It is damaged, and the copy has no good one that belongs to this archive.",
                                  "Try another copy.")

    def _lacking(self, kind: str, most: int | None = None) -> Iterator[tuple[str, bytes]]:
        """Whole files of the copy that are lost or damaged here."""
        for name in names_of(self._theirs, kind):
            data = _read(self._theirs / name)
            if not is_sound(name, data) or is_sound(name, _read(self._ours / name)):
                continue
            if most is None or (decimal(name.split("/")[1]) or 0) <= most:
                yield name, data

    def _was_ours(self, untrusted_root: bytes) -> bool:
        return any(self._answers(name, _read(self._ours / name), _anchors(untrusted_root))
                   for name in names_of(self._ours, "timestamps") if name.endswith(".tsr"))

    def _answers(self, name: str, untrusted: bytes, anchors: list[x509.Certificate]) -> bool:
        """Whether a timestamp, or a request for one, is over the checkpoint that the archive kept."""
        try:
            note = self._kept.note(int(name.split("/")[1]))
            if note is None:
                return False
            if name.endswith(".tsq"):
                return requested(untrusted).imprint == hashlib.sha256(note.text.encode()).digest()
            verify(untrusted, note.text, anchors)
        except (UnburntError, ValueError):
            return False
        return True

    def _leave(self, name: str, why: str) -> None:
        self.left.append(Finding(f"log/{name}", f"The copy's was not taken. {why}", _STRANGE))


def _true(key: Verifier, note: Note) -> Signature | None:
    with suppress(BadNote):
        return key.verified(note)
    return None


def _anchors(untrusted: bytes) -> list[x509.Certificate]:
    with suppress(UnburntError):
        return list(read_roots(untrusted).anchors)
    return []


def _read(path: Path) -> bytes:
    return read_at_most(path, MOST) or b""
