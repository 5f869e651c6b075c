"""``unburnt prove``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.base.errors import UsageError
from unburnt.cli.common import archive_of, say

_FIELDS = {"path": "path", "delivery": "accession", "modified": "modified", "time": "time"}
_MEANINGS = {
    "digest": "the SHA-256 of the bytes", "size": "their number", "path": "the path under which they were received",
    "accession": "which delivery brought them", "modified": "the time of last change that the file system gave",
    "time": "the time of receipt by this computer's clock", "blob": "the SHA-256 of the original",
    "step": "the step that read it", "version": "that step's version", "key": "the key of the derived record",
    "output": "the digest of the derived record",
}


@click.command("prove")
@click.argument("doc")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.proof",
              help="Where to write the proof.")
@click.option("--disclose", default="", metavar="FIELDS", help="Open more: path, delivery, modified, time (with commas).")
@click.option("--text", is_flag=True, help="Prove instead which step made the text, and from which bytes.")
@click.pass_context
def command(context: click.Context, doc: str, output: Path, disclose: str, text: bool) -> None:
    """Write a proof that DOC's bytes are logged, which anyone can check with 'unburnt check' or check_proof.py."""
    from unburnt.api.seals import Seals

    wanted = [one.strip() for one in disclose.split(",") if one.strip()]
    if unknown := [one for one in wanted if one not in _FIELDS]:
        raise UsageError(f"There is no field {unknown[0]!r} to disclose.", remedy=f"Fields: {', '.join(_FIELDS)}.")
    with archive_of(context) as archive:
        document = archive.document(doc).document
        made = Seals(archive).prove(document, disclose=[_FIELDS[one] for one in wanted], text=text)
    try:
        output.write_bytes(made.proof)
    except OSError as error:
        raise UsageError(f"The proof cannot be written: {error.strerror}.") from error
    say("The proof discloses:")
    for field in made.opened:
        say(f"  {field}: {_MEANINGS.get(field, field)}")
    say("  and the archive's random id, its public key, and how many events its log has.")
    for one in made.vouched:
        say(f"It carries: {one.kind} by {one.by}, who states {one.time}.")
    if not made.vouched:
        say("Nobody outside has vouched for it yet (unburnt timestamp, unburnt witness).")
    for warning in made.warnings:
        say(f"Warning: {warning}")
    click.echo(str(output))
