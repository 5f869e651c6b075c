"""What a passphrase closes and opens: age files with scrypt (https://age-encryption.org/v1), as ``age -p`` writes them."""

from __future__ import annotations

from typing import Final

from unburnt.base.errors import UnburntError, WrongPassphrase

_TRIES: Final = 5
_TOO_MUCH_WORK: Final = "Excessive work"


def close(data: bytes, passphrase: str, *, armored: bool = False) -> bytes:
    """The age file; *armored* as text."""
    import pyrage  # type: ignore[import-untyped]  # a Rust module without stubs; loaded where there is a passphrase

    return bytes(pyrage.passphrase.encrypt(data, passphrase, armored=armored))


def unlock(untrusted: bytes, passphrase: str, what: str) -> bytes:
    """What the age file holds; *what* names it in errors ("the key").

    The library times this machine first, and refuses a file that would take it longer than 16 seconds or so. A moment
    in which the machine has no time for us makes it refuse files of our own, so it is asked again.

    Raises :class:`WrongPassphrase`; :class:`UnburntError` where the file wants more work than is sensible.
    """
    import pyrage

    for left in reversed(range(_TRIES)):
        try:
            return bytes(pyrage.passphrase.decrypt(untrusted, passphrase))
        except pyrage.DecryptError as error:
            if _TOO_MUCH_WORK not in str(error):
                raise WrongPassphrase(f"The passphrase does not open {what}, or its file is damaged.") from error
            if not left:
                raise UnburntError(
                    f"The file of {what} asks for more work than this machine can do now, so the passphrase was not tried.",
                    remedy="Try again when the machine has less to do; if that does not help, somebody changed the file.",
                ) from error
    raise AssertionError("the last try returns or raises")
