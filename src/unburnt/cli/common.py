"""What several verbs share: finding the archive, printing safely, showing progress."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from unburnt.base.errors import NotFound
from unburnt.base.visible import visible

if TYPE_CHECKING:
    from unburnt.api import Archive
    from unburnt.model.views import Progress

_STEERING = re.compile("[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

json_option = click.option("--json", "as_json", is_flag=True, help="NDJSON for programs.")


def archive_of(context: click.Context) -> Archive:
    """The archive that the command acts on (DESIGN: -a, else $UNBURNT_ARCHIVE, else the nearest one above)."""
    from unburnt.api import Archive

    given: Path | None = context.find_root().obj
    archive = Archive.open(given) if given is not None else Archive.find()
    tell_oddities(archive.root)
    return archive


def tell_oddities(root: Path) -> None:
    """Say what stands in the place of the keeper's own files."""
    from unburnt.api.archive_checks import oddities

    for odd in oddities(root):
        say(f"{odd.item} of this archive is odd, and was left alone. {odd.what} {odd.remedy}")


def root_of(context: click.Context) -> Path:
    """The archive's folder, not opened, for commands that work where it cannot be; raises :class:`NotFound`."""
    given: Path | None = context.find_root().obj
    start = given or Path.cwd()
    for folder in (start, *start.absolute().parents):
        if (folder / "unburnt.toml").is_file():
            return folder
    raise NotFound("There is no archive here.", remedy="Name one with -a DIR or $UNBURNT_ARCHIVE.")


def say(text: str) -> None:
    """A line to standard error."""
    click.echo(text, err=True)


def emit(record: Any) -> None:
    """One record as a JSON line, what would steer a terminal escaped as JSON escapes it: the value stays what it is."""
    line = msgspec.json.encode(record, enc_hook=str).decode()
    sys.stdout.buffer.write(_STEERING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", line).encode() + b"\n")
    sys.stdout.flush()


def path_bytes(path: bytes) -> str:
    """A path for JSON, byte for byte: base64 of what the file system or the container holds."""
    return base64.b64encode(path).decode()


def shown_path(untrusted_path: str) -> str:
    """A path as people read it, harmless on a terminal."""
    return visible(untrusted_path)


def shown(text: str) -> str:
    """Document text, harmless on a terminal, with its lines."""
    return visible(text, keep="\n\t")


def progress_line() -> Callable[[Progress], None]:
    """Shows progress on one line of a terminal; says nothing where standard error is no terminal."""
    if not sys.stderr.isatty():
        return lambda progress: None
    last = ""

    def tell(progress: Progress) -> None:
        nonlocal last
        line = f"{progress.state}: {progress.received} received, {progress.done} read, {progress.waiting} under way"
        if line != last:
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
            last = line

    return tell


def counting_line() -> Callable[[str, int, int], None]:
    """Shows on one line of a terminal what is counted, how far, and of how many (0: not known)."""
    if not sys.stderr.isatty():
        return lambda what, done, total: None

    def tell(what: str, done: int, total: int) -> None:
        if done % 100 == 0 or done == total:
            sys.stderr.write(f"\r\x1b[K{what}: {done}{f' of {total}' if total else ''}")
            sys.stderr.flush()

    return tell


def end_progress() -> None:
    """Leave the progress line."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
