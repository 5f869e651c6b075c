"""``unburnt witness``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.base.files import read_small
from unburnt.base.visible import visible
from unburnt.cli.common import archive_of, say
from unburnt.cli.files import passphrase_from, write_file

_output = click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False),
                       metavar="FILE", help="Where to write it; carry it by USB stick.")
_passphrase = click.option("--passphrase-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                           help="For a witness key that a passphrase protects.")


@click.group("witness")
def command() -> None:
    """Have a colleague's machine countersign the log, or countersign a colleague's."""


@command.command("key")
@_passphrase
def key(passphrase_file: Path | None) -> None:
    """Show this machine's witness key, which is made when there is none. Tell it to whoever asks you to sign."""
    from unburnt.api.witnesses import witness_key

    click.echo(witness_key(passphrase_from(passphrase_file)))


@command.command("request")
@click.option("--witness", required=True, metavar="VKEY", help="The witness's key, as the witness told you.")
@click.option("--old", type=click.IntRange(0), metavar="N", help="Begin at N events, when the witness asks for that.")
@_output
@click.pass_context
def request(context: click.Context, witness: str, old: int | None, output: Path) -> None:
    """Write a request for a witness: the signed checkpoint, and the proof that the log only grew."""
    from unburnt.api.seals import Seals

    with archive_of(context) as archive:
        seals = Seals(archive)
        write_file(output, seals.request_for_witness(witness, old))
        say(f"The witness must know this archive's key: {seals.state().vkey}")
    click.echo(str(output))


@command.command("sign")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--trust", metavar="VKEY", help="The archive's key as its owner told you; needed the first time.")
@click.option("--changes", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="What 'unburnt key changes' wrote, when the archive's key is another than the one you knew.")
@click.option("--replace", is_flag=True, help="Trust the new key though the old one did not hand over (it was lost).")
@_passphrase
@_output
def sign(
    file: Path, trust: str | None, changes: Path | None, replace: bool, passphrase_file: Path | None, output: Path
) -> None:
    """Countersign the request in FILE. Refuses a log that went backwards or was forked, and keeps the evidence."""
    from unburnt.api.witnesses import countersign, witness_key

    passphrase = passphrase_from(passphrase_file)
    statements = read_small(changes) if changes is not None else b""
    write_file(output, countersign(
        read_small(file), trust=trust, statements=statements, replace=replace, passphrase=passphrase))
    say(f"Signed with {witness_key(passphrase)}")
    click.echo(str(output))


@command.command("add")
@click.argument("answer", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--witness", required=True, metavar="VKEY", help="The witness's key, as the witness told you.")
@click.pass_context
def add(context: click.Context, answer: Path, witness: str) -> None:
    """Check a witness's ANSWER and keep it."""
    from unburnt.api.seals import SealRequest, Seals

    with archive_of(context) as archive:
        said = Seals(archive).act(SealRequest(act="countersigned", answer=read_small(answer), witness=witness))
        click.echo(f"{visible(said['witness'])} says that at {said['time']} it saw the log of {said['size']} events.")
