"""Passwords that opened files, kept for re-reading: one age file with a passphrase (scrypt), outside the archive.

The format is age (https://age-encryption.org/v1): ``age -d FILE`` shows the list as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from unburnt.base.errors import UnburntError
from unburnt.vault import passphrases
from unburnt.vault.durable import disk_errors, replace_file


class Keyring:
    """The keyring file at *path*; it needs not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether a keyring was made."""
        return self.path.is_file()

    def unlock(self, passphrase: str) -> list[str]:
        """The passwords, in the order they were added; raises :class:`WrongPassphrase`."""
        if not self.exists():
            return []
        with disk_errors("reading the keyring"):
            sealed = self.path.read_bytes()
        try:
            return msgspec.json.decode(passphrases.unlock(sealed, passphrase, "the keyring"), type=list[str])
        except msgspec.DecodeError as error:
            raise UnburntError("The keyring was opened but holds no list of passwords.") from error

    def add(self, passphrase: str, passwords: Iterable[str]) -> None:
        """Add passwords not yet there; the first call sets the passphrase. Raises :class:`WrongPassphrase`."""
        if not passphrase:
            raise UnburntError("A keyring needs a passphrase.")
        together = list(dict.fromkeys([*self.unlock(passphrase), *passwords]))
        sealed = passphrases.close(msgspec.json.encode(together), passphrase)
        with disk_errors("writing the keyring"):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self.path, sealed)
