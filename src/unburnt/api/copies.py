"""A second copy of an archive, and healing an archive from one."""

from __future__ import annotations

from pathlib import Path

from unburnt.flow.copying import copy_archive as _copy
from unburnt.flow.repairing import repair_archive as _repair
from unburnt.model.copies import CopyReport, RepairReport
from unburnt.vault.layout import Layout

__all__ = ["CopyReport", "RepairReport", "copy_archive", "repair_archive"]


def copy_archive(root: Path, target: Path, *, quick: bool = False) -> CopyReport:
    """Make a verified copy of the archive at *root* in *target*, or bring an older one up to date.

    The archive's keeper may be at work meanwhile. *findings* in the report name what the copy lacks. Raises
    :class:`UnburntError`; then the copy is as it was, or the next run goes on with it.
    """
    return _copy(Layout.open(root), target, quick=quick)


def repair_archive(root: Path, copy: Path) -> RepairReport:
    """Heal what is damaged in the archive at *root* from a copy of it, and log what was healed.

    No keeper may be at work. Damaged bytes are kept in ``out/damaged-<time>/``. *findings* in the report name what
    the copy could not heal. Raises :class:`UnburntError` for what is no copy of this archive or tells another history.
    """
    return _repair(root, copy)
