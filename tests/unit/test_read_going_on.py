"""Going on in a giant archive costs what is left to read, not what was read before."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest

from tests.material import tarred, zipped
from tests.read_by_child import task
from unburnt.model import frames
from unburnt.model.reading import Rest
from unburnt.read.child import read_one
from unburnt.read.source import Source

MEMBERS = {f"заметки/{number}.txt": b"Note %d" % number for number in range(1_500)}
MAKERS = {"a.zip": zipped, "a.tar": tarred}
SHARE = frames.Share(members=100, member_bytes=1 << 30, seconds=100)


class Counted(io.BytesIO):
    """Counts how often it is read."""

    reads = 0

    def read(self, *length: Any) -> bytes:
        self.reads += 1
        return super().read(*length)


def sliced(data: bytes, name: str) -> tuple[list[tuple[bytes, str | None]], list[int], frames.Finished]:
    """Path and name of every member, how often each slice read the file, and the end."""
    members: list[tuple[bytes, str | None]] = []
    reads: list[int] = []
    rest: Rest | None = None
    while True:
        file, said = Counted(data), list[frames.Frame]()
        read_one(task(name, share=SHARE, rest=rest), Source(file, len(data), name), said.append)
        members += [(one.path, one.name) for one in said if isinstance(one, frames.MemberBegan)]
        reads.append(file.reads)
        if isinstance(said[-1], frames.Finished):
            return members, reads, said[-1]
        assert isinstance(said[-1], frames.Paused)
        rest = Rest(cursor=said[-1].cursor, slices=len(reads), members=len(members))


@pytest.mark.parametrize("name", MAKERS)
def test_a_slice_does_not_list_all_members_again(name: str) -> None:
    data = MAKERS[name](MEMBERS)
    members, reads, end = sliced(data, name)
    assert members == [(path.encode(), path) for path in MEMBERS]
    assert (len(reads), end.outcome) == (15, "read")
    assert reads[0] > len(MEMBERS) and max(reads[1:]) < len(MEMBERS)


def test_a_file_that_the_directory_does_not_list_is_not_lost_between_slices() -> None:
    whole = zipped(MEMBERS)
    at = whole.index(b"PK\x01\x02")
    length = whole.index(b"PK\x01\x02", at + 1) - at  # the first member's line in the directory goes
    count, size, offset = struct.unpack_from("<H2I", whole, len(whole) - 12)
    ends = struct.pack("<4H2IH", 0, 0, count - 1, count - 1, size - length, offset, 0)
    members, _, end = sliced(whole[:at] + whole[at + length : -22] + b"PK\x05\x06" + ends, "a.zip")
    assert {path for path, _ in members} == {path.encode() for path in MEMBERS} and len(members) == len(MEMBERS)
    assert end.outcome == "read"


def test_an_archive_whose_directory_is_not_plain_is_listed_again_and_gives_the_same() -> None:
    whole = zipped(MEMBERS)
    second = whole.index(b"PK\x03\x04", 1)
    members, _, end = sliced(whole[:second] + b"XX" + whole[second + 2 :], "a.zip")  # one local header is gone
    assert [path for path, _ in members] == [path.encode() for number, path in enumerate(MEMBERS) if number != 1]
    assert (end.outcome, end.reason.startswith("1 of 1500")) == ("partial", True)
