"""Events in many files, damaged in any way: healed to the last byte, or refused with nothing changed."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from unburnt.flow.repair_events import Unhealable, heal_events
from unburnt.flow.repair_journal import Journal
from unburnt.model.events import ArchiveCreated, ItemReceived
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose 40 events stand in a dozen files."""
    layout = Layout.create(tmp_path_factory.mktemp("events") / "archive", "test")
    events = Events(layout, segment_bytes=4_000)
    events.append(ArchiveCreated(archive="test", format=1, software="test"))
    for number in range(39):
        events.append(ItemReceived(accession="d1", path=b"file-%d" % number, digest=f"{number:064x}", size="1"))
        events.flush()
    events.close()
    assert len(list(layout.events.iterdir())) > 8
    return layout.root


def contents(root: Path) -> dict[str, bytes]:
    """Every file of events but an empty one, which the next event would fill."""
    return {path.name: data for path in (root / "events").glob("*") if (data := path.read_bytes())}


def spoil(folder: Path, chance: random.Random) -> None:
    """One kind of damage somewhere."""
    path = chance.choice(sorted(folder.iterdir()))
    data = bytearray(path.read_bytes())
    match chance.randrange(6):
        case 0 if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        case 1:
            del data[chance.randrange(len(data) + 1):]
        case 2:
            start = chance.randrange(len(data) + 1)
            data[start:start + 512] = bytes(len(data[start:start + 512]))
        case 3 if data:
            lines = data.splitlines(keepends=True)
            chance.shuffle(lines)
            data = bytearray(b"".join(lines))
        case 4:
            data += data[:chance.randrange(len(data) + 1)]
        case _:
            path.unlink()
            return
    path.write_bytes(data)


@pytest.mark.parametrize("seed", range(80))
def test_any_damage_is_healed_to_the_last_byte_or_refused_untouched(made: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    root = tmp_path / "archive"
    shutil.copytree(made, root)
    for _ in range(chance.randint(1, 3)):
        spoil(root / "events", chance)
    layout = Layout.open(root)
    damaged = contents(root)
    journal = Journal(layout, layout.archive_id)
    try:
        heal_events(layout, Layout.open(made), journal)
    except Unhealable as error:
        assert "no log says which" in str(error)  # a changed digest that nothing opens: only a log could tell
        assert contents(root) == damaged
        assert not list(layout.out.iterdir())
    else:
        assert contents(root) == contents(made)
        kept = {} if journal.folder is None else contents(journal.folder)
        assert all(kept[name] == data for name, data in damaged.items() if data != contents(made).get(name))


def test_a_healthy_file_is_not_written_again(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    shutil.copytree(made, root)
    before = {path.name: path.stat().st_ino for path in (root / "events").iterdir()}
    (root / "events" / "000003.jsonl").unlink()
    layout = Layout.open(root)
    heal_events(layout, Layout.open(made), Journal(layout, layout.archive_id))
    after = {path.name: path.stat().st_ino for path in (root / "events").iterdir()}
    assert {name for name in after if after[name] != before[name]} <= {"000003.jsonl"}
