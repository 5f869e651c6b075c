"""``unburnt timestamp``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.base.files import read_small
from unburnt.base.visible import visible
from unburnt.cli.common import archive_of, say
from unburnt.cli.files import write_file

_root = click.option("--root", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                     help="The authority's root certificate (PEM); trusted from now on.")


@click.group("timestamp")
def command() -> None:
    """Have an outside authority state that the archive existed at a time (RFC 3161)."""


@command.command("request")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Where to write the request files (.tsq); carry them to a machine with a network.")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, 20),
              help="How many: one for each authority.")
@click.pass_context
def request(context: click.Context, output: Path, count: int) -> None:
    """Write requests that tell an authority 32 bytes and a random number, and nothing else."""
    from unburnt.api.seals import Seals

    with archive_of(context) as archive:
        for number, query in enumerate(Seals(archive).requests_for_timestamps(count), 1):
            path = output / f"request-{number}.tsq"
            write_file(path, query)
            click.echo(str(path))
    say("Send each to one authority as application/timestamp-query; bring back the answers (.tsr).")


@command.command("add")
@click.argument("answer", type=click.Path(path_type=Path, dir_okay=False))
@_root
@click.pass_context
def add(context: click.Context, answer: Path, root: Path | None) -> None:
    """Check an authority's ANSWER (.tsr) and keep it."""
    with archive_of(context) as archive:
        _keep(archive, read_small(answer), root)


@command.command("ask")
@click.option("--tsa", "url", required=True, metavar="URL", help="The authority's address; it learns yours.")
@_root
@click.pass_context
def ask(context: click.Context, url: str, root: Path | None) -> None:
    """Ask an authority over the network now. The only command of unburnt that uses one."""
    from unburnt.api.seals import Seals, ask_authority

    with archive_of(context) as archive:
        query = Seals(archive).requests_for_timestamps(1)[0]
        _keep(archive, ask_authority(url, query), root)


def _keep(archive: object, answer: bytes, root: Path | None) -> None:
    from unburnt.api import Archive
    from unburnt.api.seals import SealRequest, Seals

    assert isinstance(archive, Archive)
    said = Seals(archive).act(SealRequest(
        act="timestamp", answer=answer, root=read_small(root) if root is not None else None))
    click.echo(f"{visible(said['authority'])} states that the log of {said['size']} events existed at {said['time']}.")
    if root is not None:
        say(f"Pinned {root.name} as trusted. SHA-256 of the root that the answer leads to: {said['root']}")
