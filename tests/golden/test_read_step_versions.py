"""No reader's output changes without a higher version: archives would go on showing what an older reader said."""

from __future__ import annotations

import pytest

from tests.golden.step_outputs import outputs, recorded

COMMAND = "python -m tests.golden.step_outputs"


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, object]]:
    return outputs()


def test_the_record_knows_every_reader_that_the_leak_needs(found: dict[str, dict[str, object]]) -> None:
    assert found.keys() == recorded().keys(), f"run {COMMAND}"
    assert len(found) >= 15


@pytest.mark.parametrize("reader", recorded())
def test_output_changes_only_together_with_the_version(found: dict[str, dict[str, object]], reader: str) -> None:
    now, before = found[reader], recorded()[reader]
    if now["version"] == before["version"]:
        assert now == before, f"the output of the reader {reader} changed: raise its version in read/known.py, then run {COMMAND}"
    assert now["version"] == before["version"], f"the reader {reader} has a new version: run {COMMAND}"
