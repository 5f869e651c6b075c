"""Files of the log without a date: their times of change would tell a stranger when a delivery came, and of how much.

``log/`` may be given away; every file and folder in it bears the time 0 (1970-01-01), which copies and archives keep.
"""

from __future__ import annotations

import os
from pathlib import Path

from unburnt.vault.durable import replace_file


def undate(*paths: Path | int) -> None:
    """Set the time of last change of files or folders (or of open files) to 1970; what is not there is passed over."""
    for path in paths:
        try:
            if isinstance(path, int):
                os.utime(path, ns=(0, 0))
            else:
                os.utime(path, ns=(0, 0), follow_symlinks=False)
        except FileNotFoundError:
            continue


def replace_undated(path: Path, data: bytes, temporary_folder: Path | None = None) -> None:
    """:func:`replace_file`, for a file of the log."""
    replace_file(path, data, temporary_folder)
    undate(path, path.parent, path.parent.parent)
