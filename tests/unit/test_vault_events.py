"""Events: appended, recovered after a crash at any byte, erased field by field."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unburnt.base.errors import DamagedArchive, KeeperBusy, NotFound, UnburntError, UsageError
from unburnt.model.events import AnyEvent, Erased, ItemReceived, ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.vault.events import Events
from unburnt.vault.fields import DIGESTS_PER_EVENT, LineWriter, base64url, event_of, opened, parse_line
from unburnt.vault.layout import Layout

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
DIGEST = st.text("0123456789abcdef", min_size=64, max_size=64)
EVENT: st.SearchStrategy[AnyEvent] = st.one_of(
    st.builds(
        ItemReceived, time=TEXT, accession=st.none() | TEXT, path=st.none() | st.binary(), digest=st.none() | DIGEST,
        size=st.none() | TEXT, modified=st.none() | TEXT, reason=st.none() | TEXT,
    ),
    st.builds(
        ReadingMade, time=TEXT, blob=st.none() | DIGEST, step=TEXT, version=st.integers(0, 2**53 - 1), key=DIGEST,
        output=DIGEST, outcome=st.sampled_from(Outcome), attempt=st.booleans(),
        missing=st.lists(TEXT).map(tuple),
    ),
    st.builds(
        Erased, time=TEXT, events=st.lists(st.integers(0, 2**53 - 1)).map(tuple), fields=st.lists(TEXT).map(tuple),
        digests=st.lists(DIGEST).map(tuple), why=TEXT,
    ),
)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout.create(tmp_path / "archive", "test")


def item(number: int) -> ItemReceived:
    return ItemReceived(time="2019", accession="d1", path=b"secret-path-%d" % number, digest="0" * 64, size="1")


def fill(layout: Layout, count: int, segment_bytes: int = 1 << 26) -> None:
    events = Events(layout, segment_bytes=segment_bytes)
    for number in range(count):
        events.append(item(number))
        events.flush()
    events.close()


@given(EVENT)
@settings(deadline=None)
def test_any_event_is_replayed_equal(event: AnyEvent) -> None:
    line = parse_line(LineWriter().line(7, event))
    assert event_of(line) == event
    assert line.digests == sorted(line.digests) and len(set(line.digests)) == DIGESTS_PER_EVENT
    assert {len(digest) for digest in line.digests} == {43}


def test_integers_beyond_two_to_the_53_are_refused(layout: Layout) -> None:
    events = Events(layout)
    with pytest.raises(UnburntError, match="2\\^53"):
        events.append(Erased(events=(2**53,), fields=(), digests=()))
    assert events.last == -1
    events.close()


def test_erased_fields_vanish_from_the_raw_bytes_and_the_rest_replays_equal(layout: Layout) -> None:
    fill(layout, 40, segment_bytes=8000)
    assert len(list(layout.events.glob("*.jsonl"))) > 3
    events = Events(layout, segment_bytes=8000)
    before = dict(events.replay())
    digests = [parse_line(raw).digests for raw in raw_lines(layout)]
    secrets = [one for raw in raw_lines(layout) if (line := parse_line(raw)).seq in (3, 39)
               for one in line.disclosures if opened(one)[0] == "path"]
    events.erase_fields([3, 39], {"path"})
    after = dict(events.replay())
    everything = b"".join(path.read_bytes() for path in layout.root.rglob("*") if path.is_file())
    assert len(secrets) == 2 and not any(secret.encode() in everything for secret in secrets)
    assert after[3] == ItemReceived(time="2019", accession="d1", path=None, digest="0" * 64, size="1")
    assert {n: e for n, e in after.items() if n not in (3, 39)} == {n: e for n, e in before.items() if n not in (3, 39)}
    assert [parse_line(raw).digests for raw in raw_lines(layout)] == digests
    assert events.append(item(40)) == 40
    events.flush()
    assert dict(events.replay())[40] == item(40)
    events.close()


def test_the_kind_cannot_be_erased(layout: Layout) -> None:
    events = Events(layout)
    with pytest.raises(UsageError):
        events.erase_fields([0], {"kind"})
    events.close()


def test_a_file_cut_at_any_byte_of_its_last_lines_is_recovered(layout: Layout) -> None:
    fill(layout, 3)
    path = layout.events / "000001.jsonl"
    whole = path.read_bytes()
    ends = [index + 1 for index, byte in enumerate(whole) if byte == 10]
    for cut in range(ends[0] + 1, len(whole), 7):
        path.write_bytes(whole[:cut])
        for saved in layout.events.glob("*.torn-*"):
            saved.unlink()
        events = Events(layout)
        kept = sum(end <= cut for end in ends)
        assert events.last == kept - 1
        assert (events.recovered is None) == (cut in ends)
        assert b"".join(saved.read_bytes() for saved in layout.events.glob("*.torn-*")) == whole[ends[kept - 1]:cut]
        assert events.append(item(9)) == kept
        events.flush()
        assert len(list(events.replay())) == kept + 1
        events.close()


def test_a_bad_line_elsewhere_names_file_line_and_repair_and_changes_nothing(layout: Layout) -> None:
    fill(layout, 4)
    path = layout.events / "000001.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b'"disclosures":["', b'"disclosures":["A', 1)
    path.write_bytes(b"".join(lines))
    with pytest.raises(DamagedArchive, match="Line 2 of events/000001.jsonl.*copy"):
        Events(layout)
    assert path.read_bytes() == b"".join(lines)


def test_a_missing_event_and_a_missing_file_are_found(layout: Layout) -> None:
    fill(layout, 40, segment_bytes=8000)
    path = layout.events / "000002.jsonl"
    content = path.read_bytes()
    path.write_bytes(b"".join(content.splitlines(keepends=True)[:-1]))
    with pytest.raises(DamagedArchive, match="where event"):
        list(Events(layout, write=False).replay())
    path.unlink()
    with pytest.raises(DamagedArchive, match="000002.jsonl is missing"):
        Events(layout)


def test_a_second_writer_is_refused_and_a_reader_is_not(layout: Layout) -> None:
    events = Events(layout)
    events.append(item(0))
    events.flush()
    with pytest.raises(KeeperBusy):
        Events(layout)
    assert [event for _, event in Events(layout, write=False).replay()] == [item(0)]
    events.close()


WRITER = """
import sys
from pathlib import Path
from unburnt.model.events import ItemReceived
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout
events = Events(Layout(Path(sys.argv[1])), segment_bytes=20000)
while True:
    number = events.append(ItemReceived(accession="d1", path=b"x" * 500))
    events.flush()
    print(number, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 17, 60])
def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(layout: Layout, acknowledged: int) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(layout.root)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        seen = [int(writer.stdout.readline()) for _ in range(acknowledged)]
        writer.send_signal(signal.SIGKILL)
        seen += [int(line) for line in writer.stdout]
    events = Events(layout)
    assert events.last >= seen[-1]
    assert [number for number, _ in events.replay()] == list(range(events.last + 1))
    events.close()


FULL = """
import resource, signal, sys
from pathlib import Path
from unburnt.base.errors import OutOfSpace
from unburnt.model.events import ItemReceived
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
events = Events(Layout(Path(sys.argv[1])))
resource.setrlimit(resource.RLIMIT_FSIZE, (10000, resource.RLIM_INFINITY))
try:
    while True:
        events.append(ItemReceived(accession="d1", path=b"x" * 300))
        events.flush()
except OutOfSpace:
    size = Path(sys.argv[1], "events/000001.jsonl").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    events.flush()
    print(events.last)
"""


def test_a_full_disk_is_said_and_the_same_events_are_written_when_there_is_room(layout: Layout) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(layout.root)], capture_output=True, text=True, check=True, timeout=60
    )
    events = Events(layout)
    assert events.recovered is None
    assert events.last == int(done.stdout) > 0
    assert len(list(events.replay())) == events.last + 1
    events.close()


def test_a_disclosure_is_the_text_that_its_digest_was_made_from() -> None:
    assert base64url(b"\xff\xfe\xfd\xfc") == b"__79_A"


def raw_lines(layout: Layout) -> list[bytes]:
    return [raw for path in sorted(layout.events.glob("*.jsonl")) for raw in path.read_bytes().splitlines(True)]


@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_any_line_is_found_by_its_number_however_long_its_neighbours_are(layout: Layout, count: int) -> None:
    events = Events(layout, segment_bytes=6_000)
    for number in range(count):
        events.append(ItemReceived(accession="d1", path=b"x" * (4_000 if number % 7 == 3 else number)))
        events.flush()
    for number in range(count):
        assert events.line(number) == next(line for _, line in events.lines(number - 1))
    for number in (-1, count, count + 7):
        with pytest.raises(NotFound):
            events.line(number)
    with (layout.events / f"{len(list(layout.events.glob('*.jsonl'))):06}.jsonl").open("ab") as file:
        file.write(b'{"seq":%d,"digests":[' % count)  # a writer is at work
    assert events.line(count - 1).seq == count - 1
    events.close()
