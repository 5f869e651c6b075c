"""The text that a proof speaks of: a derived record as ``unburnt cat`` prints it, compared with what the proof opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

import msgspec

from unburnt.base.digests import Digest, digest_of
from unburnt.vault.log.proof import WrongRecord

_AS_PRINTED = "Compare with what `unburnt cat` prints, byte for byte; an editor may have changed it."


class _Part(msgspec.Struct, frozen=True):
    digest: Digest | None = None


class _Record(msgspec.Struct, frozen=True):
    parts: tuple[_Part, ...] = ()
    volumes: tuple[tuple[int, Digest], ...] = ()


_decoder = msgspec.json.Decoder(_Record)


class Compared(msgspec.Struct, frozen=True):
    """What was compared of a record whose first line is the one that the proof names."""

    lines: int
    """How many stand behind the first."""

    committed: int
    """How many of these the first line names the SHA-256 of; they have it. Records made by old versions name none."""

    volumes: tuple[Digest, ...] = ()
    """Of a text that was read from the volumes of a split archive as one: the SHA-256 of each, in order."""


def compare(opened: Mapping[str, object], record: BinaryIO) -> Compared:
    """Compare *record* with the fields that a proof opened; raises :class:`WrongRecord` where one line is another.

    The first line's SHA-256, without the line's end, is the event's ``output``; that line names the SHA-256 of the parts behind
    it, one a line. The first line alone is a record, too: nothing is said then about the text.
    """
    if "output" not in opened:
        raise WrongRecord(
            "The proof says nothing about a text.", remedy="Ask for one that was made with `unburnt prove --text`.",
        )
    lines = _lines(record)
    first = next(lines, b"")
    if opened["output"] != (digest := digest_of(first)):
        raise WrongRecord(
            f"This is not the text that the proof is about: the SHA-256 of its first line is {digest}.", remedy=_AS_PRINTED,
        )
    head = _said(first)
    named = [part.digest for part in head.parts]
    behind = committed = 0
    for behind, line in enumerate(lines, start=1):
        said = named[behind - 1] if behind <= len(named) else ""
        if said is not None and said != digest_of(line):
            raise WrongRecord(
                f"Line {behind + 1} is not what the first line of the text names there; the first is as the proof says.",
                remedy=_AS_PRINTED,
            )
        committed += said is not None
    if 0 < behind < len(named):
        raise WrongRecord(f"The text has {behind + 1} lines, and its first line names {len(named) + 1}.", remedy=_AS_PRINTED)
    return Compared(behind, committed, tuple(digest for _, digest in head.volumes))


def _lines(record: BinaryIO) -> Iterator[bytes]:
    return (line.removesuffix(b"\n") for line in record)


def _said(first: bytes) -> _Record:
    try:
        return _decoder.decode(first)
    except (msgspec.MsgspecError, RecursionError):
        return _Record()
