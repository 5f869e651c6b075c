"""Where a user's own things live; nothing here is evidence."""

from __future__ import annotations

import os
import sys
from pathlib import Path

APP = "unburnt"
_MEMBER_CACHE = 2 << 30
_LINUX = {"data": ("XDG_DATA_HOME", ".local/share"), "config": ("XDG_CONFIG_HOME", ".config"), "state": ("XDG_STATE_HOME", ".local/state")}


def data_folder() -> Path:
    """The folder in which new archives are made (``$UNBURNT_DATA``, else the platform's)."""
    return Path(os.environ.get("UNBURNT_DATA") or _users("data"))


def config_folder() -> Path:
    """Keyring and preferences (``$UNBURNT_CONFIG``, else the platform's)."""
    return Path(os.environ.get("UNBURNT_CONFIG") or _users("config"))


def member_cache_bytes() -> int:
    """Bytes that an archive may use for copies of what its containers hold (``$UNBURNT_MEMBER_CACHE``, in MiB).

    2 GiB where nothing, or no number, is said. What is still to be read is never dropped, whatever this says.
    """
    given = os.environ.get("UNBURNT_MEMBER_CACHE", "")
    return int(given) << 20 if given.isascii() and given.isdigit() else _MEMBER_CACHE


def keys_folder() -> Path:
    """The private keys that seal archives, never inside one (``$UNBURNT_KEYS``, else the platform's)."""
    return Path(os.environ.get("UNBURNT_KEYS") or Path(_users("data")) / "keys")


def state_folder() -> Path:
    """What a run notes for the next one, such as how far it came (``$UNBURNT_STATE``, else the platform's)."""
    return Path(os.environ.get("UNBURNT_STATE") or _users("state"))


def _users(kind: str) -> str:
    """The platform's folder for a user's things of this kind. Where Linux leaves no question, what would answer it, and
    takes a twentieth of a command's start, is not loaded.
    """
    variable, below = _LINUX[kind]
    home = os.environ.get("HOME", "")
    if sys.platform == "linux" and not os.environ.get(variable) and home.startswith("/"):
        return os.path.join(home.rstrip("/") or "/", below, APP)
    import platformdirs

    return str(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))
