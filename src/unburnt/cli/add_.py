"""``unburnt add``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.api import Archive
from unburnt.cli.common import archive_of, end_progress, passwords_from, passwords_option, progress_line, say
from unburnt.cli.reading_options import options_of, reading_options


@click.command("add")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@passwords_option
@click.option("--note", default="", help="Custody note: how this material was received.")
@click.option("--strict", is_flag=True, help="End with 4 when not everything could be read whole.")
@reading_options
@click.pass_context
def command(
    context: click.Context, paths: tuple[Path, ...], password_file: Path | None, note: str, strict: bool,
    isolate: str, unsafe_parsers: bool, no_ocr: bool,
) -> None:
    """Receive PATHS and read what is in them.

    Given a source again, it receives only what is new, and tries again only what could now go better.
    """
    with archive_of(context) as archive:
        try:
            archive.add(
                paths, passwords=passwords_from(password_file), note=note, tell=progress_line(),
                options=options_of(isolate, unsafe_parsers, no_ocr),
            )
        finally:
            end_progress()
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
