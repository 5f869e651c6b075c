"""The splitter of mails against the standard library's parser, which took no part in writing it."""

from __future__ import annotations

import base64
import email
import email.policy
from email.message import Message
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unburnt.read.formats.mail.mail_bodies import arrange, transfer_encoding
from unburnt.read.formats.mail.mail_content import Content
from unburnt.read.formats.mail.mail_structure import split

LEAF_TYPES = ("text/plain", "text/html", "application/pdf", "image/png", "message/rfc822")
MULTIPARTS = ("multipart/mixed", "multipart/alternative", "multipart/related")

leaves = st.tuples(st.sampled_from(LEAF_TYPES), st.binary(max_size=60), st.sampled_from(("base64", "quoted-printable", "8bit")))
trees = st.recursive(leaves, lambda inner: st.tuples(st.sampled_from(MULTIPARTS), st.lists(inner, min_size=1, max_size=4)), max_leaves=12)


def written(tree: Any, newline: bytes, counter: list[int]) -> bytes:
    """A part as bytes, each multipart with a boundary of its own."""
    kind, *rest = tree
    if kind.startswith("multipart/"):
        counter[0] += 1
        boundary = f"=_{counter[0]}:b".encode()
        lines = [b'Content-Type: %s; boundary="%s"' % (kind.encode(), boundary), b"", b"before"]
        for child in rest[0]:
            lines += [b"--" + boundary, written(child, newline, counter)]
        return newline.join([*lines, b"--" + boundary + b"--", b"after"])
    data, encoding = rest
    if kind == "message/rfc822":
        body = b"Subject: inner" + newline + newline + base64.b64encode(data)
        return newline.join([b"Content-Type: message/rfc822", b"", body])
    if encoding == "base64":
        body = newline.join(base64.encodebytes(data).splitlines())
    elif encoding == "quoted-printable":
        body = "".join(f"={byte:02X}" for byte in data).encode()
    else:
        body = data.hex().encode()
    return newline.join([b"Content-Type: " + kind.encode(), b"Content-Transfer-Encoding: " + encoding.encode(), b"", body])


def leaves_of(message: Message) -> list[Message]:
    """The leaves as the standard library sees them; a message inside is one leaf."""
    if message.get_content_maintype() == "multipart":
        return [leaf for child in message.get_payload() for leaf in leaves_of(child)]  # type: ignore[arg-type]
    return [message]


@settings(max_examples=150, deadline=None)
@given(trees, st.sampled_from((b"\n", b"\r\n")))
def test_random_trees_give_the_parts_that_the_standard_library_finds(tree: Any, newline: bytes) -> None:
    data = b"From: a@b" + newline + b"MIME-Version: 1.0" + newline + written(tree, newline, [0])
    structure = split(data)
    expected = leaves_of(email.message_from_bytes(data, policy=email.policy.compat32))
    assert [leaf.type for leaf in structure.leaves] == [leaf.get_content_type() for leaf in expected]
    assert not structure.unclosed
    arrangement = arrange(structure)
    assert len(arrangement.members) + sum(map(len, arrangement.groups)) == len(expected)
    for leaf, other in zip(structure.leaves, expected, strict=True):
        if leaf.type != "message/rfc822":
            content = Content(data, leaf.body, leaf.end, transfer_encoding(leaf))
            assert content.whole(1 << 20) == other.get_payload(decode=True)
            assert not content.broken


def test_a_nested_message_is_an_exact_slice() -> None:
    inner = b"From: x@y\r\nSubject:  two  spaces\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\nhello\r\n--in--\r\n"
    data = b"Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--out--\r\n"
    (leaf,) = split(data).leaves
    assert data[leaf.body : leaf.end] == inner
    assert leaf.path == "1"


def test_paths_count_as_imap_does() -> None:
    data = (b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n"
            b"--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n--b--\n--a\nContent-Type: image/png\n\nx\n--a--\n")  # fmt: skip
    assert [entity.path for entity in split(data).leaves] == ["1.1", "1.2", "2"]


def test_an_outer_boundary_ends_an_inner_part_that_was_never_closed() -> None:
    data = (b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n"
            b"--b\n\none\n--a\n\ntwo\n--a--\n")  # fmt: skip
    structure = split(data)
    assert [data[leaf.body : leaf.end] for leaf in structure.leaves] == [b"one", b"two"]
    assert structure.unclosed == []


def test_a_cut_mail_keeps_its_last_part_and_says_what_is_open() -> None:
    structure = split(b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a\n\nhalf of tw")
    assert len(structure.leaves) == 2
    assert [entity.type for entity in structure.unclosed] == ["multipart/mixed"]


@given(st.binary(max_size=400))
def test_any_bytes_can_be_split(data: bytes) -> None:
    for entity in split(b"Content-Type: multipart/mixed; boundary=a\n\n" + data).entities:
        assert 0 <= entity.start <= entity.body <= entity.end


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-uuencode", "7bit", "odd"])
@given(data=st.binary(max_size=300))
def test_any_bytes_can_be_decoded(encoding: str, data: bytes) -> None:
    assert len(Content(data, 0, len(data), encoding).whole(1 << 20)) <= len(data)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_base64_with_padding_inside_goes_on(pieces: list[bytes]) -> None:
    data = b"\n".join(base64.b64encode(piece) for piece in pieces)
    content = Content(data, 0, len(data), "base64")
    if all(len(piece) % 3 for piece in pieces[:-1]):
        assert content.whole(1 << 20) == b"".join(pieces)
    assert not content.broken


def test_broken_base64_gives_what_it_holds() -> None:
    data = base64.b64encode(b"names of the village")[:-3] + b"!!"
    content = Content(data, 0, len(data), "base64")
    assert content.whole(100).startswith(b"names of the villa")
    assert content.broken
