"""``unburnt unlock``."""

from __future__ import annotations

import sys

import click

from unburnt.api.options import Options
from unburnt.base.errors import UsageError
from unburnt.cli.common import archive_of, end_progress, progress_line, say
from unburnt.cli.password_options import Passwords, password_options
from unburnt.cli.reading_options import reading_options


@click.command("unlock")
@password_options
@reading_options
@click.pass_context
def command(context: click.Context, passwords: Passwords, options: Options) -> None:
    """Try passwords on every locked file: asked for, or those of a file or the keyring.

    Which files opened is recorded, the passwords are not.
    """
    with archive_of(context) as archive:
        given = passwords.given(*([] if passwords.come_from_somewhere else [_typed()]))
        if not given:
            raise UsageError("There are no passwords in that file or keyring.", remedy="Write one a line.")
        locked = archive.status().outcomes.get("locked", 0)
        try:
            tried = archive.try_passwords(given, tell=progress_line(), wait=True, options=options)
        finally:
            end_progress()
        left = archive.status().outcomes.get("locked", 0)
        say(f"{tried} files were tried; {locked} were locked before, {left} are now.")


def _typed() -> str:
    if not sys.stdin.isatty():
        raise UsageError("There is no terminal to ask for a password at.", remedy="Use --password-file FILE.")
    return str(click.prompt("Password (not shown)", hide_input=True, err=True))
