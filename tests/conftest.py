"""What every test shares: folders of its own for keys and notes, so that no test touches those of who runs them."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# How fast examples come says how busy the machine is, and nothing about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# The processes that tests run in side by side ignore Ctrl-C, and so would the programs that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def folders_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keys and notes of runs are kept below pytest's temporary folder; children inherit it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("keys", "state"):
            patch.setenv(f"UNBURNT_{name.upper()}", str(tmp_path_factory.mktemp(name)))
        yield
