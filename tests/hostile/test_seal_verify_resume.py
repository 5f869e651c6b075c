"""An interrupted verification goes on where it stopped, and believes only what it noted itself, outside the archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import Seals
from unburnt.base.settings import state_folder
from unburnt.flow import originals

ALL_OF_THEM = {"last": "f" * 64, "looked_at": 5, "findings": []}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "m").mkdir()
    for number in range(5):
        (tmp_path / "m" / f"{number}.txt").write_text(f"text {number}\n")
    with Archive.create(tmp_path / "archive") as made:
        made.add([tmp_path / "m"], options=Options(reads=False))
    return tmp_path / "archive"


def _changed(root: Path) -> Path:
    victim = sorted(path for path in (root / "objects").rglob("*") if path.is_file())[0]
    victim.chmod(0o600)
    victim.write_bytes(b"X" + victim.read_bytes()[1:])
    return victim


def test_a_note_of_progress_inside_the_archive_is_not_believed(archive: Path) -> None:
    victim = _changed(archive)
    (archive / "out" / "verify-progress.json").write_text(json.dumps(ALL_OF_THEM))
    with Archive.open(archive) as opened:
        report = Seals(opened).verify(resume=True)
    assert [one.item for one in report.checks[1].findings] == [f"objects/{victim.parent.name}/{victim.name}"]


def test_an_interrupted_run_is_gone_on_with_and_leaves_nothing_in_the_archive(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(originals, "SAVE_EVERY_FILES", 1)
    victim = _changed(archive)

    def stop(what: str, done: int, total: int) -> None:
        if what == "originals" and done == 4:
            raise KeyboardInterrupt

    with Archive.open(archive) as opened, pytest.raises(KeyboardInterrupt):
        Seals(opened).verify(tell=stop)
    assert [path for path in archive.rglob("*") if "verify" in path.name] == []
    notebooks = list((state_folder() / "verify").iterdir())
    assert len(notebooks) == 1
    with Archive.open(archive) as opened:
        report = Seals(opened).verify(resume=True)
    check = report.checks[1]
    assert check.looked_at == 5
    assert check.notes == ("3 of them were hashed by an earlier run that was interrupted.",)
    assert [one.item for one in check.findings] == [f"objects/{victim.parent.name}/{victim.name}"]
    assert not notebooks[0].exists()
