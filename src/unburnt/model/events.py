"""The events of an archive: the one source of truth besides the objects (DESIGN.md, section 4).

Each field of an event is salted and committed to on its own, so that one can be shown, or erased,
without the others. Times and large numbers are strings; paths are bytes (base64 on disk).
"""

from __future__ import annotations

import msgspec

from unburnt.base.digests import Digest
from unburnt.model.outcome import Outcome


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """The base: *time* is our clock's, UTC, and proves nothing."""

    time: str | None = None


class ArchiveCreated(Event, frozen=True, kw_only=True, tag="archive-created"):
    archive: str
    format: int
    software: str


class AccessionBegan(Event, frozen=True, kw_only=True, tag="accession-began"):
    accession: str
    """Short neutral id, ``d1``, ``d2`` ..."""
    source: bytes | None
    """The path it was taken from."""
    note: str = ""


class ItemReceived(Event, frozen=True, kw_only=True, tag="item-received"):
    """One occurrence. Without a digest where there were no bytes to be had; *reason* then says why."""

    accession: str | None
    path: bytes | None
    digest: Digest | None = None
    size: str | None = None
    modified: str | None = None
    """Nanoseconds since 1970-01-01 UTC, decimal."""
    reason: str | None = None


class AccessionEnded(Event, frozen=True, kw_only=True, tag="accession-ended"):
    accession: str
    items: int
    complete: bool


class ObjectAdopted(Event, frozen=True, kw_only=True, tag="object-adopted"):
    """An object that no event named was found and kept."""

    digest: Digest
    size: str


class ReadingMade(Event, frozen=True, kw_only=True, tag="reading-made"):
    """A step gave a reading; from now on it is the blob's current one."""

    blob: Digest | None
    step: str
    version: int
    key: Digest
    output: Digest
    """Digest of the reading's record, its first chunk, uncompressed."""
    outcome: Outcome
    attempt: bool = False
    """Whether it may go otherwise next time (crash, time, memory, missing tool or password)."""
    missing: tuple[str, ...] = ()
    """What would make it worth trying again: ``password``, ``ocr:uig``, ``tool:antiword``, ``memory``."""


class MemberPromoted(Event, frozen=True, kw_only=True, tag="member-promoted"):
    """A member's bytes were put among the objects: opened with a secret, or cited."""

    container: Digest
    digest: Digest
    size: str


class ParsersUnlocked(Event, frozen=True, kw_only=True, tag="parsers-unlocked"):
    """Somebody allowed parsers to run without a sandbox, and from here on this keeper ran them so."""

    software: str


class Repaired(Event, frozen=True, kw_only=True, tag="repaired"):
    """Damage was healed from a copy; what was there before was moved aside into ``out/``."""

    copy_id: str
    """Which copy: the id in its ``unburnt.toml``, empty for one that no ``unburnt copy`` made."""
    objects: tuple[Digest, ...] = ()
    events: tuple[int, ...] = ()
    records: tuple[Digest, ...] = ()
    files: tuple[str, ...] = ()
    """Files of the archive itself, never received names."""


class Erased(Event, frozen=True, kw_only=True, tag="erased"):
    """Disclosures of earlier events, and with *digests* objects and all that was derived, are gone."""

    events: tuple[int, ...]
    fields: tuple[str, ...]
    digests: tuple[Digest, ...]
    why: str = ""


class KeyAnnounced(Event, frozen=True, kw_only=True, tag="key-announced"):
    """From here on the log's checkpoints are signed with this key (C2SP vkey)."""

    vkey: str


class KeyRotated(Event, frozen=True, kw_only=True, tag="key-rotated"):
    """One key takes the place of another: the signed note that says so (``vault/log/rotation``)."""

    statement: str


class EventsAccepted(Event, frozen=True, kw_only=True, tag="events-accepted"):
    """Unsealed events that no keeper's note vouched for were sealed as they were found, on somebody's word."""

    first: int
    last: int
    """Numbers of the first and the last of them; all between are meant."""
    by: str
    """``person``: somebody said that they are their own. ``machine``: they are from before the archive had a key."""


class LineSetAside(Event, frozen=True, kw_only=True, tag="line-set-aside"):
    """In this place stood an unsealed event that nobody vouched for; its line was moved into ``out/``."""

    line: Digest
    """SHA-256 of that line, newline included."""


class BeaconLogged(Event, frozen=True, kw_only=True, tag="beacon-logged"):
    """A public value that nobody could know before its day: what follows in the log is not older."""

    value: str
    source: str = ""


class CountersignatureAdded(Event, frozen=True, kw_only=True, tag="countersignature-added"):
    """A witness's answer was kept; so its removal shows."""

    witness: str
    """The witness's key (C2SP vkey)."""
    checkpoint: int
    """How many events the countersigned checkpoint counts."""


class TimestampAdded(Event, frozen=True, kw_only=True, tag="timestamp-added"):
    """An authority's answer was kept; so its removal shows."""

    token: Digest
    """SHA-256 of the token (RFC 3161, DER), after which its file is named."""
    checkpoint: int
    """How many events the timestamped checkpoint counts."""


AnyEvent = (
    ArchiveCreated | AccessionBegan | ItemReceived | AccessionEnded | ObjectAdopted | ReadingMade
    | MemberPromoted | ParsersUnlocked | KeyAnnounced | KeyRotated | BeaconLogged | CountersignatureAdded
    | TimestampAdded | Repaired | Erased | EventsAccepted | LineSetAside
)
