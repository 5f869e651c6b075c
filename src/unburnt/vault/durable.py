"""What "it is on disk" means here: flush, rename, flush the directory; and what to say when a disk refuses.

A flush per file costs 10-20 times one flush of the file system for a whole batch, so batches use
``syncfs(2)`` where there is one (Linux; it reports write errors since 5.8).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from unburnt.base.errors import OutOfSpace, UnburntError

DIRECTORY_MODE = 0o700
FILE_MODE = 0o600
OBJECT_MODE = 0o400

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_SYNCFS = frozenset({errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})


@contextmanager
def disk_errors(doing: str) -> Iterator[None]:
    """Turn an :class:`OSError` into a sentence: *doing* is what was under way, as in "writing events".

    Raises :class:`OutOfSpace` for a full disk, quota or size limit, else :class:`UnburntError`.
    """
    try:
        yield
    except OSError as error:
        raise disk_error(error, doing) from error


def disk_error(error: OSError, doing: str) -> UnburntError:
    """The error that a person is shown for *error*; names no file, since names may be secret."""
    if error.errno in _FULL:
        return OutOfSpace(
            f"The disk of this archive is full (while {doing}).",
            remedy="What was received before is kept; free some space and run the same command again.",
        )
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return UnburntError(
        f"The disk of this archive refused {doing}: {reason}.",
        remedy="Check the drive and its cable, then run the same command again.",
    )


def new_temporary(folder: Path, mode: int = FILE_MODE) -> tuple[int, Path]:
    """A new file of a random name in *folder*, open for writing: its descriptor and path."""
    path = folder / os.urandom(16).hex()
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), path


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write every byte of *data*, however many calls the system takes for it."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest):]


def make_directory(path: Path) -> bool:
    """Make one private directory; False when it was there."""
    try:
        os.mkdir(path, DIRECTORY_MODE)
    except FileExistsError:
        return False
    return True


def flush_directory(path: Path) -> None:
    """Make the names in *path* durable."""
    _flush_path(path, os.O_RDONLY | os.O_DIRECTORY)


def flush_batch(folder: Path, files: Iterable[Path]) -> None:
    """Make *files*, all on the file system of *folder*, durable: one ``syncfs``, else one flush each."""
    import ctypes  # readers of an archive flush nothing

    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "syncfs"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if libc.syncfs(descriptor) == 0:
                return
            number = ctypes.get_errno()
        finally:
            os.close(descriptor)
        if number not in _NO_SYNCFS:
            raise OSError(number, os.strerror(number))
    for path in files:
        _flush_path(path, os.O_RDONLY)


def replace_file(path: Path, data: bytes, temporary_folder: Path | None = None) -> None:
    """Give *path* the content *data* (mode 0600) so that a crash leaves the old or the new, never a mixture."""
    descriptor, temporary = new_temporary(temporary_folder or path.parent)
    try:
        try:
            write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    flush_directory(path.parent)


def _flush_path(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
