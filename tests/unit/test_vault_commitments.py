"""What the log is told of each event."""

from __future__ import annotations

from pathlib import Path

import pytest

from unburnt.base.errors import DamagedArchive
from unburnt.model.events import BeaconLogged, ItemReceived
from unburnt.vault.events import Events
from unburnt.vault.fields import parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of


def _events(tmp_path: Path) -> tuple[Layout, Events]:
    layout = Layout.create(tmp_path / "a", "x")
    return layout, Events(layout, segment_bytes=2_000)


def test_each_flushed_event_has_the_entry_of_its_line_across_files(tmp_path: Path) -> None:
    layout, events = _events(tmp_path)
    for number in range(9):
        events.append(BeaconLogged(value=str(number)))
        events.flush()
    events.append(BeaconLogged(value="not flushed"))
    lines = [raw for path in sorted(layout.events.iterdir()) for raw in path.read_bytes().splitlines(keepends=True)]
    expected = [entry_of(parse_line(raw).digests) for raw in lines]
    assert len(list(layout.events.iterdir())) > 1
    assert len(expected) == 9
    assert list(events.commitments()) == expected
    assert list(events.commitments(after=6)) == expected[7:]


def test_erasing_a_field_keeps_the_entry(tmp_path: Path) -> None:
    _, events = _events(tmp_path)
    events.append(ItemReceived(accession="d1", path=b"secret name", digest="0" * 64, size="1"))
    events.flush()
    before = list(events.commitments())
    events.erase_fields([0], {"path"})
    assert list(events.commitments()) == before


def test_a_line_that_is_no_event_is_an_error_and_an_unfinished_end_is_not(tmp_path: Path) -> None:
    layout, events = _events(tmp_path)
    events.append(BeaconLogged(value="1"))
    events.flush()
    path = layout.events / "000001.jsonl"
    with path.open("ab") as file:
        file.write(b'{"seq":1,"digests":["unfin')
    assert len(list(events.commitments())) == 1
    with path.open("ab") as file:
        file.write(b"\n")
    with pytest.raises(DamagedArchive):
        list(events.commitments())
