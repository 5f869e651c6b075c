"""The files of a folder that somebody else made: found and opened without following a link anywhere."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


def walk(root: Path) -> Iterator[tuple[str, int, str | None]]:
    """Every file below *root*: path relative to it, size, and None; or, instead of None, why it is no file.

    Bytes of a name that are not UTF-8 are lone surrogates in its path (PEP 383).
    """
    folders = [b""]  # a list and no recursion: a stranger may nest folders as deep as paths go
    while folders:
        inside = folders.pop()
        try:
            with os.scandir(os.path.join(os.fsencode(root), inside)) as listing:
                found = sorted(((one.name, one.stat(follow_symlinks=False)) for one in listing), key=lambda one: one[0])
        except OSError as error:
            yield os.fsdecode(inside) or ".", 0, f"The folder cannot be read: {error.strerror}."
            continue
        for name, status in found:
            path = inside + b"/" + name if inside else name
            if stat.S_ISDIR(status.st_mode):
                folders.append(path)
            elif stat.S_ISREG(status.st_mode):
                yield os.fsdecode(path), status.st_size, None
            else:
                yield os.fsdecode(path), 0, "It is a link or something else that is no file."


def open_file(path: Path) -> BinaryIO:
    """*path* for reading; raises :class:`OSError` for a link or a pipe that took the file's place."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "it is no file")
    return io.BufferedReader(io.FileIO(descriptor, "rb"))
