"""What a sandboxed reader may say to the keeper: small msgpack frames, in this order.

``Began``, then any number of ``PartFrame MemberBegan/MemberBytes/MemberEnded MemberFailed NoteFrame
MetadataFrame ExpectedFrame``, then ``Finished``, or ``Paused`` where another child is to go on. A child that
dies before that leaves what it said so far, and the keeper calls that partial. Everything in a frame is untrusted.
"""

from __future__ import annotations

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Count, Expected, Metadata, Note, Part, Rest


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a container one child reads before another goes on: whichever is reached first."""

    members: int
    member_bytes: int
    seconds: float
    """Of processor time; twice as many by the clock."""


class ReadTask(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is asked: one document, on one open file."""

    name: str = ""
    """A received name, only as a hint for what the content leaves open."""
    charsets: tuple[str, ...] = ()
    """Those that containers declare for it; hints."""
    passwords: tuple[str, ...] = ()
    shared: bool = False
    """Whether other documents share this child: then only memory-safe readers may work."""
    text_limit: int = 0
    members_limit: int = 0
    member_bytes_limit: int = 0
    members_bytes_limit: int = 0
    ratio: int = 0
    ratio_free: int = 0
    pages_limit: int = 0
    pixels_limit: int = 0
    rest: Rest | None = None
    """Where to go on, after an earlier slice of the same document."""
    share: Share | None = None
    """After how much a reader that can go on later should pause; None where it must not."""
    volumes: tuple[Count, ...] = ()
    """The numbers of the volumes that the files are, or of a table and its memo files (``model.memo_names``), where all of
    them are read as one; the only task then."""
    may_wait: bool = False
    """Whether a volume of a split archive is to be left until it is known which others there are."""


class Began(msgspec.Struct, frozen=True, tag_field="frame", tag="began", kw_only=True):
    type: str
    reader: str
    versions: dict[str, str]


class PartFrame(msgspec.Struct, frozen=True, tag_field="frame", tag="part"):
    part: Part


class MetadataFrame(msgspec.Struct, frozen=True, tag_field="frame", tag="metadata"):
    metadata: Metadata


class ExpectedFrame(msgspec.Struct, frozen=True, tag_field="frame", tag="expected"):
    expected: Expected


class NoteFrame(msgspec.Struct, frozen=True, tag_field="frame", tag="note"):
    note: Note


class MemberBegan(msgspec.Struct, frozen=True, tag_field="frame", tag="member", kw_only=True):
    ordinal: Count
    path: bytes
    kind: str
    name: str | None = None
    modified: str | None = None
    declared: str | None = None


class MemberBytes(msgspec.Struct, frozen=True, tag_field="frame", tag="bytes"):
    ordinal: Count
    data: bytes


class MemberEnded(msgspec.Struct, frozen=True, tag_field="frame", tag="member-end"):
    ordinal: Count


class MemberFailed(msgspec.Struct, frozen=True, tag_field="frame", tag="member-failed", kw_only=True):
    """A member that could not be had, also after ``MemberBegan`` (its bytes so far are dropped)."""

    ordinal: Count
    path: bytes
    kind: str
    outcome: Outcome
    reason: str
    name: str | None = None
    size: Count | None = None
    modified: str | None = None
    declared: str | None = None


class Finished(msgspec.Struct, frozen=True, tag_field="frame", tag="finished"):
    outcome: Outcome
    reason: str
    opened_with_secret: bool = False


class Paused(msgspec.Struct, frozen=True, tag_field="frame", tag="paused"):
    """In place of ``Finished``: this child has read its share of the document, another is to go on at *cursor*."""

    cursor: bytes
    opened_with_secret: bool = False


class NeedsOwnChild(msgspec.Struct, frozen=True, tag_field="frame", tag="alone"):
    """This document wants a reader that must work alone, or that is not loaded here; nothing was read."""

    type: str


Frame = (
    Began | PartFrame | MetadataFrame | ExpectedFrame | NoteFrame | MemberBegan | MemberBytes
    | MemberEnded | MemberFailed | Finished | Paused | NeedsOwnChild
)
