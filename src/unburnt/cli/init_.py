"""``unburnt init``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.api import Archive


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Make an empty archive in FOLDER, which must be new or empty."""
    with Archive.create(folder) as archive:
        click.echo(str(archive.root))
