"""``unburnt key``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.base.errors import UsageError
from unburnt.base.files import read_small
from unburnt.cli.common import archive_of, say
from unburnt.cli.files import passphrase_from, write_file

_file = click.Path(path_type=Path, dir_okay=False)
_passphrase = click.option("--passphrase-file", type=_file, metavar="FILE", help="Of the key as it is now.")
_new = click.option("--new-passphrase-file", type=_file, metavar="FILE", help="To protect the new key with.")
_carried = click.option("--carry-passphrase-file", required=True, type=_file, metavar="FILE",
                        help="Protects the file while it is carried.")


@click.group("key")
def command() -> None:
    """The key that seals the archive. It stands outside the archive; reading and checking need none."""


@command.command("show")
@click.pass_context
def show(context: click.Context) -> None:
    """Show the public key. Publish it where your readers can find it independently."""
    from unburnt.api.seals import Seals

    with archive_of(context) as archive:
        state = Seals(archive).state()
        if state.vkey is None:
            raise UsageError("This archive has no key yet.", remedy="Run 'unburnt add' once; it makes one.")
        click.echo(state.vkey)
        say("The private key is on this machine." if state.key_is_here else "The private key is not on this machine.")


@command.command("export")
@click.option("-o", "--output", required=True, type=_file, metavar="FILE", help="Where to write it (age).")
@_passphrase
@_carried
@click.pass_context
def export(
    context: click.Context, output: Path, passphrase_file: Path | None, carry_passphrase_file: Path
) -> None:
    """Write the private key, encrypted, for another machine. Two machines that both seal make a fork: use one."""
    from unburnt.api.seals import Keys

    with archive_of(context) as archive:
        carried = passphrase_from(carry_passphrase_file) or ""
        write_file(output, Keys().export_private(archive.id, passphrase_from(passphrase_file), carried))
    click.echo(str(output))


@command.command("import")
@click.argument("file", type=_file)
@_carried
@_new
@click.pass_context
def import_(
    context: click.Context, file: Path, carry_passphrase_file: Path, new_passphrase_file: Path | None
) -> None:
    """Take over a key that 'unburnt key export' wrote."""
    from unburnt.api.seals import Keys

    with archive_of(context) as archive:
        key = Keys().import_private(archive.id, read_small(file), passphrase_from(carry_passphrase_file) or "",
                                    passphrase_from(new_passphrase_file))
        click.echo(key.vkey)


@command.command("rotate")
@click.option("--lost", is_flag=True, help="The old key is lost: the new one says so alone.")
@_passphrase
@_new
@click.pass_context
def rotate(
    context: click.Context, lost: bool, passphrase_file: Path | None, new_passphrase_file: Path | None
) -> None:
    """Go over to a new key. Old evidence stays as good as it was."""
    from unburnt.api.seals import SealRequest, Seals

    with archive_of(context) as archive:
        vkey = Seals(archive).act(SealRequest(
            act="lost" if lost else "rotate", passphrase=passphrase_from(passphrase_file),
            new_passphrase=passphrase_from(new_passphrase_file)))
        click.echo(vkey)
        if lost:
            say("Nobody can see from the old key that this one follows it: tell your readers another way.")


@command.command("changes")
@click.option("-o", "--output", required=True, type=_file, metavar="FILE", help="Where to write them.")
@click.pass_context
def changes(context: click.Context, output: Path) -> None:
    """Write the signed statements by which the key changed, for a witness that knows an older one."""
    from unburnt.api.seals import Seals

    with archive_of(context) as archive:
        statements = Seals(archive).statements()
        if not statements:
            raise UsageError("The key of this archive was never changed.")
        write_file(output, statements)
    click.echo(str(output))
