"""Whatever rots in an archive is healed from a copy, said in the history, and never at the price of something good."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.contract.test_copy_archive import add_something, audited, dump, flip, objects_of, sealed_bytes
from tests.material import make_delivery
from unburnt.api import Archive
from unburnt.api.copies import copy_archive, repair_archive
from unburnt.api.options import Options
from unburnt.base.errors import KeeperBusy, NotFound, UsageError
from unburnt.flow.copy_place import copy_id
from unburnt.flow.lock import KeeperLock
from unburnt.flow.repair_events import Unhealable
from unburnt.model.audit import Finding
from unburnt.model.events import Repaired
from unburnt.vault.audit.events import EventsAudit
from unburnt.vault.audit.log import LogAudit, Trusted
from unburnt.vault.events import Events
from unburnt.vault.fields import parse_line, without
from unburnt.vault.layout import Layout
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.note import parse_note

NO_OCR = Options(ocr=False)
FIRST = "events/000001.jsonl"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive and a copy of it, the archive a little further on than the copy."""
    base = tmp_path_factory.mktemp("pair")
    with Archive.create(base / "archive") as archive:
        archive.add([make_delivery(base / "delivery", texts=6)], options=NO_OCR)
    copy_archive(base / "archive", base / "copy")
    add_something(base / "archive", "arrived after the copy")
    return base


@pytest.fixture
def archive(pair: Path, tmp_path: Path) -> Path:
    shutil.copytree(pair / "archive", tmp_path / "archive", ignore=shutil.ignore_patterns("*.sock"))
    return tmp_path / "archive"


@pytest.fixture
def copy(pair: Path, tmp_path: Path) -> Path:
    shutil.copytree(pair / "copy", tmp_path / "copy")
    return tmp_path / "copy"


def seal_findings(root: Path) -> tuple[Finding, ...]:
    layout = Layout.open(root)
    events, log = EventsAudit(layout), LogAudit(layout, Trusted())
    log.compare(events.entries())
    return tuple(finding for check in log.checks(events.named) for finding in check.findings)


def repaired(root: Path) -> list[Repaired]:
    events = Events(Layout.open(root), write=False)
    return [event for _, event in events.replay() if isinstance(event, Repaired)]


def lines(root: Path) -> list[bytes]:
    return (root / FIRST).read_bytes().splitlines(keepends=True)


def assert_whole(root: Path, before: list[str]) -> None:
    assert audited(root) == {}
    assert seal_findings(root) == ()
    assert dump(root) == before
    assert list((root / "tmp").iterdir()) == []


# --- each kind of damage --------------------------------------------------------------------------------------


def test_where_nothing_is_wrong_nothing_is_done_and_nothing_is_said(archive: Path, copy: Path) -> None:
    before = sealed_bytes(archive)
    report = repair_archive(archive, copy)
    assert (report.objects, report.events, report.records, report.files, report.aside) == ((), (), (), (), "")
    assert sealed_bytes(archive) == before


def test_lost_and_changed_originals_come_back_and_the_damaged_bytes_are_kept(archive: Path, copy: Path) -> None:
    before = dump(archive)
    changed, lost, cut = objects_of(copy)[:3]
    flip(archive / changed.relative_to(copy))
    damaged = (archive / changed.relative_to(copy)).read_bytes()
    (archive / lost.relative_to(copy)).unlink()
    (archive / cut.relative_to(copy)).chmod(0o600)
    (archive / cut.relative_to(copy)).write_bytes(b"")
    report = repair_archive(archive, copy)
    assert set(report.objects) == {changed.name, lost.name, cut.name}
    assert_whole(archive, before)
    assert (archive / report.aside / changed.relative_to(copy)).read_bytes() == damaged
    assert (archive / changed.relative_to(copy)).stat().st_mode & 0o777 == 0o400


def test_the_history_says_what_was_healed_from_which_copy_and_names_no_path(archive: Path, copy: Path) -> None:
    victim = objects_of(copy)[0]
    flip(archive / victim.relative_to(copy))
    repair_archive(archive, copy)
    (event,) = repaired(archive)
    assert (event.copy_id, event.objects) == (copy_id(Layout(copy)), (victim.name,))
    assert str(copy) not in json.dumps([event.files, event.copy_id])


@pytest.mark.parametrize("number", [0, 5, 11])
def test_a_damaged_line_of_the_events_is_replaced_by_the_copys(archive: Path, copy: Path, number: int) -> None:
    before, good = dump(archive), lines(archive)
    flip(archive / FIRST, sum(map(len, good[:number])) + 700)
    report = repair_archive(archive, copy)
    assert report.events == (number,)
    assert lines(archive)[:len(good)] == good
    assert_whole(archive, before)


def test_a_newline_where_none_was_and_none_where_one_was_are_healed(archive: Path, copy: Path) -> None:
    before, good = dump(archive), lines(archive)
    data = bytearray(b"".join(good))
    data[len(good[0]) - 1] = ord(" ")
    data[len(good[0]) + len(good[1]) + 300] = ord("\n")
    (archive / FIRST).write_bytes(data)
    assert repair_archive(archive, copy).events == (0, 1, 2)
    assert_whole(archive, before)


def test_a_flipped_bit_in_a_digest_without_disclosure_is_settled_by_the_log(archive: Path, copy: Path) -> None:
    before, good = dump(archive), lines(archive)
    line = parse_line(good[4])
    opened = {digest_of_text(one) for one in line.disclosures}
    filler = next(one for one in line.digests if one not in opened)
    changed = good[4].replace(filler.encode(), (("A" if filler[0] != "A" else "B") + filler[1:]).encode())
    (archive / FIRST).write_bytes(b"".join([*good[:4], changed, *good[5:]]))
    assert repair_archive(archive, copy).events == (4,)
    assert lines(archive)[:len(good)] == good
    assert_whole(archive, before)


def digest_of_text(disclosure: str) -> str:
    from unburnt.vault.fields import digest_of_disclosure

    return digest_of_disclosure(disclosure.encode()).decode()


def test_a_wrong_number_of_an_event_is_healed(archive: Path, copy: Path) -> None:
    before, good = dump(archive), lines(archive)
    (archive / FIRST).write_bytes(b"".join([*good[:3], good[3].replace(b'"seq":3,', b'"seq":7,'), *good[4:]]))
    assert 3 in repair_archive(archive, copy).events
    assert lines(archive)[:len(good)] == good
    assert_whole(archive, before)


def test_a_disclosure_that_was_taken_out_without_an_erasing_comes_back(archive: Path, copy: Path) -> None:
    before, good = dump(archive), lines(archive)
    number, shorter = next((number, shorter) for number, raw in enumerate(good)
                           if (shorter := without(parse_line(raw), {"modified"})) is not None)
    (archive / FIRST).write_bytes(b"".join([*good[:number], shorter, *good[number + 1:]]))
    assert repair_archive(archive, copy).events == (number,)
    assert_whole(archive, before)


def test_what_was_erased_does_not_come_back_with_a_healed_line(archive: Path, copy: Path) -> None:
    with Archive.open(archive) as opened:
        document = opened.document("village-1/notice-1.txt").document
        (number,) = opened._catalog.item_sequences(document)
        opened.erase(document, why="wish of the source")
    good = lines(archive)
    flip(archive / FIRST, sum(map(len, good[:number])) + 700)
    assert repair_archive(archive, copy).events == (number,)
    assert lines(archive)[:len(good)] == good
    assert not (archive / "objects" / document[:2] / document).exists()
    assert audited(archive) == {}


def test_a_lost_file_of_events_comes_back(pair: Path, tmp_path: Path) -> None:
    root, copy = tmp_path / "a", tmp_path / "c"
    shutil.copytree(pair / "archive", root, ignore=shutil.ignore_patterns("*.sock"))
    copy_archive(root, copy)
    before, good = dump(root), lines(root)
    (root / FIRST).unlink()
    assert len(repair_archive(root, copy).events) == len(good)
    assert lines(root)[:len(good)] == good
    assert_whole(root, before)


def test_events_that_were_cut_off_come_back_as_far_as_log_and_catalogue_know_them(pair: Path, tmp_path: Path) -> None:
    root, copy = tmp_path / "a", tmp_path / "c"
    shutil.copytree(pair / "archive", root, ignore=shutil.ignore_patterns("*.sock"))
    copy_archive(root, copy)
    before, good = dump(root), lines(root)
    for keep in (len(good) - 3, 1, 0):
        (root / FIRST).write_bytes(b"".join(lines(root)[:keep]))
        report = repair_archive(root, copy)
        assert report.events[-1] >= len(good) - 1, keep
        assert lines(root)[:len(good)] == good
        copy_archive(root, copy)
    assert_whole(root, before)


def test_events_that_the_copy_is_too_old_for_are_not_made_up(archive: Path, copy: Path) -> None:
    good = lines(archive)
    (archive / FIRST).write_bytes(b"".join(good[:-2]))
    before = sealed_bytes(archive)
    with pytest.raises(Unhealable, match=f"Event {len(good) - 2} is damaged"):
        repair_archive(archive, copy)
    assert sealed_bytes(archive) == before


def test_a_line_that_is_damaged_in_both_changes_nothing(archive: Path, copy: Path) -> None:
    for root in (archive, copy):
        flip(root / FIRST, len(lines(root)[0]) + 700)
    before = sealed_bytes(archive)
    with pytest.raises(Unhealable, match="Event 1 is damaged"):
        repair_archive(archive, copy)
    assert sealed_bytes(archive) == before
    assert list((archive / "out").iterdir()) == []


def _tile(root: Path, kind: str) -> Path:
    return max((root / "log" / "tile" / kind / "000.p").iterdir(), key=lambda path: int(path.name))


def _spoil_tile(root: Path) -> None:
    flip(_tile(root, "0"))


def _spoil_entries(root: Path) -> None:
    flip(_tile(root, "entries"))


def _lose_tiles(root: Path) -> None:
    shutil.rmtree(root / "log" / "tile")


def _lose_keys(root: Path) -> None:
    (root / "log" / "key.pub").unlink()


def _spoil_keys(root: Path) -> None:
    flip(root / "log" / "key.pub", 60)


@pytest.mark.parametrize("spoil", [_spoil_tile, _spoil_entries, _lose_tiles, _lose_keys, _spoil_keys])
def test_damage_of_the_log_is_healed(archive: Path, copy: Path, spoil: Callable[[Path], None]) -> None:
    before = dump(archive)
    spoil(archive)
    report = repair_archive(archive, copy)
    assert report.findings == ()
    assert report.files and all(name.startswith("log/") for name in report.files)
    assert_whole(archive, before)


@pytest.mark.parametrize("place", [5, 40, -20], ids=["name", "root", "signature"])
def test_a_damaged_checkpoint_is_healed_and_the_log_grows_on(pair: Path, tmp_path: Path, place: int) -> None:
    root, copy = tmp_path / "a", tmp_path / "c"
    shutil.copytree(pair / "archive", root, ignore=shutil.ignore_patterns("*.sock"))
    copy_archive(root, copy)
    before = dump(root)
    checkpoint = root / "log" / "checkpoint"
    flip(checkpoint, place % checkpoint.stat().st_size)
    assert "log/checkpoint" in repair_archive(root, copy).files
    assert_whole(root, before)
    add_something(root, "and on")
    assert seal_findings(root) == ()


def test_a_kept_checkpoint_that_rotted_comes_back(pair: Path, tmp_path: Path) -> None:
    root, copy = tmp_path / "a", tmp_path / "c"
    shutil.copytree(pair / "archive", root, ignore=shutil.ignore_patterns("*.sock"))
    layout = Layout.open(root)
    size = Kept(layout.log, layout.tmp).keep(parse_note((layout.log / "checkpoint").read_bytes()))
    copy_archive(root, copy)
    kept = root / "log" / "checkpoints" / str(size)
    good = kept.read_bytes()
    kept.write_bytes(b"rot")
    assert f"log/checkpoints/{size}" in repair_archive(root, copy).files
    assert kept.read_bytes() == good


def test_a_record_that_rotted_comes_from_the_copy(archive: Path, copy: Path) -> None:
    before = dump(archive)
    with sqlite3.connect(copy / "derived" / "001.sqlite") as connection:
        (key,) = connection.execute("SELECT key FROM chunks WHERE number = 1 LIMIT 1").fetchone()
    connection.close()
    with sqlite3.connect(archive / "derived" / "001.sqlite") as connection:
        connection.execute("UPDATE chunks SET output = zeroblob(length(output)) WHERE key = ?", (key,))
    connection.close()
    assert repair_archive(archive, copy).records == (key,)
    assert_whole(archive, before)


def test_a_derived_database_that_cannot_be_read_is_put_aside_and_what_the_copy_lacks_is_read_again(
    archive: Path, copy: Path
) -> None:
    before = dump(archive)
    (archive / "derived" / "001.sqlite").write_bytes(b"rot" * 4_000)
    report = repair_archive(archive, copy)
    assert "derived/001.sqlite" in report.files
    assert (archive / report.aside / "derived" / "001.sqlite").read_bytes() == b"rot" * 4_000
    with Archive.open(archive) as opened:
        assert opened.status().outcomes["waiting"] == 1
        opened.add([], options=NO_OCR)
    assert dump(archive) == before
    assert audited(archive) == {}


def test_a_lost_or_damaged_unburnt_toml_is_written_anew(archive: Path, copy: Path) -> None:
    for spoil in (lambda path: path.unlink(), lambda path: path.write_bytes(b"\x00rot")):
        spoil(archive / "unburnt.toml")
        assert "unburnt.toml" in repair_archive(archive, copy).files
        with Archive.open(archive) as opened:
            assert opened.id == Layout.open(copy).archive_id


def test_everything_at_once_is_healed(pair: Path, tmp_path: Path) -> None:
    root, copy = tmp_path / "a", tmp_path / "c"
    shutil.copytree(pair / "archive", root, ignore=shutil.ignore_patterns("*.sock"))
    copy_archive(root, copy)
    before = dump(root)
    spoil_everything(root)
    assert repair_archive(root, copy).findings == ()
    assert_whole(root, before)
    assert copy_archive(root, copy).findings == ()
    assert sealed_bytes(root).items() <= sealed_bytes(copy).items()  # outgrown tiles are not worked out again


def spoil_everything(root: Path) -> None:
    good = lines(root)
    flip(root / FIRST, len(good[0]) + 700)
    flip(root / FIRST, sum(map(len, good[:9])) + 700)
    for victim in objects_of(root)[::3]:
        flip(victim)
    objects_of(root)[1].unlink()
    _lose_tiles(root)
    (root / "derived" / "001.sqlite").write_bytes(b"rot" * 4_000)


# --- what must not be done ------------------------------------------------------------------------------------


def test_what_the_copy_does_not_hold_whole_either_is_named_and_the_rest_is_healed(archive: Path, copy: Path) -> None:
    bad, worse, lost = objects_of(copy)[:3]
    for victim in (bad, worse, lost):
        flip(archive / victim.relative_to(copy))
    damaged = (archive / worse.relative_to(copy)).read_bytes()
    flip(worse)
    lost.unlink()
    report = repair_archive(archive, copy)
    assert report.objects == (bad.name,)
    assert {finding.item.rpartition("/")[2] for finding in report.findings} == {worse.name, lost.name}
    assert (archive / worse.relative_to(copy)).read_bytes() == damaged


def test_another_archive_the_archive_itself_and_no_archive_are_refused(archive: Path, copy: Path, tmp_path: Path) -> None:
    Archive.create(tmp_path / "other").close()
    before = sealed_bytes(archive)
    for place, error in ((tmp_path / "other", UsageError), (archive, UsageError), (tmp_path, NotFound)):
        with pytest.raises(error):
            repair_archive(archive, place)
    assert sealed_bytes(archive) == before


def test_while_a_keeper_is_at_work_nothing_is_repaired(archive: Path, copy: Path) -> None:
    lock = KeeperLock(archive)
    try:
        with pytest.raises(KeeperBusy):
            repair_archive(archive, copy)
    finally:
        lock.release()


def test_of_a_copy_that_went_its_own_way_the_log_lets_no_event_in(archive: Path, copy: Path) -> None:
    before, good = dump(archive), lines(archive)
    victim = objects_of(copy)[0]
    add_something(copy, "only there")
    flip(archive / victim.relative_to(copy))
    assert repair_archive(archive, copy).objects == (victim.name,)
    assert lines(archive)[:len(good)] == good
    assert_whole(archive, before)


def test_where_two_events_contradict_each_other_and_there_is_no_log_nothing_is_done(archive: Path, copy: Path) -> None:
    before = dump(archive)
    add_something(copy, "only there")
    for root in (archive, copy):
        shutil.rmtree(root / "log")
    with pytest.raises(Unhealable, match="no log says"):
        repair_archive(archive, copy)
    assert dump(archive) == before


def test_the_copys_later_events_are_not_taken_where_the_archive_lost_none(copy: Path, tmp_path: Path) -> None:
    root = tmp_path / "same"
    shutil.copytree(copy, root)
    before, good = dump(root), lines(root)
    add_something(copy, "only there")
    victim = objects_of(root)[0]
    flip(victim)
    repair_archive(root, copy)
    assert lines(root)[:len(good)] == good and len(lines(root)) == len(good) + 1
    assert_whole(root, before)


def test_an_archive_that_was_put_back_gets_the_events_that_its_key_has_signed(pair: Path, copy: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    copy_archive(pair / "archive", later)
    repair_archive(copy, later)
    assert_whole(copy, dump(later))


# --- killed -----------------------------------------------------------------------------------------------------

HELPER = str(Path(__file__).parents[1] / "hostile" / "interrupted.py")
MOMENTS = [
    ("unburnt.flow.repair_journal:Journal.note:after", 1), ("unburnt.flow.repair_journal:Journal.aside:after", 1),
    ("unburnt.flow.repair_journal:Journal.note:after", 3), ("unburnt.flow.repair_journal:Journal.aside:before", 5),
    ("unburnt.vault.derived:Derived.put:after", 1), ("unburnt.vault.derived:Derived.flush:before", 1),
    ("unburnt.flow.recorder:Recorder.happened:before", 1), ("unburnt.flow.repair_journal:Journal.finish:before", 1),
]


@pytest.mark.parametrize(("moment", "count"), MOMENTS)
def test_a_repair_that_was_killed_is_finished_and_told_by_the_next(
    pair: Path, tmp_path: Path, moment: str, count: int
) -> None:
    root, copy = tmp_path / "a", tmp_path / "c"
    shutil.copytree(pair / "archive", root, ignore=shutil.ignore_patterns("*.sock"))
    copy_archive(root, copy)
    before, whole = dump(root), sealed_bytes(root)
    spoil_everything(root)
    rotten = {name for name, data in whole.items() if name.startswith("objects/")
              and not ((root / name).exists() and (root / name).read_bytes() == data)}
    killed = subprocess.run(
        [sys.executable, HELPER, moment, str(count), str(tmp_path / "synced"), "-a", str(root), "repair", "--from",
         str(copy)], capture_output=True, timeout=120, check=False)
    assert killed.returncode == -9, killed.stderr
    assert repair_archive(root, copy).findings == ()
    assert_whole(root, before)
    told = {digest for event in repaired(root) for digest in event.objects}
    assert {name.rpartition("/")[2] for name in rotten} == told
    assert {number for event in repaired(root) for number in event.events} >= {1, 9}
    assert [path.name for path in (root / "out").glob("damaged-*/unfinished.jsonl")] == []


# --- the command ------------------------------------------------------------------------------------------------


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "unburnt", *arguments], capture_output=True, text=True, timeout=120,
                          check=False, env=os.environ)


def ended_with(ended: Iterable[subprocess.CompletedProcess[str]]) -> list[int]:
    return [one.returncode for one in ended]


def test_the_command_heals_with_0_and_ends_with_3_where_something_stays_damaged(archive: Path, copy: Path) -> None:
    victim = objects_of(copy)[0]
    flip(archive / victim.relative_to(copy))
    (archive / "unburnt.toml").unlink()
    ended = run("-a", str(archive), "repair", "--from", str(copy), "--json")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["objects"] == [victim.name]
    flip(archive / victim.relative_to(copy))
    flip(victim)
    ended = run("-a", str(archive), "repair", "--from", str(copy))
    assert ended.returncode == 3
    assert victim.name in ended.stdout
    assert ended_with([run("-a", str(archive), "repair", "--from", str(archive)), run("-a", str(archive), "repair")]) == [2, 2]
