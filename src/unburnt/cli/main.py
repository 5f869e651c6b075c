"""The command ``unburnt``: finds the verb, loads only its file, and turns errors into sentences and exit codes."""

from __future__ import annotations

import gc
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import click

from unburnt import __version__
from unburnt.base.errors import UnburntError

_VERBS = {
    "open": "Open material or an archive: import what is new, then show the desk.",
    "init": "Make an empty archive.",
    "add": "Receive files or folders into the archive and read them.",
    "status": "Show the reading report's totals.",
    "report": "List items and how each was read.",
    "search": "Search the documents.",
    "show": "Show one document: its text, metadata, members and places.",
    "cat": "Print a derived record, or the record of a document's reading.",
    "reread": "Have another engine read documents again, and list where it read other words.",
    "unlock": "Try passwords on locked files.",
    "export": "Write a document into the archive's out/ folder, or many as a bag.",
    "import-bag": "Check a bag (BagIt), then receive what it holds.",
    "copy": "Make a verified second copy of the archive, or bring one up to date.",
    "seal": "Seal what has happened so far, and show who vouched for it.",
    "key": "The key that seals the archive: show, export, import, rotate.",
    "timestamp": "Have an outside authority state that the archive existed at a time.",
    "beacon": "Log a public value that nobody could know before its day.",
    "witness": "Have a colleague countersign the log, or countersign a colleague's.",
    "prove": "Write a proof about a document that anyone can check.",
    "check": "Check a proof against an original, without an archive.",
    "verify": "Check every byte, event and signature of the archive.",
    "repair": "Heal a damaged archive from a copy of it.",
    "rebuild": "Make catalogue and index again from events and derived records.",
    "erase": "Erase a document, or single facts about how it was received.",
    "dump": "Print the catalogue's canonical lines, for comparing archives.",
    "serve": "Show the desk of an archive.",
    "doctor": "Say what is here, what is missing, and what that costs.",
}


_COLLECT_EVERY = 50_000
"""New objects after which cycles are looked for. What a command loads all stays; with Python's 700 a third of the start
goes by in looking at it again and again.
"""


class _Verbs(click.Group):
    """Commands by name; a command's module is imported when it is called, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        command: click.Command = import_module(f"unburnt.cli.{cmd_name.replace('-', '_')}_").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-a", "--archive", type=click.Path(path_type=Path), envvar="UNBURNT_ARCHIVE", metavar="DIR",
    help="The archive; else $UNBURNT_ARCHIVE, else the nearest folder above that holds one.",
)
@click.version_option(__version__)
@click.pass_context
def unburnt(context: click.Context, archive: Path | None) -> None:
    """unburnt keeps, reads and searches leaked and at-risk documents, offline.

    Results go to standard output, progress to standard error. Exit codes: 0 done, 1 error, 2 usage,
    3 verification failed, 4 partial (with --strict), 130 interrupted.
    """
    context.obj = archive


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    gc.set_threshold(_COLLECT_EVERY)
    os.umask(0o077)  # whatever is written is the owner's alone, by libraries too
    _no_core_dumps()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code: Any = unburnt.main(args=arguments, prog_name="unburnt", standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted. What was received and read is kept; the same command goes on with the rest.", err=True)
        code = 130
    except UnburntError as error:
        click.echo(f"unburnt: {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        code = 0
    except OSError as error:
        # What a disk or a drive does at a place where nobody thought of it; never with a name in it.
        click.echo(f"unburnt: The system refused ({error.strerror}). Check disk and drive, then run it again.", err=True)
        code = 1
    gc.freeze()  # what is loaded goes with the process: ending, Python need not look through all of it for cycles
    sys.exit(code if isinstance(code, int) else 0)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """SIGTERM is a Ctrl-C from another program: everything is closed in order, and the exit code is the same."""
    raise KeyboardInterrupt


def _no_core_dumps() -> None:
    """Memory holds document text and perhaps passwords: it must not be written to disk by a crash."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        return
