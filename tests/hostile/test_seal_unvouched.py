"""What stands unsealed in the events and nobody on this machine wrote is never sealed as if it were true."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.sealed_archive import verification, wrong
from tests.spoiled_archives import append_events
from unburnt.api import Archive
from unburnt.api.copies import copy_archive
from unburnt.api.options import Options
from unburnt.api.seals import SealRequest, Seals
from unburnt.base.errors import DamagedArchive, ForeignLines, UnburntError
from unburnt.cli.main import unburnt
from unburnt.flow import vouching
from unburnt.model.events import (
    AccessionBegan,
    AnyEvent,
    BeaconLogged,
    EventsAccepted,
    ItemReceived,
    KeyAnnounced,
    KeyRotated,
    LineSetAside,
    ReadingMade,
    TimestampAdded,
)
from unburnt.model.outcome import Outcome
from unburnt.vault.events import Events
from unburnt.vault.fields import LineWriter, parse_line, values_of
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.keys import Keys, origin_of
from unburnt.vault.log.log import Log

_NOTHING = Options(reads=False)
_NOBODY = "somebody else"
FORGED = [
    ItemReceived(accession="d1", path=b"planted.txt", digest="ab" * 32, size="7"),
    AccessionBegan(accession="d9", source=b"/stick", note="from the ministry"),
    BeaconLogged(value="a headline of last year"),
    TimestampAdded(token="cd" * 32, checkpoint=3),
    EventsAccepted(first=0, last=2, by="person"),
    LineSetAside(line="ef" * 32),
]


def _reading(blob: str, number: int = 0) -> ReadingMade:
    return ReadingMade(blob=blob, step="read.text", version=1, key=f"{number:064x}", output="ef" * 32, outcome=Outcome.READ)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "keys"))
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "notice.txt").write_text("关于拘留工作的通知\n")
    with Archive.create(tmp_path / "a") as made:
        made.add([tmp_path / "m"], options=_NOTHING)
    return tmp_path / "a"


def _start(root: Path) -> None:
    """A keeper that begins and ends, with a delivery that holds nothing."""
    (root.parent / "n").mkdir(exist_ok=True)
    with Archive.open(root) as opened:
        opened.add([root.parent / "n"], options=_NOTHING)


def _is_logged(root: Path, line: bytes) -> bool:
    """Whether the log holds the entry of this line: a proof of it could then be made by hand."""
    layout = Layout(root)
    log = Log(layout.log, layout.tmp, origin_of(layout.archive_id))
    entry = entry_of(parse_line(line).digests)
    return any(log.entry(number) == entry for number in range(log.size))


def _events(root: Path) -> list[AnyEvent]:
    return [event for _, event in Events(Layout(root), write=False).replay()]


def _is_all_sealed(root: Path) -> bool:
    with Archive.open(root) as opened:
        state = Seals(opened).state()
    return state.sealed == state.events


def test_events_that_nobody_wrote_are_not_sealed_and_can_be_set_aside(archive: Path) -> None:
    lines = append_events(archive, *FORGED)
    _start(archive)
    assert not any(_is_logged(archive, line) for line in lines)
    with Archive.open(archive) as opened, pytest.raises(UnburntError, match=_NOBODY):
        Seals(opened).act(SealRequest(act="seal"))
    Archive.rebuild(archive, set_aside=True).close()
    assert _is_all_sealed(archive) and not any(_is_logged(archive, line) for line in lines)
    assert wrong(verification(archive)) == {}
    aside = [event.line for event in _events(archive) if isinstance(event, LineSetAside)]
    assert aside == [sha256(line).hexdigest() for line in lines]


def test_a_forged_reading_is_not_logged_and_stands_beside_with_a_report(archive: Path) -> None:
    with Archive.open(archive) as opened:
        blob = opened.document("notice.txt").document
    line, = append_events(archive, _reading(blob))
    number = parse_line(line).seq
    _start(archive)
    assert _is_all_sealed(archive) and not _is_logged(archive, line)
    assert _events(archive)[number].line == sha256(line).hexdigest()  # type: ignore[union-attr]
    folder, = (archive / "out").glob("unvouched-*")
    assert (folder / "lines.jsonl").read_bytes() == line
    assert f"event {number}  reading-made" in (folder / "report.txt").read_text()
    report = verification(archive)
    assert wrong(report) == {}
    assert any(f"set aside and are not part of the history: events {number}." in note
               for check in report.checks for note in check.notes)


def test_what_was_set_aside_goes_with_what_is_erased(archive: Path) -> None:
    append_events(archive, _reading("ab" * 32))
    _start(archive)
    with Archive.open(archive) as opened:
        opened.erase("notice.txt")
    assert list((archive / "out").glob("unvouched-*/lines.jsonl")) == []


def test_too_many_readings_to_make_again_are_asked_about(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vouching, "MOST_MADE_AGAIN", 2)
    lines = append_events(archive, *(_reading("ab" * 32, number) for number in range(3)))
    _start(archive)
    assert not any(_is_logged(archive, line) for line in lines)
    with Archive.open(archive) as opened, pytest.raises(UnburntError, match=r"3 events \(3 reading-made\), numbers "):
        Seals(opened).act(SealRequest(act="seal"))


def test_how_many_were_accepted_on_a_person_s_word_is_told(archive: Path) -> None:
    first = parse_line(append_events(archive, *FORGED[:3])[0]).seq
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="seal", accept=True))
        assert Seals(opened).state().accepted == 3
    report = verification(archive)
    assert any(note.startswith("3 events were sealed as they were found") and f"{first} to {first + 2} by 'unburnt seal" in note
               for check in report.checks for note in check.notes)
    told = CliRunner().invoke(unburnt, ["-a", str(archive), "seal"]).output
    assert "3 events were sealed as they were found, on somebody's word" in told
    Archive.rebuild(archive).close()
    with Archive.open(archive) as opened:
        assert Seals(opened).state().accepted == 3


def test_an_archive_from_before_the_seal_says_what_was_sealed_as_it_was_found(archive: Path, tmp_path: Path) -> None:
    """Made on a machine that had no key: nothing else knows of it."""
    shutil.rmtree(tmp_path / "keys")
    shutil.rmtree(archive / "log")
    (archive / "log").mkdir()
    path = archive / "events" / "000001.jsonl"
    lines = [line for line in path.read_bytes().splitlines(keepends=True) if b"vkey" not in _open(line)]
    path.write_bytes(b"".join(line.replace(b'"seq":%d' % parse_line(line).seq, b'"seq":%d' % number)
                              for number, line in enumerate(lines)))
    for view in archive.glob("catalog.sqlite*"):
        view.unlink()
    _start(archive)
    assert _is_all_sealed(archive)
    with Archive.open(archive) as opened:
        assert Seals(opened).state().accepted == len(lines) - 1, "the first event is plain from unburnt.toml"


def _open(line: bytes) -> bytes:
    return b" ".join(name.encode() for name in values_of(parse_line(line)))


def test_a_new_archive_has_nothing_on_anybodys_word(archive: Path) -> None:
    with Archive.open(archive) as opened:
        assert Seals(opened).state().accepted == 0


_KILLED = """
import os, sys
from pathlib import Path
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.flow.sealing import Sealing
Sealing.seal = lambda self: None
with Archive.open(Path(sys.argv[1])) as archive:
    archive.add([Path(sys.argv[2])], options=Options(ocr=False))
    os._exit(9)
"""


def _killed_before_it_sealed(archive: Path) -> None:
    (archive.parent / "late").mkdir()
    (archive.parent / "late" / "late.txt").write_text("late\n")
    done = subprocess.run([sys.executable, "-c", _KILLED, archive, archive.parent / "late"], capture_output=True, check=False)
    assert done.returncode == 9, done.stderr


def test_what_a_killed_keeper_wrote_is_sealed_as_its_own_and_read_once(archive: Path) -> None:
    _killed_before_it_sealed(archive)
    before = (archive / "events" / "000001.jsonl").read_bytes()
    assert sum(isinstance(event, ReadingMade) for event in _events(archive)) == 2
    _start(archive)
    assert _is_all_sealed(archive)
    assert (archive / "events" / "000001.jsonl").read_bytes().startswith(before)
    assert list((archive / "out").iterdir()) == []
    with Archive.open(archive) as opened:
        assert Seals(opened).state().accepted == 0
        assert opened.document("late.txt").outcome == Outcome.READ
    assert wrong(verification(archive)) == {}


def _put_between(lines: list[bytes], forged: bytes) -> list[bytes]:
    return [*lines[:-1], forged, lines[-1]]


def _put_in_place(lines: list[bytes], forged: bytes) -> list[bytes]:
    return [*lines[:-1], forged]


def _put_behind(lines: list[bytes], forged: bytes) -> list[bytes]:
    return [*lines, forged]


@pytest.mark.parametrize(("put", "forged"), [
    (_put_between, FORGED[0]), (_put_in_place, FORGED[0]), (_put_behind, _reading("ab" * 32)),
], ids=["between", "in place", "behind"])
def test_among_what_a_killed_keeper_wrote_a_forged_event_is_told_apart(
    archive: Path, put: Callable[[list[bytes], bytes], list[bytes]], forged: AnyEvent
) -> None:
    _killed_before_it_sealed(archive)
    path = archive / "events" / "000001.jsonl"
    line = LineWriter().line(0, forged)
    changed = put(path.read_bytes().splitlines(keepends=True), line)
    path.write_bytes(b"".join(one.replace(b'"seq":%d,' % parse_line(one).seq, b'"seq":%d,' % number)
                              for number, one in enumerate(changed)))
    for view in archive.glob("catalog.sqlite*"):
        view.unlink()
    _start(archive)
    assert not _is_logged(archive, line)
    Archive.rebuild(archive, set_aside=True).close()
    assert _is_all_sealed(archive) and not _is_logged(archive, line)


def test_what_was_added_while_a_passphrase_kept_the_key_closed_is_vouched_for(archive: Path, tmp_path: Path) -> None:
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="rotate", new_passphrase="a long one"))
        (tmp_path / "late").mkdir()
        (tmp_path / "late" / "late.txt").write_text("late\n")
        opened.add([tmp_path / "late"], options=Options(ocr=False))
    line, = append_events(archive, FORGED[0])
    with Archive.open(archive) as opened, pytest.raises(UnburntError, match=_NOBODY):
        Seals(opened).act(SealRequest(act="seal", passphrase="a long one"))
    assert not _is_logged(archive, line)
    Archive.rebuild(archive, set_aside=True).close()
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="seal", passphrase="a long one"))
        state = Seals(opened).state()
    assert (state.sealed, state.accepted) == (state.events, 0)
    assert wrong(verification(archive)) == {}


def test_a_line_that_is_appended_beside_a_keeper_at_work_is_not_sealed(archive: Path) -> None:
    with Archive.open(archive) as opened, opened.keeper(_NOTHING):
        Seals(opened).act(SealRequest(act="seal"))
        line, = append_events(archive, FORGED[0])
        with pytest.raises(ForeignLines):
            Seals(opened).act(SealRequest(act="beacon", value="a headline"))
    assert not _is_logged(archive, line)


def test_notes_that_are_gone_or_spoilt_make_a_question_and_no_seal(archive: Path) -> None:
    _killed_before_it_sealed(archive)
    note = Path(os.environ["UNBURNT_KEYS"]) / Layout(archive).archive_id / "written"
    note.write_bytes(note.read_bytes()[7:])
    _start(archive)
    assert not _is_all_sealed(archive)
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="seal", accept=True))
    assert _is_all_sealed(archive)
    assert note.read_bytes() == b""


def test_an_archive_without_its_key_takes_what_comes_and_asks_when_the_key_is_back(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("UNBURNT_KEYS", str(tmp_path / "elsewhere"))
        _start(archive)
    assert Keys().has(Layout(archive).archive_id)
    _start(archive)
    with Archive.open(archive) as opened, pytest.raises(UnburntError, match="another machine"):
        Seals(opened).act(SealRequest(act="seal"))


def test_after_a_lost_key_what_was_unsealed_is_asked_about(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "keys").rename(tmp_path / "keys that are lost")
    _start(archive)
    _start(archive)
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="lost"))
        assert Seals(opened).state().sealed < Seals(opened).state().events
        Seals(opened).act(SealRequest(act="seal", accept=True))
        assert Seals(opened).state().accepted > 0
    assert _is_all_sealed(archive)


def test_an_older_statement_of_the_keys_that_is_repeated_is_not_sealed_again(archive: Path) -> None:
    """Each was signed by the real key once; sealed twice it would stand against the archive for ever."""
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="rotate"))
    again = [event for event in _events(archive) if isinstance(event, KeyAnnounced | KeyRotated)]
    assert len(again) == 2
    lines = append_events(archive, *again)
    _start(archive)
    assert not any(_is_logged(archive, line) for line in lines)
    Archive.rebuild(archive, set_aside=True).close()
    assert _is_all_sealed(archive) and wrong(verification(archive)) == {}


def test_a_forged_reading_that_names_the_record_of_another_content_loses_nothing(archive: Path, tmp_path: Path) -> None:
    with Archive.open(archive) as opened:
        opened.add([tmp_path / "m"], options=Options(ocr=False))
        document = opened.document("notice.txt").document
        key = opened.key_of(document)
        assert key is not None
    append_events(archive, _reading("ab" * 32, int(key, 16)))
    _start(archive)
    with Archive.open(archive) as opened:
        opened.add([tmp_path / "n"], options=Options(ocr=False))
        assert [part.text for part in opened.parts(document)] == ["关于拘留工作的通知\n"]
    assert wrong(verification(archive)) == {}


def test_what_this_machine_wrote_and_somebody_took_away_is_told(archive: Path, tmp_path: Path) -> None:
    _killed_before_it_sealed(archive)
    path = archive / "events" / "000001.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))
    for view in archive.glob("catalog.sqlite*"):
        view.unlink()
    with Archive.open(archive) as opened, opened.keeper(_NOTHING) as keeper:
        told = [one for one in keeper.messages if "were about to be written here and are not there" in one]
    assert [one.split(" were")[0] for one in told] == [f"Events {len(lines) - 2} to {len(lines) - 1}"]


def test_an_archive_under_another_s_name_vouches_for_nothing_there(archive: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "b") as other:
        other.add([tmp_path / "m"], options=_NOTHING)
    mine, its = (Layout(root).archive_id for root in (archive, tmp_path / "b"))
    config = tmp_path / "b" / "unburnt.toml"
    config.write_text(config.read_text().replace(its, mine))
    (tmp_path / "late").mkdir()
    with Archive.open(tmp_path / "b") as other:
        other.add([tmp_path / "late"], options=_NOTHING)
    note = Path(os.environ["UNBURNT_KEYS"]) / mine / "written"
    assert not note.exists() or note.read_bytes() == b""


def test_a_copy_that_took_a_forged_line_along_can_be_brought_up_to_date(archive: Path, tmp_path: Path) -> None:
    copy_archive(archive, tmp_path / "copy")
    append_events(archive, _reading("ab" * 32))
    copy_archive(archive, tmp_path / "copy")
    _start(archive)
    assert copy_archive(archive, tmp_path / "copy").findings == ()
    assert (tmp_path / "copy" / "events" / "000001.jsonl").read_bytes() == (archive / "events" / "000001.jsonl").read_bytes()


def test_no_unsealed_word_of_the_archive_takes_a_line_out_of_a_copy(archive: Path, tmp_path: Path) -> None:
    path = archive / "events" / "000001.jsonl"
    copy_archive(archive, tmp_path / "copy")
    true, = append_events(archive, BeaconLogged(value="a headline"))
    copy_archive(archive, tmp_path / "copy")
    path.write_bytes(path.read_bytes().removesuffix(true))
    append_events(archive, LineSetAside(line=sha256(true).hexdigest()))
    with pytest.raises(DamagedArchive, match="another than that"):
        copy_archive(archive, tmp_path / "copy")
    assert (tmp_path / "copy" / "events" / "000001.jsonl").read_bytes().endswith(true)
