"""``unburnt doctor``."""

from __future__ import annotations

import click

from unburnt.api import doctor
from unburnt.cli.common import emit, json_option

_SIGNS = {"ok": "ok      ", "missing": "MISSING ", "warning": "warning "}


@click.command("doctor")
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Say what this machine has, what is missing, and what that costs."""
    for check in doctor(context.find_root().obj):
        if as_json:
            emit(check)
            continue
        click.echo(f"{_SIGNS.get(check.state, check.state)}{check.name}: {check.finding}")
        if check.state != "ok":
            for line in (check.cost, check.remedy):
                if line:
                    click.echo(f"        {line}")
