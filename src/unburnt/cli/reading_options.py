"""How to read: the options that every command shares which has something read. They hold for that command only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from unburnt.api.options import Options


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--isolate``, ``--unsafe-parsers`` and ``--no-ocr``; the command gets *options*."""

    @functools.wraps(command)
    def with_options(*arguments: Any, isolate: str, unsafe_parsers: bool, no_ocr: bool, **named: Any) -> Any:
        options = Options(isolate_each=isolate == "each", unsafe_parsers=unsafe_parsers, ocr=not no_ocr)
        return command(*arguments, options=options, **named)

    for option in (
        click.option("--isolate", type=click.Choice(["safe", "each"]), default="safe", show_default=True,
                     help="'each' gives every single file a sandbox of its own."),
        click.option("--unsafe-parsers", is_flag=True,
                     help="Read even where this machine has no sandbox: parsers then see your files. It is recorded."),
        click.option("--no-ocr", is_flag=True,
                     help="Leave pictures of text unread for now; a later command without this reads them."),
    ):
        with_options = option(with_options)
    return with_options
