"""``unburnt export``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.api import Archive
from unburnt.base.errors import UsageError
from unburnt.cli.common import archive_of, say
from unburnt.model.unvouched import said_of_document


@click.command("export")
@click.argument("docs", nargs=-1, metavar="DOC...")
@click.option("--as", "form", type=click.Choice(["pdf", "text", "original"]), default="pdf", show_default=True,
              help="pdf: a safe PDF made of pixels. original: the bytes as received, which may be dangerous.")
@click.option("--bagit", "bag", is_flag=False, flag_value="", metavar="[DIR]",
              help="Write the originals of all DOCs as one bag (BagIt) into DIR; as the last word, without DIR, into "
              "out/. It is marked internal and unchecked.")
@click.option("--all", "everything", is_flag=True, help="With --bagit: every original of the archive.")
@click.option("--with-names", is_flag=True,
              help="With --bagit: list the names and paths under which they were received. They can betray a source.")
@click.pass_context
def command(
    context: click.Context, docs: tuple[str, ...], form: str, bag: str | None, everything: bool, with_names: bool
) -> None:
    """Write DOC into the archive's out/ folder under a neutral name, and print where."""
    with archive_of(context) as archive:
        if bag is not None:
            _bag(archive, docs, Path(bag) if bag else None, everything=everything, names=with_names)
            return
        if everything or with_names or len(docs) != 1:
            raise UsageError("Name one DOC; several, --all and --with-names go with --bagit.")
        view = archive.document(docs[0])
        document = view.document
        if view.unvouched:
            say(f"Warning: {said_of_document(view.unvouched)}")
        if form == "original":
            say("Warning: originals can carry malware and hidden marks that betray a source.")
            path = archive.export_original(document)
        else:
            path = archive.export_text(document) if form == "text" else archive.safe_pdf(document)
        click.echo(str(path))


def _bag(archive: Archive, docs: tuple[str, ...], into: Path | None, *, everything: bool, names: bool) -> None:
    from unburnt.api.bags import export_bag

    say("Warning: originals can carry malware and hidden marks that betray a source. The bag is INTERNAL, UNCHECKED.")
    written = export_bag(archive, docs, everything=everything, into=into, names=names)
    if written.unvouched:
        say(f"Warning: nobody on this machine vouches that {written.unvouched} of the files in it were received; its bag-info.txt and "
            "unburnt/unvouched.txt name them.")
    say(f"{written.documents} originals, {written.bytes} bytes, {written.proofs} proofs.")
    click.echo(str(written.folder))
