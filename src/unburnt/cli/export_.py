"""``unburnt export``."""

from __future__ import annotations

import click

from unburnt.cli.common import archive_of, say


@click.command("export")
@click.argument("doc")
@click.option("--as", "form", type=click.Choice(["pdf", "text", "original"]), default="pdf", show_default=True,
              help="pdf: a safe PDF made of pixels. original: the bytes as received, which may be dangerous.")
@click.pass_context
def command(context: click.Context, doc: str, form: str) -> None:
    """Write DOC into the archive's out/ folder under a neutral name, and print where."""
    with archive_of(context) as archive:
        document = archive.document(doc).document
        if form == "original":
            say("Warning: originals can carry malware and hidden marks that betray a source.")
            path = archive.export_original(document)
        else:
            path = archive.export_text(document) if form == "text" else archive.safe_pdf(document)
        click.echo(str(path))
