"""How to read: the options that every command shares which has something read. They hold for that command only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from unburnt.api.options import Options
from unburnt.base.raising import FIELDS, limits_with


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--isolate``, ``--unsafe-parsers``, ``--no-ocr`` and ``--limit``; the command gets *options*."""

    @functools.wraps(command)
    def with_options(*arguments: Any, isolate: str, unsafe_parsers: bool, no_ocr: bool, limits: tuple[str, ...], **named: Any) -> Any:
        options = Options(
            isolate_each=isolate == "each", unsafe_parsers=unsafe_parsers, ocr=not no_ocr, limits=limits_with(limits),
        )
        return command(*arguments, options=options, **named)

    for option in (
        click.option("--isolate", type=click.Choice(["safe", "each"]), default="safe", show_default=True,
                     help="'each' gives every single file a sandbox of its own."),
        click.option("--unsafe-parsers", is_flag=True,
                     help="Read even where this machine has no sandbox: parsers then see your files. It is recorded."),
        click.option("--limit", "limits", multiple=True, metavar="NAME=VALUE",
                     help=f"Let a file cost more, or less, before it is stopped: {', '.join(FIELDS)}. Sizes in bytes, or with K, M, G."),
        click.option("--no-ocr", is_flag=True,
                     help="Leave pictures of text unread for now; a later command without this reads them."),
    ):
        with_options = option(with_options)
    return with_options
