"""Whatever is done to a sealed archive, verifying names the exact item, and changes nothing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.seal_authority import Authority
from tests.sealed_archive import material, sealed_archive, verification, wrong
from tests.spoiled_archives import copied, event_lines, write_event_lines
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import Seals
from unburnt.base.errors import DamagedArchive
from unburnt.base.settings import keys_folder
from unburnt.model.events import BeaconLogged
from unburnt.vault.fields import LineWriter, parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.keys import Keys, origin_of
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Signer
from unburnt.vault.log.timestamp import request


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = material(tmp_path_factory.mktemp("material"))
    authority = Authority(tmp_path_factory.mktemp("authority"))
    return sealed_archive(tmp_path_factory.mktemp("archives") / "archive", folder, authority)


@pytest.fixture
def archive(sealed: Path, tmp_path: Path) -> Path:
    return copied(sealed, tmp_path / "a")


def _digest(root: Path) -> str:
    """Of every byte that is evidence or made from it; views may be brought up to date at any time."""
    hasher = hashlib.sha256()
    for path in sorted(path for folder in ("objects", "events", "log", "derived") for path in (root / folder).rglob("*")):
        if path.is_file() and not path.name.endswith(("-wal", "-shm")):
            hasher.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return hasher.hexdigest()


def _flip(path: Path, place: int) -> None:
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def _sealed_anew(root: Path) -> None:
    """Write a log over the events as they are now, signed with the archive's real key: a rollback, or a fork."""
    layout = Layout(root)
    for name in ("checkpoint", "tile"):
        path = layout.log / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    origin = origin_of(layout.archive_id)
    stolen = Signer(origin, Keys().open(layout.archive_id)._private)
    log = Log(layout.log, layout.tmp, origin, write=True)
    log.append(entry_of(parse_line(line).digests) for line in event_lines(root))
    log.commit(stolen)


def test_an_untouched_archive_is_sound_and_says_who_vouched_for_it(archive: Path) -> None:
    before = _digest(archive)
    files = sum(path.is_file() for folder in ("objects", "events", "log", "derived") for path in (archive / folder).rglob("*"))
    report = verification(archive)
    assert wrong(report) == {}
    assert report.is_sound
    assert {check.name: check.looked_at for check in report.checks if check.looked_at} == {
        "files": files, "originals": 3, "events": len(event_lines(archive)), "log": len(event_lines(archive)), "checkpoint": 1,
        "countersignatures": 1, "timestamps": 1, "completeness": 4, "derived": 4, "members": 1,
    }
    assert [sentence.split(":")[0] for sentence in report.seal] == ["Logged", "Countersigned", "Timestamped", "Not before"]
    assert _digest(archive) == before


@pytest.mark.parametrize("file", [
    "log/checkpoint", "log/tile/0/000.p/*", "log/tile/entries/000.p/*", "log/checkpoints/*", "log/timestamps/*/*.tsr",
    "log/witnesses", "events/000001.jsonl",
])
def test_one_flipped_bit_anywhere_in_history_or_seal_is_found_and_its_file_named(archive: Path, file: str) -> None:
    paths = sorted(archive.glob(file), key=lambda path: (len(path.name), path.name))  # the widest tile last
    assert paths
    original = paths[-1].read_bytes()
    for place in range(0, len(original), max(1, len(original) // 23)):
        _flip(paths[-1], place)
        found = wrong(verification(archive))
        assert found, place
        items = " ".join(item for one in found.values() for item in one)
        assert paths[-1].name in items or "event " in items or "log/" in items, items
        paths[-1].write_bytes(original)
    assert wrong(verification(archive)) == {}


def test_an_original_replaced_by_another_of_the_same_length_is_named(archive: Path) -> None:
    victim = sorted(path for path in (archive / "objects").rglob("*") if path.is_file())[0]
    victim.chmod(0o600)
    victim.write_bytes(b"x" * victim.stat().st_size)
    assert wrong(verification(archive)) == {"originals": [f"objects/{victim.parent.name}/{victim.name}"]}


def _without_last_event(root: Path) -> None:
    write_event_lines(root, event_lines(root)[:-1])


def _without_first_event(root: Path) -> None:
    write_event_lines(root, event_lines(root)[1:])


def _exchanged_events(root: Path) -> None:
    lines = event_lines(root)
    lines[2], lines[3] = lines[3], lines[2]
    write_event_lines(root, lines)


def _newest(root: Path, kind: str) -> Path:
    return max((root / "log" / "tile" / kind).rglob("*.p/*"), key=lambda path: int(path.name))


def _without_tile(root: Path) -> None:
    _newest(root, "0").unlink()


def _short_tile(root: Path) -> None:
    tile = _newest(root, "entries")
    tile.write_bytes(tile.read_bytes()[:-34])


def _without_checkpoint(root: Path) -> None:
    (root / "log" / "checkpoint").unlink()


def _without_seal(root: Path) -> None:
    shutil.rmtree(root / "log")


def _foreign_checkpoint(root: Path) -> None:
    other = root.parent / "other"
    Archive.create(other).close()
    shutil.copy(other / "log" / "checkpoint", root / "log" / "checkpoint")


def _rolled_back(root: Path) -> None:
    """Events and log cut consistently, with a checkpoint that the real key signed."""
    write_event_lines(root, event_lines(root)[:5])
    _sealed_anew(root)


def _forked(root: Path) -> None:
    """Another history of the same length, signed with the real key."""
    lines = event_lines(root)
    lines[4] = LineWriter().line(4, BeaconLogged(value="slipped in", time="2019-01-01T00:00:00.000000Z"))
    write_event_lines(root, lines)
    _sealed_anew(root)


@pytest.mark.parametrize(("attack", "check", "item"), [
    (_without_last_event, "log", "event "), (_without_first_event, "events", "line 1"),
    (_exchanged_events, "events", "line 3"), (_without_tile, "log", "log/tile/0"),
    (_short_tile, "log", "log/tile/entries"), (_without_checkpoint, "checkpoint", "log/checkpoint"),
    (_without_seal, "checkpoint", "log/checkpoint"), (_foreign_checkpoint, "log", "log/checkpoint"),
    (_rolled_back, "countersignatures", "log/checkpoints/"), (_forked, "countersignatures", "log/checkpoints/"),
])
def test_an_attack_on_the_history_is_named(
    archive: Path, attack: Callable[[Path], None], check: str, item: str
) -> None:
    attack(archive)
    found = wrong(verification(archive))
    assert any(item in one for one in found.get(check, [])), found


def test_a_rollback_without_any_witness_is_remembered_by_the_key_on_this_machine(archive: Path) -> None:
    _rolled_back(archive)
    shutil.rmtree(archive / "log" / "checkpoints")
    shutil.rmtree(archive / "log" / "timestamps")
    assert "what the key on this machine signed last" in wrong(verification(archive))["countersignatures"]


def test_a_keeper_adds_nothing_to_an_archive_whose_events_are_fewer_than_its_log_counts(archive: Path) -> None:
    _without_last_event(archive)
    before = _digest(archive)
    with Archive.open(archive) as opened, pytest.raises(DamagedArchive, match="missing from events/|put back"):
        opened.add([archive.parent], options=Options(ocr=False))
    assert _digest(archive) == before


def test_a_copy_that_was_put_back_goes_on_unsealed_and_says_so(archive: Path, tmp_path: Path) -> None:
    _rolled_back(archive)
    for name in ("checkpoints", "timestamps"):
        shutil.rmtree(archive / "log" / name)
    checkpoint = (archive / "log" / "checkpoint").read_bytes()
    (tmp_path / "new.txt").write_text("what came later\n")
    with Archive.open(archive) as opened, pytest.raises(DamagedArchive, match="put back"):
        opened.add([tmp_path / "new.txt"], options=Options(ocr=False))
    with Archive.rebuild(archive) as opened:
        opened.add([tmp_path / "new.txt"], options=Options(ocr=False))
        assert opened.count("later") == 1
        assert Seals(opened).state().events > Seals(opened).state().sealed
    assert (archive / "log" / "checkpoint").read_bytes() == checkpoint
    assert list((keys_folder() / Layout(archive).archive_id / "refused").iterdir())


def test_a_countersignature_removed_with_its_witness_is_missed_because_an_event_recorded_it(archive: Path) -> None:
    (archive / "log" / "witnesses").unlink()
    [kept] = [path for path in (archive / "log" / "checkpoints").iterdir() if path.read_text().count("\u2014 ") == 2]
    lines = kept.read_text().splitlines(keepends=True)
    kept.write_text("".join(lines[:-1]))
    assert wrong(verification(archive)) == {"countersignatures": [f"log/checkpoints/{kept.name}", "log/witnesses"]}
    kept.unlink()
    (archive / "log" / "witnesses").touch()
    assert f"log/checkpoints/{kept.name}" in wrong(verification(archive))["countersignatures"]


def test_a_timestamp_removed_without_a_trace_is_missed_because_an_event_recorded_it(archive: Path) -> None:
    [token] = (archive / "log" / "timestamps").rglob("*.tsr")
    name = str(token.relative_to(archive))
    shutil.rmtree(archive / "log" / "timestamps")
    shutil.rmtree(archive / "log" / "roots")
    assert wrong(verification(archive)) == {"timestamps": [name]}


@pytest.mark.parametrize("spoil", [
    lambda data: b"", lambda data: data[:-1], lambda data: bytes([data[0] ^ 1]) + data[1:], lambda data: data[:-1] + b"\1",
    lambda data: data + b"\0", lambda data: bytes(70_000),
])
def test_a_damaged_request_for_a_timestamp_is_named(archive: Path, spoil: Callable[[bytes], bytes]) -> None:
    [query] = (archive / "log" / "timestamps").rglob("*.tsq")
    query.write_bytes(spoil(query.read_bytes()))
    [(_, items)] = wrong(verification(archive)).items()
    assert items == [str(query.relative_to(archive))]


def test_a_request_over_another_checkpoint_is_named(archive: Path) -> None:
    [query] = (archive / "log" / "timestamps").rglob("*.tsq")
    strange, _ = request("another text\n")
    query.unlink()
    query = query.with_name(f"{hashlib.sha256(strange).hexdigest()}.tsq")
    query.write_bytes(strange)
    assert wrong(verification(archive)) == {"timestamps": [str(query.relative_to(archive))]}
