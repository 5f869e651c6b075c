"""The example leak, imported once for all golden tests, and its two locked files, opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from leak_source import LEAK, STORIES, path_of

from unburnt.api import Archive
from unburnt.model.reading import Part


@pytest.fixture(scope="session")
def leak_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The whole leak, read until nothing waits, without any password."""
    with Archive.create(tmp_path_factory.mktemp("leak") / "archive") as archive:
        archive.add([LEAK])
        yield archive


@pytest.fixture(scope="session")
def opened_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Only the locked files: received without, then opened with the passwords of the truth."""
    with Archive.create(tmp_path_factory.mktemp("opened") / "archive") as archive:
        for name in ("archive", "workbook"):
            archive.add([Path(LEAK, path_of(STORIES["locked"][name]["path"]).decode())])
        archive.try_passwords(["wrong", *STORIES["locked"]["passwords"]], wait=True)
        yield archive


@pytest.fixture(scope="session")
def parts_of(leak_archive: Archive) -> Callable[[str], list[Part]]:
    """The parts of a content of the leak."""
    known: dict[str, list[Part]] = {}

    def find(digest: str) -> list[Part]:
        if digest not in known:
            known[digest] = list(leak_archive.parts(digest))
        return known[digest]

    return find
