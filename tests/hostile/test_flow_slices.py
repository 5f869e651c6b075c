"""A giant container is read in slices: killed at any moment it goes on inside, and its reading is the same as in one go."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.hostile.slicing import OPTIONS
from tests.material import mail, tarred, zipped
from tests.pst_made import Dir, Item, store, text
from tests.zip_made import traditional_zip
from unburnt.api import Archive
from unburnt.base.digests import digest_of
from unburnt.flow.rederiving import Rederiving
from unburnt.model.events import ReadingMade
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout

HERE = Path(__file__).parent
MAILS = 55
PASSWORD = "long march"


def mailbox(count: int) -> bytes:
    """As mail programs write it: a From_ line, the message, an empty line."""
    letters = (mail(f"Convoy {i}", f"Report number {i}.\nFrom the depot.\n", attachment=None) for i in range(count))
    return b"".join(b"From a@example.org Mon Jan  5 10:00:00 2015\n" + one.rstrip(b"\n") + b"\n\n" for one in letters)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source") / "delivery"
    folder.mkdir()
    notes = {f"notes/{i}.txt": f"Note {i} about the road.".encode() for i in range(30)}
    (folder / "all.mbox").write_bytes(mailbox(MAILS))
    letters = [Item({0x1A: text("IPM.Note"), 0x37: text(f"Order {i}"), 0x1000: text(f"Text {i}")}) for i in range(22)]
    (folder / "box.pst").write_bytes(store(Dir("", letters[:5], [Dir("Inbox", letters[5:], stated=20)]), password=7))
    (folder / "cut.tar").write_bytes(tarred(notes)[:-11_000])
    inner = zipped(notes | {"inner.mbox": mailbox(25)})
    (folder / "outer.zip").write_bytes(inner)
    packed = folder / "damaged.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in notes.items():
            archive.writestr(name, content)
    # One member's bytes are not those of its checksum: counted by a slice long before the last.
    packed.write_bytes(packed.read_bytes().replace(b"Note 7 about", b"Note 8 about"))
    (folder / "locked.zip").write_bytes(traditional_zip({f"{i}": f"secret {i}".encode() for i in range(25)}, PASSWORD.encode()))
    return folder


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Read in one go, container by container."""
    with Archive.create(tmp_path_factory.mktemp("whole") / "archive") as archive:
        archive.add([source])
        yield archive


@pytest.fixture(scope="module")
def sliced(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive.create(tmp_path_factory.mktemp("sliced") / "archive") as archive:
        archive.add([source], options=OPTIONS)
        yield archive


def slices_of(root: Path, name: str) -> list[int]:
    """The numbers of a container's slices, one for each time that one was recorded."""
    digest = digest_of(name.encode()) if not Path(name).is_absolute() else digest_of(Path(name).read_bytes())
    made = [event for _, event in Events(Layout(root), write=False).replay()
            if isinstance(event, ReadingMade) and event.blob == digest and event.outcome == "waiting"]
    numbers = []
    for database in (root / "derived").glob("*.sqlite"):
        connection = sqlite3.connect(database)
        for event in made:
            for (parameters,) in connection.execute("SELECT parameters FROM derivations WHERE key = ?", (event.key,)):
                numbers.append(msgspec.json.decode(parameters)["slice"])
        connection.close()
    return numbers


def test_slices_and_one_go_give_the_same_archive(whole: Archive, sliced: Archive, source: Path) -> None:
    assert list(sliced.dump()) == list(whole.dump())
    assert slices_of(whole.root, str(source / "all.mbox")) == []
    assert slices_of(sliced.root, str(source / "all.mbox")) == [1, 2, 3, 4, 5]
    assert slices_of(sliced.root, str(source / "damaged.zip")) == [1, 2]
    assert slices_of(sliced.root, str(source / "box.pst")) == [1, 2]
    assert sliced.document("damaged.zip").reason == whole.document("damaged.zip").reason
    assert sliced.status().outcomes["waiting"] == 0


def test_a_rebuilt_catalogue_is_the_same_and_the_readings_can_be_made_again(sliced: Archive) -> None:
    before = list(sliced.dump())
    layout = Layout.open(sliced.root)
    made = [event for _, event in Events(layout, write=False).replay() if isinstance(event, ReadingMade)]
    rederiving = Rederiving(layout, sliced._derived, sliced._catalog, OPTIONS)
    try:
        rederiving.run([event for event in made if event.step in ("read.mbox", "read.zip", "read.tar")])
        assert rederiving.check().findings == () and rederiving.compared >= 4
    finally:
        rederiving.close()
    sliced.close()
    with Archive.rebuild(sliced.root) as archive:
        assert list(archive.dump()) == before


@pytest.mark.parametrize(("moment", "count"), [
    ("unburnt.flow.recorder:Recorder._keep_slice:before", 3),
    ("unburnt.flow.recorder:Recorder._keep_slice:after", 5),
    ("unburnt.catalog.documents:put_slice:before", 4),
    ("unburnt.flow.collector:Collector._pause:after", 7),
    ("unburnt.flow.collector:Collector._put_before:after", 4),
])
def test_killed_inside_a_container_it_goes_on_there(
    moment: str, count: int, source: Path, whole: Archive, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    Archive.create(root).close()
    command = [sys.executable, "-m", "tests.hostile.slicing"]
    died = subprocess.run([*command, moment, str(count), str(root), str(source)], cwd=HERE.parents[1],
                          capture_output=True, timeout=900, check=False)
    assert died.returncode == -9, died.stderr.decode()
    begun = slices_of(root, str(source / "all.mbox"))
    with Archive.open(root) as archive:
        archive.add([source], options=OPTIONS)
        assert list(archive.dump()) == list(whole.dump())
    # Whatever was recorded was not read again.
    assert slices_of(root, str(source / "all.mbox")) == [1, 2, 3, 4, 5]
    assert begun == [1, 2, 3, 4, 5][: len(begun)]


def test_a_catalogue_made_again_in_the_middle_goes_on_there_too(source: Path, whole: Archive, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    Archive.create(root).close()
    subprocess.run([sys.executable, "-m", "tests.hostile.slicing", "unburnt.flow.recorder:Recorder._keep_slice:before", "6",
                    str(root), str(source)], cwd=HERE.parents[1], capture_output=True, timeout=900, check=False)
    for view in root.glob("catalog.sqlite*"):
        view.unlink()
    Archive.rebuild(root).close()
    with Archive.open(root) as archive:
        archive.add([source], options=OPTIONS)
        assert list(archive.dump()) == list(whole.dump())
    assert slices_of(root, str(source / "all.mbox")) == [1, 2, 3, 4, 5]


def test_a_member_of_a_late_slice_is_had_without_its_container_s_beginning(sliced: Archive) -> None:
    root = sliced.root
    for copy in (root / "derived" / "members").rglob("*"):
        if copy.is_file():
            copy.unlink()
    with Archive.open(root) as archive:
        members = archive.document("all.mbox").members
        last = members[-1].digest
        assert last is not None
        assert b"Report number" in archive.export_original(last).read_bytes()


def test_a_password_that_comes_later_opens_every_slice(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source / "locked.zip"], options=OPTIONS)
        assert archive.status().outcomes["locked"] > 0
        archive.add([source / "locked.zip"], options=OPTIONS, passwords=[PASSWORD])
        view = archive.document("locked.zip")
        assert view.outcome == "read" and all(row.digest for row in view.members)
    assert (tmp_path / "archive" / "objects" / digest_of(b"secret 3")[:2] / digest_of(b"secret 3")).is_file()
