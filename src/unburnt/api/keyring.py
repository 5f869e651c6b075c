"""Passwords kept for a later re-reading: one file of the user's, sealed with a passphrase, outside every archive."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from unburnt.base.settings import config_folder
from unburnt.vault.keyring import Keyring


def keyring_path() -> Path:
    """Where the keyring is (``keyring.age`` among the user's settings); deleting it forgets every password."""
    return config_folder() / "keyring.age"


def keyring_exists() -> bool:
    """Whether there is one yet."""
    return _keyring().exists()


def kept_passwords(passphrase: str) -> list[str]:
    """What is kept, in the order it was added; raises :class:`WrongPassphrase`."""
    return _keyring().unlock(passphrase)


def keep_passwords(passphrase: str, passwords: Iterable[str]) -> None:
    """Add *passwords*; the first call makes the keyring under *passphrase*. Raises :class:`WrongPassphrase`."""
    _keyring().add(passphrase, passwords)


def _keyring() -> Keyring:
    return Keyring(keyring_path())
