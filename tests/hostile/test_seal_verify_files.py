"""Files that must not be opened: verifying names each, opens nothing behind it, and neither hangs nor fails."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.seal_authority import Authority
from tests.sealed_archive import material, sealed_archive, verification, wrong
from tests.spoiled_archives import copied
from unburnt.api import Archive
from unburnt.api.seals import Seals
from unburnt.base.errors import DamagedArchive
from unburnt.vault.unpacking import is_bomb, unpacked


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = material(tmp_path_factory.mktemp("material"))
    authority = Authority(tmp_path_factory.mktemp("authority"))
    return sealed_archive(tmp_path_factory.mktemp("archives") / "archive", folder, authority)


@pytest.fixture
def archive(sealed: Path, tmp_path: Path) -> Path:
    return copied(sealed, tmp_path / "a")


def _to_fifo(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def _to_link(path: Path) -> None:
    elsewhere = path.parents[len(path.parts) - 2 - path.parts.index("a")].parent / "elsewhere"
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)


def _to_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _to_socket(path: Path) -> None:
    path.unlink()
    short = Path("/proc/self/fd")  # a path longer than an address may be
    descriptor = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(short / str(descriptor) / path.name))
    os.close(descriptor)


def _first(root: Path, pattern: str) -> Path:
    return sorted(path for path in root.glob(pattern) if "-" not in path.name)[0]


@pytest.mark.parametrize("change", [_to_fifo, _to_link, _to_folder, _to_socket])
@pytest.mark.parametrize("pattern", [
    "log/checkpoint", "log/checkpoints/*", "log/timestamps/*/*.tsr", "log/witnesses", "log/roots/*.pem", "log/key.pub",
    "log/tile/0/000.p/*", "log/tile/entries/000.p/*", "events/000001.jsonl", "objects/*/*", "derived/001.sqlite",
    "derived/members/*/*",
])
def test_what_is_no_plain_file_is_named_and_not_opened(
    archive: Path, pattern: str, change: Callable[[Path], None]
) -> None:
    path = _first(archive, pattern)
    change(path)
    report = verification(archive)
    assert wrong(report)["files"] == [str(path.relative_to(archive))]
    others = {name for name in wrong(report) if name != "files"}
    assert others <= {"completeness", "derived"}, others
    if not pattern.startswith("objects"):
        assert any(note.startswith("Not checked because of what is named as wrong: ") for note in report.checks[0].notes)


@pytest.mark.parametrize("pattern", [
    "log/checkpoint", "log/checkpoints/*", "log/timestamps/*/*.tsr", "log/witnesses", "log/roots/*.pem", "log/key.pub",
    "log/tile/0/000.p/*", "log/tile/entries/000.p/*", "events/000001.jsonl",
])
def test_a_file_larger_than_its_kind_may_be_is_named_and_not_opened(archive: Path, pattern: str) -> None:
    path = _first(archive, pattern)
    path.chmod(0o600)
    os.truncate(path, 6 << 30)
    found = wrong(verification(archive))
    assert found["files"] == [str(path.relative_to(archive))]
    assert found.keys() <= {"files", "completeness"}


@pytest.mark.parametrize("folder", ["objects", "log", "events", "derived", "log/checkpoints", "log/tile", "log/roots"])
def test_a_folder_that_leads_elsewhere_is_named_and_not_followed(archive: Path, folder: str) -> None:
    _to_link(archive / folder)
    assert wrong(verification(archive))["files"] == [folder]


def test_a_folder_of_originals_that_leads_elsewhere_is_named_and_the_others_are_hashed(archive: Path) -> None:
    folder = _first(archive, "objects/*/*").parent
    _to_link(folder)
    report = verification(archive)
    assert wrong(report)["files"] == [f"objects/{folder.name}"]
    assert {check.name: check.looked_at for check in report.checks}["originals"] == 2


@pytest.mark.parametrize("name", [
    "log/Secret", "log/tile/zz/Secret", "log/tile/0/Secret", "log/checkpoints/007", "log/timestamps/name", "events/extra.jsonl",
    "log/roots/authority.pem", "derived/Secret", "derived/members/Secret",
])
def test_a_file_that_is_not_the_archives_is_named(archive: Path, name: str) -> None:
    (archive / name).parent.mkdir(exist_ok=True)
    (archive / name).write_text("name of a source")
    found = wrong(verification(archive))["files"]
    assert found in ([name], [str(Path(name).parent)])


def test_what_a_crash_leaves_beside_the_events_is_told_and_nothing_is_wrong(archive: Path) -> None:
    (archive / "events" / "000001.torn-1").write_text('{"seq":18,"dig')
    report = verification(archive)
    assert wrong(report) == {}
    assert report.checks[0].notes == ("events/000001.torn-1 is what a crash left; nothing reads it.",)


def test_a_changed_copy_of_a_member_is_named(archive: Path) -> None:
    member = _first(archive, "derived/members/*/*")
    member.chmod(0o600)
    member.write_bytes(b"forged bytes")
    assert wrong(verification(archive)) == {"members": [str(member.relative_to(archive))]}


def test_a_frame_that_states_another_size_than_was_recorded_is_not_decompressed() -> None:
    frame = zstandard.ZstdCompressor().compress(bytes(20 << 20))
    assert unpacked(frame, 20 << 20) == bytes(20 << 20)
    assert unpacked(frame, 1 << 20) is None
    terabyte = b"\x28\xb5\x2f\xfd\xe0" + (1 << 40).to_bytes(8, "little") + frame[-20:]
    assert zstandard.get_frame_parameters(terabyte).content_size == 1 << 40
    assert unpacked(terabyte, 1 << 40) is None


def test_a_record_that_unpacks_to_far_more_than_any_is_named_and_not_unpacked(archive: Path) -> None:
    size = 256 << 20
    bomb = zstandard.ZstdCompressor().compress(bytes(size))
    connection = sqlite3.connect(archive / "derived" / "001.sqlite")
    connection.execute("UPDATE chunks SET output = ?, size = ?", (bomb, size))
    connection.commit()
    connection.close()
    report = verification(archive)
    found = [one.what for check in report.checks if check.name == "derived" for one in check.findings]
    named = f"Its {len(bomb)} bytes state to unpack to {size}, as nothing does that is kept here: it was not unpacked."
    assert found.count(named) == 4
    with Archive.open(archive) as opened, pytest.raises(DamagedArchive):
        opened.parts(opened.document("notice.txt").document)


def test_what_is_large_and_shrinks_as_text_does_is_no_bomb() -> None:
    assert is_bomb(10_000, 1 << 30) and is_bomb(1 << 30, (1 << 30) + 1)
    assert not is_bomb(11 << 20, 1 << 30)
    assert not is_bomb(10, 64 << 20), "one part of 64 MiB may be all alike"


@pytest.mark.parametrize("statement", [
    "UPDATE chunks SET output = x'28b52ffde00000000000010000', size = 1099511627776",
    "UPDATE chunks SET output = x'28b52ffde00000004000000000', size = 1073741824",
    "UPDATE chunks SET size = 'many'", "UPDATE derivations SET chunks = 'many'", "UPDATE derivations SET chunks = -1",
    "UPDATE derivations SET parameters = replace(hex(zeroblob(100000)), '0', '[')",
    "UPDATE derivations SET inputs = '[1]'", "UPDATE derivations SET output = 7",
    "UPDATE chunks SET digest = '../../../x', output = NULL", "DROP TABLE chunks",
])
def test_a_derived_database_that_holds_nonsense_is_named(archive: Path, statement: str) -> None:
    connection = sqlite3.connect(archive / "derived" / "001.sqlite")
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert wrong(verification(archive))["derived"]


def test_a_derived_database_that_computes_its_rows_is_not_asked(archive: Path) -> None:
    connection = sqlite3.connect(archive / "derived" / "001.sqlite")
    connection.execute("DROP TABLE derivations")
    connection.execute("CREATE VIEW derivations AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS "
                       "key, '' AS step, 1 AS version, '' AS parameters, '' AS inputs, '' AS output, 1 AS chunks FROM n")
    connection.commit()
    connection.close()
    with Archive.open(archive) as opened:
        report = Seals(opened).verify(rederive=None)
    assert wrong(report) == {"derived": ["derived/001.sqlite"]}
    assert report.checks[0].notes == ("Not checked because of what is named as wrong: rederived.",)


@pytest.mark.parametrize("statement", [
    "UPDATE chunks SET output = zeroblob(length(output)) WHERE number = 0",
    "UPDATE chunks SET output = x'28b52ffde00000000000010000010000', size = 1099511627776 WHERE number = 0",
])
def test_reading_again_goes_on_past_a_damaged_record_and_names_it(archive: Path, statement: str) -> None:
    connection = sqlite3.connect(archive / "derived" / "001.sqlite")
    connection.execute(statement)
    connection.commit()
    connection.close()
    with Archive.open(archive) as opened:
        report = Seals(opened).verify(rederive=None)
    assert len(wrong(report)["rederived"]) == 4
    assert sum(item.endswith(" chunk 0") for item in wrong(report)["derived"]) == 4
