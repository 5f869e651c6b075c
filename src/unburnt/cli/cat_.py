"""``unburnt cat``."""

from __future__ import annotations

import sys

import click

from unburnt.base.errors import NotFound
from unburnt.cli.common import archive_of


@click.command("cat")
@click.argument("key")
@click.pass_context
def command(context: click.Context, key: str) -> None:
    """Print the derived record KEY (or that of document KEY's reading): one JSON chunk a line, as stored."""
    with archive_of(context) as archive:
        try:
            chunks = list(archive.cat(key))
        except NotFound:
            chunks = []
        if not chunks:
            view = archive.document(key)
            found = archive.key_of(view.document)
            chunks = list(archive.cat(found)) if found else []
        for chunk in chunks:
            sys.stdout.buffer.write(chunk + b"\n")
