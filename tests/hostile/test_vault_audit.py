"""Whatever is changed in an archive, checking it names the exact item, and changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from unburnt.api import Archive
from unburnt.flow.keeper import Options
from unburnt.model.audit import Check
from unburnt.vault.audit.derived import DerivedAudit
from unburnt.vault.audit.events import EventsAudit
from unburnt.vault.audit.objects import ObjectsAudit
from unburnt.vault.layout import Layout


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a text, another text, and a zip with a member."""
    folder = tmp_path_factory.mktemp("material")
    (folder / "notice.txt").write_text("关于拘留工作的通知\n")
    (folder / "other.txt").write_text("居留许可\n")
    with zipfile.ZipFile(folder / "case.zip", "w") as package:
        package.writestr("inside.txt", "a member\n")
    root = tmp_path_factory.mktemp("archives") / "archive"
    with Archive.create(root) as archive:
        archive.add([folder], options=Options(ocr=False))
    return root


@pytest.fixture
def archive(sealed: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    copy = tmp_path / "a"
    shutil.copytree(sealed, copy)
    return copy


def _audit(root: Path) -> dict[str, Check]:
    layout = Layout.open(root)
    events, objects = EventsAudit(layout), ObjectsAudit(layout)
    for _ in events.entries():
        pass
    objects.hash_all(objects._objects.digests())
    checks = [events.check(), objects.check(), objects.completeness(events.named),
              DerivedAudit(layout, events.named).run()]
    return {check.name: check for check in checks}


def _flip(path: Path, place: int) -> None:
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def _objects(root: Path) -> list[Path]:
    return sorted(path for path in (root / "objects").rglob("*") if path.is_file())


def test_a_sound_archive_has_no_findings_and_everything_was_looked_at(archive: Path) -> None:
    checks = _audit(archive)
    assert {name: check.findings for name, check in checks.items()} == dict.fromkeys(checks, ())
    assert checks["originals"].looked_at == 3
    assert checks["derived"].looked_at == 4


def test_one_flipped_byte_of_an_original_is_named(archive: Path) -> None:
    victim = _objects(archive)[1]
    _flip(victim, 3)
    assert [finding.item for finding in _audit(archive)["originals"].findings] == [
        f"objects/{victim.parent.name}/{victim.name}"]


def test_a_lost_original_and_a_slipped_in_one_are_named(archive: Path) -> None:
    lost, stranger = _objects(archive)[0], archive / "objects" / "00"
    lost.unlink()
    stranger.mkdir(exist_ok=True)
    (stranger / ("00" + "1" * 62)).write_bytes(b"slipped in")
    (stranger / "readme").write_bytes(b"not ours")
    items = {finding.item.split("/")[-1]: finding.what for finding in _audit(archive)["completeness"].findings}
    assert items[lost.name].endswith("it is not here.")
    assert items["00" + "1" * 62] == "No event names this file."
    assert "not one of the archive's files" in items["readme"]


def test_a_disclosure_that_was_taken_out_is_named(archive: Path) -> None:
    from unburnt.vault.fields import parse_line, without

    path = archive / "events" / "000001.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    number, shorter = next(
        (number, shorter) for number, raw in enumerate(lines)
        if (shorter := without(parse_line(raw), {"modified"})) is not None)
    lines[number] = shorter
    path.write_bytes(b"".join(lines))
    findings = _audit(archive)["events"].findings
    assert [(finding.item, finding.what) for finding in findings] == [
        (f"event {number}", "Its modified was taken out, and no event says that it was erased.")]


def test_what_was_erased_is_no_finding(archive: Path) -> None:
    with Archive.open(archive) as opened:
        opened.erase(opened.search("居留").hits[0].document, why="wish of the source")
    checks = _audit(archive)
    assert {name: check.findings for name, check in checks.items()} == dict.fromkeys(checks, ())
    assert checks["completeness"].notes == ("1 contents were erased, as events say.",)


def _change_a_chunk(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE chunks SET output = zeroblob(length(output)) WHERE number = 1")


def _exchange_texts(connection: sqlite3.Connection) -> None:
    rows = connection.execute("SELECT key, size, digest, output FROM chunks WHERE number = 1 ORDER BY key").fetchall()
    for (key, *_), (_, size, digest, output) in zip(rows, rows[1:] + rows[:1], strict=True):
        connection.execute("UPDATE chunks SET size = ?, digest = ?, output = ? WHERE key = ? AND number = 1",
                           (size, digest, output, key))


def _change_a_step(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE derivations SET version = version + 1")


def _take_chunks(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM chunks WHERE number = 1")


@pytest.mark.parametrize("spoil", [_change_a_chunk, _exchange_texts, _change_a_step, _take_chunks])
def test_a_changed_derived_record_is_named(archive: Path, spoil: Callable[[sqlite3.Connection], None]) -> None:
    with sqlite3.connect(archive / "derived" / "001.sqlite") as connection:
        spoil(connection)
    connection.close()
    findings = _audit(archive)["derived"].findings
    assert findings
    assert all(finding.item.startswith("record ") for finding in findings)


def test_a_derived_record_without_its_input_is_named(archive: Path) -> None:
    with sqlite3.connect(archive / "derived" / "001.sqlite") as connection:
        from unburnt.base.canonical import step_key

        foreign = "5" * 64
        key = step_key("read.text", 1, {}, [foreign])
        connection.execute("INSERT INTO derivations SELECT ?, 'read.text', 1, '{}', ?, output, 1 FROM derivations LIMIT 1",
                           (key, f'["{foreign}"]'))
        connection.execute("INSERT INTO chunks (key, number, size, digest, encoding, output) SELECT ?, 0, size, digest, "
                           "encoding, output FROM chunks WHERE number = 0 LIMIT 1", (key,))
    connection.close()
    items = [finding.item for finding in _audit(archive)["derived"].findings]
    assert f"record {key}" in items
