"""A witness: a colleague's machine that countersigns checkpoints, each only if the log grew from the one before.

It follows C2SP tlog-witness, by file instead of HTTP. For every log it remembers the last checkpoint it signed, in
``<keys>/witness/logs/<sha256 of the log's name>/``, and renews that memory before an answer leaves.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unburnt.base.errors import NotFound, UnburntError, UsageError
from unburnt.base.settings import keys_folder
from unburnt.vault.durable import disk_errors, flush_directory, make_directory, replace_file
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.cosignature import Cosigner
from unburnt.vault.log.guard import SIGNED, last_signed, remember
from unburnt.vault.log.keyfile import KeyFile, closed, locked, read_key_file, write_key_file
from unburnt.vault.log.merkle import EMPTY_ROOT, BadProof, verify_consistency
from unburnt.vault.log.note import ED25519, BadNote, Note, Signature, Verifier, is_key_name
from unburnt.vault.log.rotation import RotationStatement, newest_key
from unburnt.vault.log.tiles import read_at_most
from unburnt.vault.log.witness_files import WitnessRequest, encode_answer, parse_request

_MAX_VKEY = 4 << 10
_FOLDER = re.compile(r"[0-9a-f]{64}\Z")


class WitnessRefused(UnburntError):
    """This witness does not countersign; what it remembers is unchanged."""

    exit_code = 3


class UnknownLog(WitnessRefused):
    """Nobody told this witness the log's key."""


class WrongLogKey(WitnessRefused):
    """The checkpoint is not signed by the key that was pinned for its log."""


class DamagedPin(WrongLogKey):
    """The file that holds a log's pinned key is missing or damaged."""


class WentBackwards(WitnessRefused):
    """The checkpoint is older than one that this witness has signed."""


class OldSizeDiffers(WitnessRefused):
    """The proof does not begin where this witness stands; *size* is what it signed last."""

    def __init__(self, message: str, *, size: int, remedy: str) -> None:
        super().__init__(message, remedy=remedy)
        self.size = size


class NotGrown(WitnessRefused):
    """The request does not prove that the log grew from what this witness has signed; a *report* was kept."""

    def __init__(self, message: str, *, report: Path, remedy: str) -> None:
        super().__init__(message, remedy=remedy)
        self.report = report


class ForkFound(NotGrown):
    """Two different logs of one size, both signed with the log's key: proof of a fork."""


class Watched(msgspec.Struct, frozen=True):
    """A log that the witness knows: its pinned key, and the *size* it signed last."""

    vkey: str
    size: int


class Witness:
    """A witness's own key and memory in *folder* (default: ``witness`` among the user's keys)."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or keys_folder() / "witness"

    def exists(self) -> bool:
        """Whether this machine has a witness's key."""
        return (self._folder / "key").is_file()

    def create(self, name: str | None = None, passphrase: str | None = None) -> Verifier:
        """Make the witness's key; a neutral *name* is chosen where none is given. Raises :class:`UnburntError`."""
        name = name or f"unburnt-witness/{secrets.token_hex(4)}"
        if not is_key_name(name):
            raise UsageError("A witness's name may hold no spaces, plus signs or control characters.")
        private = Ed25519PrivateKey.generate()
        verifier = Cosigner(name, private).verifier
        with locked(self._folder):
            if self.exists():
                raise UnburntError("This machine is a witness already.", remedy="Use the key it has.")
            write_key_file(self._folder / "key", closed(verifier, private, passphrase))
        return verifier

    @property
    def verifier(self) -> Verifier:
        """The witness's public key; needs no passphrase. Raises :class:`NotFound`."""
        return self._key().verifier

    def trust(
        self, vkey: str, passphrase: str | None = None, *, statements: tuple[RotationStatement, ...] = (),
        replace: bool = False,
    ) -> None:
        """Pin a log's key. The person has to have compared *vkey* with its owner another way.

        Another key than the pinned one is accepted where *statements* lead to it, or, knowingly, with *replace*.
        Where the pin is missing or damaged, the key is accepted that signed what this witness signed last. What was
        signed before stays binding, whatever became of the pin. Raises :class:`WrongLogKey`, :class:`BadNote`,
        :class:`MemoryLost`.
        """
        verifier = Verifier.parse(vkey)
        if verifier.kind != ED25519:
            raise WrongLogKey("This is not the key of an archive's log.")
        cosigner = self._cosigner(passphrase)
        folder = self._folder_of(verifier.name)
        with locked(folder):
            if (folder / "vkey").exists() or (folder / SIGNED).exists():
                if not replace:
                    _require_known(folder, verifier, statements)
            else:
                text = Checkpoint(verifier.name, 0, EMPTY_ROOT).text()
                remember(folder, Note(text, (cosigner.cosign(text, _now()),)))
            with disk_errors("pinning a log's key"):
                replace_file(folder / "vkey", f"{verifier.vkey}\n".encode())
                flush_directory(folder.parent)

    def sign(self, untrusted: bytes, passphrase: str | None = None) -> bytes:
        """Countersign a request; gives the answer, one signature line.

        Raises :class:`BadRequest`, :class:`UnknownLog`, :class:`WrongLogKey`, :class:`WentBackwards`,
        :class:`OldSizeDiffers`, :class:`NotGrown`, :class:`ForkFound`, :class:`MemoryLost`. The request that was
        answered last may come again: it is answered again, as if it came with that size as the old one.
        """
        request, head = parse_request(untrusted)
        folder = self._folder_of(head.origin)
        if not (folder / "vkey").exists():
            raise UnknownLog(
                "This witness does not know the log that it is asked to sign.",
                remedy="Ask the archive's owner for its key, another way than with this file, and pin it (--trust).",
            )
        cosigner = self._cosigner(passphrase)
        with locked(folder):
            key = _pinned(folder)
            log_signature = _verified(key, request.note)
            before = last_signed(folder)
            if before.text != request.note.text:
                _require_growth(folder, key, before, request, head)
            signature = cosigner.cosign(request.note.text, _now())
            remember(folder, Note(request.note.text, (log_signature, signature)))
        return encode_answer(signature)

    def watched(self) -> list[Watched]:
        """The logs that this witness knows."""
        logs = self._folder / "logs"
        folders = sorted(path for path in logs.iterdir() if _FOLDER.match(path.name)) if logs.is_dir() else []
        return [
            Watched(_pinned(folder).vkey, Checkpoint.parse(last_signed(folder).text).size)
            for folder in folders if (folder / "vkey").exists()
        ]

    def _key(self) -> KeyFile:
        try:
            return read_key_file(self._folder / "key")
        except NotFound as error:
            raise NotFound("This machine has no witness's key yet.", remedy="Make one first.") from error

    def _cosigner(self, passphrase: str | None) -> Cosigner:
        key = self._key()
        return Cosigner(key.verifier.name, key.private(passphrase))

    def _folder_of(self, origin: str) -> Path:
        return self._folder / "logs" / hashlib.sha256(origin.encode()).hexdigest()


def _now() -> int:
    return int(time.time())


def _require_known(folder: Path, verifier: Verifier, statements: tuple[RotationStatement, ...]) -> None:
    """That *verifier* is the log's key that is pinned, or that follows it; without a pin, that signed last."""
    try:
        pinned = _pinned(folder)
        known = verifier == pinned or newest_key(pinned, statements) == verifier
    except DamagedPin:
        before = last_signed(folder)
        known = Checkpoint.parse(before.text).size == 0 or verifier.verified(before) is not None
    if not known:
        raise WrongLogKey(
            "Another key is pinned for this log, or signed what this witness signed last.",
            remedy="Ask for the statement by which the old key handed over, or, if it was lost, compare the new key "
            "with its owner another way.",
        )


def _pinned(folder: Path) -> Verifier:
    untrusted = read_at_most(folder / "vkey", _MAX_VKEY) or b""
    try:
        return Verifier.parse(untrusted.decode().removesuffix("\n"))
    except (BadNote, UnicodeDecodeError) as error:
        raise DamagedPin(
            "The key that was pinned for this log is damaged.",
            remedy="Pin it again (--trust), as its owner tells you. What was signed is remembered.",
        ) from error


def _verified(key: Verifier, note: Note) -> Signature:
    try:
        signature = key.verified(note)
    except BadNote as error:
        raise WrongLogKey("The checkpoint's signature is wrong: it was changed on the way, or forged.") from error
    if signature is None:
        raise WrongLogKey(
            "The checkpoint is not signed by the key that was pinned for this log.",
            remedy="If the archive's key was changed, ask for the statement about that and pin the new one.",
        )
    return signature


def _require_growth(folder: Path, key: Verifier, note: Note, request: WitnessRequest, head: Checkpoint) -> None:
    before = Checkpoint.parse(note.text)
    if head.size == before.size:
        report = _keep_evidence(folder, key, note, request, _FORK)
        raise ForkFound(
            f"This log was forked: there are two different ones of {head.size} events, both signed with its key.",
            report=report, remedy=f"Keep {report}: it proves the fork, whoever made it. Ask the archive's owner.",
        )
    if head.size < before.size:
        raise WentBackwards(
            f"This witness has signed {before.size} events of this log, and is now asked to sign {head.size}.",
            remedy="Look whether the file is an old one. If not, the archive was put back to an earlier state.",
        )
    if request.old != before.size:
        raise OldSizeDiffers(
            f"This witness signed {before.size} events last, and the request begins at {request.old}.",
            size=before.size, remedy=f"Make the request anew, from size {before.size}.",
        )
    try:
        verify_consistency(before.size, before.root, head.size, head.root, request.proof)
    except BadProof as error:
        report = _keep_evidence(folder, key, note, request, _NOT_GROWN)
        raise NotGrown(
            f"The request does not prove that the log grew from the {before.size} events that were signed.",
            report=report, remedy=f"The log may have been forked. Keep {report}, and ask the archive's owner for a "
            "proof between the two checkpoints in it.",
        ) from error


_FORK = (
    "Two checkpoints of one log, of the same size, with different roots, both signed with the log's key. A log that "
    "only grows cannot have both: it was forked, by whoever holds the key."
)
_NOT_GROWN = (
    "Two checkpoints of one log, both signed with its key. The later came without a proof that it grew from the "
    "earlier. If nobody can give such a proof, the log was forked, by whoever holds the key."
)


def _keep_evidence(folder: Path, key: Verifier, before: Note, request: WitnessRequest, what: str) -> Path:
    """Both signed checkpoints in one file, so that anyone can verify them with the log's key."""
    name = hashlib.sha256(request.note.text.encode()).hexdigest()[:16]
    path = folder / "forks" / f"{name}.txt"
    report = (
        f"{what}\n\nThe log's key: {key.vkey}\n\nSigned by this witness before:\n\n"
        f"{before.encode().decode()}\nRefused:\n\n{request.encode().decode()}"
    )
    with disk_errors("keeping a report"):
        make_directory(path.parent)
        replace_file(path, report.encode())
        flush_directory(folder)
    return path
