"""What keeps a key from ever signing two histories: it remembers its last checkpoint and signs only what grew from it.

The memory stands beside the key, outside the archive, and is renewed *before* a signature leaves. So a crash can
lose a signature but never allow a second, different one; and an archive that was put back is noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unburnt.base.errors import UnburntError
from unburnt.vault.durable import disk_errors, make_directory, replace_file
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.keyfile import locked
from unburnt.vault.log.merkle import BadProof, consistency_ranges, verify_consistency
from unburnt.vault.log.note import MAX_NOTE_BYTES, Note, Signature, Signer, parse_note
from unburnt.vault.log.tiles import Tiles

SIGNED = "signed"

Prove = Callable[[int, int], list[bytes]]
"""Gives the hashes that prove a log of the second size to have grown from one of the first."""


class SigningRefused(UnburntError):
    """The key will not sign this checkpoint; nothing was changed."""

    exit_code = 3


class RolledBack(SigningRefused):
    """The archive is at an earlier state than its key has signed."""


class Forked(SigningRefused):
    """The archive's history differs from the one that its key has signed."""


class MemoryLost(SigningRefused):
    """What the key signed last is unknown: the file beside it is missing or damaged."""


class GuardedSigner(Signer):
    """An archive's key. :meth:`sign` signs checkpoints only, and only such as grew from the last one.

    *folder* holds the key's memory; *prove* gives proofs of consistency, see :func:`growth_in`.
    """

    def __init__(self, name: str, private: Ed25519PrivateKey, folder: Path, prove: Prove | None = None) -> None:
        super().__init__(name, private)
        self._folder = folder
        self._prove = prove

    def sign(self, text: str) -> Signature:
        """Sign a checkpoint's text.

        Raises :class:`RolledBack`, :class:`Forked`, :class:`MemoryLost`, and ``BadNote`` for other texts.
        """
        head = Checkpoint.parse(text)
        if head.origin != self.verifier.name:
            raise SigningRefused("This key is another archive's: it does not sign for this one.")
        with locked(self._folder):
            before = last_signed(self._folder)
            self._require_growth(before, head)
            signature = super().sign(text)
            note = Note(text, (signature,))
            if note != before:
                remember(self._folder, note)
        return signature

    def _require_growth(self, note: Note, head: Checkpoint) -> None:
        before = Checkpoint.parse(note.text)
        if head.size < before.size:
            raise RolledBack(
                f"This archive is older than what its key has signed: it has {head.size} events, "
                f"and {before.size} were signed. Nothing was signed now.",
                remedy=_what_to_do(_keep_evidence(self._folder, note, head)),
            )
        proof = self._proof(before.size, head.size)
        try:
            verify_consistency(before.size, before.root, head.size, head.root, proof)
        except BadProof as error:
            raise Forked(
                f"This archive's history is not the one that its key has signed: among its first {before.size} events "
                "are others than were signed. Nothing was signed now.",
                remedy=_what_to_do(_keep_evidence(self._folder, note, head)),
            ) from error

    def _proof(self, old: int, new: int) -> list[bytes]:
        if old in (0, new):
            return []
        if self._prove is None:
            raise SigningRefused("The key was opened without the log, so it cannot see that the log only grew.")
        return self._prove(old, new)


def growth_in(log: Path) -> Prove:
    """Proofs from the tiles in the folder *log*, of sizes whose tiles are written though no checkpoint counts them yet."""
    def prove(old: int, new: int) -> list[bytes]:
        tiles = Tiles(log, new)
        return [tiles.range_hash(*part) for part in consistency_ranges(old, new)]
    return prove


def last_signed(folder: Path) -> Note:
    """The last checkpoint that the key in *folder* signed; raises :class:`MemoryLost`."""
    try:
        with disk_errors("reading what was signed last"), (folder / SIGNED).open("rb") as file:
            note = parse_note(file.read(MAX_NOTE_BYTES + 1))
        Checkpoint.parse(note.text)
    except UnburntError as error:
        raise MemoryLost(
            "What this key signed last is not known: the file `signed` that belongs to it is missing or damaged.",
            remedy="Put it back from a copy of that folder. If there is none, copy the newest checkpoint that you are "
            f"sure it signed (an archive keeps its own as log/checkpoint) to {folder / SIGNED}.",
        ) from error
    return note


def remember(folder: Path, note: Note) -> None:
    """Make *note* the last checkpoint that the key in *folder* signed, durably."""
    with disk_errors("noting what is signed"):
        replace_file(folder / SIGNED, note.encode())


def _keep_evidence(folder: Path, signed: Note, head: Checkpoint) -> Path:
    text = head.text()
    path = folder / "refused" / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.txt"
    report = (
        "The key of this archive was asked to sign a checkpoint that did not grow from the last one it signed.\n\n"
        f"Signed last:\n\n{signed.encode().decode()}\nRefused, hence without a signature:\n\n{text}"
    )
    with disk_errors("keeping a report"):
        make_directory(path.parent)
        replace_file(path, report.encode())
    return path


def _what_to_do(report: Path) -> str:
    return (
        "It was put back from a copy, or a second copy is in use. Go on with the copy that holds the newer events, "
        "and keep this one unchanged if you did not do that yourself; both checkpoints were saved as evidence in "
        f"{report}. If the newer copy is lost for good, go on in a new archive: this one can still be read, "
        "searched and added to, but what is added is not sealed."
    )
