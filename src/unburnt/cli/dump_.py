"""``unburnt dump``."""

from __future__ import annotations

import click

from unburnt.cli.common import archive_of


@click.command("dump")
@click.pass_context
def command(context: click.Context) -> None:
    """Canonical lines without times, salts and ids: equal archives give equal dumps."""
    with archive_of(context) as archive:
        for line in archive.dump():
            click.echo(line)
