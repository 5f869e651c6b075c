"""The two files by which a keeper is found and asked, where something else stands in their place."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from unburnt.model.audit import Finding

LOCK = "keeper.lock"
SOCKET = "keeper.sock"

_KINDS = {
    stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe", stat.S_IFDIR: "a folder", stat.S_IFREG: "a file", stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device", stat.S_IFCHR: "a device",
}
_EXPECTED = {LOCK: (stat.S_IFREG, "a plain file"), SOCKET: (stat.S_IFSOCK, "a socket")}
_REMEDY = "No keeper makes such a thing. Find out who put it there, and take it out: a keeper makes its own again."


def odd_keeper_files(root: Path) -> list[Finding]:
    """What is not as a keeper makes it; looked at from outside, so that nothing is followed and nobody waits.

    Its owner is whoever owns the archive's folder, or who runs this.
    """
    found = []
    for name, (kind, called) in _EXPECTED.items():
        try:
            status, owner = (root / name).lstat(), root.stat().st_uid
        except OSError:
            continue
        is_a = stat.S_IFMT(status.st_mode)
        if is_a != kind:
            found.append(Finding(name, f"It is {_KINDS.get(is_a, 'something unknown')}, where {called} belongs.", _REMEDY))
        elif status.st_uid not in (owner, os.getuid(), 0):
            found.append(Finding(name, f"It belongs to another user (number {status.st_uid}) than the archive.", _REMEDY))
    return found
