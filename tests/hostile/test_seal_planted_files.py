"""Small files that somebody put into an archive: each gets a sentence that names it, and never a traceback."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.material import make_delivery
from tests.sealed_archive import verification, wrong
from tests.spoiled_archives import copied, use_keys_of_its_own
from unburnt.api import Archive
from unburnt.api.copies import copy_archive, repair_archive
from unburnt.api.options import Options
from unburnt.api.seals import Seals
from unburnt.base.errors import DamagedArchive, UnburntError
from unburnt.flow.repair_journal import Healed, Journal
from unburnt.model.events import Repaired
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout

DEEP = b'{"seq":%d,"digests":[],"disclosures":[],"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
HUGE = 1 << 36
COMMANDS = (["add", "delivery"], ["copy", "copy"], ["repair", "--from", "copy"])


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("pair")
    with Archive.create(base / "archive") as archive:
        archive.add([make_delivery(base / "delivery", texts=1)], options=Options(ocr=False))
    copy_archive(base / "archive", base / "copy")
    return base


@pytest.fixture
def archive(pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_keys_of_its_own(tmp_path, monkeypatch)
    monkeypatch.setenv("UNBURNT_STATE", str(tmp_path / "state"))
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "more.txt").write_text("more\n")
    for name in ("archive", "copy"):
        copied(pair / name, tmp_path / name)
    return tmp_path / "archive"


def _add(archive: Path) -> None:
    with Archive.open(archive) as opened:
        opened.add([archive.parent / "delivery"], options=Options(ocr=False, reads=False))


def _prove(archive: Path) -> None:
    with Archive.open(archive) as opened:
        Seals(opened).prove(next(iter(opened._objects.digests())))


def _errors(archive: Path) -> dict[str, str]:
    """What each act says that refuses; anything but a named error fails."""
    said = {}
    for act in (_add, _prove, lambda root: copy_archive(root, root.with_name("copy")),
                lambda root: repair_archive(root, root.with_name("copy"))):
        try:
            act(archive)
        except UnburntError as error:
            said[act.__name__] = error.message
    return said


@pytest.mark.parametrize("name", ["0000002.jsonl", "00000２.jsonl", "000002.jsonl.bak"])
def test_a_file_that_only_looks_like_events_stops_nothing_and_is_named(archive: Path, name: str) -> None:
    (archive / "events" / name).write_bytes(b"")
    assert wrong(verification(archive)) == {"files": [f"events/{name}"]}
    assert _errors(archive) == {}


def test_an_event_nested_beyond_reason_is_a_damaged_line(archive: Path) -> None:
    count = len((archive / "events" / "000001.jsonl").read_bytes().splitlines())
    with (archive / "events" / "000001.jsonl").open("ab") as file:
        file.write(DEEP % count)
    found = wrong(verification(archive))
    assert f"events/000001.jsonl line {count + 1}" in found["events"]
    assert "_add" not in _errors(archive)  # for it is the last line: what a crash leaves is cut off


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"no key\n"])
def test_a_damaged_list_of_keys_is_named(archive: Path, content: bytes) -> None:
    (archive / "log" / "key.pub").write_bytes(content)
    assert "key.pub" in _errors(archive)["_prove"]
    assert wrong(verification(archive)) == {}  # for a repair came last


@pytest.mark.parametrize("name", ["log/checkpoint", "log/key.pub", "log/x", "events/000001.torn-1", "unburnt.toml"])
def test_a_file_that_claims_any_size_fills_no_memory(archive: Path, name: str) -> None:
    with (archive / name).open("ab") as file:
        file.truncate(HUGE)
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "unburnt", "-a", str(archive), *command], cwd=archive.parent, capture_output=True,
            encoding="utf-8", errors="replace", timeout=120, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30)))
        assert "Traceback" not in done.stderr, done.stderr


@pytest.mark.parametrize("line", [
    b'{"kind":"event","item":"abc"}', b'{"kind":"object","item":"never damaged"}', b'{"kind":"sold","item":"1"}',
    b'{"kind":"file","item":"../../outside"}', "{\"kind\":\"file\",\"item\":\"\u202egnp\"}".encode(), b"[" * 100_000,
])
def test_a_journal_that_no_repair_wrote_is_not_told_as_history(archive: Path, line: bytes) -> None:
    (archive / "out" / "damaged-1").mkdir()
    (archive / "out" / "damaged-1" / "unfinished.jsonl").write_bytes(line + b"\n")
    repair_archive(archive, archive.with_name("copy"))
    assert not [event for _, event in Events(Layout.open(archive), write=False).replay() if isinstance(event, Repaired)]


def test_a_journal_of_well_formed_lies_is_named_and_neither_told_nor_acted_on(archive: Path) -> None:
    digest = next(path.name for path in archive.glob("objects/*/*"))
    lies = [{"kind": "object", "item": digest}, {"kind": "event", "item": "1"}, {"kind": "record", "item": "ab" * 32},
            {"kind": "file", "item": "events/000001.jsonl"}]
    (archive / "out" / "damaged-1").mkdir()
    journal = archive / "out" / "damaged-1" / "unfinished.jsonl"
    journal.write_text("".join(json.dumps(lie) + "\n" for lie in lies))
    before = journal.read_bytes()
    events = (archive / "events" / "000001.jsonl").read_bytes()
    report = repair_archive(archive, archive.with_name("copy"))
    assert (report.objects, report.events, report.records, report.files) == ((), (), (), ())
    assert [(one.item, "4 things" in one.what) for one in report.left] == [("out/damaged-1/unfinished.jsonl", True)]
    assert (archive / "events" / "000001.jsonl").read_bytes() == events
    assert journal.read_bytes() == before, "it is kept as evidence"


def test_lies_among_the_lines_of_a_killed_repair_are_told_apart(archive: Path) -> None:
    layout = Layout.open(archive)
    Journal(layout, layout.archive_id).note([Healed("file", "log/checkpoint")])  # and killed
    journal, = archive.glob("out/damaged-*/unfinished.jsonl")
    with journal.open("a") as file:
        file.write('{"kind":"event","item":"1"}\n')
    report = repair_archive(archive, archive.with_name("copy"))
    assert (report.files, report.events) == (("log/checkpoint",), ())
    assert len(report.left) == 1
    told = [event for _, event in Events(layout, write=False).replay() if isinstance(event, Repaired)]
    assert [(one.files, one.events) for one in told] == [(("log/checkpoint",), ())]


def test_damaged_bytes_are_moved_aside_through_no_link(archive: Path, tmp_path: Path) -> None:
    digest = next(path.name for path in archive.glob("objects/*/*"))
    place = archive / "objects" / digest[:2] / digest
    place.chmod(0o600)
    place.write_bytes(b"rot")
    (tmp_path / "elsewhere").mkdir()
    layout = Layout.open(archive)
    Journal(layout, layout.archive_id).note([Healed("file", "log/checkpoint")])  # and killed: its folder is gone on with
    folder, = archive.glob("out/damaged-*")
    (folder / "objects").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DamagedArchive):
        repair_archive(archive, archive.with_name("copy"))
    assert not list((tmp_path / "elsewhere").iterdir())
