"""Every reader, by nest. Imported in the sandbox's zygote only: loading a nest pulls in its parsers."""

from __future__ import annotations

from importlib import import_module

from unburnt.read import nests
from unburnt.read.known import BY_NAME
from unburnt.read.registry import Format

_loaded: dict[str, dict[str, Format]] = {}
_is_closed = False


class NotLoaded(Exception):
    """A locked child was forked where the readers of *media_type* are not loaded; nothing was read."""

    def __init__(self, media_type: str) -> None:
        super().__init__(media_type)
        self.media_type = media_type


def load(nest: str) -> tuple[Format, ...]:
    """Import the readers of *nest* with all that they load late (their ``warm()``); gives them."""
    if nest not in _loaded:
        modules = [import_module(f"unburnt.read.formats.{name}") for name in nests.MODULES[nest]]
        for module in modules:
            if warm := getattr(module, "warm", None):
                warm()
        formats = [one for module in modules for one in module.FORMATS]
        _loaded[nest] = {media_type: one for one in formats for media_type in BY_NAME[one.name].types}
    return tuple({one.name: one for one in _loaded[nest].values()}.values())


def close() -> None:
    """Load nothing more: what follows runs in a child that can open no file."""
    global _is_closed
    _is_closed = True


def format_for(media_type: str) -> Format | None:
    """The reader of *media_type*, None where there is none; raises :class:`NotLoaded` after :func:`close`."""
    nest = nests.nest_of(media_type)
    if _is_closed and nest not in _loaded:
        raise NotLoaded(media_type)
    load(nest)
    return _loaded[nest].get(media_type)
