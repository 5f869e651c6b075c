"""``unburnt seal``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.base.visible import visible
from unburnt.cli.common import archive_of, emit, json_option, say
from unburnt.cli.files import passphrase_from
from unburnt.model.seal import SealState


@click.command("seal")
@click.option("--passphrase-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="For a key that a passphrase protects.")
@click.option("--accept", is_flag=True, help="Seal also events that nobody vouches for, on my word: they are mine. verify tells how many.")
@json_option
@click.pass_context
def command(context: click.Context, passphrase_file: Path | None, accept: bool, as_json: bool) -> None:
    """Seal what has happened so far, and show who vouched for it. Adding seals by itself while the key is here.

    Exit code 1 where something could not be sealed.
    """
    from unburnt.api.seals import SealRequest, Seals
    from unburnt.base.errors import UnburntError

    with archive_of(context) as archive:
        seals, failure = Seals(archive), ""
        try:
            seals.act(SealRequest(act="seal", passphrase=passphrase_from(passphrase_file), accept=accept))
        except UnburntError as error:
            failure = str(error)
        for notice in archive.notices:
            if not notice.startswith("Not sealed"):  # the failure says so where it is still so
                say(notice)
        state = seals.state()
    if failure:
        say(failure)
    if as_json:
        emit(state)
    else:
        _tell(state)
    if failure:
        context.exit(1)


def _tell(state: SealState) -> None:
    click.echo(f"{state.sealed} of {state.events} events are sealed.")
    if state.accepted:
        click.echo(f"{state.accepted} events were sealed as they were found, on somebody's word; 'unburnt verify' says which.")
    click.echo(f"Key: {state.vkey or 'none yet'}{'' if state.key_is_here else ' (not on this machine)'}")
    for one in state.vouched:
        click.echo(f"{one.kind.capitalize()}: {visible(one.by)} states {one.time}, over {one.size} events.")
    if not state.vouched:
        click.echo("Nobody outside has vouched for it yet: see 'unburnt timestamp' and 'unburnt witness'.")
    for problem in state.problems:
        click.echo(f"Problem: {problem}")
