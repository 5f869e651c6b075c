"""Whoever looks at a document, a hit, the report, an export or a copy sees what nobody on this machine vouches for."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.spoiled_archives import append_events, copied, use_keys_of_its_own
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.cli.main import unburnt
from unburnt.model.events import AccessionBegan, AccessionEnded, ItemReceived

_READ = Options(ocr=False)
_PLANTED = "拘留 was ordered by telephone\n".encode()
_DIGEST = sha256(_PLANTED).hexdigest()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a true notice, a planted delivery d9, and a planted file in d1; a keeper has read them all."""
    base = tmp_path_factory.mktemp("made")
    (base / "m").mkdir()
    (base / "m" / "notice.txt").write_text("关于拘留工作的通知\n")
    (base / "n").mkdir()
    with Archive.create(base / "a") as archive:
        archive.add([base / "m"], options=_READ)
    place = base / "a" / "objects" / _DIGEST[:2] / _DIGEST
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(_PLANTED)
    append_events(
        base / "a", AccessionBegan(accession="d9", source=b"/stick", note="from the ministry", time="2026-01-01T00:00:00Z"),
        ItemReceived(accession="d9", path=b"order.txt", digest=_DIGEST, size=str(len(_PLANTED))),
        AccessionEnded(accession="d9", items=1, complete=True),
        ItemReceived(accession="d1", path=b"gone.txt", reason="It was a link."),
    )
    with Archive.open(base / "a") as archive:
        archive.add([base / "n"], options=_READ)
        assert archive.document("order.txt").reading is not None
    return base / "a"


@pytest.fixture
def archive(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_keys_of_its_own(tmp_path, monkeypatch)
    return copied(made, tmp_path / "a")


def _run(archive: Path, *words: str) -> Result:
    done = CliRunner().invoke(unburnt, ["-a", str(archive), *words])
    assert done.exit_code == 0, done.output
    return done


def _told(text: str) -> bool:
    return "obody on this machine vouches" in text


def test_status_names_the_deliveries(archive: Path) -> None:
    done = _run(archive, "status")
    assert _told(done.stdout) and "d9 (1 file)" in done.stdout and "d1 (1 file)" in done.stdout and "4 events" in done.stdout
    assert json.loads(_run(archive, "status", "--json").stdout)["unvouched"] == {
        "deliveries": [["d1", 1], ["d9", 1]], "events": 4, "readings": 0, "key_is_here": True}


def test_show_says_so_of_what_came_that_way_and_of_nothing_else(archive: Path) -> None:
    planted, true = (_run(archive, "show", name).stdout for name in ("order.txt", "notice.txt"))
    assert _told(planted) and "d9" in planted
    assert not _told(true)
    assert json.loads(_run(archive, "show", "order.txt", "--json").stdout)["unvouched"]["deliveries"] == [["d9", 1]]
    assert json.loads(_run(archive, "show", "notice.txt", "--json").stdout)["unvouched"]["deliveries"] == []


def test_search_says_it_once_per_delivery_and_marks_the_hits(archive: Path) -> None:
    done = _run(archive, "search", "拘留")
    assert done.stderr.count("d9") == 1 and _told(done.stderr)
    hits = {one["document"]: one["unvouched"] for one in map(json.loads, _run(archive, "search", "拘留", "--json").stdout.splitlines())}
    assert hits.pop(_DIGEST) == ["d9"]
    assert list(hits.values()) == [[]]


def test_the_report_says_so_at_its_head_and_of_each_line(archive: Path) -> None:
    done = _run(archive, "report")
    assert _told(done.stderr) and "d9" in done.stderr
    rows = {(one["accession"], one["path"]): one["unvouched"]
            for one in map(json.loads, _run(archive, "report", "--json").stdout.splitlines())}
    assert rows == {("d1", "notice.txt"): False, ("d1", "gone.txt"): True, ("d9", "order.txt"): True}


def test_a_bag_names_what_is_in_it(archive: Path, tmp_path: Path) -> None:
    with Archive.open(archive) as opened:
        true = opened.document("notice.txt").document
    (tmp_path / "bags").mkdir()
    done = _run(archive, "export", "--all", "--bagit", str(tmp_path / "bags"))
    bag, = (tmp_path / "bags").iterdir()
    assert _told(done.stderr)
    assert (bag / "unburnt" / "unvouched.txt").read_text().split() == [_DIGEST]
    assert "Unvouched: 1 of the files" in (bag / "bag-info.txt").read_text()
    assert "unvouched.txt" in (bag / "unburnt" / "README.txt").read_text()
    _run(archive, "export", true, "--bagit", str(tmp_path / "bags"))
    other, = (one for one in (tmp_path / "bags").iterdir() if one != bag)
    assert not (other / "unburnt" / "unvouched.txt").exists() and "Unvouched" not in (other / "bag-info.txt").read_text()


@pytest.mark.parametrize("form", ["text", "original"])
def test_an_export_says_so(archive: Path, form: str) -> None:
    done = _run(archive, "export", _DIGEST, "--as", form)
    assert _told(done.stderr) and "d9" in done.stderr
    if form == "text":
        assert _told(Path(done.stdout.strip()).read_text())


def test_a_copy_says_so(archive: Path, tmp_path: Path) -> None:
    done = _run(archive, "copy", str(tmp_path / "copy"))
    assert _told(done.stderr) and "4 events" in done.stderr
    report = json.loads(_run(archive, "copy", str(tmp_path / "copy"), "--json").stdout)
    assert report["unvouched"] == 4


def test_after_somebody_took_them_for_their_own_nothing_is_said(archive: Path, tmp_path: Path) -> None:
    _run(archive, "seal", "--accept")
    for words in (("status",), ("show", "order.txt"), ("search", "拘留"), ("report",), ("copy", str(tmp_path / "copy"))):
        assert not _told(_run(archive, *words).output)
    assert json.loads(_run(archive, "status", "--json").stdout)["unvouched"] == {
        "deliveries": [], "events": 0, "readings": 0, "key_is_here": True}


def test_where_the_key_is_elsewhere_unsealed_readings_are_said_to_be_nobody_s(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(tmp_path / "keys")
    monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "elsewhere"))
    status = json.loads(_run(archive, "status", "--json").stdout)["unvouched"]
    assert status["readings"] == 1 and status["key_is_here"] is False and ["d9", 1] in status["deliveries"]
    shown = _run(archive, "show", "order.txt").stdout
    assert "key that seals this archive is not on this machine" in shown and "its reading" in shown
    assert not _told(_run(archive, "show", "notice.txt").stdout)


def test_a_keeper_at_work_is_not_said_to_be_nobody(archive: Path, tmp_path: Path) -> None:
    """Its own events are noted before they are written, sealed or not."""
    _run(archive, "rebuild", "--set-aside")
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "late.txt").write_text("late\n")
    with Archive.open(archive) as opened, opened.keeper(Options(reads=False)) as keeper:
        keeper.call(lambda: setattr(keeper.stores.sealing, "seal", lambda: None))
        opened.add([tmp_path / "late"])
        assert keeper.stores.sealing.behind > 0
        assert not opened.unvouched()
