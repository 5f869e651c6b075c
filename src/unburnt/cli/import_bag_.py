"""``unburnt import-bag``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.api.bags import BadBag, import_bag
from unburnt.api.options import Options
from unburnt.cli.common import archive_of, end_progress, progress_line, say
from unburnt.cli.reading_options import reading_options


@click.command("import-bag")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--with-tag-files", is_flag=True, help="Receive its manifests and its other tag files too.")
@click.option("--key", "keys", multiple=True, metavar="VKEY",
              help="The key that must have signed the bag's proofs, as its sender told you; may be repeated.")
@reading_options
@click.pass_context
def command(context: click.Context, folder: Path, with_tag_files: bool, keys: tuple[str, ...], options: Options) -> None:
    """Check the bag (BagIt) in DIR whole, then receive what it holds and read it.

    A bag that is not as its manifests say is refused: each thing that is wrong is printed, and nothing is taken.
    """
    with archive_of(context) as archive:
        try:
            done = import_bag(archive, folder, tag_files=with_tag_files, keys=keys, tell=progress_line(), options=options)
        except BadBag as error:
            for finding in error.findings:
                click.echo(f"{finding.item}: {finding.what}")
            raise
        finally:
            end_progress()
        if done.proofs.count:
            say(f"{done.proofs.count} proofs hold. Timestamps in them were not looked at (unburnt check does that).")
            for vkey in () if done.proofs.pinned else done.proofs.signers:
                say(f"They were signed by the key named in them; compare it with what their sender tells you: {vkey}")
        for warning in done.bag.warnings:
            say(f"Note: {warning}")
        say(f"Bag {done.bag.id}: {len(done.bag.payload)} files, all as its manifests say; "
            f"received as {', '.join(done.accessions)}.")
