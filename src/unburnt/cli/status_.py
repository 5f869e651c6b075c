"""``unburnt status``."""

from __future__ import annotations

import click
import msgspec

from unburnt.cli.common import archive_of, emit, json_option, shown
from unburnt.model.unvouched import said_of_archive


@click.command("status")
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """The reading report's totals; files = the sum over how they were read."""
    with archive_of(context) as archive:
        status, unvouched = archive.status(), archive.unvouched()
        if as_json:
            emit({**msgspec.to_builtins(status), "unvouched": unvouched})
            return
        progress = archive.progress()
        click.echo(f"{status.items} files, {status.blobs} different contents, {status.bytes} bytes, "
                   f"{status.accessions} deliveries")
        for outcome, count in sorted(status.outcomes.items(), key=lambda pair: -pair[1]):
            click.echo(f"{count:>10}  {outcome}")
        click.echo(f"members: {status.expected_members} expected, {status.emitted_members} found, "
                   f"{status.failed_members} not to be had"
                   + (f", {status.awaited_members} still to come" if status.awaited_members else ""))
        for reason, count in status.members_not_reached.items():
            click.echo(f"{count:>10}  not reached in their container: {shown(reason)}")
        if status.unlocked_parsers:
            click.echo(f"parsers ran without a sandbox in {status.unlocked_parsers} runs (--unsafe-parsers)")
        if unvouched:
            click.echo(said_of_archive(unvouched))
        if progress.state != "none":
            click.echo(f"keeper {progress.pid}: {progress.state}, {progress.done} read since {progress.since}")
