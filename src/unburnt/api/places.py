"""Where archives are: the one that already holds some material, and a place for a new one."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from unburnt.base.errors import UnburntError
from unburnt.base.settings import data_folder
from unburnt.catalog.catalog import Catalog
from unburnt.vault.layout import CONFIG_NAME


def archive_holding(material: Path) -> Path | None:
    """The archive in the user's data folder that received *material* before, the newest of several."""
    wanted = os.fsencode(material.absolute())
    try:
        folders = sorted(data_folder().iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
    except OSError:
        return None
    for folder in folders:
        if (folder / CONFIG_NAME).is_file() and _holds(folder, wanted):
            return folder
    return None


def new_place(material: Path) -> Path:
    """A neutral name in the user's data folder; raises :class:`UnburntError` if that is the material's own folder."""
    folder = data_folder()
    if material.is_dir() and folder.absolute().is_relative_to(material.absolute()):
        raise UnburntError(
            "The material contains the folder in which archives are kept.", remedy="Name another place with -a DIR."
        )
    return folder / f"archive-{secrets.token_hex(4)}"


def _holds(folder: Path, wanted: bytes) -> bool:
    try:
        catalog = Catalog(folder / "catalog.sqlite")
    except UnburntError:
        return False
    try:
        return any(one.source == wanted for one in catalog.accessions())
    except UnburntError:
        return False
    finally:
        catalog.close()
