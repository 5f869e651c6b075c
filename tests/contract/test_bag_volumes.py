"""Split archives leave in a bag whole, say nothing of their names, and are read as one where the bag comes in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.test_flow_volumes import cut, found, members, put, seven
from tests.rar_volumes_made import rar5_volumes
from tests.unit.test_read_zip_volumes import volumes as zip_volumes
from unburnt.api import Archive
from unburnt.api.bags import export_bag, import_bag
from unburnt.api.options import Options
from unburnt.base.digests import digest_of
from unburnt.publish.bag_check import check_bag

OPTIONS = Options(ocr=False)
SEVEN, SPANNED, RAR = members(40), members(41), members(42)
SEVEN_PARTS, RAR_PARTS, ZIP_PARTS = cut(seven(SEVEN), 3), rar5_volumes(RAR, 3000), zip_volumes(SPANNED, 2000)
SECRET = "quicksilver"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = put(tmp_path / "in", f"{SECRET}.7z", SEVEN_PARTS)
    for number, part in enumerate(RAR_PARTS, 1):
        (folder / f"{SECRET}.part{number:02}.rar").write_bytes(part)
    for number, part in ZIP_PARTS.items():
        (folder / (f"{SECRET}.z{number:02}" if number else f"{SECRET}.zip")).write_bytes(part)
    (folder / "single.txt").write_text("one by itself")
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([folder], options=OPTIONS)
    return tmp_path / "archive"


def payload(folder: Path) -> set[str]:
    return {str(path.relative_to(folder / "data")) for path in (folder / "data").rglob("*") if path.is_file()}


def test_whichever_volume_is_named_the_whole_set_goes_into_the_bag_and_is_one_again_elsewhere(root: Path, tmp_path: Path) -> None:
    with Archive.open(root) as archive:
        written = export_bag(archive, [f"{SECRET}.7z.002"], into=tmp_path)
    lead = digest_of(SEVEN_PARTS[0])
    assert payload(written.folder) == {f"sets/{lead[:16]}/set.{number:03}" for number in (1, 2, 3)}
    assert (written.documents, written.proofs) == (3, 3)
    assert check_bag(written.folder).warnings == ()
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in written.folder.rglob("*.*") if path.is_file())
    with Archive.create(tmp_path / "other") as other:
        assert import_bag(other, written.folder, options=OPTIONS).proofs.count == 3
        view = other.document(lead)
        assert (view.outcome, found(view)) == ("read", set(SEVEN))
        assert other.search('"指示 40-2"').total == 1


def test_all_sets_of_an_archive_come_back_from_a_bag_of_everything(root: Path, tmp_path: Path) -> None:
    with Archive.open(root) as archive:
        written = export_bag(archive, everything=True, into=tmp_path)
        before = archive.status()
    with Archive.create(tmp_path / "other") as other:
        import_bag(other, written.folder, options=OPTIONS)
        for lead, files in ((SEVEN_PARTS[0], SEVEN), (RAR_PARTS[0], RAR), (ZIP_PARTS[0], SPANNED)):
            view = other.document(digest_of(lead))
            assert (view.outcome, found(view)) == ("read", set(files))
        assert (other.status().blobs, other.status().outcomes) == (before.blobs, before.outcomes)


def test_a_bag_with_a_volume_that_is_erased_goes(root: Path) -> None:
    with Archive.open(root) as archive:
        export_bag(archive, [f"{SECRET}.7z.001"])
        stays = export_bag(archive, ["single.txt"]).folder
        archive.erase(f"{SECRET}.7z.001", why="asked for", with_containers=True)
        assert [path.name for path in (root / "out").iterdir()] == [stays.name]
