"""The real sandbox, started once for each file of tests that asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from unburnt.sandbox.runner import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """That in which files are read."""
    with Sandbox("unburnt.read.child:main") as started:
        yield started


@pytest.fixture(scope="module")
def painter() -> Iterator[Sandbox]:
    """That in which pages are drawn."""
    with Sandbox("unburnt.read.render:main") as started:
        yield started
