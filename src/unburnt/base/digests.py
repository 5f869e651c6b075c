"""SHA-256, the one digest: every standard this project meets speaks it (FIPS 180-4)."""

from __future__ import annotations

import hashlib
import re
from typing import BinaryIO

Digest = str
"""64 lower-case hexadecimal digits."""

CHUNK = 1 << 20

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def is_digest(text: str) -> bool:
    """Whether *text* has the form of a digest; says nothing about whether anything has it."""
    return _DIGEST.match(text) is not None


def short_of(digest: Digest) -> int:
    """Its first 60 bits, as a number that columns hold; among ten million digests two are alike once in 20,000 cases."""
    return int(digest[:15], 16)


def digest_of(data: bytes) -> Digest:
    """The digest of bytes in memory."""
    return hashlib.sha256(data).hexdigest()


def digest_of_file(file: BinaryIO) -> tuple[Digest, int]:
    """Digest and size in bytes of what is left to read in *file*."""
    hasher = hashlib.sha256()
    size = 0
    while chunk := file.read(CHUNK):
        hasher.update(chunk)
        size += len(chunk)
    return hasher.hexdigest(), size
