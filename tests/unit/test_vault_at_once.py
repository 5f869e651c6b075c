"""Lines taken at once are exactly those that, each looked at by itself, are as they were written."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unburnt.model.events import AnyEvent, ItemReceived, ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.vault.at_once import whole_events
from unburnt.vault.fields import BadLine, Line, LineWriter, event_of, fields_missing, parse_line, without

FIRST = 7
EVENTS: list[AnyEvent] = [
    ItemReceived(time="2026-11-29T06:39:02.855676Z", accession="d1", path=b"a\xff.txt", digest="ab" * 32, size="12", modified="1"),
    ReadingMade(time="2026-11-29T06:39:03.000000Z", blob="ab" * 32, step="read.pdf", version=3, key="cd" * 32, output="ef" * 32,
                outcome=Outcome.PARTIAL, missing=("ocr:uig", "memory")),
    ItemReceived(time="2026-11-29T06:39:04.000000Z", accession="d1", path="不.txt".encode(), digest=None, size=None, reason="x"),
]
LINES = [LineWriter().line(number, event) for number, event in enumerate(EVENTS, FIRST)]
WRITTEN = b"".join(LINES)


def _one_by_one(untrusted: bytes, first: int = FIRST) -> list[tuple[Line, AnyEvent]] | None:
    found = []
    for number, raw in enumerate(untrusted.splitlines(keepends=True), first):
        try:
            line = parse_line(raw)
            if msgspec.json.encode(line) + b"\n" != raw or line.seq != number or len(set(line.disclosures)) != len(line.disclosures):
                return None
            if fields_missing(line) or [len(one) for one in line.digests] != [43] * 12:
                return None
            found.append((line, event_of(line)))
        except BadLine:
            return None
    return found


def test_lines_as_they_were_written_are_taken_at_once() -> None:
    assert whole_events(WRITTEN, FIRST) == _one_by_one(WRITTEN)
    assert [event for _, event in whole_events(WRITTEN, FIRST) or ()] == EVENTS


@given(st.integers(0, len(WRITTEN) - 1), st.sampled_from([b"", b" ", b"\n", b'"', b",", b"A", b"\\", b"\xc3\xa9", b"]", b"[", b"0"]), st.booleans())
def test_a_byte_changed_or_slipped_in_makes_no_other_difference_than_for_a_line_by_itself(at: int, instead: bytes, replaces: bool) -> None:
    changed = WRITTEN[:at] + instead + WRITTEN[at + replaces:]
    assert whole_events(changed, FIRST) == _one_by_one(changed)


@given(st.permutations(range(3)), st.integers(0, 3), st.integers(FIRST - 1, FIRST + 1))
@example([0, 1, 2], 3, FIRST)
def test_lines_are_taken_only_in_their_order(order: list[int], count: int, first: int) -> None:
    lines = b"".join(LINES[one] for one in order[:count])
    assert whole_events(lines, first) == _one_by_one(lines, first)


@pytest.mark.parametrize("erased", [{"path"}, {"digest"}, {"time"}])
def test_a_line_with_an_erased_field_is_looked_at_by_itself(erased: set[str]) -> None:
    line = without(parse_line(LINES[0]), erased)
    assert line is not None
    assert whole_events(line + LINES[1], FIRST) is None


def test_a_field_shown_twice_is_looked_at_by_itself() -> None:
    line = parse_line(LINES[0])
    twice = msgspec.structs.replace(line, disclosures=[*line.disclosures, line.disclosures[0]])
    assert whole_events(msgspec.json.encode(twice) + b"\n", FIRST) is None


def test_a_cut_line_is_not_taken() -> None:
    assert all(whole_events(WRITTEN[:end], FIRST) is None for end in (len(WRITTEN) - 1, len(WRITTEN) - 2, len(LINES[0]) + 5))
