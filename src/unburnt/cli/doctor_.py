"""``unburnt doctor``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.api import doctor
from unburnt.base.errors import NotFound
from unburnt.cli.common import emit, json_option, root_of

_SIGNS = {"ok": "ok      ", "missing": "MISSING ", "warning": "warning "}


@click.command("doctor")
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Say what this machine has, what is missing, and what that costs; and look at the archive, where there is one."""
    for check in doctor(_place(context)):
        if as_json:
            emit(check)
            continue
        click.echo(f"{_SIGNS.get(check.state, check.state)}{check.name}: {check.finding}")
        if check.state != "ok":
            for line in (check.cost, check.remedy):
                if line:
                    click.echo(f"        {line}")


def _place(context: click.Context) -> Path | None:
    """The archive, else the folder that was named for one, else None: then the folder of new archives is looked at."""
    given: Path | None = context.find_root().obj
    try:
        return root_of(context)
    except NotFound:
        return given
