"""``unburnt open``: the one command from a folder of files to a searchable desk."""

from __future__ import annotations

import os
from pathlib import Path

import click

from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.places import archive_holding, new_place
from unburnt.base.errors import NotFound
from unburnt.cli.common import say
from unburnt.cli.desk import show_desk
from unburnt.cli.password_options import Passwords, password_options
from unburnt.cli.reading_options import reading_options


@click.command("open")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("-a", "--archive", "place", type=click.Path(path_type=Path), metavar="DIR",
              help="Where the archive is, or is to be made.")
@click.option("--port", default=0, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--yes", is_flag=True, help="Import even onto an unencrypted volume without asking.")
@password_options
@reading_options
@click.pass_context
def command(
    context: click.Context, path: Path, place: Path | None, port: int, no_browser: bool, yes: bool,
    passwords: Passwords, options: Options,
) -> None:
    """Open PATH: material (imported into a new archive, or the one that already holds it), or an archive."""
    place = place or context.find_root().obj
    if not os.path.lexists(path):
        raise NotFound("There is nothing at that path.", remedy="It may be on a drive that is not there now.")
    if (path / "unburnt.toml").is_file():
        with Archive.open(path) as archive:
            show_desk(archive, port=port, browser=not no_browser, options=options, passwords=passwords.given())
        return
    with _archive_for(path, place, yes=yes) as archive:
        say(f"Archive: {archive.root}")
        show_desk(
            archive, port=port, browser=not no_browser, options=options, material=path,
            passwords=passwords.given(),
        )


def _archive_for(path: Path, place: Path | None, *, yes: bool) -> Archive:
    if place is not None and (place / "unburnt.toml").is_file():
        return Archive.open(place)
    held = archive_holding(path) if place is None else None
    if held is not None:
        return Archive.open(held)
    folder = place or new_place(path)
    _warn(folder, yes=yes)
    return Archive.create(folder)


def _warn(folder: Path, *, yes: bool) -> None:
    from unburnt.api.checks import warnings_before_import

    warnings = warnings_before_import(folder)
    for check in warnings:
        say(f"Warning: {check.finding} {check.cost}")
    # Without a person at a terminal there is nobody to ask: the warning stands in the log.
    if warnings and not yes and os.isatty(0) and os.isatty(2):
        click.confirm("Import all the same?", abort=True, err=True, default=True)
