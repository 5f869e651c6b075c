"""Passwords that come while a keeper reads: what was being read without them is tried once more."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.zip_made import traditional_zip
from unburnt.api import Archive
from unburnt.api.options import Options

PASSWORD = "long march"
LOCKED = traditional_zip({"plan.txt": b"the hidden plan\n"}, PASSWORD.encode())
OPTIONS = Options(ocr=False)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "locked.zip").write_bytes(LOCKED)
    return tmp_path / "in"


def test_an_unlock_right_after_an_interrupted_one_opens_what_waits(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=OPTIONS)
        assert archive.document("locked.zip").outcome == "locked"
        # As who was interrupted leaves it: the file waits to be tried, and nobody knows the password any more.
        archive.try_passwords([PASSWORD], options=Options(reads=False))
        assert archive.document("locked.zip").outcome == "waiting"
        assert archive.try_passwords([PASSWORD], wait=True, options=OPTIONS) == 1
        assert archive.document("locked.zip").outcome == "read"
        assert archive.count("hidden plan") == 1


def test_passwords_given_while_a_locked_file_is_being_read_are_tried_on_it(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive, archive.keeper(OPTIONS) as keeper:
        keeper.receive(source)
        while not keeper.progress().waiting:
            time.sleep(0.001)
        archive.try_passwords(["wrong"])
        archive.try_passwords([PASSWORD], wait=True)
        assert archive.document("locked.zip").outcome == "read"


def test_a_wrong_password_is_tried_once(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive, archive.keeper(OPTIONS) as keeper:
        keeper.receive(source)
        while not keeper.progress().waiting:
            time.sleep(0.001)
        archive.try_passwords(["wrong"], wait=True)
        assert archive.document("locked.zip").outcome == "locked"
        assert archive.try_passwords(["wrong"], wait=True) == 1
        assert archive.document("locked.zip").outcome == "locked"
