"""A private key on disk: the first line is its public key (vkey), the rest PEM, or age where a passphrase protects it.

``openssl pkey -in FILE`` and ``tail -n +2 FILE | age -d`` read it. The file has mode 0600, in a folder of 0700.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unburnt.base.errors import NotFound, UnburntError, WrongPassphrase
from unburnt.vault import passphrases
from unburnt.vault.durable import FILE_MODE, disk_errors, replace_file
from unburnt.vault.log.note import BadNote, Verifier

MAX_BYTES = 64 << 10
_AGE = b"-----BEGIN AGE ENCRYPTED FILE-----"
_PEM = b"-----BEGIN PRIVATE KEY-----"


class BadKeyFile(UnburntError):
    """A file that should hold a private key is damaged, or is of another kind."""


class KeyExposed(UnburntError):
    """Other users of this machine can read an unprotected private key."""


class KeyFile(msgspec.Struct, frozen=True):
    """What a key's file holds: the public key, and the private one still closed where *encrypted*."""

    verifier: Verifier
    body: bytes

    @property
    def encrypted(self) -> bool:
        """Whether a passphrase protects it."""
        return self.body.startswith(_AGE)

    def encode(self) -> bytes:
        """The file's content."""
        return self.verifier.vkey.encode() + b"\n" + self.body

    def private(self, passphrase: str | None = None) -> Ed25519PrivateKey:
        """The private key; raises :class:`WrongPassphrase`, :class:`BadKeyFile`."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import (
            load_pem_private_key,  # dear to load; public keys do without
        )

        pem = self._opened(passphrase) if self.encrypted else self.body
        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _damaged() from error
        if not isinstance(key, Ed25519PrivateKey) or key.public_key().public_bytes_raw() != self.verifier.public:
            raise _damaged()
        return key

    def _opened(self, passphrase: str | None) -> bytes:
        if not passphrase:
            raise WrongPassphrase(
                "A passphrase protects the key, and none was given.", remedy="Give it with --passphrase-file.",
            )
        return passphrases.unlock(self.body, passphrase, "the key")


def closed(verifier: Verifier, private: Ed25519PrivateKey, passphrase: str | None) -> KeyFile:
    """The file for a key; encrypted (age, scrypt) with a *passphrase*, plain without."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if not passphrase:
        return KeyFile(verifier, pem)
    return KeyFile(verifier, passphrases.close(pem, passphrase, armored=True))


def parse_key_file(untrusted: bytes) -> KeyFile:
    """The key that a file's content gives; raises :class:`BadKeyFile`."""
    line, newline, body = untrusted.partition(b"\n")
    if len(untrusted) > MAX_BYTES or not newline or not body.startswith((_AGE, _PEM)):
        raise _damaged()
    try:
        return KeyFile(Verifier.parse(line.decode()), body)
    except (BadNote, UnicodeDecodeError) as error:
        raise _damaged() from error


def read_key_file(path: Path) -> KeyFile:
    """The key in *path*; raises :class:`NotFound`, :class:`KeyExposed`, :class:`BadKeyFile`."""
    with disk_errors("reading a key"):
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                content = file.read(MAX_BYTES + 1)
        except FileNotFoundError as error:
            raise NotFound("There is no such key on this machine.") from error
    found = parse_key_file(content)
    if mode & 0o077 and not found.encrypted:
        raise KeyExposed(
            "Other users of this machine can read this archive's private key, and no passphrase protects it.",
            remedy=f"Take the right away (chmod 600 {path}); if somebody may have read it, change the key.",
        )
    return found


def write_key_file(path: Path, key: KeyFile) -> None:
    """Put the key in place (mode 0600), whole or not at all."""
    with disk_errors("writing a key"):
        replace_file(path, key.encode())


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold *folder*, made with mode 0700 where it is missing, for one process; another one waits."""
    with disk_errors("opening the folder of keys"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        with disk_errors("locking a key"):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _damaged() -> BadKeyFile:
    return BadKeyFile(
        "The file of this key is damaged or of another kind.",
        remedy="Put it back from the copy that `unburnt key export` made.",
    )
