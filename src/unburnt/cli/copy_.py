"""``unburnt copy``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.api.copies import copy_archive
from unburnt.cli.common import counting_line, emit, end_progress, json_option, root_of, say


@click.command("copy")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="Do not read back what the copy held before.")
@json_option
@click.pass_context
def command(context: click.Context, folder: Path, quick: bool, as_json: bool) -> None:
    """Make a second copy of the archive in DIR, a new folder, or bring an older copy there up to date.

    Every original is hashed while it is copied and again from the copy's disk. An interrupted run goes on with the
    same command. Signing keys are not copied. Ends with 3 when something in the archive is damaged.
    """
    try:
        report = copy_archive(root_of(context), folder, quick=quick, tell=counting_line())
    finally:
        end_progress()
    if as_json:
        emit(report)
    else:
        for finding in report.findings:
            click.echo(f"{finding.item}: {finding.what} {finding.remedy}".rstrip())
        say(f"Copied {report.objects} originals ({report.bytes} bytes) and {report.records} derived records; "
            f"{report.already} originals were there. Read back: {report.checked}. "
            f"The copy holds {report.events} events, {report.sealed} of them sealed.")
    if report.unvouched:
        say(f"Nobody on this machine vouches for {report.unvouched} events that are not sealed; they were copied as they are. "
            "'unburnt status' names the deliveries.")
    if report.findings:
        say("What is named above was not copied, or was left in the copy as it was.")
        context.exit(3)
