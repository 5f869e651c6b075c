"""``unburnt add``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.cli.common import archive_of, end_progress, progress_line, say
from unburnt.cli.password_options import Passwords, password_options
from unburnt.cli.reading_options import reading_options
from unburnt.model.views import Progress


@click.command("add")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@password_options
@click.option("--note", default="", help="Custody note: how this material was received.")
@click.option("--readmit", is_flag=True, help="Take in again also what was erased before.")
@click.option("--strict", is_flag=True, help="End with 4 when not everything could be read whole.")
@reading_options
@click.pass_context
def command(
    context: click.Context, paths: tuple[Path, ...], passwords: Passwords, note: str, readmit: bool, strict: bool,
    options: Options,
) -> None:
    """Receive PATHS and read what is in them.

    Given a source again, it receives only what is new, and tries again only what could now go better.
    """
    with archive_of(context) as archive:
        given = passwords.given()
        line, said = progress_line(), [""]

        def tell(progress: Progress) -> None:
            line(progress)
            said[0] = progress.message

        try:
            archive.add(paths, passwords=given, note=note, tell=tell, options=options, readmit=readmit)
        finally:
            end_progress()
        if said[0]:
            say(said[0])
        _summarise(archive)
        if strict and _is_partial(archive):
            context.exit(4)


def _summarise(archive: Archive) -> None:
    status = archive.status()
    parts = ", ".join(f"{count} {outcome}" for outcome, count in status.outcomes.items() if count)
    say(f"{status.items} files ({status.blobs} different): {parts or 'none'}.")


def _is_partial(archive: Archive) -> bool:
    whole = {"read", "empty"}
    return any(count for outcome, count in archive.status().outcomes.items() if outcome not in whole)
