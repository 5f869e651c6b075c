"""Rebuilding makes catalogue and index from what is kept, and reads nothing new."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageDraw

from tests.material import make_delivery
from unburnt.api import Archive
from unburnt.api.options import Options


def delivery_with_a_scan(folder: Path) -> Path:
    """A delivery that also holds a picture of text, which only OCR could read."""
    source = make_delivery(folder, texts=3)
    picture = Image.new("L", (600, 200), 255)
    ImageDraw.Draw(picture).text((40, 60), "Winter supplies for the depot", fill=0, font_size=32)
    picture.save(source / "scan.png")
    return source


def test_after_an_import_without_ocr_a_rebuilt_archive_is_equal_and_nothing_was_read(tmp_path: Path) -> None:
    source = delivery_with_a_scan(tmp_path / "delivery")
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=Options(ocr=False))
        before = list(archive.dump())
        assert archive.status().outcomes["needs-ocr"] == 1
    events = event_lines(tmp_path / "archive")
    with Archive.rebuild(tmp_path / "archive") as archive:
        assert list(archive.dump()) == before
        assert archive.count("拘留") == 3
    assert event_lines(tmp_path / "archive") == events


def test_what_waits_to_be_read_waits_on_through_a_rebuild(tmp_path: Path) -> None:
    source = make_delivery(tmp_path / "delivery", texts=3)
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=Options(reads=False))
        waiting = archive.status().outcomes["waiting"]
        assert waiting > 0
    with Archive.rebuild(tmp_path / "archive") as archive:
        assert archive.status().outcomes["waiting"] == waiting
        archive.add([source])
        assert archive.status().outcomes["waiting"] == 0


def test_lost_derived_records_are_made_again_from_the_originals(tmp_path: Path) -> None:
    source = make_delivery(tmp_path / "delivery", texts=3)
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source])
        before = list(archive.dump())
    shutil.rmtree(tmp_path / "archive" / "derived")
    with Archive.rebuild(tmp_path / "archive") as archive:
        assert archive.status().outcomes["waiting"] > 0
        archive.add([source])
        assert list(archive.dump()) == before
        assert archive.count("里面") == 1


def test_erasing_reads_nothing_either(tmp_path: Path) -> None:
    source = delivery_with_a_scan(tmp_path / "delivery")
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=Options(ocr=False))
        archive.erase("village-0/notice-0.txt", why="a promise")
        assert archive.status().outcomes["needs-ocr"] == 1


def test_an_archive_whose_catalogue_another_version_wrote_or_that_lost_it_opens_by_itself(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([make_delivery(tmp_path / "delivery", texts=3)])
        before = list(archive.dump())
    with sqlite3.connect(tmp_path / "archive" / "catalog.sqlite") as connection:
        connection.execute("UPDATE meta SET value = '0' WHERE name = 'schema'")
    connection.close()
    with Archive.open(tmp_path / "archive") as archive:
        assert list(archive.dump()) == before
    for path in (tmp_path / "archive").glob("catalog.sqlite*"):
        path.unlink()
    shown = subprocess.run(
        [sys.executable, "-m", "unburnt", "-a", str(tmp_path / "archive"), "search", "--count", "拘留"],
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert (shown.returncode, shown.stdout) == (0, "3\n"), shown.stderr


def event_lines(root: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in (root / "events").glob("*.jsonl"))
