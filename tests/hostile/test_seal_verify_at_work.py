"""An archive at work, or one whose work was killed, is no damaged one: verifying finds nothing wrong meanwhile."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.sealed_archive import verification, wrong
from unburnt.api import Archive
from unburnt.api.options import Options

WORK = """
import sys
from pathlib import Path
from unburnt.api import Archive
from unburnt.api.options import Options
with Archive.open(Path(sys.argv[1])) as archive:
    archive.add([Path(sys.argv[2])], options=Options(ocr=False))
"""
ERASE = """
    for number in range(4):
        archive.erase(f"first-{number}.txt", why="asked for")
        archive.erase(f"second-{number}.txt", fields=["path"], why="asked for")
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        for number in range(120):
            (tmp_path / name / f"{name}-{number}.txt").write_text(f"{name} {number}\n")
        with zipfile.ZipFile(tmp_path / name / "case.zip", "w") as package:
            for number in range(20):
                package.writestr(f"in-{number}.txt", f"{name} member {number}\n")
    with Archive.create(tmp_path / "archive") as made:
        made.add([tmp_path / "first"], options=Options(ocr=False))
    return tmp_path / "archive"


def test_nothing_is_wrong_while_files_are_added_and_erased(archive: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WORK + ERASE.lstrip("\n"), archive, archive.parent / "second"]) as work:
        found = [wrong(verification(archive))]
        while work.poll() is None:
            found.append(wrong(verification(archive)))
    assert work.returncode == 0
    found.append(wrong(verification(archive)))
    assert found == [{}] * len(found)


def test_nothing_is_wrong_after_work_was_killed_and_the_archive_started_once(archive: Path) -> None:
    for number in range(3):
        work = subprocess.Popen([sys.executable, "-c", WORK, archive, archive.parent / "second"])
        try:
            work.wait(random.Random(number).uniform(0.8, 2.5))
        except subprocess.TimeoutExpired:
            work.send_signal(signal.SIGKILL)
            work.wait()
        with Archive.open(archive) as opened:
            opened.add([archive.parent / "first"], options=Options(ocr=False))
        assert wrong(verification(archive)) == {}
