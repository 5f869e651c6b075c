"""Floor 8: the one public Python surface.

>>> from unburnt.api import Archive
>>> archive = Archive.open(path)            # doctest: +SKIP
>>> archive.search("拘留").total             # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unburnt.api.archive import Archive as Archive
    from unburnt.api.checks import doctor as doctor

__all__ = ["Archive", "doctor"]

_HOMES = {"Archive": "unburnt.api.archive", "doctor": "unburnt.api.checks"}


def __getattr__(name: str) -> Any:
    # Loaded when first used: `unburnt --help` must not wait for what it does not need.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(name)
