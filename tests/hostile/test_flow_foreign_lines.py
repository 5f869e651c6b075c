"""Somebody writes to the events' files while a keeper is at work: it notices, stops, and the next start offers a way out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.sealed_archive import verification, wrong
from tests.spoiled_archives import FIRST, append_events, event_lines, use_keys_of_its_own, write_event_lines
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import SealRequest, Seals
from unburnt.base.errors import DamagedArchive, ForeignLines, UnburntError
from unburnt.cli.main import unburnt
from unburnt.model.events import BeaconLogged, ItemReceived
from unburnt.vault.events import Events
from unburnt.vault.fields import LineWriter, parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log.keys import origin_of
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Signer

_NOTHING = Options(reads=False)
_PLANTED = ItemReceived(accession="d1", path=b"planted.txt", digest="ab" * 32, size="7")


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "notice.txt").write_text("关于拘留工作的通知\n")
    with Archive.create(tmp_path / "a") as made:
        made.add([tmp_path / "m"], options=_NOTHING)
    use_keys_of_its_own(tmp_path, monkeypatch)
    return tmp_path / "a"


def _appended(root: Path) -> None:
    append_events(root, _PLANTED)


def _half_a_line(root: Path) -> None:
    with (root / FIRST).open("ab") as file:
        file.write(b'{"seq":')


def _replaced(root: Path) -> None:
    write_event_lines(root, event_lines(root)[:-1])
    os.replace(root / FIRST, root / "tmp" / "x")
    (root / FIRST).write_bytes((root / "tmp" / "x").read_bytes())


def _another_of_the_same_size(root: Path) -> None:
    data = (root / FIRST).read_bytes()
    (root / "tmp" / "x").write_bytes(data)
    os.replace(root / "tmp" / "x", root / FIRST)


def _changed_in_place(root: Path) -> None:
    data = (root / FIRST).read_bytes()
    (root / FIRST).write_bytes(data[:-20] + b"x" + data[-19:])


def _removed(root: Path) -> None:
    (root / FIRST).unlink()


@pytest.mark.parametrize("change", [
    _appended, _half_a_line, _replaced, _another_of_the_same_size, _changed_in_place, _removed,
])
def test_a_keeper_stops_before_it_writes_into_what_somebody_else_changed(archive: Path, change: Callable[[Path], None]) -> None:
    with Archive.open(archive) as opened, opened.keeper(_NOTHING) as keeper:
        Seals(opened).act(SealRequest(act="seal"))
        change(archive)
        before = (archive / FIRST).read_bytes() if (archive / FIRST).exists() else None
        with pytest.raises(ForeignLines, match="acknowledged"):
            Seals(opened).act(SealRequest(act="beacon", value="a headline"))
        with pytest.raises(ForeignLines):
            keeper.wait_until_idle()
        assert "Somebody else" in keeper.progress().message and keeper.progress().state == "stopped"
    assert ((archive / FIRST).read_bytes() if (archive / FIRST).exists() else None) == before


def test_what_was_acknowledged_before_is_kept_and_the_way_out_is_told(archive: Path) -> None:
    with Archive.open(archive) as opened, opened.keeper(_NOTHING):
        Seals(opened).act(SealRequest(act="beacon", value="a headline"))
        _appended(archive)
        with pytest.raises(ForeignLines, match="rebuild --set-aside"):
            Seals(opened).act(SealRequest(act="beacon", value="another"))
    with Archive.open(archive) as opened, pytest.raises(UnburntError, match="rebuild --set-aside"):
        Seals(opened).act(SealRequest(act="seal"))
    Archive.rebuild(archive, set_aside=True).close()
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="beacon", value="another"))
        state = Seals(opened).state()
    assert state.sealed == state.events
    values = [event.value for _, event in Events(Layout(archive), write=False).replay() if isinstance(event, BeaconLogged)]
    assert values == ["a headline", "another"]
    assert wrong(verification(archive)) == {}


def test_a_keeper_renews_nothing_that_somebody_else_wrote_into(archive: Path) -> None:
    """Erasing a field writes a file of events anew, with whatever stands in it."""
    with Archive.open(archive) as opened, opened.keeper(_NOTHING):
        _appended(archive)
        before = (archive / FIRST).read_bytes()
        with pytest.raises(ForeignLines):
            opened.erase("notice.txt", fields=["path"])
        assert (archive / FIRST).read_bytes() == before


def test_the_next_file_of_events_is_never_one_that_somebody_else_made(tmp_path: Path) -> None:
    root = tmp_path / "a"
    Archive.create(root).close()
    layout = Layout(root)
    events = Events(layout, segment_bytes=1)
    (root / "events" / "000002.jsonl").write_bytes(b"")
    events.append(BeaconLogged(value="x"))
    with pytest.raises(ForeignLines):
        events.flush()
    events.close()


def _misnumbered(root: Path, put: Callable[[list[bytes], list[bytes]], list[bytes]]) -> list[bytes]:
    """What it looked like after a keeper that did not notice: two lines of one number. Gives the forged ones."""
    with Archive.open(root) as opened, opened.keeper(_NOTHING) as keeper:
        keeper.call(lambda: setattr(keeper.stores.sealing, "seal", lambda: None))
        sealed = len(event_lines(root))
        keeper.call(lambda: keeper.stores.recorder.happened(BeaconLogged(value="one"), BeaconLogged(value="two")))
        keeper.call(lambda: setattr(keeper.stores.sealing, "_signer", None))
    lines = event_lines(root)
    own = lines[sealed:]
    assert len(own) == 2
    forged = [LineWriter().line(sealed, _PLANTED), LineWriter().line(sealed + 1, _PLANTED)]
    write_event_lines(root, [*lines[:sealed], *put(forged, own)])
    return forged


@pytest.mark.parametrize("put", [
    lambda forged, own: [*forged, *own],
    lambda forged, own: [own[0], *forged, own[1]],
    lambda forged, own: [*own, *forged],
    lambda forged, own: [*own, *own, *forged, b"junk\n", *forged, b"torn"],
    lambda forged, own: [own[1], b"junk\n", own[0], *forged],
], ids=["before", "between", "behind", "junk", "turned round"])
def test_lines_that_misnumber_the_history_can_be_set_aside_and_none_of_its_own_is_lost(
    archive: Path, put: Callable[[list[bytes], list[bytes]], list[bytes]]
) -> None:
    forged = _misnumbered(archive, put)
    with Archive.open(archive) as opened, pytest.raises(DamagedArchive, match="rebuild --set-aside"):
        Seals(opened).act(SealRequest(act="seal"))
    done = CliRunner().invoke(unburnt, ["-a", str(archive), "rebuild", "--set-aside"])
    assert done.exit_code == 0, done.output
    kept = b"".join(path.read_bytes() for path in (archive / "out").glob("unvouched-*/lines.jsonl"))
    assert all(line in kept for line in forged)
    assert str(archive / "out" / "unvouched-") in done.stdout
    events = [event for _, event in Events(Layout(archive), write=False).replay()]
    assert [event.value for event in events if isinstance(event, BeaconLogged)] == ["one", "two"]
    assert not any(isinstance(event, ItemReceived) and event.path == b"planted.txt" for event in events)
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="seal"))
    report = verification(archive)
    assert wrong(report) == {}
    assert any("set aside and are not part of the history" in note for check in report.checks for note in check.notes)


def test_no_line_of_its_own_is_set_aside_where_one_before_it_is_gone(archive: Path) -> None:
    _misnumbered(archive, lambda forged, own: [own[1]])
    before = (archive / FIRST).read_bytes()
    for set_aside in (False, True):
        with pytest.raises(DamagedArchive, match="from a copy"):
            Archive.rebuild(archive, set_aside=set_aside)
    assert (archive / FIRST).read_bytes() == before


def _put_at(root: Path, at: int, *forged: bytes, instead: int = 0) -> None:
    lines = event_lines(root)
    write_event_lines(root, [*lines[:at], *forged, *lines[at + instead:]])


def test_a_line_put_among_sealed_ones_is_set_aside_by_what_the_log_says(archive: Path) -> None:
    true = (archive / FIRST).read_bytes()
    _put_at(archive, 2, b"junk\n", LineWriter().line(2, _PLANTED))
    with pytest.raises(DamagedArchive, match="rebuild --set-aside"):
        Archive.rebuild(archive)
    Archive.rebuild(archive, set_aside=True).close()
    assert (archive / FIRST).read_bytes().startswith(true)
    assert wrong(verification(archive)) == {}


def test_no_line_is_set_aside_where_a_sealed_one_is_gone(archive: Path) -> None:
    _put_at(archive, 2, LineWriter().line(1, _PLANTED), instead=1)
    before = (archive / FIRST).read_bytes()
    with pytest.raises(DamagedArchive, match="from a copy"):
        Archive.rebuild(archive, set_aside=True)
    assert (archive / FIRST).read_bytes() == before


def _signed_by_a_stranger(root: Path) -> None:
    layout = Layout(root)
    shutil.rmtree(layout.log / "tile")
    (layout.log / "checkpoint").unlink()
    origin = origin_of(layout.archive_id)
    log = Log(layout.log, layout.tmp, origin, write=True)
    log.append(Events(layout, write=False).commitments())
    log.commit(Signer(origin, Ed25519PrivateKey.generate()))


def _entry_changed(root: Path) -> None:
    tile, = (root / "log" / "tile" / "entries").rglob("*.p/*")
    data = bytearray(tile.read_bytes())
    data[3 * 34 - 1] ^= 1
    tile.write_bytes(data)


@pytest.mark.parametrize("spoil", [_signed_by_a_stranger, _entry_changed])
def test_a_log_that_somebody_changed_chooses_no_line(archive: Path, spoil: Callable[[Path], None]) -> None:
    true = event_lines(archive)
    _put_at(archive, 2, LineWriter().line(2, _PLANTED), instead=1)
    spoil(archive)
    _put_at(archive, 3, true[2])
    before = (archive / FIRST).read_bytes()
    with pytest.raises(DamagedArchive, match="from a copy"):
        Archive.rebuild(archive, set_aside=True)
    assert (archive / FIRST).read_bytes() == before


def test_where_no_note_tells_which_line_is_true_none_is_chosen(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _misnumbered(archive, lambda forged, own: [*forged, *own])
    before = (archive / FIRST).read_bytes()
    monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "elsewhere"))
    with pytest.raises(DamagedArchive, match="machine that has"):
        Archive.rebuild(archive, set_aside=True)
    assert (archive / FIRST).read_bytes() == before
    assert parse_line(before.splitlines(keepends=True)[0]).seq == 0
