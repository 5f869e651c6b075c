"""``unburnt rebuild``."""

from __future__ import annotations

import click

from unburnt.api import Archive
from unburnt.cli.common import root_of, say


@click.command("rebuild")
@click.pass_context
def command(context: click.Context) -> None:
    """Throw catalogue and index away and make them again; nothing precious is in them."""
    with Archive.rebuild(root_of(context)) as archive:
        status = archive.status()
        say(f"Rebuilt: {status.items} files, {status.documents} documents.")
