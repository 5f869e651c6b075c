"""What readers say goes to the keeper in a form that it takes."""

from __future__ import annotations

import msgspec

from tests.read_by_child import task
from unburnt.model import frames
from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter


def test_a_size_that_no_file_can_have_is_left_out_and_the_member_stays() -> None:
    """A CHM that a fuzzer made stated one: the keeper refused the whole answer."""
    sent: list[frames.Frame] = []
    emitter = Emitter(sent.append, task("a.chm"), 100)
    for stated in (7, 1 << 53, 1 << 63, -1):
        emitter.member_failed(b"a", "entry", Outcome.DAMAGED, "gone", size=stated)
    emitter.expect(pages=1 << 60, members=4)
    answers = [msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=frames.Frame) for one in sent]
    assert [one.size for one in answers if isinstance(one, frames.MemberFailed)] == [7, None, None, None]
    assert [one.expected.members for one in answers if isinstance(one, frames.ExpectedFrame)] == [4]
