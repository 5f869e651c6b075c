"""What is erased is in no bag in out/ any more, nor in what a repair moved aside."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.contract.test_copy_archive import flip, objects_of
from unburnt.api import Archive
from unburnt.api.bags import export_bag
from unburnt.api.copies import copy_archive, repair_archive
from unburnt.api.options import Options

SECRET = "quicksilver-morgenstern"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / f"{SECRET}.txt").write_text(f"signed by {SECRET}")
    (tmp_path / "delivery" / "other.txt").write_text("nothing of note")
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([tmp_path / "delivery"], options=Options(ocr=False))
    return tmp_path / "archive"


def everything(root: Path) -> bytes:
    """Every name and byte of the archive."""
    return b"\n".join(bytes(path) + (path.read_bytes() if path.is_file() else b"") for path in root.rglob("*"))


def test_bags_with_an_erased_content_or_name_go_and_others_stay(root: Path) -> None:
    with Archive.open(root) as archive:
        doomed, other = archive.document(f"{SECRET}.txt").document, archive.document("other.txt").document
        export_bag(archive, [doomed, other], names=True)
        stays = export_bag(archive, [other], names=True).folder
        archive.erase(doomed, fields=["path"])
        assert [path.name for path in (root / "out").iterdir()] == [stays.name]
        export_bag(archive, everything=True)
        archive.erase(doomed)
        assert [path.name for path in (root / "out").iterdir()] == [stays.name]
    assert SECRET.encode() not in everything(root)


def test_damaged_bytes_that_were_moved_aside_are_erased_too(root: Path, tmp_path: Path) -> None:
    copy_archive(root, tmp_path / "copy")
    for victim in objects_of(root):
        flip(victim, 0)
    flip(root / "events" / "000001.jsonl", 20)
    shutil.copyfile(root / "derived" / "001.sqlite", tmp_path / "kept")
    (root / "derived" / "001.sqlite").write_bytes((tmp_path / "kept").read_bytes()[:100])
    repair_archive(root, tmp_path / "copy")
    assert SECRET[1:].encode() in everything(root / "out")
    with Archive.open(root) as archive:
        archive.erase(archive.document(f"{SECRET}.txt").document)
    assert SECRET[1:].encode() not in everything(root)
