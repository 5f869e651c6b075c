"""``unburnt beacon``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.base.errors import UsageError
from unburnt.base.files import read_small
from unburnt.cli.common import archive_of


@click.group("beacon")
def command() -> None:
    """Log public values that nobody could know before their day: what follows is not older."""


@command.command("add")
@click.argument("value")
@click.option("--source", default="", help="Where others find the value, as in: front page of a newspaper.")
@click.pass_context
def add(context: click.Context, value: str, source: str) -> None:
    """Log VALUE: a headline, a block's hash, or the name of a file that holds it."""
    from unburnt.api.seals import SealRequest, Seals

    path = Path(value)
    if len(value) < 1_024 and path.is_file():
        try:
            value = read_small(path).decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise UsageError("The file does not hold text.") from error
    with archive_of(context) as archive:
        number = Seals(archive).act(SealRequest(act="beacon", value=value, source=source))
        click.echo(f"Logged as event {number}; every later event is not older than this value.")
