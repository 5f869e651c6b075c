"""What is gone on with is what was read before: no record that somebody changed meanwhile becomes part of a sealed reading."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.forged_views import FORGED, change_record, digest_of, put, sql
from tests.hostile.slicing import OPTIONS
from tests.material import tarred
from tests.rar_volumes_made import rar5_volumes
from tests.scanned import page
from tests.sealed_archive import NOTICE, verification, wrong
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import Seals
from unburnt.base.errors import DamagedArchive
from unburnt.flow.own_records import OwnRecords
from unburnt.model.events import ReadingMade
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout

GIANT = tarred({f"notes/{i}.txt": f"Note {i} about the road.".encode() for i in range(45)})
SLICES = ("unburnt.flow.recorder:Recorder._keep_slice:after", "unburnt.flow.collector:Collector._put_before:before")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "keys"))
    (tmp_path / "m").mkdir()
    Archive.create(tmp_path / "archive").close()
    return tmp_path


def _readings(root: Path) -> list[ReadingMade]:
    return [event for _, event in Events(Layout.open(root), write=False).replay() if isinstance(event, ReadingMade)]


def test_a_record_of_one_content_is_not_taken_up_for_another(base: Path) -> None:
    for name in ("a", "b"):
        (base / "m" / f"{name}.txt").write_text(f"Paper {name}.")
    with Archive.open(base / "archive") as opened, opened.keeper() as keeper:
        keeper.receive(base / "m")
        keeper.wait_until_idle()
        one, other = _readings(base / "archive")
        assert one.blob and other.blob and one.output
        for own in (keeper.stores.own, OwnRecords(Layout.open(base / "archive"), keeper.stores.events, lambda *_: True)):
            assert own.not_among([(one.key, one.output)], {one.blob}) == []
            assert own.not_among([(one.key, one.output)], {other.blob}) == [one.key]


@pytest.mark.parametrize("number", [0, 1])
def test_a_slice_that_was_changed_is_no_part_of_the_whole(base: Path, number: int) -> None:
    (base / "m" / "giant.tar").write_bytes(GIANT)
    died = subprocess.run(
        [sys.executable, "-m", "tests.hostile.slicing", SLICES[0], "3", str(base / "archive"), str(base / "m")],
        cwd=Path(__file__).parents[2], capture_output=True, check=False)
    assert died.returncode == -9
    slices = [one.key for one in _readings(base / "archive") if one.blob == digest_of(GIANT)]

    def add_one(reading: Any) -> None:
        reading["members"][0].update(digest=digest_of(FORGED), size=len(FORGED), name="order.txt")

    change_record(base / "archive", slices[number], add_one)
    put(base / "archive", "derived/members", digest_of(FORGED), FORGED)
    with Archive.open(base / "archive") as opened:
        opened.add([base / "m"], options=OPTIONS)
        members = [one.digest for one in opened.members(digest_of(GIANT), limit=100)]
        assert members == [digest_of(f"Note {i} about the road.".encode()) for i in range(45)]
        assert opened.count("Note 7") == 1
        assert wrong(Seals(opened).verify(rederive=None, options=OPTIONS)) == {}


def _scan(path: Path) -> None:
    """Two pages as a camera would give them."""
    first, second = (page([("en", line)]) for line in ("Minutes of the meeting of the board", "No invoice was found"))
    assert isinstance(second, Image.Image)
    first.save(path, format="TIFF", save_all=True, append_images=[second])


def test_a_reading_that_was_changed_before_its_pages_are_recognised_is_read_again(base: Path) -> None:
    _scan(base / "m" / "scan.tiff")
    with Archive.open(base / "archive") as opened:
        opened.add([base / "m"], options=Options(ocr=False))
        document = opened.document("scan.tiff").document
        key = opened.key_of(document)
    assert key is not None
    change_record(base / "archive", key, lambda one: one["metadata"].update(title="Report about Zhang"))
    with Archive.open(base / "archive") as opened:
        opened.add([base / "m"], options=Options())
        reading = opened.reading(document)
        assert reading is not None and reading.metadata.title is None
        assert "invoice" in " ".join(part.text for part in opened.parts(document))
    assert wrong(verification(base / "archive")) == {}


def test_a_document_that_only_the_catalogue_counts_to_a_set_is_not_said_to_be_read_with_it(base: Path) -> None:
    """Its text would be gone, and sealed: read together with the others."""
    volumes = rar5_volumes({"report.txt": b"Report from the depot.\n" * 200}, 1_500)
    for number, volume in enumerate(volumes, 1):
        (base / "m" / f"split.part{number}.rar").write_bytes(volume)
    (base / "m" / "notice.txt").write_text(NOTICE)
    with Archive.open(base / "archive") as opened:
        opened.add([base / "m"], options=Options(ocr=False))
    notice = digest_of(NOTICE.encode())
    sql(base / "archive", "UPDATE document SET attempt = 1, missing = '[\"volumes\"]' WHERE blob = "
        "(SELECT number FROM blob WHERE digest = ?)", notice)
    sql(base / "archive", "INSERT INTO volume (lead, place, number, digest, used) SELECT number, 77, 77, ?, 1 FROM blob "
        "WHERE digest = ?", notice, digest_of(volumes[0]))
    before = _readings(base / "archive")
    with Archive.open(base / "archive") as opened, pytest.raises(DamagedArchive) as refused:
        opened.add([base / "m"], options=Options(ocr=False))
    assert "rebuild" in str(refused.value.remedy)
    assert _readings(base / "archive") == before


def test_a_rebuilt_catalogue_takes_no_record_that_was_not_sealed(base: Path) -> None:
    (base / "m" / "notice.txt").write_text(NOTICE)
    with Archive.open(base / "archive") as opened:
        opened.add([base / "m"], options=Options(ocr=False))
        key = opened.key_of(digest_of(NOTICE.encode()))
    assert key is not None
    change_record(base / "archive", key, lambda one: one["metadata"].update(title="Report about Zhang"))
    with Archive.rebuild(base / "archive") as opened:
        assert opened.count("Zhang") == 0
        opened.add([base / "m"], options=Options(ocr=False))
        assert opened.count("拘留") == 1
    assert wrong(verification(base / "archive")) == {}
