"""Hashing one original, or a few in a row: the same for who does it alone and for a process that helps."""

from __future__ import annotations

import hashlib
import os
import resource
import time
from collections.abc import Callable, Sequence

import msgspec

from unburnt.base.digests import CHUNK, Digest

GONE = -1
"""Instead of a size: there is no such file, or it cannot be read."""
CHANGED = "Its bytes were changed: they no longer have this SHA-256."
_ENOUGH_BYTES = 64 << 20
_LARGE_BYTES = 1 << 20
_BLOCK = 512
"""Bytes. In such blocks the system counts what was read from a drive (getrusage(2))."""


class Hashed(msgspec.Struct, array_like=True):
    """What originals number *begin* up to *end* of a list showed."""

    begin: int
    end: int
    sizes: list[int]
    """Bytes hashed of each, :data:`GONE` where it could not be had."""
    problems: dict[int, str]
    """What is wrong with original number ..., if anything is."""
    waits: bool = False
    """Large files came from a drive that is slower than hashing: reading several at once would have it seek."""


def new_buffer() -> memoryview:
    """Room to read into; made once, since making it takes longer than hashing a small file."""
    return memoryview(bytearray(CHUNK))


def hash_original(
    folder: str, digest: Digest, buffer: memoryview, between: Callable[[], object] = lambda: None
) -> tuple[int, str | None]:
    """How many bytes were hashed, and what is wrong; no problem and :data:`GONE` where there is no such file.

    *between* is called after each full buffer.
    """
    hasher, size = hashlib.sha256(), 0
    try:
        # Plain calls: a file object would take longer to make than a small file to hash.
        descriptor = os.open(f"{folder}/{digest[:2]}/{digest}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            while count := os.readv(descriptor, (buffer,)):
                hasher.update(buffer[:count])
                size += count
                if count == len(buffer):
                    between()
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return GONE, None
    except OSError as error:
        return GONE, f"It cannot be read: {error.strerror}."
    return size, None if hasher.hexdigest() == digest else CHANGED


def hash_range(
    folder: str, digests: Sequence[Digest], begin: int, end: int, buffer: memoryview,
    between: Callable[[], object] = lambda: None,
) -> Hashed:
    """Hash originals from number *begin* up to *end*, or fewer, but one, where these are large."""
    sizes: list[int] = []
    problems: dict[int, str] = {}
    started, used, before = time.perf_counter(), time.process_time(), _read_from_drive()
    total = 0
    for number in range(begin, end):
        size, problem = hash_original(folder, digests[number], buffer, between)
        sizes.append(size)
        if problem is not None:
            problems[number] = problem
        total += max(size, 0)
        if total >= _ENOUGH_BYTES:
            break
    is_idle = time.process_time() - used < (time.perf_counter() - started) / 2
    waits = is_idle and total >= _LARGE_BYTES * len(sizes) and _read_from_drive() - before > total / 2
    return Hashed(begin, begin + len(sizes), sizes, problems, waits)


def _read_from_drive() -> int:
    """Bytes that this process had the system read from a drive, not from memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_inblock * _BLOCK
