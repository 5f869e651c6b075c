"""Names of documents for addresses: the browser's history keeps addresses, so no digest may stand in one.

A name is the digest under a key of this archive (AES-SIV, RFC 5297): always the same for the same document, so that
an address goes on working after a restart; without the key it tells nothing, not even to whoever holds the file; and
no table of what was looked at has to be kept. The key lies in ``desk.sqlite``, in the archive.
"""

from __future__ import annotations

import os
import re
import sqlite3
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import closing
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from unburnt.base.digests import Digest

KEY_BITS = 512
_NAME = re.compile(r"[A-Za-z0-9_-]{64}\Z")
"""16 bytes that authenticate and 32 of the digest, in base64url."""
_PURPOSE = [b"unburnt desk: a document's name in an address"]
_TABLE = "CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID"


class Addresses:
    """The names of one archive's documents; *state* is its ``desk.sqlite``, which is made where there is none.

    Where it can be neither read nor written, names hold until the desk ends.
    """

    def __init__(self, state: Path) -> None:
        self._cipher = AESSIV(_kept_key(state) or AESSIV.generate_key(KEY_BITS))

    def name_of(self, document: Digest) -> str:
        """64 letters, digits, ``-`` and ``_``."""
        return urlsafe_b64encode(self._cipher.encrypt(bytes.fromhex(document), _PURPOSE)).decode()

    def document(self, untrusted_name: str) -> Digest | None:
        """The document of that name; None for a name that this archive never gave."""
        if not _NAME.match(untrusted_name):
            return None
        try:
            return self._cipher.decrypt(urlsafe_b64decode(untrusted_name), _PURPOSE).hex()
        except InvalidTag:
            return None


def _kept_key(state: Path) -> bytes | None:
    """The key, made by whoever comes first; None where the file is damaged or cannot be written."""
    try:
        os.close(os.open(state, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
        with closing(sqlite3.connect(state, timeout=10)) as connection, connection:
            connection.execute(_TABLE)
            connection.execute(
                "INSERT OR IGNORE INTO secret VALUES ('addresses', ?)", (AESSIV.generate_key(KEY_BITS),))
            found = connection.execute("SELECT value FROM secret WHERE name = 'addresses'").fetchone()
    except (OSError, sqlite3.Error):
        return None
    key = found[0] if found else None
    return key if isinstance(key, bytes) and len(key) * 8 == KEY_BITS else None
