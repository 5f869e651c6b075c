"""Mails made to exhaust a reader: each ends, with what it holds, and none takes more than linear work."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.read_by_child import read as ask
from unburnt.model.frames import ExpectedFrame, Finished, Frame, MemberBegan, MemberBytes, PartFrame
from unburnt.model.outcome import Outcome
from unburnt.read.formats.mail.mail_html import html_text
from unburnt.read.formats.mail.mail_structure import DEEPEST, MOST_PARTS, split

HEAD = b"From: a@b\nSubject: s\n"


def read(data: bytes, name: str = "x.eml", *, members_limit: int = 100_000) -> list[Frame]:
    """All frames that a child answers for one document."""
    return ask(data, name, shared=True, members_limit=members_limit).frames


def texts(frames: list[Frame]) -> dict[str, str]:
    return {frame.part.label: frame.part.text for frame in frames if isinstance(frame, PartFrame)}


def members(frames: list[Frame]) -> list[tuple[str, bytes]]:
    """Kind and bytes of each member."""
    data: dict[int, bytes] = {}
    for frame in frames:
        if isinstance(frame, MemberBytes):
            data[frame.ordinal] = data.get(frame.ordinal, b"") + frame.data
    return [(one.kind, data.get(one.ordinal, b"")) for one in frames if isinstance(one, MemberBegan)]


def expected(frames: list[Frame]) -> int | None:
    return next(frame.expected.members for frame in frames if isinstance(frame, ExpectedFrame))


def ending(frames: list[Frame]) -> Finished:
    (last,) = [frame for frame in frames if isinstance(frame, Finished)]
    return last


def nested(depth: int) -> bytes:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number) for number in range(depth))
    return HEAD + opened + b"\nthe words\n" + b"".join(b"--b%d--\n" % number for number in reversed(range(depth)))


def test_three_thousand_levels_are_followed_member_by_member() -> None:
    data, levels = nested(3000), 0
    while True:
        frames = read(data)
        levels += 1
        if not members(frames):
            break
        ((kind, data),) = members(frames)
        assert kind == "message"
        data = HEAD + data
    assert levels == 3000 // DEEPEST
    assert texts(frames)["body"].strip() == "the words"


def test_three_thousand_parts_side_by_side_are_all_counted() -> None:
    part = b"--x\nContent-Type: application/pdf\n\ndata\n"
    frames = read(HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + part * 3000 + b"--x--\n")
    assert len(members(frames)) == expected(frames) == 3000


def test_a_hundred_thousand_header_lines_end() -> None:
    frames = read(HEAD + b"X-Line: something\n" * 100_000 + b"Received: from a; nonsense\n" * 10_000 + b"\nthe words\n")
    assert texts(frames)["body"] == "the words\n"
    assert ending(frames).outcome is Outcome.READ


def test_a_header_folded_over_a_hundred_thousand_lines_ends() -> None:
    frames = read(HEAD + b"To: a@b,\n" + b" c@d,\n" * 100_000 + b"\nthe words\n")
    assert texts(frames)["body"] == "the words\n"


def test_more_parts_than_are_followed_are_called_partial() -> None:
    structure = split(HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n" * (MOST_PARTS + 5))
    assert structure.too_many
    assert len(structure.entities) == MOST_PARTS


def test_the_members_limit_leaves_a_partial_reading() -> None:
    part = b"--x\nContent-Type: application/pdf\n\ndata\n"
    frames = read(HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + part * 20 + b"--x--\n", members_limit=10)
    assert ending(frames).outcome is Outcome.PARTIAL
    assert (len(members(frames)), expected(frames)) == (10, 20)


def test_an_outer_boundary_inside_a_nested_message_ends_it() -> None:
    outer = b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n"
    frames = read(HEAD + outer + b"Subject: i\n\nbody\n--x--\nrest\n")
    ((kind, data),) = members(frames)
    assert (kind, data) == ("message", b"Subject: i\n\nbody")


def test_a_multipart_without_its_parts_is_partial_and_keeps_its_text() -> None:
    frames = read(HEAD + b"Content-Type: multipart/mixed; boundary=missing\n\nthe words\n")
    assert "the words\n" in texts(frames).values()
    assert ending(frames).outcome in (Outcome.PARTIAL, Outcome.DAMAGED)


def test_markup_that_never_closes_ends() -> None:
    for piece in ("<a ", "<!--", "<!", '<a href="', "<script>", "<title><b>", "</", "&", "<a b='", "<![CDATA["):
        html_text(piece * 100_000)


def test_quotes_and_comments_without_end_in_addresses_end() -> None:
    for piece in (b'"\\', b"(", b"<", b'\\"', b"=?utf-8?B?", b";;;", b"a@b,"):
        read(HEAD + b"To: " + piece * 20_000 + b"\nContent-Type: text/plain; " + piece * 20_000 + b"\n\nthe words\n")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([
    b"\n", b"\r\n", b"--x", b"--x--", b"--y", b"Content-Type: multipart/mixed; boundary=y\n", b"Content-Type: message/rfc822\n",
    b"Content-Transfer-Encoding: base64\n", b"Content-Disposition: attachment; filename*0*=''%", b"=?gb2312?B?", b" ", b"\xff",
    b"From a@b Mon Jun 01 10:00:00 2009\n", b"text", b"Content-Type: text/html\n",
]), max_size=60))  # fmt: skip
def test_any_arrangement_of_mail_pieces_is_read(pieces: list[bytes]) -> None:
    frames = read(HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"".join(pieces))
    assert expected(frames) == len(members(frames))
