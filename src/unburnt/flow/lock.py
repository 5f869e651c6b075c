"""One keeper per archive: a lock that dies with its process (flock), with a note of who holds it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path

import msgspec

from unburnt.base.clock import now
from unburnt.base.errors import KeeperBusy, UnburntError
from unburnt.vault.durable import disk_error
from unburnt.vault.keeper_files import LOCK as _NAME

_LONGEST = 64 << 10


class Holder(msgspec.Struct, frozen=True):
    """Who keeps an archive. *clean* is set when a keeper ended in order."""

    pid: int
    since: str
    started: float
    clean: bool = False


class KeeperLock:
    """Held while open. Raises :class:`KeeperBusy`, naming the first keeper's pid and age."""

    def __init__(self, root: Path) -> None:
        try:
            self._descriptor = os.open(root / _NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UnburntError(f"The archive cannot be written: {_NAME} cannot be opened ({error.strerror}).",
                               remedy="Look whether it is a plain file of yours (unburnt doctor); else take it out.") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise _busy(holder(root)) from error
        before = holder(root)
        self.interrupted = before if before is not None and not before.clean else None
        """The keeper that ended without a farewell, if the last one did."""
        self.unfinished = False
        """Set where something failed half done: then this is no farewell, and the next keeper looks more closely."""
        self._holder = Holder(os.getpid(), now(), time.time())
        try:
            self._write(self._holder)
        except OSError as error:
            os.close(self._descriptor)
            raise disk_error(error, "becoming the keeper") from error

    def release(self) -> None:
        """End in order. Where even that cannot be written (a full disk), the next keeper looks more closely."""
        with contextlib.suppress(OSError):
            self._write(msgspec.structs.replace(self._holder, clean=not self.unfinished))
        os.close(self._descriptor)

    def _write(self, record: Holder) -> None:
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, msgspec.json.encode(record) + b"\n", 0)


def is_kept(root: Path) -> bool:
    """Whether a keeper seems to be at work; asked without touching the lock, which might keep one from starting."""
    record = holder(root)
    if record is None or record.clean:
        return False
    try:
        os.kill(record.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def holder(root: Path) -> Holder | None:
    """What the lock file says; it may speak of a dead keeper."""
    try:
        with open(root / _NAME, "rb", opener=_never_waiting) as file:
            return msgspec.json.decode(file.read(_LONGEST), type=Holder)
    except (OSError, msgspec.DecodeError):
        return None


def _never_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def _busy(first: Holder | None) -> KeeperBusy:
    if first is None:
        return KeeperBusy("Another process is this archive's keeper.", remedy="Wait for it to end.")
    age = max(0, int(time.time() - first.started))
    return KeeperBusy(
        f"Process {first.pid} has been this archive's keeper for {age} s.",
        remedy="Give it your commands (they go through it by themselves), or end it first.",
    )
