"""``unburnt serve``."""

from __future__ import annotations

import click

from unburnt.api.options import Options
from unburnt.cli.common import archive_of
from unburnt.cli.desk import show_desk
from unburnt.cli.reading_options import reading_options


@click.command("serve")
@click.option("--port", default=0, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@reading_options
@click.pass_context
def command(context: click.Context, port: int, no_browser: bool, options: Options) -> None:
    """Show the desk of an archive until interrupted."""
    with archive_of(context) as archive:
        show_desk(archive, port=port, browser=not no_browser, options=options)
