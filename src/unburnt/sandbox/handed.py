"""What is handed to a child: files opened anew for reading only, and payloads held in memory."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from unburnt.base.errors import UsageError
from unburnt.sandbox import wire


@contextlib.contextmanager
def read_only(file: int) -> Iterator[int]:
    """*file* opened anew: the child can neither write through it nor move the offset of ours. Raises UsageError."""
    try:
        descriptor = os.open(f"/proc/self/fd/{file}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError("A file given to the sandbox cannot be opened for reading.") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def in_memory(payload: bytes) -> Iterator[int]:
    """A descriptor of *payload*, held in memory."""
    descriptor = os.memfd_create("payload", os.MFD_CLOEXEC)
    try:
        wire.write_all(descriptor, payload)
        yield descriptor
    finally:
        os.close(descriptor)
