"""``unburnt rebuild``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.api import Archive
from unburnt.base.errors import NotFound
from unburnt.cli.common import say


@click.command("rebuild")
@click.pass_context
def command(context: click.Context) -> None:
    """Throw catalogue and index away and make them again; nothing precious is in them."""
    root: Path | None = context.find_root().obj
    start = root or Path.cwd()
    folder = next((one for one in (start, *start.absolute().parents) if (one / "unburnt.toml").is_file()), None)
    if folder is None:
        raise NotFound("There is no archive here.", remedy="Name one with -a DIR.")
    with Archive.rebuild(folder) as archive:
        status = archive.status()
        say(f"Rebuilt: {status.items} files, {status.documents} documents.")
