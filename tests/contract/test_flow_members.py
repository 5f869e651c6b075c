"""Copies of what containers hold are a cache: they may be dropped at any time, and nobody notices."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.material import make_delivery, zipped
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.digests import digest_of
from unburnt.base.errors import NotFound

KEEP_NONE = Options(member_cache=0)


def picture(words: str) -> bytes:
    out = io.BytesIO()
    image = Image.new("L", (600, 200), 255)
    ImageDraw.Draw(image).text((40, 60), words, fill=0, font_size=32)
    image.save(out, "PNG")
    return out.getvalue()


PICTURE = picture("Winter supplies for the depot")
DEEP = "最里面的文件".encode()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_delivery(tmp_path_factory.mktemp("source") / "delivery", texts=3)
    inner = zipped({"scan.png": PICTURE, "deep.txt": DEEP})
    (folder / "photos.zip").write_bytes(zipped({"more.zip": inner, "other.png": picture("A second page")}))
    return folder


@pytest.fixture(scope="module")
def lean(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive.create(tmp_path_factory.mktemp("lean") / "archive") as archive:
        archive.add([source], options=KEEP_NONE)
        yield archive


def copies(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "derived" / "members").rglob("*") if path.is_file())


def test_what_was_read_is_stored_once_and_the_archive_is_the_same(lean: Archive, source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source])
        assert digest_of(DEEP) in copies(archive.root)
        assert list(archive.dump()) == list(lean.dump())
    assert copies(lean.root) == []
    assert lean.status().outcomes["waiting"] == 0


def test_a_dropped_member_is_shown_and_exported_out_of_its_container(lean: Archive) -> None:
    assert lean.page_image(digest_of(PICTURE), 0, width=300).startswith(b"\x89PNG")
    assert lean.export_original(digest_of(DEEP)).read_bytes() == DEEP
    assert lean.export_original(digest_of(PICTURE)).read_bytes() == PICTURE
    assert lean.safe_pdf(digest_of(PICTURE)).read_bytes().startswith(b"%PDF")
    assert copies(lean.root) == [] and list((lean.root / "tmp").iterdir()) == []


def test_bytes_that_no_container_gives_any_more_are_said_to_be_gone(lean: Archive) -> None:
    with pytest.raises(NotFound):
        lean.export_original(digest_of(b"bytes that were never received"))


def test_dropped_members_are_read_again_when_their_readings_are_lost(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=KEEP_NONE)
        before = list(archive.dump())
    for path in (tmp_path / "archive" / "derived").glob("*.sqlite*"):
        path.unlink()
    with Archive.rebuild(tmp_path / "archive") as archive:
        archive.add([source], options=KEEP_NONE)
        assert list(archive.dump()) == before
        assert copies(archive.root) == []


def test_a_single_member_waits_and_is_extracted_for_that(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=Options(member_cache=0, ocr=False))
        assert copies(archive.root) == []
        assert archive.status().outcomes["needs-ocr"] == 2
        archive.add([source], options=KEEP_NONE)
        assert archive.status().outcomes["needs-ocr"] == 0
        assert archive.count("supplies") == 1


def test_what_is_not_read_yet_is_never_dropped(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=Options(ocr=False))
        scans = {digest_of(PICTURE), digest_of(picture("A second page"))}
        with archive.keeper(KEEP_NONE) as keeper:
            # Both wait for OCR: until it has seen them, extracting their container for each would be waste.
            assert keeper.call(lambda: scans <= set(copies(archive.root)))
            keeper.wait_until_idle()
        assert archive.status().outcomes["needs-ocr"] == 0
    with Archive.open(tmp_path / "archive") as archive:
        archive.add([source], options=KEEP_NONE)
        assert copies(archive.root) == []


def test_a_budget_drops_the_longest_unused_first(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source])
        everything = sum((archive.root / "derived/members" / name[:2] / name).stat().st_size for name in copies(archive.root))
        archive.export_original(digest_of(DEEP))  # used just now
        archive.add([source], options=Options(member_cache=everything // 2))
        left = copies(archive.root)
        assert digest_of(DEEP) in left
        assert sum((archive.root / "derived/members" / name[:2] / name).stat().st_size for name in left) <= everything // 2


def test_erasing_and_rebuilding_hold_without_copies(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=KEEP_NONE)
        archive.export_original(digest_of(DEEP)).unlink()
        before = list(archive.dump())
    with Archive.rebuild(tmp_path / "archive") as archive:
        assert list(archive.dump()) == before
        archive.erase(digest_of(DEEP), with_containers=True)
        with pytest.raises(NotFound):
            archive.export_original(digest_of(DEEP))
    everything = b"".join(path.read_bytes() for path in (tmp_path / "archive").rglob("*") if path.is_file())
    assert DEEP not in everything
    shutil.rmtree(tmp_path / "archive")
