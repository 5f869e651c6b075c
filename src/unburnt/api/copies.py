"""A second copy of an archive, and healing an archive from one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from unburnt.flow.copy_plain import require_plain
from unburnt.flow.copying import copy_archive as _copy
from unburnt.flow.repairing import repair_archive as _repair
from unburnt.model.copies import CopyReport, RepairReport
from unburnt.vault.layout import Layout

__all__ = ["CopyReport", "RepairReport", "copy_archive", "repair_archive"]

Tell = Callable[[str, int, int], None]
"""What is being done, to how many already, and of how many."""


def _nobody(what: str, done: int, total: int) -> None:
    """Nobody wants to know."""


def copy_archive(root: Path, target: Path, *, quick: bool = False, tell: Tell = _nobody) -> CopyReport:
    """Make a verified copy of the archive at *root* in *target*, or bring an older one up to date.

    The archive's keeper may be at work meanwhile. *findings* in the report name what the copy lacks. Raises
    :class:`UnburntError`; then the copy is as it was, or the next run goes on with it.
    """
    require_plain(root)
    return _copy(Layout.open(root), target, quick=quick, tell=tell)


def repair_archive(root: Path, copy: Path, *, tell: Tell = _nobody) -> RepairReport:
    """Heal what is damaged in the archive at *root* from a copy of it, and log what was healed.

    No keeper may be at work. Damaged bytes are kept in ``out/damaged-<time>/``. *findings* in the report name what
    the copy could not heal. Raises :class:`UnburntError` for what is no copy of this archive or tells another history.
    """
    return _repair(root, copy, tell=tell)
