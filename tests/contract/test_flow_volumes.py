"""Split archives: their volumes are read as one, wherever they came from, and it is told which are missing."""

from __future__ import annotations

import email
import io
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import py7zr
import pytest

from tests.material import mail, zipped
from tests.rar_volumes_made import rar4_volumes, rar5_volumes
from tests.unit.test_read_zip_volumes import volumes as zip_volumes
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import Seals
from unburnt.base.digests import digest_of
from unburnt.base.errors import UsageError
from unburnt.base.limits import Limits
from unburnt.flow.rederiving import Rederiving
from unburnt.model.events import ReadingMade
from unburnt.model.views import DocumentView
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout


def members(seed: int, count: int = 4) -> dict[str, bytes]:
    chance = random.Random(seed)
    return {f"order-{number}.txt": f"指示 {seed}-{number}\n{chance.randbytes(900).hex()}".encode() for number in range(count)}


def seven(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return out.getvalue()


def cut(whole: bytes, pieces: int) -> list[bytes]:
    size = len(whole) // pieces + 1
    return [whole[start : start + size] for start in range(0, len(whole), size)]


def put(folder: Path, name: str, parts: list[bytes], *, leave_out: tuple[int, ...] = ()) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(parts, 1):
        if number not in leave_out:
            (folder / f"{name}.{number:03}").write_bytes(part)
    return folder


def found(view: DocumentView) -> set[str]:
    return {row.path.decode() for row in view.members if row.digest}


WHOLE, GAPPY, ENDLESS, GIANT = members(1), members(2, 20), members(3), members(4, 25)
MAILED, TWIN, OTHER_TWIN, INNER, LATE, STRANGE = (members(seed) for seed in range(5, 11))
MAIL_PARTS, INNER_PARTS, TWICE, LATE_PARTS, STRANGE_PARTS = (
    cut(seven(files), 3) for files in (MAILED, INNER, members(11), LATE, STRANGE))
OLD, NEW, SPANNED = members(13), members(14), members(15)
OPTIONS = Options(member_cache=0, ocr=False, limits=Limits(slice_members=10))


def mailed(number: int, part: bytes) -> bytes:
    """A mail with one volume."""
    message = email.message_from_bytes(mail(f"Part {number}", "See below.", attachment=part))
    attachment = message.get_payload()[1]
    attachment.replace_header("Content-Disposition", f'attachment; filename="mailed.7z.{number:03}"')
    return bytes(message)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source") / "in"
    put(folder, "whole.7z", cut(seven(WHOLE), 3))
    put(folder, "gappy.zip", cut(zipped(GAPPY), 5), leave_out=(3,))
    put(folder, "endless.7z", cut(seven(ENDLESS), 4), leave_out=(3, 4))
    put(folder, "giant.zip", cut(zipped(GIANT), 4))
    put(folder / "a", "twin.7z", cut(seven(TWIN), 3), leave_out=(2,))
    put(folder / "b", "twin.7z", cut(seven(OTHER_TWIN), 3))
    put(folder, "backup", [zipped(members(seed, 2)) for seed in (20, 21, 22)])
    put(folder, "twice.7z", [TWICE[0], TWICE[0], TWICE[2]])
    put(folder, "many.7z", cut(seven(members(12)), 260))
    put(folder, "late.7z", LATE_PARTS, leave_out=(2,))
    for number, part in enumerate(rar4_volumes(OLD, 3000)):
        (folder / ("old.rar" if not number else f"old.r{number - 1:02}")).write_bytes(part)
    for number, part in enumerate(rar5_volumes(NEW, 3000), 1):
        if number != 2:
            (folder / f"new.part{number:02}.rar").write_bytes(part)
    for number, part in zip_volumes(SPANNED, 2000).items():
        (folder / (f"spanned.z{number:02}" if number else "spanned.zip")).write_bytes(part)
    for number, part in enumerate(MAIL_PARTS, 1):
        (folder / f"mail-{number}.eml").write_bytes(mailed(number, part))
    inner = {f"in/leak.7z.{number:03}": part for number, part in enumerate(INNER_PARTS, 1)}
    outer = {f"outer.zip.{number:03}": part for number, part in enumerate(cut(zipped(inner), 3), 1)}
    (folder / "nested.zip").write_bytes(zipped(outer))
    made = tmp_path_factory.mktemp("archives") / "archive"
    with Archive.create(made) as archive:
        archive.add([folder], options=OPTIONS)
        assert "archive: 2 (.002)." in archive.document("late.7z.001").reason
        for name, parts in (("wrong", STRANGE_PARTS), ("right", LATE_PARTS)):
            later = folder.parent / name / "late.7z.002"
            later.parent.mkdir()
            later.write_bytes(parts[1])
            archive.add([later], options=OPTIONS)
    return made


@pytest.fixture(scope="module")
def archive(root: Path) -> Iterator[Archive]:
    with Archive.open(root) as opened:
        yield opened


def test_the_members_stand_under_the_first_volume_and_the_others_say_where(archive: Archive) -> None:
    first, second = archive.document("whole.7z.001"), archive.document("whole.7z.002")
    assert (first.outcome, found(first)) == ("read", set(WHOLE))
    assert first.reading is not None and first.reading.expected.members == len(WHOLE)
    assert second.outcome == "read" and "part 2 of a split archive" in second.reason
    for view in (first, second):
        assert [(one.shown, one.is_lead) for one in view.volumes] == [
            ("whole.7z.001", True), ("whole.7z.002", False), ("whole.7z.003", False)]
    assert archive.search('"指示 1-2"').total == 1


def test_a_missing_volume_is_named_and_what_stands_elsewhere_is_read(archive: Archive) -> None:
    view = archive.document("gappy.zip.001")
    assert view.outcome == "partial" and "archive: 3 (.003)." in view.reason
    assert 10 < len(found(view)) < 20 and view.total_members == 20


def test_a_missing_end_is_named(archive: Archive) -> None:
    view = archive.document("endless.7z.001")
    assert view.outcome == "partial" and "What follows volume 2 is missing: 3 (.003)" in view.reason


def test_a_volume_that_comes_later_completes_the_set_in_place_of_one_of_another_set(archive: Archive) -> None:
    view = archive.document("late.7z.001")
    assert (view.outcome, found(view)) == ("read", set(LATE))
    assert [one.document for one in view.volumes] == [digest_of(part) for part in LATE_PARTS]
    assert archive.document(digest_of(STRANGE_PARTS[1])).outcome == "partial"


def test_volumes_that_came_with_a_mail_each_are_read_as_one(archive: Archive) -> None:
    view = archive.document(digest_of(MAIL_PARTS[0]))
    assert (view.outcome, found(view)) == ("read", set(MAILED))


def test_sets_of_one_name_in_two_folders_do_not_mix(archive: Archive) -> None:
    assert "archive: 2 (.002)" in archive.document("a/twin.7z.001").reason
    view = archive.document("b/twin.7z.001")
    assert (view.outcome, found(view)) == ("read", set(OTHER_TWIN))


def test_rar_volumes_of_both_ways_of_naming_are_read_as_one(archive: Archive) -> None:
    view = archive.document("old.rar")
    assert (view.outcome, found(view), len(view.volumes)) == ("read", set(OLD), 3)
    assert "part 3 of a split archive" in archive.document("old.r01").reason
    view = archive.document("new.part01.rar")
    assert view.outcome == "partial" and "archive: 2 (.part02.rar)." in view.reason and found(view)


def test_a_zip_archive_in_volumes_is_read_under_the_one_that_people_open(archive: Archive) -> None:
    view = archive.document("spanned.zip")
    assert (view.outcome, found(view)) == ("read", set(SPANNED))
    assert [one.is_lead for one in view.volumes] == [*[False] * (len(view.volumes) - 1), True]
    assert "part 1 of a split archive" in archive.document("spanned.z01").reason


def test_numbered_files_that_are_whole_stay_apart(archive: Archive) -> None:
    for number in (1, 2, 3):
        view = archive.document(f"backup.00{number}")
        assert (view.outcome, len(view.members), view.volumes) == ("read", 2, ())


def test_one_volume_twice_is_no_set(archive: Archive) -> None:
    assert archive.document(digest_of(TWICE[0])).outcome in ("partial", "damaged")


def test_a_set_inside_a_set_inside_an_archive_is_read_and_its_members_had_again(archive: Archive) -> None:
    view = archive.document(digest_of(INNER_PARTS[0]))
    assert (view.outcome, found(view)) == ("read", set(INNER))
    data = INNER["order-0.txt"]
    assert archive.export_original(digest_of(data)).read_bytes() == data


def test_a_giant_set_is_read_in_slices_like_any_container(archive: Archive) -> None:
    view = archive.document("giant.zip.001")
    assert (view.outcome, found(view)) == ("read", set(GIANT))


def test_more_volumes_than_can_be_open_at_a_time_are_said_to_be_too_many(archive: Archive) -> None:
    view = archive.document("many.7z.001")
    assert view.outcome == "partial" and "No more than 200 volumes" in view.reason and len(view.volumes) == 200


def test_a_set_is_verified_and_made_again_like_any_reading(archive: Archive) -> None:
    assert not [finding for check in Seals(archive).verify().checks for finding in check.findings]
    wanted = {archive.key_of(archive.document(name).document) for name in ("whole.7z.001", "giant.zip.001", "whole.7z.002")}
    layout = Layout.open(archive.root)
    rederiving = Rederiving(layout, archive._derived, archive._catalog, OPTIONS)
    try:
        made = [event for _, event in Events(layout, write=False).replay() if isinstance(event, ReadingMade)]
        rederiving.run([event for event in made if event.key in wanted])
        check = rederiving.check()
    finally:
        rederiving.close()
    assert (check.findings, check.looked_at) == ((), 2)
    assert "read with the first of their set" in check.notes[0]


def spoiled(part: bytes) -> bytes:
    """A copy that came to harm: of the same length, its middle overwritten."""
    return part[:100] + bytes(len(part) - 200) + part[-100:]


def added(tmp_path: Path, *deliveries: dict[str, bytes]) -> Archive:
    archive = Archive.create(tmp_path / "archive")
    for number, files in enumerate(deliveries):
        folder = tmp_path / f"delivery-{number}"
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        archive.add([folder], options=OPTIONS)
    return archive


SOUND = members(30, 6)
SOUND_PARTS = cut(zipped(SOUND), 4)
BY_NAME = {f"leak.zip.{number:03}": part for number, part in enumerate(SOUND_PARTS, 1)}
HARMED = BY_NAME | {"leak.zip.002": spoiled(SOUND_PARTS[1])}


@pytest.mark.parametrize("later", [
    {"leak.zip.002": SOUND_PARTS[1]}, BY_NAME, BY_NAME | {"leak.zip.003": spoiled(SOUND_PARTS[2])},
], ids=["alone", "with-all", "with-another-harmed"])
def test_a_damaged_volume_is_replaced_by_a_right_one_that_comes_later(tmp_path: Path, later: dict[str, bytes]) -> None:
    with added(tmp_path, HARMED, later) as archive:
        view = archive.document(digest_of(SOUND_PARTS[0]))
        assert (view.outcome, found(view)) == ("read", set(SOUND))
        assert [one.document for one in view.volumes] == [digest_of(part) for part in SOUND_PARTS]
        assert archive.document(digest_of(HARMED["leak.zip.002"])).outcome != "read"
        assert "part 2 of a split archive" in archive.document(digest_of(SOUND_PARTS[1])).reason


def test_a_right_first_volume_that_comes_later_finds_the_others_of_its_damaged_copy(tmp_path: Path) -> None:
    seven_parts = cut(seven(SOUND), 3)
    names = {f"leak.7z.{number:03}": part for number, part in enumerate(seven_parts, 1)}
    with added(tmp_path, names | {"leak.7z.001": seven_parts[0][:40] + bytes(len(seven_parts[0]) - 40)}, {"leak.7z.001": seven_parts[0]}) as archive:
        view = archive.document(digest_of(seven_parts[0]))
        assert (view.outcome, found(view)) == ("read", set(SOUND))


def test_a_later_volume_of_another_set_takes_nothing_from_what_was_read(tmp_path: Path) -> None:
    stranger = cut(zipped(members(31, 6)), 4)[1]
    with added(tmp_path, HARMED) as archive:
        before = found(archive.document(digest_of(SOUND_PARTS[0])))
        assert before and before < set(SOUND)
        later = tmp_path / "later" / "leak.zip.002"
        later.parent.mkdir()
        later.write_bytes(stranger)
        for _ in range(2):
            archive.add([later], options=OPTIONS)
            view = archive.document(digest_of(SOUND_PARTS[0]))
            assert view.outcome == "partial" and found(view) >= before
        readings = [event for _, event in Events(Layout.open(archive.root), write=False).replay()
                    if isinstance(event, ReadingMade) and event.blob == digest_of(SOUND_PARTS[0])]
        assert len(readings) < 8
        dumped = list(archive.dump())
    with Archive.rebuild(tmp_path / "archive") as rebuilt:
        assert list(rebuilt.dump()) == dumped


def test_a_rebuilt_archive_is_equal(root: Path, archive: Archive, tmp_path: Path) -> None:
    before = list(archive.dump())
    shutil.copytree(root, tmp_path / "copy", ignore=shutil.ignore_patterns("*.sock"))
    with Archive.rebuild(tmp_path / "copy") as rebuilt:
        assert list(rebuilt.dump()) == before
        assert len(rebuilt.document("whole.7z.003").volumes) == 3


def test_a_set_is_erased_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([put(tmp_path / "in", "leak.7z", cut(seven(WHOLE), 3))], options=OPTIONS)
        for name in ("leak.7z.001", "leak.7z.002"):
            with pytest.raises(UsageError, match="volume of a split archive"):
                archive.erase(name, why="asked for")
        archive.erase(digest_of(WHOLE["order-1.txt"]), why="asked for", with_containers=True)
        assert archive.status().blobs == 0 and archive.search("指示").total == 0
        assert not [finding for check in Seals(archive).verify().checks for finding in check.findings]
