"""What whoever can write to an archive's folder does to it: for the tests that spoil copies of one made archive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.model.events import AnyEvent
from unburnt.vault.fields import LineWriter

FIRST = "events/000001.jsonl"
READ = Options(ocr=False)


def archive_of(base: Path, files: Mapping[str, bytes], options: Options = READ) -> Path:
    """An archive of one delivery in *base*, ``archive`` beside its ``material``; gives *base*."""
    (base / "material").mkdir()
    for name, data in files.items():
        (base / "material" / name).write_bytes(data)
    with Archive.create(base / "archive") as archive:
        archive.add([base / "material"], options=options)
    return base


def copied(made: Path, place: Path) -> Path:
    """A copy of the folder *made* at *place*, for one test alone."""
    shutil.copytree(made, place, ignore=shutil.ignore_patterns("*.sock"))
    return place


def use_keys_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key remembers what it signed, and would refuse the second test's archive as a fork of the first's."""
    shutil.copytree(os.environ["UNBURNT_KEYS"], folder / "keys")
    monkeypatch.setenv("UNBURNT_KEYS", str(folder / "keys"))


def for_one_test(made: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy in *folder* of what :func:`archive_of` made, to be spoiled, with keys of its own; gives the archive."""
    use_keys_of_its_own(folder, monkeypatch)
    return copied(made / "archive", folder / "archive")


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
