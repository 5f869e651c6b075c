"""The example leak, imported once for all golden tests, and its two locked files, opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from leak_known_failures import KNOWN_FAILURES
from leak_source import LEAK, STORIES, path_of

from unburnt.api import Archive
from unburnt.model.reading import Part


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the known failures of readers; one that no longer fails is an error (``xfail_strict``)."""
    for item in items:
        if item.path.name.startswith("test_leak_") and item.name in KNOWN_FAILURES:
            item.add_marker(pytest.mark.xfail(reason=KNOWN_FAILURES[item.name], raises=AssertionError, strict=True))


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
        locked = [Path(LEAK, path_of(STORIES["locked"][name]["path"]).decode()) for name in ("archive", "workbook")]
        with archive.keeper():
            archive.add(locked)
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
