"""Reading without a sandbox is an event that nobody can miss."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.material import make_delivery
from unburnt.api import Archive, doctor
from unburnt.api.options import Options
from unburnt.model.events import ParsersUnlocked
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout


def command(root: Path, *words: str) -> str:
    """What a command prints, warnings included."""
    line = [sys.executable, "-m", "unburnt", "-a", str(root), *words]
    return subprocess.run(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=True
    ).stdout


def unlocked_events(root: Path) -> int:
    events = Events(Layout.open(root))
    try:
        return sum(isinstance(event, ParsersUnlocked) for _, event in events.replay())
    finally:
        events.close()


def test_reading_without_a_sandbox_is_recorded_once_a_run_and_shown(tmp_path: Path) -> None:
    source = make_delivery(tmp_path / "delivery", texts=3)
    options = Options(rung="unsafe", unsafe_parsers=True, ocr=False)
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=options)
        assert archive.count("拘留") == 3
        archive.add([source], options=options)  # nothing is read: nothing ran unlocked
    root = tmp_path / "archive"
    assert unlocked_events(root) == 1
    assert "parsers ran without a sandbox in 1 run" in command(root, "status")
    assert "parsers ran without a sandbox in 1 run" in command(root, "report")
    assert json.loads(command(root, "status", "--json"))["unlocked_parsers"] == 1
    found = {check.name: check for check in doctor(root)}["unlocked parsers"]
    assert found.state == "warning"
    with Archive.rebuild(root) as archive:
        assert archive.status().unlocked_parsers == 1


def test_where_there_is_a_sandbox_allowing_none_changes_nothing(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([make_delivery(tmp_path / "delivery", texts=2)], options=Options(unsafe_parsers=True, ocr=False))
        assert archive.status().unlocked_parsers == 0
    assert unlocked_events(tmp_path / "archive") == 0
    assert "without a sandbox" not in command(tmp_path / "archive", "status")
    assert {check.name: check for check in doctor(tmp_path / "archive")}["unlocked parsers"].state == "ok"
