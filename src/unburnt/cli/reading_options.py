"""How to read: the options that ``open``, ``serve`` and ``add`` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from unburnt.api.options import Options


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--isolate``, ``--unsafe-parsers`` and ``--no-ocr``."""
    for option in (
        click.option("--isolate", type=click.Choice(["safe", "each"]), default="safe", show_default=True,
                     help="'each' gives every single file a sandbox of its own."),
        click.option("--unsafe-parsers", is_flag=True,
                     help="Read even where this machine has no sandbox: parsers then see your files."),
        click.option("--no-ocr", is_flag=True, help="Leave pictures of text unread for now."),
    ):
        command = option(command)
    return command


def options_of(isolate: str, unsafe_parsers: bool, no_ocr: bool) -> Options:
    """What the options mean to the keeper."""
    return Options(isolate_each=isolate == "each", unsafe_parsers=unsafe_parsers, ocr=not no_ocr)
