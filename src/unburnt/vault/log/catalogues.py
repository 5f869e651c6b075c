"""Which catalogues this machine's keeper left, noted beside the key when it closed them.

The catalogue is a view, and anybody who may write to the archive's folder can change it; yet the keeper asks it what to read,
to join and to take for known, and what comes of that is sealed. So it goes on only with a file that it left itself, told by its
SHA-256; any other is made again from the events. A digest is enough: an older catalogue of the keeper's own lacks events, which
are applied to it, and says nothing false.
"""

from __future__ import annotations

import os
from pathlib import Path

from unburnt.base.digests import Digest, digest_of_file, is_digest
from unburnt.base.errors import UnburntError
from unburnt.base.files import open_plain, read_small
from unburnt.vault.durable import disk_errors, replace_file
from unburnt.vault.log.keyfile import locked

_NAME = "catalogues"
_MOST = 64
"""Copies of an archive share its key, so several may be told here, the last ones at the end."""
_MOST_BYTES = _MOST * 65 + 1


class Catalogues:
    """The notes in *folder*, the key's own. What cannot be read there counts as nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / _NAME

    def is_known(self, catalogue: Path) -> bool:
        """Whether the file was left just so: nothing waits beside it to be written into it, either."""
        try:
            beside = [catalogue.with_name(catalogue.name + end) for end in ("-wal", "-journal")]
            if any(one.is_symlink() or one.exists() and one.stat().st_size for one in beside):
                return False
            return _digest(catalogue) in self._known()
        except (UnburntError, OSError):
            return False

    def remember(self, catalogue: Path) -> None:
        """Note the file as it is; raises :class:`UnburntError` for a full disk."""
        digest = _digest(catalogue)
        with locked(self._folder), disk_errors("noting the catalogue"):
            kept = [one for one in self._known() if one != digest][1 - _MOST:]
            replace_file(self._path, "".join(f"{one}\n" for one in [*kept, digest]).encode())

    def _known(self) -> list[Digest]:
        try:
            lines = read_small(self._path, _MOST_BYTES).decode("ascii", "replace").splitlines()
        except (UnburntError, OSError):
            return []
        return [one for one in lines if is_digest(one)]


def _digest(path: Path) -> Digest:
    """The file's digest, computed in a process of its own; raises :class:`UnburntError` where it cannot be read.

    A process that closes a file gives up all its locks on it (POSIX), SQLite's own among them; others would then believe that
    nobody has the catalogue open, and take its log away (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    given, taken = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with open_plain(path) as file:
                os.write(taken, digest_of_file(file)[0].encode())
        finally:
            os._exit(0)
    os.close(taken)
    with open(given, "rb") as file:
        digest = file.read().decode()
    os.waitpid(child, 0)
    if not is_digest(digest):
        raise UnburntError(f"{path.name} could not be read.")
    return digest
