"""``unburnt check``."""

from __future__ import annotations

from base64 import b64decode
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unburnt.base.errors import UsageError
from unburnt.base.visible import visible, visible_path
from unburnt.cli.trust_options import trust_options

if TYPE_CHECKING:
    from unburnt.api.proofs import Compared, Report

_TRUST = {
    "pinned": "the key that you gave",
    "handed-over": "a key that the one you gave handed over to",
    "named": "a key that only the proof itself names; compare it with what the publisher tells you another way",
}
_WHAT_A_MARK_SHOWS = (
    "Find that value where it was published, and judge whether nobody could know it before. It says nothing of what stands "
    "before it in the log, and a file may be older than its event."
)


@click.command("check")
@click.argument("proof", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.argument("original", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--write-checker", is_flag=True, help="Print check_proof.py, which does the same without unburnt.")
@click.option("--text", type=click.Path(path_type=Path, dir_okay=False), metavar="RECORD",
              help="For a proof made with --text: what 'unburnt cat' printed; every line is compared.")
@click.option("--beacon", type=click.Path(path_type=Path, dir_okay=False), metavar="MARK.proof",
              help="The proof of a not-before mark: the document has to stand behind it in the same log.")
@trust_options
def command(
    proof: Path | None, original: Path | None, write_checker: bool, text: Path | None, beacon: Path | None, whom: Any
) -> None:
    """Check the file PROOF against the file ORIGINAL; needs no archive. Exit code 3 when it fails.

    A proof of a not-before mark is checked without an ORIGINAL.
    """
    from unburnt.api.proofs import check_beacon, check_proof, check_text, standalone_checker

    if write_checker:
        click.echo(standalone_checker(), nl=False)
        return
    if proof is None:
        raise UsageError("Name a proof and the original it is about.")
    if original is None:
        if text is not None or beacon is not None:
            raise UsageError("--text and --beacon belong to the proof of a document: name the original it is about.")
        alone = check_beacon(proof, whom)
        _tell(alone)
        click.echo(f"Not before: what stands behind event {alone.index} of this log was logged after this became known: "
                   f"{_shown('value', alone.opened['value'])}")
        click.echo(_WHAT_A_MARK_SHOWS)
        return
    report = check_proof(proof, original, whom)
    compared = None if text is None else check_text(report, text)
    mark = None if beacon is None else check_beacon(beacon, whom, document=report)
    _tell(report)
    if compared is not None:
        _tell_text(compared)
    if mark is not None:
        click.echo(f"Not before: the document's event, {report.index}, stands behind the mark, event {mark.index}: it was "
                   f"logged after this became known: {_shown('value', mark.opened['value'])}")
        click.echo(_WHAT_A_MARK_SHOWS)


def _tell_text(compared: Compared) -> None:
    lines, committed = compared.lines, compared.committed
    click.echo("The first line of the text's file is the record that the proof names as output.")
    if lines == committed:
        click.echo(f"Behind it stand {lines} lines, each of them the one that the first names.")
    else:
        click.echo(f"Note: of the {lines} lines behind it {lines - committed} are not proved: the record was made by an old version, "
                   "which named no digests of its parts. `unburnt reread` makes one that does.")
    if compared.volumes:
        click.echo(f"It was read from {len(compared.volumes)} files as one, the volumes of a split archive, or a table and "
                   "its memo file. Their SHA-256, to be compared with yours:")
        for place, digest in enumerate(compared.volumes, 1):
            click.echo(f"  {place}: {visible(digest)}")


def _tell(report: Report) -> None:
    click.echo("The proof is good. It opens:")
    for name, value in sorted(report.opened.items()):
        click.echo(f"  {name}: {_shown(name, value)}")
    click.echo(f"Logged: as event {report.index} of {report.size} in the log {report.origin}.")
    click.echo(f"Signed with {_TRUST[report.signed.trust]}: {report.signed.vkey}")
    for one in report.countersigned:
        moment = datetime.fromtimestamp(min(one.stated, 253_402_300_799), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        whose = "whom you named" if one.pinned else "named by the proof only"
        click.echo(f"Countersigned ({whose}): {one.vkey} says it saw this log at {moment}.")
    for stamp in report.timestamped:
        moment = stamp.time.strftime("%Y-%m-%d %H:%M:%S UTC")
        click.echo(f"Timestamped: {visible(stamp.authority)} states that this log existed at {moment}.")
    for warning in report.warnings:
        click.echo(f"Note: {visible(warning)}")


def _shown(name: str, value: Any) -> str:
    """A path stands as base64 of its bytes in the event; a person reads the path."""
    if name in ("path", "source") and isinstance(value, str):
        with suppress(ValueError):
            return visible_path(b64decode(value, validate=True))
    return visible(str(value))
