"""What an archive promises its user, through the public surface and the real engines."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import py7zr
import pytest

from tests.material import ATTACHMENT, make_delivery, zipped
from unburnt.api import Archive
from unburnt.base.digests import digest_of
from unburnt.base.errors import KeeperBusy, NotFound, QuerySyntaxError, UnburntError, UsageError

SECRET = "quicksilver-morgenstern"


def everything(root: Path) -> bytes:
    """Every byte of every file of an archive, and every name in it."""
    pieces = []
    for folder, _, names in os.walk(os.fsencode(root)):
        for name in names:
            pieces.append(name)
            with open(os.path.join(folder, name), "rb") as file:
                pieces.append(file.read())
    return b"\n".join(pieces)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    base = tmp_path_factory.mktemp("shared")
    with Archive.create(base / "archive") as archive:
        archive.add([make_delivery(base / "delivery", texts=10)])
        yield archive


def test_every_entry_becomes_an_item_and_totals_add_up(shared: Archive) -> None:
    status = shared.status()
    assert status.items == sum(status.outcomes.values())
    # 10 notices, 3 mails, zip, tar, empty, copy, link, pipe, odd name; members: 3 attachments, 3 + 2 + 2 entries.
    assert status.items == 20 + 3 + 3 + 2 + 2
    assert status.expected_members == status.emitted_members + status.failed_members
    assert status.outcomes["waiting"] == 0
    reasons = {row.path: row.reason for row in shared.ledger(outcome="not-received").rows}
    assert reasons[b"link"].startswith("It is a symbolic link") and reasons[b"pipe"].startswith("It is a pipe")


def test_an_identical_attachment_keeps_every_parent(shared: Archive) -> None:
    view = shared.document(digest_of(ATTACHMENT))
    assert {place.path.partition(b"!/")[0] for place in view.occurrences} == {b"mail-0.eml", b"mail-1.eml", b"mail-2.eml"}


def test_objects_are_named_by_their_digest_and_the_source_is_untouched(shared: Archive) -> None:
    objects = [path for path in (shared.root / "objects").rglob("*") if path.is_file()]
    assert objects and all(digest_of(path.read_bytes()) == path.name for path in objects)
    assert all(path.stat().st_mode & 0o777 == 0o400 for path in objects)
    # What stands inside containers is stored once, in the container.
    assert digest_of(ATTACHMENT) not in {path.name for path in objects}


def test_search_finds_one_word_and_never_its_look_alike(shared: Archive) -> None:
    assert shared.count("拘留") == 10 and shared.count("居留") == 0
    with pytest.raises(QuerySyntaxError) as error:
        shared.search("good AND (bad")
    assert error.value.column == 10


def test_adding_the_same_source_again_changes_nothing_and_new_files_make_a_new_delivery(tmp_path: Path) -> None:
    source = make_delivery(tmp_path / "delivery", texts=3)
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source])
        before = list(archive.dump())
        archive.add([source])
        assert list(archive.dump()) == before
        assert len(archive.accessions()) == 1
        (source / "late.txt").write_text("arrived later")
        archive.add([source])
        assert [one.items for one in archive.accessions()][1:] == [1]
        assert archive.count("arrived") == 1


def test_one_zip_at_fifty_places_is_read_once_and_shown_at_fifty(tmp_path: Path) -> None:
    source = tmp_path / "delivery"
    source.mkdir()
    for number in range(50):
        (source / f"copy-{number}.zip").write_bytes(zipped({"inside.txt": b"one text"}))
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source])
        assert archive.status().blobs == 2
        assert archive.document(digest_of(b"one text")).total_occurrences == 50


def test_rebuilding_gives_an_equal_archive(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([make_delivery(tmp_path / "delivery", texts=5)])
        before, found = list(archive.dump()), archive.count("拘留")
        status = archive.status()
    with Archive.rebuild(tmp_path / "archive") as archive:
        assert list(archive.dump()) == before
        assert archive.count("拘留") == found
        assert archive.status() == status


def test_a_second_keeper_is_refused_with_the_first_ones_pid_and_age(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive, archive.keeper():
        refusal = pytest.raises(KeeperBusy, match=rf"Process {os.getpid()} has been this archive's keeper for \d+ s")
        with refusal, Archive.open(tmp_path / "archive").keeper():
            raise AssertionError("a second keeper came in")


def test_commands_of_other_processes_go_through_the_keeper(tmp_path: Path) -> None:
    source = make_delivery(tmp_path / "delivery", texts=3)
    with Archive.create(tmp_path / "archive") as archive, archive.keeper():
        done = subprocess.run(
            [sys.executable, "-m", "unburnt", "-a", str(archive.root), "add", str(source)],
            capture_output=True, timeout=120, check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        assert archive.count("拘留") == 3


def test_what_is_erased_is_in_no_byte_of_the_archive_and_the_rest_stays(tmp_path: Path) -> None:
    source = tmp_path / "delivery"
    source.mkdir()
    (source / f"name-of-{SECRET}.txt").write_text(f"The text of {SECRET} and nothing else. " * 40)
    (source / "other.txt").write_text("Another text that stays.")
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source])
        document = archive.search(SECRET).hits[0].document
        assert SECRET.encode() in everything(archive.root)
        archive.erase(document, why="a promise to a source")
        left = everything(archive.root)
        assert SECRET.encode() not in left
        # Names are base64 in events: look for that too, at every alignment.
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + SECRET.encode())[4 if shift else 0:-4]
            assert encoded not in left
        assert archive.count("stays") == 1 and archive.count(SECRET) == 0
        status = archive.status()
        assert status.items == 2 == sum(status.outcomes.values())
        assert next(row.reason for row in archive.ledger(outcome="not-received").rows).startswith("Erased by event")
    with Archive.rebuild(tmp_path / "archive") as archive:
        assert archive.status() == status


def test_only_a_name_can_be_erased(tmp_path: Path) -> None:
    source = tmp_path / "delivery"
    source.mkdir()
    (source / f"{SECRET}.txt").write_text("a text that stays")
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source])
        archive.erase(digest_of(b"a text that stays"), fields=["path"], why="the name told too much")
        assert SECRET.encode() not in everything(archive.root).replace(os.fsencode(source), b"")
        assert archive.count("stays") == 1


def test_content_inside_a_sealed_container_is_not_erased_by_half(tmp_path: Path) -> None:
    source = tmp_path / "delivery"
    source.mkdir()
    (source / "a.zip").write_bytes(zipped({"in.txt": SECRET.encode()}))
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source])
        with pytest.raises(UsageError, match="container"):
            archive.erase(digest_of(SECRET.encode()))
        archive.erase(digest_of(SECRET.encode()), with_containers=True)
        assert SECRET.encode() not in everything(archive.root)


def test_a_password_opens_what_was_locked_and_is_nowhere_on_disk(tmp_path: Path) -> None:
    password = "correct-horse-battery-staple"
    source = tmp_path / "delivery"
    source.mkdir()
    with py7zr.SevenZipFile(source / "locked.7z", "w", password=password) as locked:
        locked.writestr(b"the hidden plan", "plan.txt")
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source])
        assert archive.status().outcomes["locked"] >= 1
        archive.try_passwords(["wrong", password], wait=True)
        assert archive.count("plan") >= 1
        assert archive.status().outcomes["locked"] == 0
        assert password.encode() not in everything(archive.root)
        # Without the password nobody could have these bytes again: they became an object.
        assert [path.name for path in (archive.root / "objects").rglob(digest_of(b"the hidden plan"))]
    with Archive.rebuild(tmp_path / "archive") as archive:
        assert archive.count("plan") >= 1


def test_unreadable_files_are_lines_of_the_ledger(tmp_path: Path) -> None:
    source = tmp_path / "delivery"
    source.mkdir()
    (source / "fine.txt").write_text("fine")
    (source / "gone.txt").write_text("gone")
    archive = Archive.create(tmp_path / "archive")
    archive.close()
    script = f"""
import os, sys
from pathlib import Path
from unburnt.flow import intake
real = os.open
def refusing(path, *rest, **named):
    if isinstance(path, bytes) and path.endswith(b"gone.txt"):
        raise PermissionError(13, "Permission denied")
    return real(path, *rest, **named)
intake.os = type("Refusing", (), {{**vars(os), "open": staticmethod(refusing)}})
from unburnt.cli.main import main
main(["-a", {str(archive.root)!r}, "add", {str(source)!r}])
"""
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, timeout=60)
    with Archive.open(tmp_path / "archive") as archive:
        rows = archive.ledger(outcome="not-received").rows
    assert [(row.path, row.reason) for row in rows] == [(b"gone.txt", "It could not be opened: Permission denied.")]


def test_errors_are_sentences_of_one_family(tmp_path: Path, shared: Archive) -> None:
    for wrong in (lambda: Archive.open(tmp_path), lambda: shared.document("nothing/at/all"), lambda: shared.part("00" * 32, 0),
                  lambda: shared.add([tmp_path / "absent"]), lambda: list(shared.cat("00" * 32))):
        with pytest.raises(UnburntError) as error:
            wrong()
        assert str(error.value).endswith(".")
    with pytest.raises(NotFound):
        shared.page_image(shared.search("拘留").hits[0].document, 0, width=100)
