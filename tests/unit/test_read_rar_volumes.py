"""RAR volumes: members that go on from one to the next come out whole, and what does not belong there is told."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.rar_volumes_made import rar4_volumes, rar5_volumes
from tests.read_by_child import read
from tests.read_joined import read_joined

FILES = {f"指示-{number}.txt" if number % 2 else f"order-{number}.txt": random.Random(number).randbytes(700) for number in range(6)}
NAMES = [name.encode() for name in FILES]
WRITERS = [pytest.param(rar4_volumes, "a.rar", id="4"), pytest.param(rar5_volumes, "a.part1.rar", id="5")]
Writer = Callable[[dict[str, bytes], int], list[bytes]]


@pytest.mark.parametrize(("writer", "name"), WRITERS)
@pytest.mark.parametrize("room", [300, 700, 1000, 10_000])
def test_members_that_go_on_in_the_next_volume_come_out_whole(writer: Writer, name: str, room: int) -> None:
    said = read_joined(writer(FILES, room), name)
    assert (said.outcome, said.members, said.bytes) == ("read", NAMES, b"".join(FILES.values()))
    assert said.expected is not None and said.expected.members == len(FILES)


@pytest.mark.parametrize(("writer", "name"), WRITERS)
def test_a_missing_volume_costs_the_members_that_touch_it_and_is_named(writer: Writer, name: str) -> None:
    volumes = dict(enumerate(writer(FILES, 1000), 1))
    del volumes[3]
    said = read_joined(volumes, name)
    assert said.finished is not None and said.outcome == "partial"
    assert ("3 (.r01)" if name == "a.rar" else "3 (.part3.rar)") in said.finished.reason
    assert said.members == [NAMES[0], NAMES[1], NAMES[5]] and len(said.failed) == 2


@pytest.mark.parametrize(("writer", "name"), WRITERS)
def test_a_missing_end_is_told_also_where_every_member_begun_is_whole(writer: Writer, name: str) -> None:
    said = read_joined(writer(FILES, 700)[:4], name)
    assert said.finished is not None and (said.outcome, len(said.members)) == ("partial", 4)
    assert "What follows volume 4 is missing" in said.finished.reason


@pytest.mark.parametrize(("writer", "name"), WRITERS)
def test_without_its_first_volume_a_set_gives_what_begins_later(writer: Writer, name: str) -> None:
    volumes = dict(enumerate(writer(FILES, 1000), 1))
    del volumes[1]
    said = read_joined(volumes, name)
    assert said.members == NAMES[2:] and said.outcome == "partial"


@pytest.mark.parametrize(("writer", "name"), WRITERS)
def test_a_volume_that_its_own_header_puts_elsewhere_is_left_out_and_named(writer: Writer, name: str) -> None:
    volumes = writer(FILES, 1000)
    volumes[2] = volumes[1]
    said = read_joined(volumes, name)
    assert said.finished is not None and "By its own header" in said.finished.reason
    assert ("volume-unfit", "3") in said.notes
    assert said.members == [NAMES[0], NAMES[1], NAMES[5]]


@pytest.mark.parametrize(("writer", "name"), WRITERS)
def test_a_volume_of_another_set_spoils_no_member_in_silence(writer: Writer, name: str) -> None:
    volumes = writer(FILES, 1000)
    volumes[1] = writer({other: bytes(700) for other in FILES}, 1000)[1]
    said = read_joined(volumes, name)
    assert said.outcome == "partial"
    # The members that run over its borders have another checksum; the one inside it is what that volume holds.
    assert {failed.path for failed in said.failed} >= {NAMES[1], NAMES[2]}


@pytest.mark.parametrize(("writer", "name"), WRITERS)
def test_a_cut_volume_takes_no_bytes_from_the_next(writer: Writer, name: str) -> None:
    volumes = writer(FILES, 1000)
    volumes[1] = volumes[1][:-200]
    said = read_joined(volumes, name)
    assert said.outcome == "partial" and said.finished is not None and "cut off" in said.finished.reason
    assert set(said.members) <= set(NAMES) and NAMES[4] in said.members and NAMES[0] in said.members
    assert {failed.outcome for failed in said.failed} <= {"damaged", "not-received"} and said.failed


@pytest.mark.parametrize(("writer", "name"), WRITERS)
def test_a_volume_waits_until_its_set_is_known_whatever_it_is_called(writer: Writer, name: str) -> None:
    said = read(writer(FILES, 1000)[1], "b.bin", may_wait=True)
    assert (said.outcome, said.members) == ("partial", []) and said.notes[0][0] == "volumes"
    assert read(writer(FILES, 10_000)[0], name, may_wait=True).notes[0][0] == "volumes"


def test_files_that_are_no_volumes_at_all_harm_nothing() -> None:
    volumes = rar5_volumes(FILES, 1000)
    said = read_joined([volumes[0], b"", random.Random(1).randbytes(900), *volumes[3:]], "a.part1.rar")
    assert said.outcome == "partial" and said.members == [NAMES[0], NAMES[5]]
