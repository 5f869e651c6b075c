"""A user's own things are where the platform keeps such, found without loading what knows all platforms."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from unburnt.base.settings import config_folder, data_folder, keys_folder, state_folder

_LOADED = "import sys; from unburnt.base import settings; settings.data_folder(); print('platformdirs' in sys.modules)"


@pytest.mark.parametrize("environment", [
    {}, {"HOME": "/home/a b/"}, {"HOME": "/"}, {"HOME": "relative"}, {"HOME": ""}, {"XDG_DATA_HOME": "/elsewhere"}, {"XDG_CONFIG_HOME": " /c "},
    {"XDG_STATE_HOME": "relative"}, {"XDG_DATA_HOME": ""}, {"XDG_DATA_HOME": "~/x"},
])
def test_folders_are_those_of_the_platform(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "CONFIG", "KEYS", "STATE"):
        monkeypatch.delenv(f"UNBURNT_{name}", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    expected: dict[Callable[[], Path], str] = {
        data_folder: platformdirs.user_data_dir("unburnt", appauthor=False),
        config_folder: platformdirs.user_config_dir("unburnt", appauthor=False),
        keys_folder: platformdirs.user_data_dir("unburnt", appauthor=False) + "/keys",
        state_folder: platformdirs.user_state_dir("unburnt", appauthor=False),
    }
    assert {folder: folder() for folder in expected} == {folder: Path(path) for folder, path in expected.items()}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is asked")
def test_nothing_is_loaded_where_there_is_no_question() -> None:
    answer = subprocess.run([sys.executable, "-c", _LOADED], env={"HOME": "/home/somebody"}, capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"
