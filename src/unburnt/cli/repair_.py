"""``unburnt repair``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.api.copies import repair_archive
from unburnt.base.errors import NotFound
from unburnt.cli.common import counting_line, emit, end_progress, json_option, root_of, say


@click.command("repair")
@click.option("--from", "copy", required=True, metavar="DIR", type=click.Path(path_type=Path),
              help="A copy of this archive, made by unburnt copy.")
@json_option
@click.pass_context
def command(context: click.Context, copy: Path, as_json: bool) -> None:
    """Heal what is lost or damaged in the archive: originals, events, the log, derived records.

    Everything in the archive is hashed first. Damaged bytes are kept in out/; the history says what was healed and from
    which copy. Ends with 3 when something stays damaged.
    """
    try:
        report = repair_archive(_root(context), copy, tell=counting_line())
    finally:
        end_progress()
    if as_json:
        emit(report)
    else:
        for finding in (*report.findings, *report.left):
            click.echo(f"{finding.item}: {finding.what} {finding.remedy}".rstrip())
        say(f"Healed: {len(report.objects)} originals, {len(report.events)} events, {len(report.records)} derived records, "
            f"{len(report.files)} files of the archive.")
        if report.aside:
            say(f"The damaged bytes are kept in {report.aside}.")
    if report.findings:
        say("What is named above stays as it is.")
        context.exit(3)


def _root(context: click.Context) -> Path:
    """The archive's folder, also when its unburnt.toml is lost."""
    try:
        return root_of(context)
    except NotFound:
        given: Path | None = context.find_root().obj
        if given is None or not (given / "events").is_dir():
            raise
        return given
