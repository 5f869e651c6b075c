"""Passwords for locked files: from a file, from the keyring, or typed; what ``open``, ``add`` and ``unlock`` share."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from unburnt.base.errors import UsageError
from unburnt.base.files import read_small


class Passwords:
    """What the options say; :meth:`given` asks and reads, once, when the command needs it."""

    def __init__(self, file: Path | None, *, keyring: bool, keep: bool, passphrase_file: Path | None) -> None:
        self._file = file
        self._keyring = keyring
        self._keep = keep
        self._passphrase_file = passphrase_file
        if passphrase_file is not None and not (keyring or keep):
            raise UsageError("--passphrase-file is for --keyring or --keep.")

    @property
    def come_from_somewhere(self) -> bool:
        """Whether a file or the keyring was named."""
        return self._file is not None or self._keyring

    def given(self, *typed: str) -> list[str]:
        """The passwords of the file, those *typed*, then those of the keyring; with ``--keep`` they are kept.

        Raises :class:`UsageError`, :class:`WrongPassphrase`.
        """
        passwords = [*typed, *_lines(self._file)]
        if not (self._keyring or self._keep):
            return passwords
        # Its cryptography is loaded only where a keyring is wanted.
        from unburnt.api.keyring import keep_passwords, kept_passwords, keyring_exists

        is_new = not keyring_exists()
        if is_new and not self._keep:
            raise UsageError("There is no keyring yet.", remedy="--keep makes one of the passwords you give.")
        passphrase = self._passphrase(is_new=is_new)
        kept = kept_passwords(passphrase)
        if self._keep:
            if not passwords:
                raise UsageError("There is no password to keep.", remedy="Give some with --password-file.")
            keep_passwords(passphrase, passwords)
        return list(dict.fromkeys([*passwords, *(kept if self._keyring else [])]))

    def _passphrase(self, *, is_new: bool) -> str:
        if self._passphrase_file is not None:
            lines = _lines(self._passphrase_file)
            if not lines:
                raise UsageError("The passphrase file is empty.")
            return lines[0]
        if not sys.stdin.isatty():
            raise UsageError("There is no terminal to ask for the passphrase at.", remedy="Use --passphrase-file FILE.")
        asked = "New passphrase for the keyring (not shown)" if is_new else "Passphrase of the keyring (not shown)"
        return str(click.prompt(asked, hide_input=True, confirmation_prompt=is_new, err=True))


def password_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--password-file``, ``--keyring``, ``--keep`` and ``--passphrase-file``; the command gets *passwords*."""

    @functools.wraps(command)
    def with_passwords(
        *arguments: Any, password_file: Path | None, keyring: bool, keep: bool, passphrase_file: Path | None,
        **named: Any,
    ) -> Any:
        passwords = Passwords(password_file, keyring=keyring, keep=keep, passphrase_file=passphrase_file)
        return command(*arguments, passwords=passwords, **named)

    file = click.Path(path_type=Path, dir_okay=False)
    for option in (
        click.option("--passphrase-file", type=file, metavar="FILE",
                     help="The keyring's passphrase, on the first line; else it is asked for."),
        click.option("--keep", is_flag=True,
                     help="Keep the passwords given now in your keyring, a file sealed with a passphrase."),
        click.option("--keyring", is_flag=True, help="Try also the passwords that your keyring keeps."),
        click.option("--password-file", type=file, metavar="FILE",
                     help="Passwords to try on locked files, one a line; never stored in the archive."),
    ):
        with_passwords = option(with_passwords)
    return with_passwords


def _lines(file: Path | None) -> list[str]:
    """One secret a line, as written but for the line's end; empty lines are none."""
    if file is None:
        return []
    text = read_small(file, pipe=True).decode("utf-8-sig", "replace")
    # Only the ends of lines that text files have: a password may hold any other control character.
    return [line for line in text.replace("\r\n", "\n").split("\n") if line]
