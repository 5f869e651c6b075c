"""Files that a command writes for a person, and passphrases in files."""

from __future__ import annotations

from pathlib import Path

from unburnt.base.errors import UsageError
from unburnt.base.files import read_small


def write_file(path: Path, data: bytes) -> None:
    """Write a file that must not be there yet; raises :class:`UsageError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise UsageError(f"{path.name} is there already; nothing was written.") from error
    except OSError as error:
        raise UsageError(f"{path.name} cannot be written: {error.strerror}.") from error


def passphrase_from(path: Path | None) -> str | None:
    """The first line of a passphrase file, None where none is named; raises :class:`UsageError`."""
    if path is None:
        return None
    lines = read_small(path, pipe=True).decode("utf-8-sig", "replace").splitlines()
    if not lines or not lines[0]:
        raise UsageError("The passphrase file is empty.")
    return lines[0]
