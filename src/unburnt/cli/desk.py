"""Showing the desk: this process becomes the keeper, or leaves that to the one that runs."""

from __future__ import annotations

import contextlib
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.errors import KeeperBusy, UnburntError
from unburnt.cli.common import say
from unburnt.desk.server import serve


def show_desk(
    archive: Archive, *, port: int, browser: bool, options: Options, material: Path | None = None,
    passwords: Sequence[str] = (),
) -> None:
    """Serve until interrupted, which is raised again; *material* is received meanwhile."""
    with contextlib.ExitStack() as stack:
        try:
            keeper = stack.enter_context(archive.keeper(options))
            for message in keeper.messages:
                say(message)
            if keeper.rung != "bubblewrap+landlock":
                say(f"Sandbox: {keeper.rung}.")
        except KeeperBusy as error:
            say(f"{error.message} This desk asks it.")
        threading.Thread(target=_receive, args=(archive, material, passwords), daemon=True).start()

        def ready(link: str) -> None:
            say("The desk opens once with this link:")
            print(link, flush=True)
            if browser:
                # A browser of the terminal would hold up the desk, which answers only after this.
                threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()

        serve(archive, port, ready)
        say("Closing.")
    # The desk ends by Ctrl-C or SIGTERM only; said and answered with the exit code as for every command.
    raise KeyboardInterrupt


def _receive(archive: Archive, material: Path | None, passwords: Sequence[str]) -> None:
    try:
        if material is not None:
            archive.add([material], passwords=passwords, wait=False)
        else:
            if passwords:
                archive.try_passwords(passwords)
            archive.retry()
    except UnburntError as error:
        say(str(error))
