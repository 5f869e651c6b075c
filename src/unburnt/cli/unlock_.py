"""``unburnt unlock``."""

from __future__ import annotations

from pathlib import Path

import click

from unburnt.base.errors import UsageError
from unburnt.cli.common import archive_of, end_progress, passwords_from, passwords_option, progress_line, say


@click.command("unlock")
@passwords_option
@click.pass_context
def command(context: click.Context, password_file: Path | None) -> None:
    """Try passwords on every locked file. What opens is recorded, the passwords are not."""
    if password_file is None:
        given = click.prompt("Password (not shown)", hide_input=True, err=True)
        passwords = [given]
    else:
        passwords = passwords_from(password_file)
    if not passwords:
        raise UsageError("There are no passwords in that file.", remedy="Write one a line.")
    with archive_of(context) as archive:
        locked = archive.status().outcomes.get("locked", 0)
        try:
            tried = archive.try_passwords(passwords, tell=progress_line(), wait=True)
        finally:
            end_progress()
        left = archive.status().outcomes.get("locked", 0)
        say(f"{tried} files were tried; {locked} were locked before, {left} are now.")
