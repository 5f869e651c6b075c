"""``unburnt prove``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.base.errors import UsageError
from unburnt.base.files import read_small
from unburnt.cli.common import archive_of, say
from unburnt.model.seal import ProofMade

_FIELDS = {"path": "path", "delivery": "accession", "modified": "modified", "time": "time"}
_MEANINGS = {
    "digest": "the SHA-256 of the bytes", "size": "their number", "path": "the path under which they were received",
    "accession": "which delivery brought them", "modified": "the time of last change that the file system gave",
    "time": "the time of receipt by this computer's clock", "blob": "the SHA-256 of the original",
    "step": "the step that read it", "version": "that step's version", "key": "the key of the derived record",
    "output": "the digest of the derived record", "kind": "that the event is a not-before mark",
    "value": "the public value", "source": "where others find it, as you wrote it",
}


@click.command("prove")
@click.argument("doc", required=False)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.proof",
              help="Where to write the proof.")
@click.option("--disclose", default="", metavar="FIELDS", help="Open more: path, delivery, modified, time (with commas).")
@click.option("--text", is_flag=True, help="Prove instead which step made the text, and from which bytes.")
@click.option("--beacon", metavar="N|TEXT", help="Prove instead a not-before mark, named by its event's number or its value.")
@click.option("--for", "document", type=click.Path(path_type=Path, dir_okay=False), metavar="DOC.proof",
              help="With --beacon: make it over the same checkpoint as this proof of a document, to compare them.")
@click.pass_context
def command(
    context: click.Context, doc: str | None, output: Path, disclose: str, text: bool, beacon: str | None,
    document: Path | None,
) -> None:
    """Write a proof that DOC's bytes are logged, which anyone can check with 'unburnt check' or check_proof.py."""
    from unburnt.api.seals import Seals

    wanted = [one.strip() for one in disclose.split(",") if one.strip()]
    if unknown := [one for one in wanted if one not in _FIELDS]:
        raise UsageError(f"There is no field {unknown[0]!r} to disclose.", remedy=f"Fields: {', '.join(_FIELDS)}.")
    if (doc is None) == (beacon is None):
        raise UsageError("Name either a document or, with --beacon, a not-before mark.")
    if beacon is not None and (wanted or text) or beacon is None and document is not None:
        raise UsageError("--disclose and --text belong to the proof of a document, --for to one of a not-before mark.")
    with archive_of(context) as archive:
        if doc is not None:
            digest = archive.document(doc).document
            made = Seals(archive).prove(digest, disclose=[_FIELDS[one] for one in wanted], text=text)
        elif beacon is not None:
            made = Seals(archive).prove_beacon(beacon, document=None if document is None else read_small(document))
    try:
        output.write_bytes(made.proof)
    except OSError as error:
        raise UsageError(f"The proof cannot be written: {error.strerror}.") from error
    _tell(made)
    click.echo(str(output))


def _tell(made: ProofMade) -> None:
    if made.document:
        say(f"The proof is about the bytes whose SHA-256 is {made.document}.")
    if made.volumes:
        say(f"Its text was read from {len(made.volumes)} files as one, in this order, which the text's first line names:")
        for digest in made.volumes:
            say(f"  {digest}")
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
