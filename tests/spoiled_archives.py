"""What whoever can write to an archive's folder does to it: for the tests that spoil copies of one made archive."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from unburnt.model.events import AnyEvent
from unburnt.vault.fields import LineWriter

FIRST = "events/000001.jsonl"


def copied(made: Path, place: Path) -> Path:
    """A copy of the folder *made* at *place*, for one test alone."""
    shutil.copytree(made, place, ignore=shutil.ignore_patterns("*.sock"))
    return place


def use_keys_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key remembers what it signed, and would refuse the second test's archive as a fork of the first's."""
    shutil.copytree(os.environ["UNBURNT_KEYS"], folder / "keys")
    monkeypatch.setenv("UNBURNT_KEYS", str(folder / "keys"))


def event_lines(root: Path) -> list[bytes]:
    """The lines of the first file of events, each with its end."""
    return (root / FIRST).read_bytes().splitlines(keepends=True)


def write_event_lines(root: Path, lines: list[bytes]) -> None:
    """Put other lines in their place."""
    (root / FIRST).write_bytes(b"".join(lines))


def append_events(root: Path, *events: AnyEvent) -> list[bytes]:
    """Append lines of one's own, numbered as a keeper would; gives them."""
    lines = [LineWriter().line(number, event) for number, event in enumerate(events, len(event_lines(root)))]
    with (root / FIRST).open("ab") as file:
        file.write(b"".join(lines))
    return lines
