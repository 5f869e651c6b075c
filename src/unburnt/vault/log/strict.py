"""Reading single values from untrusted text: exactly one way to write each, else None."""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64

LARGEST_SIZE = (1 << 63) - 1
"""The largest tree that a proof of 63 hashes can speak of; C2SP tlog-tiles has 64 levels at most."""

_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,18})\Z")


def decimal(untrusted: str) -> int | None:
    """A number from 0 to 2^63 - 1 in ASCII digits without sign or leading zeros."""
    if not _DECIMAL.match(untrusted):
        return None
    number = int(untrusted)
    return number if number <= LARGEST_SIZE else None


def base64_bytes(untrusted: str) -> bytes | None:
    """Standard base64 with padding (RFC 4648, section 4) in its one canonical form: no spaces, no stray bits."""
    try:
        data = a2b_base64(untrusted.encode("ascii"), strict_mode=True)
    except (Base64Error, UnicodeEncodeError):
        return None
    return data if base64_text(data) == untrusted else None


def base64_text(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648, section 4)."""
    return b2a_base64(data, newline=False).decode("ascii")
