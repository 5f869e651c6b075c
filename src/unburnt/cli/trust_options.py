"""Whom the checking person trusts: what ``verify`` and ``check`` share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def trust_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--key``, ``--witness`` and ``--tsa-root``, given to the command as *whom*."""

    @click.option("--key", "keys", multiple=True, metavar="VKEY",
                  help="The archive's public key, as its owner told you another way; may be repeated.")
    @click.option("--witness", "witnesses", multiple=True, metavar="VKEY",
                  help="The public key of somebody who must have countersigned; may be repeated.")
    @click.option("--tsa-root", "roots", multiple=True, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
                  help="The root certificate (PEM) of a timestamp authority that you trust; may be repeated.")
    @functools.wraps(command)
    def wrapped(
        *rest: Any, keys: tuple[str, ...], witnesses: tuple[str, ...], roots: tuple[Path, ...], **named: Any
    ) -> Any:
        from unburnt.api.verification import trusted  # cryptography is loaded only where it is needed

        return command(*rest, whom=trusted(keys=keys, witnesses=witnesses, roots=roots), **named)

    return wrapped
