"""Small sealed logs for tests: folders as in an archive, filled with made-up entries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from unburnt.vault.log.keys import Keys
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Note, Signer

ARCHIVE = "test"
ORIGIN = f"unburnt/{ARCHIVE}"


def entries(start: int, end: int, history: str = "") -> Iterable[bytes]:
    """Entries *start* to *end* of one history; another *history* has others."""
    return [hashlib.sha256(f"{history} {number}".encode()).digest() for number in range(start, end)]


def folders(root: Path) -> tuple[Path, Path]:
    """``log`` and ``tmp`` below *root*, made."""
    for name in ("log", "tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
    return root / "log", root / "tmp"


def sealed(root: Path, size: int, signer: Signer | Keys, history: str = "") -> Note:
    """Let the log below *root* grow to *size* entries, and sign it; gives the checkpoint."""
    log_folder, tmp = folders(root)
    if isinstance(signer, Keys):
        signer = signer.open(ARCHIVE, log=log_folder)
    log = Log(log_folder, tmp, ORIGIN, write=True)
    log.append(entries(log.appended, size, history))
    return log.commit(signer)


KILLED_AT_THE_MEMORY = """
import os, signal, sys
begun = []
def hook(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("/signed"):
        if sys.argv[1] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        begun.append(True)
    elif begun and event == "open":
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
"""
"""Python that ends its process just before the memory of what was signed is renewed, or just after."""
