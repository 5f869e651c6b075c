"""A second copy of an archive, and healing an archive from one."""

from __future__ import annotations

from pathlib import Path

from unburnt.flow.copying import copy_archive as _copy
from unburnt.model.copies import CopyReport
from unburnt.vault.layout import Layout

__all__ = ["CopyReport", "copy_archive"]


def copy_archive(root: Path, target: Path, *, quick: bool = False) -> CopyReport:
    """Make a verified copy of the archive at *root* in *target*, or bring an older one up to date.

    The archive's keeper may be at work meanwhile. *findings* in the report name what the copy lacks. Raises
    :class:`UnburntError`; then the copy is as it was, or the next run goes on with it.
    """
    return _copy(Layout.open(root), target, quick=quick)
