"""``unburnt report``."""

from __future__ import annotations

import click

from unburnt.cli.common import archive_of, emit, json_option, path_bytes, say, shown, shown_path
from unburnt.model.outcome import Outcome
from unburnt.model.unvouched import is_within, said_of_archive


@click.command("report")
@click.option("--outcome", type=click.Choice([str(one) for one in Outcome]), help="Only files that were read so.")
@click.option("--type", "media_type", help="Only this media type.")
@click.option("--path", "text", help="Only paths that contain this.")
@click.option("--limit", default=0, help="At most so many lines; 0 for all.")
@json_option
@click.pass_context
def command(
    context: click.Context, outcome: str | None, media_type: str | None, text: str | None, limit: int, as_json: bool
) -> None:
    """Every file, every member, how reading it ended, and why."""
    with archive_of(context) as archive:
        status = archive.status()
        for reason, count in status.members_not_reached.items():
            say(f"{count} members were never reached in their containers: {shown(reason)}")
        if runs := status.unlocked_parsers:
            say(f"Warning: parsers ran without a sandbox in {runs} runs (--unsafe-parsers).")
        spans = archive.unvouched_spans()
        if said := said_of_archive(archive.unvouched()):
            say(said)
        offset = 0
        while True:
            page = archive.ledger(outcome=outcome, type=media_type, text=text, offset=offset, limit=500)
            for row in page.rows:
                if limit and offset >= limit:
                    return
                offset += 1
                if as_json:
                    emit({
                        "schema": 1, "accession": row.accession, "container": row.container,
                        "path": shown_path(row.shown), "path_bytes": path_bytes(row.path), "document": row.digest, "type": row.type,
                        "outcome": row.outcome, "reason": row.reason,
                        "unvouched": is_within(spans, row.sequence),
                    })
                else:
                    where = row.accession or f"in {(row.container or '')[:12]}"
                    unvouched = "  [not vouched for]" if is_within(spans, row.sequence) else ""
                    click.echo(f"{row.outcome:<13}{where:<16}{shown_path(row.shown)}"
                               + (f"  ({row.reason})" if row.reason else "") + unvouched)
            if not page.rows:
                return
