"""``unburnt rebuild``."""

from __future__ import annotations

import click

from unburnt.api import Archive
from unburnt.cli.common import root_of, say


@click.command("rebuild")
@click.option("--set-aside", is_flag=True,
              help="First move unsealed events that nobody vouches for out of the history, into out/: they are not mine.")
@click.pass_context
def command(context: click.Context, set_aside: bool) -> None:
    """Throw catalogue and index away and make them again; nothing precious is in them."""
    with Archive.rebuild(root_of(context), set_aside=set_aside) as archive:
        for notice in archive.notices:
            say(notice)
        for folder in archive.set_aside:
            click.echo(folder)
        status = archive.status()
        say(f"Rebuilt: {status.items} files, {status.documents} documents.")
