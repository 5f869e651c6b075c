"""Where a user's own things live; nothing here is evidence."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP = "unburnt"


def data_folder() -> Path:
    """The folder in which new archives are made (``$UNBURNT_DATA``, else the platform's)."""
    return Path(os.environ.get("UNBURNT_DATA") or platformdirs.user_data_dir(APP, appauthor=False))


def config_folder() -> Path:
    """Keyring and preferences (``$UNBURNT_CONFIG``, else the platform's)."""
    return Path(os.environ.get("UNBURNT_CONFIG") or platformdirs.user_config_dir(APP, appauthor=False))
