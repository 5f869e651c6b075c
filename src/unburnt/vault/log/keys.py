"""The keys that seal archives: one Ed25519 key an archive, outside it, in ``<keys>/<archive id>/``.

``key`` is the key, ``signed`` the last checkpoint it signed, ``next`` the key of a change under way, ``written`` which
events are not sealed yet. Whoever copies an archive does not get its key, and reading and checking an archive need none.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unburnt.base.errors import DamagedArchive, NotFound, UnburntError, UsageError
from unburnt.base.settings import keys_folder
from unburnt.vault import passphrases
from unburnt.vault.durable import disk_errors, flush_directory
from unburnt.vault.log.catalogues import Catalogues
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.guard import GuardedSigner, growth_in, last_signed, remember
from unburnt.vault.log.keyfile import BadKeyFile, KeyFile, closed, locked, parse_key_file, read_key_file, write_key_file
from unburnt.vault.log.merkle import EMPTY_ROOT
from unburnt.vault.log.note import BadNote, Note, Signer, Verifier, parse_note
from unburnt.vault.log.rotation import RotationStatement
from unburnt.vault.log.tiles import read_at_most
from unburnt.vault.log.written import Written

_ARCHIVE_ID = re.compile(r"[A-Za-z0-9-]{1,64}\Z")
_MAX_EXPORT = 256 << 10
MAX_PUBLIC = 64 << 10
"""Bytes of ``log/key.pub``."""


class KeyExists(UnburntError):
    """The archive has a key on this machine already; a key is never overwritten."""


class KeyMissing(NotFound):
    """The archive's key is not on this machine."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What may be told about a key. *signed* is the size of the last checkpoint it signed."""

    vkey: str
    encrypted: bool
    path: Path
    signed: int


class _Exported(msgspec.Struct, forbid_unknown_fields=True, tag="unburnt-key-1", tag_field="format"):
    key: str
    signed: str


def origin_of(archive_id: str) -> str:
    """The log's name, which is its key's name too."""
    if not _ARCHIVE_ID.match(archive_id):
        raise UsageError("An archive id has 1 to 64 letters, digits and hyphens.")
    return f"unburnt/{archive_id}"


def published(log: Path) -> list[str]:
    """The keys (vkeys) that an archive's ``log/key.pub`` lists, none verified; raises :class:`DamagedArchive`."""
    untrusted = read_at_most(log / "key.pub", MAX_PUBLIC + 1) or b""
    try:
        if len(untrusted) > MAX_PUBLIC:
            raise BadNote("The list of public keys is too long.")
        return [Verifier.parse(line).vkey for line in untrusted.decode().split()]
    except (BadNote, UnicodeDecodeError) as error:
        raise DamagedArchive(
            "The list of the archive's public keys (log/key.pub) is damaged.",
            remedy="Put it back from a copy of the archive (unburnt repair --from COPY), or take it away: the next start "
            "makes it again from the events.",
        ) from error


class Keys:
    """The folder of keys (default: ``$UNBURNT_KEYS``, else the platform's place for a user's data).

    Every method names an archive by its id. *log* is the archive's folder ``log/``: without it a key that has
    signed before can sign nothing larger.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._root = folder or keys_folder()

    def has(self, archive_id: str) -> bool:
        """Whether the archive's key is on this machine."""
        return (self._folder(archive_id) / "key").is_file()

    def create(self, archive_id: str, passphrase: str | None = None, *, log: Path | None = None) -> GuardedSigner:
        """Make the archive's key; raises :class:`KeyExists`. May be repeated after a crash."""
        origin, folder = origin_of(archive_id), self._folder(archive_id)
        private = Ed25519PrivateKey.generate()
        signer = Signer(origin, private)
        with locked(folder):
            if self.has(archive_id) or (folder / "signed").exists() and Checkpoint.parse(last_signed(folder).text).size:
                raise KeyExists(
                    "This archive has, or had, a key on this machine already.",
                    remedy="Use that key; if it is lost, `unburnt key rotate --lost` begins with a new one.",
                )
            text = Checkpoint(origin, 0, EMPTY_ROOT).text()
            remember(folder, Note(text, (signer.sign(text),)))  # first, so that no key is ever without its memory
            write_key_file(folder / "key", closed(signer.verifier, private, passphrase))
        with disk_errors("making a key"):
            flush_directory(folder.parent)
        return self._guarded(archive_id, private, log)

    def open(self, archive_id: str, passphrase: str | None = None, *, log: Path | None = None) -> GuardedSigner:
        """The archive's key, for signing. Raises :class:`KeyMissing`, :class:`WrongPassphrase`, :class:`BadKeyFile`,
        :class:`KeyExposed`.
        """
        return self._guarded(archive_id, self._read(archive_id).private(passphrase), log)

    def public(self, archive_id: str) -> Verifier:
        """The public part of the key on this machine. Raises :class:`KeyMissing`, :class:`BadKeyFile`."""
        return self._read(archive_id).verifier

    def show(self, archive_id: str) -> Shown:
        """What may be told about the key; needs no passphrase. Raises :class:`KeyMissing`, :class:`MemoryLost`."""
        key = self._read(archive_id)
        folder = self._folder(archive_id)
        signed = Checkpoint.parse(last_signed(folder).text).size
        return Shown(vkey=key.verifier.vkey, encrypted=key.encrypted, path=folder / "key", signed=signed)

    def written(self, archive_id: str) -> Written | None:
        """Which unsealed events the archive's keeper on this machine wrote; None where its key is not here."""
        return Written(self._folder(archive_id)) if self.has(archive_id) else None

    def catalogues(self, archive_id: str) -> Catalogues | None:
        """Which catalogues the archive's keeper on this machine left; None where its key is not here."""
        return Catalogues(self._folder(archive_id)) if self.has(archive_id) else None

    def last_signed(self, archive_id: str) -> Note:
        """The last checkpoint that the key signed; raises :class:`MemoryLost`."""
        return last_signed(self._folder(archive_id))

    def export_private(self, archive_id: str, passphrase: str | None, export_passphrase: str) -> bytes:
        """Key and memory for another machine, as an age file with *export_passphrase* (``age -d`` shows it)."""
        if not export_passphrase:
            raise UsageError("A private key is exported with a passphrase only.")
        with locked(self._folder(archive_id)):
            key = self._read(archive_id)
            plain = closed(key.verifier, key.private(passphrase), None)
            signed = last_signed(self._folder(archive_id)).encode().decode()
        bundle = msgspec.json.encode(_Exported(key=plain.encode().decode(), signed=signed))
        return passphrases.close(bundle, export_passphrase, armored=True)

    def import_private(
        self, archive_id: str, untrusted: bytes, export_passphrase: str, passphrase: str | None = None
    ) -> Verifier:
        """Take over an exported key. From then on only one machine may seal: two would make a fork.

        Raises :class:`KeyExists`, :class:`WrongPassphrase`, :class:`BadKeyFile`.
        """
        folder = self._folder(archive_id)
        self._require_none(archive_id)  # before the passphrase is tried, which takes its time
        key, signed = _unpacked(untrusted, export_passphrase)
        private = key.private()
        if key.verifier.name != origin_of(archive_id) or Checkpoint.parse(signed.text).origin != key.verifier.name:
            raise BadKeyFile("The exported key is another archive's.")
        with locked(folder):
            self._require_none(archive_id)
            if not (folder / "signed").exists() or _size(last_signed(folder)) < _size(signed):
                remember(folder, signed)  # an old export must not make this machine forget what it saw signed
            write_key_file(folder / "key", closed(key.verifier, private, passphrase))
        return key.verifier

    def rotate(
        self, archive_id: str, passphrase: str | None = None, new_passphrase: str | None = None
    ) -> RotationStatement:
        """Begin a change of keys: make the next key, and give the statement that both have signed.

        Log the statement, then call :meth:`finish_rotation`. Until then the old key signs; a repeated call gives
        the same statement again. A key under a passphrase is not followed by one without.
        """
        folder = self._folder(archive_id)
        with locked(folder):
            key = self._read(archive_id)
            old = Signer(origin_of(archive_id), key.private(passphrase))
            if key.encrypted and not new_passphrase:
                raise UsageError("A passphrase protects the key.", remedy="Give one for the new key, too.")
            new = self._next(archive_id, new_passphrase)
        return RotationStatement.handed_over(old, new)

    def rotate_lost(
        self, archive_id: str, old: Verifier, checkpoint: Note | None, new_passphrase: str | None = None
    ) -> RotationStatement:
        """Begin with a new key where the *old* one is lost: the statement says that the old one did not sign it.

        *checkpoint* is the archive's last one, which the new key's first one has to have grown from unless this
        machine remembers a later one. While a key's file is here :class:`KeyExists` is raised, since the change would
        destroy it: whoever forgot its passphrase has to move it away first, and may remember later.
        """
        origin, folder = origin_of(archive_id), self._folder(archive_id)
        if old.name != origin or checkpoint and Checkpoint.parse(checkpoint.text).origin != origin:
            raise UsageError("The key or the checkpoint is another archive's.")
        with locked(folder):
            if (folder / "key").exists():
                raise KeyExists(
                    "The key of this archive is not lost: it is on this machine.",
                    remedy="Change it without --lost, so that both keys sign. If its passphrase is forgotten, or the "
                    f"file is damaged, move {folder / 'key'} to a safe place first.",
                )
            new = self._next(archive_id, new_passphrase)
            if not (folder / "signed").exists():
                empty = Checkpoint(origin, 0, EMPTY_ROOT).text()
                remember(folder, checkpoint or Note(empty, (new.sign(empty),)))
        return RotationStatement.lost_key(old, new)

    def upcoming(self, archive_id: str) -> Verifier | None:
        """The next key of a change that was begun and not finished; None where there is none."""
        path = self._folder(archive_id) / "next"
        return read_key_file(path).verifier if path.exists() else None

    def finish_rotation(self, archive_id: str, statement: RotationStatement) -> None:
        """Put the new key in place of the old one, which is deleted. Does nothing when that was done before."""
        folder = self._folder(archive_id)
        with locked(folder):
            if self.has(archive_id) and self._read(archive_id).verifier == statement.new:
                return
            upcoming = read_key_file(folder / "next")
            if upcoming.verifier != statement.new:
                raise UsageError("The statement is about another change of keys than the one under way.")
            with disk_errors("changing the key"):
                (folder / "next").replace(folder / "key")
                flush_directory(folder)

    def _next(self, archive_id: str, passphrase: str | None) -> Signer:
        path = self._folder(archive_id) / "next"
        origin = origin_of(archive_id)
        if path.exists():
            return Signer(origin, read_key_file(path).private(passphrase))
        private = Ed25519PrivateKey.generate()
        signer = Signer(origin, private)
        write_key_file(path, closed(signer.verifier, private, passphrase))
        return signer

    def _require_none(self, archive_id: str) -> None:
        if self.has(archive_id):
            raise KeyExists("This archive has a key on this machine already.", remedy="Use that one.")

    def _read(self, archive_id: str) -> KeyFile:
        try:
            key = read_key_file(self._folder(archive_id) / "key")
        except NotFound as error:
            raise KeyMissing(
                "The key that seals this archive is not on this machine.",
                remedy="Import it from the machine that has it; if it is lost, `unburnt key rotate --lost`.",
            ) from error
        if key.verifier.name != origin_of(archive_id):
            raise BadKeyFile("The key in this archive's folder of keys is another archive's.")
        return key

    def _folder(self, archive_id: str) -> Path:
        origin_of(archive_id)
        return self._root / archive_id

    def _guarded(self, archive_id: str, private: Ed25519PrivateKey, log: Path | None) -> GuardedSigner:
        prove = growth_in(log) if log else None
        return GuardedSigner(origin_of(archive_id), private, self._folder(archive_id), prove)


def _size(note: Note) -> int:
    return Checkpoint.parse(note.text).size


def _unpacked(untrusted: bytes, passphrase: str) -> tuple[KeyFile, Note]:
    if len(untrusted) > _MAX_EXPORT:
        raise BadKeyFile("The file is larger than any exported key.")
    try:
        bundle = msgspec.json.decode(passphrases.unlock(untrusted, passphrase, "the exported key"), type=_Exported)
        signed = parse_note(bundle.signed.encode())
        Checkpoint.parse(signed.text)
    except (msgspec.DecodeError, BadNote) as error:
        raise BadKeyFile("The file was opened but holds no exported key.") from error
    return parse_key_file(bundle.key.encode()), signed
