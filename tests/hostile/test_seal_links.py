"""An archive from a stranger, or on a stick that was out of sight: none of its parts may lead to the user's own files.

A keeper empties ``tmp/``, makes ``index/`` anew, cuts off torn events and writes its name into the lock: behind a
link all that would happen to whatever the link leads to.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.material import make_delivery
from tests.sealed_archive import verification, wrong
from tests.spoiled_archives import copied, use_keys_of_its_own
from unburnt.api import Archive
from unburnt.api.bags import export_bag
from unburnt.api.options import Options
from unburnt.api.seals import SealRequest, Seals
from unburnt.base.errors import DamagedArchive, UnburntError

LINKS = {
    "tmp": "", "index": "", "out": "", "objects": "", "derived": "", "events": "", "objects/ff": "", "derived/members": "",
    "derived/members/ff": "", "keeper.lock": "precious", "events/000002.jsonl": "precious", "derived/002.sqlite": "precious",
    "catalog.sqlite": "precious", "desk.sqlite": "precious", "index/meta.json": "precious",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("made")
    with Archive.create(base / "archive") as archive:
        archive.add([make_delivery(base / "delivery", texts=1)], options=Options(ocr=False))
    return base / "archive"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    (tmp_path / "victim" / "folder").mkdir(parents=True)
    (tmp_path / "victim" / "precious").write_text("the only draft\n")
    (tmp_path / "victim" / "folder" / "x").write_text("x")
    return tmp_path / "victim"


@pytest.fixture
def archive(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_keys_of_its_own(tmp_path, monkeypatch)
    return copied(made, tmp_path / "a")


def led_astray(archive: Path, name: str, victim: Path) -> None:
    place = archive / name
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(victim / LINKS[name])


def as_it_is(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def add(root: Path) -> None:
    with Archive.open(root) as archive:
        archive.add([make_delivery(root.parent / "more", texts=2)], options=Options(ocr=False))


def seal(root: Path) -> None:
    with Archive.open(root) as archive:
        Seals(archive).act(SealRequest(act="beacon", value="of the day"))


def rebuild(root: Path) -> None:
    Archive.rebuild(root)


def erase(root: Path) -> None:
    with Archive.open(root) as archive:
        archive.erase("village-1/notice-1.txt", why="asked for")


@pytest.mark.parametrize("act", [add, seal, rebuild, erase])
@pytest.mark.parametrize("name", LINKS)
def test_nothing_behind_a_link_is_touched_and_the_link_is_named(
    archive: Path, victim: Path, name: str, act: Callable[[Path], None]
) -> None:
    before = as_it_is(victim)
    led_astray(archive, name, victim)
    with pytest.raises(UnburntError) as refused:
        act(archive)
    assert as_it_is(victim) == before
    if isinstance(refused.value, DamagedArchive):
        assert name in refused.value.message


@pytest.mark.parametrize("name", ["tmp", "out", "index", "keeper.lock"])
def test_verifying_names_it_and_reads_nothing_again(archive: Path, victim: Path, name: str) -> None:
    before = as_it_is(victim)
    led_astray(archive, name, victim)
    assert wrong(verification(archive)) == {"files": [name]}
    with Archive.open(archive) as opened:
        report = Seals(opened).verify(rederive=None)
    assert "rederived" not in {check.name for check in report.checks} and not report.is_sound
    assert as_it_is(victim) == before


def test_nothing_is_exported_through_a_link(archive: Path, victim: Path) -> None:
    before = as_it_is(victim)
    led_astray(archive, "out", victim)
    with Archive.open(archive) as opened:
        document = next(iter(opened._objects.digests()))
        for act in (lambda: opened.export_original(document), lambda: export_bag(opened, everything=True)):
            with pytest.raises(DamagedArchive):
                act()
    assert as_it_is(victim) == before


def test_no_half_made_export_is_written_through_a_link(archive: Path, victim: Path) -> None:
    before = as_it_is(victim)
    with Archive.open(archive) as opened:
        document = next(iter(opened._objects.digests()))
        (archive / "out" / f".document-{document[:16]}.original.bin.part").symlink_to(victim / "precious")
        with pytest.raises(UnburntError):
            opened.export_original(document)
    assert as_it_is(victim) == before


def test_a_search_makes_no_index_behind_a_link(archive: Path, victim: Path) -> None:
    before = as_it_is(victim)
    led_astray(archive, "index", victim)
    with pytest.raises(DamagedArchive), Archive.open(archive) as opened:
        opened.search("notice")
    assert as_it_is(victim) == before


def test_no_original_is_read_through_a_link(archive: Path, victim: Path) -> None:
    with Archive.open(archive) as opened:
        digest = next(iter(opened._objects.digests()))
        place = archive / "objects" / digest[:2] / digest
        place.unlink()
        place.symlink_to(victim / "precious")
        with pytest.raises(UnburntError):
            opened._objects.open(digest)
