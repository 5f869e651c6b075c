"""A copy is the archive again: every original proven on its way, nothing missing, nothing that is not to leave."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.material import make_delivery
from tests.spoiled_archives import copied, use_keys_of_its_own
from unburnt.api import Archive
from unburnt.api.copies import copy_archive
from unburnt.api.options import Options
from unburnt.base.digests import digest_of
from unburnt.base.errors import DamagedArchive, KeeperBusy, UnburntError, UsageError
from unburnt.flow.copy_content import all_keys
from unburnt.flow.copy_history import Diverged
from unburnt.flow.lock import KeeperLock
from unburnt.vault.audit.derived import DerivedAudit
from unburnt.vault.audit.events import EventsAudit
from unburnt.vault.audit.objects import ObjectsAudit
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects

NO_OCR = Options(ocr=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("made")
    with Archive.create(base / "archive") as archive:
        archive.add([make_delivery(base / "delivery", texts=6)], options=NO_OCR)
    return base / "archive"


@pytest.fixture(autouse=True)
def own_keys(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys_of_its_own(tmp_path, monkeypatch)


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """An archive that a test may change."""
    return copied(made, tmp_path / "archive")


def sealed_bytes(root: Path) -> dict[str, bytes]:
    """What must be the same in archive and copy, byte for byte."""
    return {str(path.relative_to(root)): path.read_bytes() for name in ("objects", "events", "log")
            for path in (root / name).rglob("*") if path.is_file()}


def dump(root: Path) -> list[str]:
    with Archive.open(root) as opened:
        return list(opened.dump())


def audited(root: Path) -> dict[str, tuple[str, ...]]:
    layout = Layout.open(root)
    events, objects = EventsAudit(layout), ObjectsAudit(layout)
    for _ in events.entries():
        pass
    objects.hash_all(Objects(layout).digests())
    checks = [events.check(), objects.check(), objects.completeness(events.named),
              DerivedAudit(layout, events.named).run()]
    return {check.name: tuple(finding.item for finding in check.findings) for check in checks if check.findings}


def objects_of(root: Path) -> list[Path]:
    return sorted(path for path in (root / "objects").rglob("*") if path.is_file() and path.stat().st_size > 3)


def flip(path: Path, place: int = 2) -> None:
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def add_something(root: Path, text: str) -> None:
    folder = root.parent / f"more-{digest_of(text.encode())[:8]}"
    folder.mkdir()
    (folder / "more.txt").write_text(text)
    with Archive.open(root) as opened:
        opened.add([folder], options=NO_OCR)


def test_a_copy_is_the_archive_again_and_finds_nothing_wrong_with_itself(archive: Path, tmp_path: Path) -> None:
    report = copy_archive(archive, tmp_path / "copy")
    assert report.findings == ()
    assert sealed_bytes(tmp_path / "copy") == sealed_bytes(archive)
    assert audited(tmp_path / "copy") == {}
    assert dump(tmp_path / "copy") == dump(archive)
    assert report.checked == report.objects == len(list(Objects(Layout(archive)).digests()))
    assert report.sealed == report.events


def test_a_copy_takes_the_place_of_a_lost_archive(archive: Path, tmp_path: Path) -> None:
    copy_archive(archive, tmp_path / "copy")
    shutil.rmtree(archive)
    with Archive.open(tmp_path / "copy") as opened:
        assert opened.search("拘留").total
        assert opened.status().outcomes["waiting"] == 0
    add_something(tmp_path / "copy", "work goes on")


def test_nothing_personal_and_nothing_that_can_be_made_again_is_copied(archive: Path, tmp_path: Path) -> None:
    (archive / "desk.sqlite").write_bytes(b"read marks")
    (archive / "out" / "export.pdf").write_bytes(b"an export")
    copy_archive(archive, tmp_path / "copy")
    names = {path.name for path in (tmp_path / "copy").iterdir()}
    assert not {"desk.sqlite", "catalog.sqlite"} & names
    for folder in ("out", "index", "tmp"):
        assert list((tmp_path / "copy" / folder).iterdir()) == []


def test_a_copy_on_a_write_protected_medium_can_be_read(archive: Path, tmp_path: Path) -> None:
    copy_archive(archive, tmp_path / "copy")
    names = [path.name for path in (tmp_path / "copy" / "derived").iterdir()]
    assert names == ["001.sqlite"]
    header = (tmp_path / "copy" / "derived" / "001.sqlite").read_bytes()[18:20]
    assert header == b"\x01\x01"  # no write-ahead log (SQLite's file format, 1.3.3)


def test_only_its_owner_can_read_a_copy(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir(mode=0o755)
    copy_archive(archive, tmp_path / "copy")
    for path in [tmp_path / "copy", *(tmp_path / "copy").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_second_run_copies_only_what_is_new(archive: Path, tmp_path: Path) -> None:
    first = copy_archive(archive, tmp_path / "copy")
    again = copy_archive(archive, tmp_path / "copy")
    assert (again.objects, again.records, again.already, again.copy) == (0, 0, first.objects, first.copy)
    assert dump(tmp_path / "copy")  # with views of the older state
    add_something(archive, "arrived since")
    third = copy_archive(archive, tmp_path / "copy", quick=True)
    assert (third.objects, third.records, third.checked) == (1, 1, 1)
    assert sealed_bytes(tmp_path / "copy") == sealed_bytes(archive)
    assert dump(tmp_path / "copy") == dump(archive)


def test_what_was_erased_goes_from_the_copy_too(archive: Path, tmp_path: Path) -> None:
    add_something(archive, "quicksilver-morgenstern")
    copy_archive(archive, tmp_path / "copy")
    with Archive.open(archive) as opened:
        opened.erase(digest_of(b"quicksilver-morgenstern"), why="wish of the source")
    report = copy_archive(archive, tmp_path / "copy")
    assert (report.removed, report.findings) == (1, ())
    copied = b"".join(path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file())
    assert b"quicksilver" not in copied and b"more.txt" not in copied
    assert audited(tmp_path / "copy") == {}


def test_what_was_received_again_after_an_erasing_is_copied(archive: Path, tmp_path: Path) -> None:
    add_something(archive, "gone and come again")
    with Archive.open(archive) as opened:
        opened.erase(digest_of(b"gone and come again"))
        opened.add([archive.parent / f"more-{digest_of(b'gone and come again')[:8]}"], options=NO_OCR, readmit=True)
    assert audited(archive) == {}
    copy_archive(archive, tmp_path / "copy")
    assert Objects(Layout(tmp_path / "copy")).has(digest_of(b"gone and come again"))


def test_a_copy_can_be_made_while_the_keeper_receives(archive: Path, tmp_path: Path) -> None:
    source = make_delivery(tmp_path / "second", texts=30)
    with Archive.open(archive) as opened, opened.keeper(NO_OCR):
        opened.add([source], wait=False)
        for number in range(6):
            report = copy_archive(archive, tmp_path / "copy")
            assert report.findings == (), number
            assert report.sealed <= report.events
            assert audited(tmp_path / "copy") == {}
    copy_archive(archive, tmp_path / "copy")
    assert sealed_bytes(tmp_path / "copy") == sealed_bytes(archive)


# --- damage ---------------------------------------------------------------------------------------------------


def test_a_damaged_original_is_named_and_not_copied(archive: Path, tmp_path: Path) -> None:
    victim = objects_of(archive)[2]
    flip(victim)
    report = copy_archive(archive, tmp_path / "copy")
    assert [finding.item.rpartition("/")[2] for finding in report.findings] == [victim.name] * len(report.findings)
    assert "changed" in report.findings[0].what
    assert not Objects(Layout(tmp_path / "copy")).has(victim.name)
    assert len(objects_of(tmp_path / "copy")) == len(objects_of(archive)) - 1


def test_a_lost_original_that_the_copy_still_holds_stays_there(archive: Path, tmp_path: Path) -> None:
    copy_archive(archive, tmp_path / "copy")
    victim = objects_of(archive)[0]
    victim.unlink()
    (finding,) = copy_archive(archive, tmp_path / "copy").findings
    assert "The copy still holds it." in finding.what
    assert digest_of((tmp_path / "copy" / victim.relative_to(archive)).read_bytes()) == victim.name


def test_rot_in_the_copy_is_found_and_copied_over(archive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy_archive(archive, copy)
    flip(objects_of(copy)[1])
    objects_of(copy)[2].unlink()
    for place in range(20, 20 + 12 * 46, 46):  # each of a line's digests, those that nothing opens as well
        flip(copy / "events" / "000001.jsonl", place)
    flip(next(path for path in (copy / "log" / "tile").rglob("*") if path.is_file()))
    (copy / "derived" / "001.sqlite").write_bytes(b"rot" * 4_000)
    report = copy_archive(archive, copy)
    assert report.findings == ()
    assert sealed_bytes(copy) == sealed_bytes(archive)
    assert audited(copy) == {}


@pytest.mark.parametrize("number", range(12))
def test_rot_in_any_digest_of_the_copys_events_is_told_from_another_history(
    archive: Path, tmp_path: Path, number: int
) -> None:
    copy_archive(archive, tmp_path / "copy")
    flip(tmp_path / "copy" / "events" / "000001.jsonl", 25 + 46 * number)
    assert copy_archive(archive, tmp_path / "copy", quick=True).findings == ()
    assert sealed_bytes(tmp_path / "copy") == sealed_bytes(archive)


def test_from_damaged_events_nothing_is_copied(archive: Path, tmp_path: Path) -> None:
    copy_archive(archive, tmp_path / "copy")
    before = sealed_bytes(tmp_path / "copy")
    events = archive / "events" / "000001.jsonl"
    flip(events, events.stat().st_size // 2)
    with pytest.raises(DamagedArchive, match="Nothing was copied"):
        copy_archive(archive, tmp_path / "copy")
    assert sealed_bytes(tmp_path / "copy") == before


def test_a_damaged_log_is_named_and_never_put_over_a_good_one(archive: Path, tmp_path: Path) -> None:
    copy_archive(archive, tmp_path / "copy")
    before = {name: data for name, data in sealed_bytes(tmp_path / "copy").items() if name.startswith("log/")}
    tile = max((archive / "log" / "tile" / "entries" / "000.p").iterdir(), key=lambda path: int(path.name))
    flip(tile)
    report = copy_archive(archive, tmp_path / "copy")
    assert str(tile.relative_to(archive)) in [finding.item for finding in report.findings]
    assert {name: data for name, data in sealed_bytes(tmp_path / "copy").items() if name.startswith("log/")} == before


def test_a_damaged_derived_record_is_left_out_and_named(archive: Path, tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(archive / "derived" / "001.sqlite") as connection:
        (key,) = connection.execute("SELECT max(key) FROM chunks WHERE number = 1").fetchone()
        connection.execute("UPDATE chunks SET output = zeroblob(length(output)) WHERE key = ? AND number = 1", (key,))
    connection.close()
    report = copy_archive(archive, tmp_path / "copy")
    assert [finding.item for finding in report.findings] == [f"record {key}"]
    assert set(all_keys(Layout.open(tmp_path / "copy"))) == set(all_keys(Layout.open(archive))) - {key}


def test_a_full_disk_is_said_and_the_next_run_goes_on(archive: Path, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.mkdir()
    (large / "large.bin").write_bytes(os.urandom(300_000))
    with Archive.open(archive) as opened:
        opened.add([large], options=NO_OCR)
    command = f'ulimit -f 200; exec "{sys.executable}" -m unburnt -a "{archive}" copy "{tmp_path / "copy"}"'
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, "The disk of the copy is full" in ended.stderr) == (1, True), ended.stderr
    assert copy_archive(archive, tmp_path / "copy").findings == ()
    assert sealed_bytes(tmp_path / "copy") == sealed_bytes(archive)


def test_links_in_a_copys_folder_lead_nothing_astray(archive: Path, tmp_path: Path) -> None:
    copy_archive(archive, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "objects")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "copy" / "objects").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="links"):
        copy_archive(archive, tmp_path / "copy")
    assert list((tmp_path / "elsewhere").iterdir()) == []


# --- what is no copy of this archive ------------------------------------------------------------------------


def test_a_folder_that_holds_anything_else_is_refused_untouched(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.odt").write_bytes(b"mine")
    Archive.create(tmp_path / "other").close()
    other = sealed_bytes(tmp_path / "other")
    for place in (tmp_path / "full", tmp_path / "other", archive, archive / "out" / "copy", tmp_path):
        with pytest.raises(UsageError):
            copy_archive(archive, place)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.odt"]
    assert sealed_bytes(tmp_path / "other") == other


def test_a_copy_that_went_its_own_way_is_refused(archive: Path, tmp_path: Path) -> None:
    copy_archive(archive, tmp_path / "copy")
    add_something(tmp_path / "copy", "only there")
    before = sealed_bytes(tmp_path / "copy")
    with pytest.raises(Diverged, match="does not have"):
        copy_archive(archive, tmp_path / "copy")
    add_something(archive, "only here")
    with pytest.raises(Diverged, match="different ways"):
        copy_archive(archive, tmp_path / "copy")
    assert sealed_bytes(tmp_path / "copy") == before


def test_an_archive_that_was_put_back_is_not_copied_over_its_later_self(archive: Path, tmp_path: Path) -> None:
    shutil.copytree(archive, tmp_path / "before", ignore=shutil.ignore_patterns("*.sock"))
    add_something(archive, "later")
    copy_archive(archive, tmp_path / "copy")
    before = sealed_bytes(tmp_path / "copy")
    with pytest.raises(Diverged):
        copy_archive(tmp_path / "before", tmp_path / "copy")
    assert sealed_bytes(tmp_path / "copy") == before


def test_a_copy_that_somebody_works_in_is_refused(archive: Path, tmp_path: Path) -> None:
    copy_archive(archive, tmp_path / "copy")
    lock = KeeperLock(tmp_path / "copy")
    try:
        with pytest.raises(KeeperBusy):
            copy_archive(archive, tmp_path / "copy")
    finally:
        lock.release()


def test_a_copy_in_the_making_is_no_archive(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise UnburntError("stopped")

    with monkeypatch.context() as patched:
        patched.setattr("unburnt.flow.copying.DerivedCopy.run", stop)
        with pytest.raises(UnburntError, match="stopped"):
            copy_archive(archive, tmp_path / "copy")
    with pytest.raises(UnburntError, match="no archive"):
        Archive.open(tmp_path / "copy")
    Archive.create(tmp_path / "other").close()
    with pytest.raises(UsageError, match="another archive"):
        copy_archive(tmp_path / "other", tmp_path / "copy")
    assert copy_archive(archive, tmp_path / "copy").already


# --- killed ---------------------------------------------------------------------------------------------------

HELPER = str(Path(__file__).parents[1] / "hostile" / "interrupted.py")
MOMENTS = [
    "unburnt.flow.copy_history:History.stage:after", "unburnt.vault.objects:Objects.commit:before",
    "unburnt.vault.objects:Objects.commit:after", "unburnt.vault.derived:Derived.flush:after",
    "unburnt.flow.copy_history:History.copy_log:before", "unburnt.flow.copy_place:Place.finish:before",
]


@pytest.mark.parametrize("update", [False, True], ids=["new", "older"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_copy_that_was_killed_is_gone_on_with(archive: Path, tmp_path: Path, moment: str, update: bool) -> None:
    copy = tmp_path / "copy"
    if update:
        copy_archive(archive, copy)
        add_something(archive, "since then")
    killed = subprocess.run(
        [sys.executable, HELPER, moment, "1", str(tmp_path / "synced"), "-a", str(archive), "copy", str(copy)],
        capture_output=True, timeout=120, check=False)
    assert killed.returncode == -9, killed.stderr
    if update:
        assert not {"events", "originals"} & audited(copy).keys()  # at most there is more than the events name
    assert copy_archive(archive, copy).findings == ()
    assert sealed_bytes(copy) == sealed_bytes(archive)
    assert audited(copy) == {}
    assert list((copy / "tmp").iterdir()) == []


# --- the command ----------------------------------------------------------------------------------------------


@pytest.fixture
def run() -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "unburnt", *arguments], capture_output=True, text=True,
                              timeout=120, check=False, env=os.environ)
    yield command


def test_the_command_ends_with_3_where_the_archive_is_damaged_and_with_0_else(
    archive: Path, tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    ended = run("-a", str(archive), "copy", str(tmp_path / "copy"), "--json")
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["findings"] == []
    victim = objects_of(archive)[0]
    flip(victim)
    ended = run("-a", str(archive), "copy", str(tmp_path / "second"))
    assert ended.returncode == 3
    assert victim.name in ended.stdout
    assert run("-a", str(archive), "copy", str(archive)).returncode == 2
