"""What every test shares: a folder of keys of its own, so that no test touches those of the person who runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def keys_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Archives that tests make keep their keys below pytest's temporary folder; children inherit it."""
    before = os.environ.get("UNBURNT_KEYS")
    os.environ["UNBURNT_KEYS"] = str(tmp_path_factory.mktemp("keys"))
    yield
    if before is None:
        del os.environ["UNBURNT_KEYS"]
    else:
        os.environ["UNBURNT_KEYS"] = before
