"""One family of errors, each a sentence that a person can act on.

Every error that leaves the public surface derives from :class:`UnburntError`; a leaked
``ValueError`` is a bug. ``exit_code`` is what the command line ends with (DESIGN.md, section 8).
"""

from __future__ import annotations


class UnburntError(Exception):
    """What happened, to which item, and (as *remedy*) what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}" if self.remedy else self.message


class UsageError(UnburntError):
    """The command or call was not understood."""

    exit_code = 2


class QuerySyntaxError(UsageError):
    """A search query could not be read; *column* is the 1-based place, in code points."""

    def __init__(self, message: str, *, column: int, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.column = column


class NotFound(UnburntError):
    """No document, item, archive or derivation answers to that name."""


class Ambiguous(UnburntError):
    """A prefix or a path names more than one document."""


class FormatVersionError(UnburntError):
    """The archive was written in a format that this version does not know; never guessed."""


class DamagedArchive(UnburntError):
    """Something sealed is missing or differs from what the events say."""

    exit_code = 3


class ForeignLines(DamagedArchive):
    """Somebody else wrote to the events while this process was their only writer."""


class KeeperBusy(UnburntError):
    """Another process is this archive's keeper; the message names its pid and age."""


class KeeperGone(UnburntError):
    """The keeper stopped while it was asked something."""


class OutOfSpace(UnburntError):
    """The disk is full; what was received before is kept, and the next run goes on."""


class SandboxUnavailable(UnburntError):
    """This machine cannot lock parsers in, and nobody allowed running them unlocked."""


class WrongPassphrase(UnburntError):
    """The keyring's passphrase does not open it."""


class BadAnswer(UnburntError):
    """A sandboxed child answered something that is not of the agreed form."""
