"""Where a user's own things live; nothing here is evidence."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP = "unburnt"
_MEMBER_CACHE = 2 << 30


def data_folder() -> Path:
    """The folder in which new archives are made (``$UNBURNT_DATA``, else the platform's)."""
    return Path(os.environ.get("UNBURNT_DATA") or platformdirs.user_data_dir(APP, appauthor=False))


def config_folder() -> Path:
    """Keyring and preferences (``$UNBURNT_CONFIG``, else the platform's)."""
    return Path(os.environ.get("UNBURNT_CONFIG") or platformdirs.user_config_dir(APP, appauthor=False))


def member_cache_bytes() -> int:
    """Bytes that an archive may use for copies of what its containers hold (``$UNBURNT_MEMBER_CACHE``, in MiB).

    2 GiB where nothing, or no number, is said. What is still to be read is never dropped, whatever this says.
    """
    given = os.environ.get("UNBURNT_MEMBER_CACHE", "")
    return int(given) << 20 if given.isascii() and given.isdigit() else _MEMBER_CACHE


def keys_folder() -> Path:
    """The private keys that seal archives, never inside one (``$UNBURNT_KEYS``, else the platform's)."""
    return Path(os.environ.get("UNBURNT_KEYS") or Path(platformdirs.user_data_dir(APP, appauthor=False)) / "keys")


def state_folder() -> Path:
    """What a run notes for the next one, such as how far it came (``$UNBURNT_STATE``, else the platform's)."""
    return Path(os.environ.get("UNBURNT_STATE") or platformdirs.user_state_dir(APP, appauthor=False))
