"""``unburnt erase``."""

from __future__ import annotations

import click

from unburnt.cli.common import archive_of, say


@click.command("erase")
@click.argument("doc")
@click.option("--field", "fields", multiple=True, type=click.Choice(["path", "modified", "size"]),
              help="Erase only this of how it was received; may be repeated.")
@click.option("--why", default="", help="A reason to keep in the history.")
@click.option("--with-containers", is_flag=True, help="Erase also every container that holds it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(
    context: click.Context, doc: str, fields: tuple[str, ...], why: str, with_containers: bool, yes: bool
) -> None:
    """Erase DOC: its bytes, its text, its index entries and its names. That it was erased stays recorded."""
    with archive_of(context) as archive:
        document = archive.document(doc)
        if not yes:
            click.confirm(
                f"Erase {document.document[:12]} at {document.total_occurrences} places for good?", abort=True, err=True
            )
        gone = archive.erase(document.document, fields=fields, why=why, with_containers=with_containers)
        say(f"Erased: {len(gone)} contents." if not fields else "Erased the named facts.")
