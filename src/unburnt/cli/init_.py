"""``unburnt init``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.api import Archive
from unburnt.cli.files import passphrase_from


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--key-passphrase-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Protect the archive's key with this passphrase; 'unburnt seal' then asks for it.")
def command(folder: Path, key_passphrase_file: Path | None) -> None:
    """Make an empty archive in FOLDER, which must be new or empty, and its key, outside it."""
    with Archive.create(folder, key_passphrase=passphrase_from(key_passphrase_file)) as archive:
        click.echo(str(archive.root))
