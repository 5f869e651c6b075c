"""What may be told of an archive's seal. Times here are other people's statements, never our clock's."""

from __future__ import annotations

import msgspec


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody outside stated at *time* (UTC, RFC 3339) that the log of *size* events existed."""

    kind: str
    """``countersigned`` or ``timestamped``."""
    by: str
    time: str
    size: int


class SealState(msgspec.Struct, frozen=True, kw_only=True):
    """How far the log is signed, and who vouched for it."""

    origin: str
    events: int
    """Events that the archive has."""
    sealed: int
    """Events that the last signed checkpoint counts; later ones wait."""
    vkey: str | None
    """The key that signs now (C2SP vkey)."""
    key_is_here: bool
    """Whether it is on this machine."""
    accepted: int = 0
    """Events that were sealed as they were found, on somebody's word: nothing shows who wrote them."""
    vouched: tuple[Vouched, ...] = ()
    """In the order of time."""
    problems: tuple[str, ...] = ()


class DocumentSeal(msgspec.Struct, frozen=True, kw_only=True):
    """What the seal shows of one document's bytes."""

    document: str
    event: int | None
    """The number of the first event that names these bytes; None for a member that was not cited yet."""
    is_sealed: bool
    vouched: tuple[Vouched, ...] = ()
    """Those who vouched for a log that holds this event: the first is the earliest."""


class ProofMade(msgspec.Struct, frozen=True, kw_only=True):
    """A proof and what it gives away."""

    proof: bytes
    event: int
    opened: tuple[str, ...]
    vouched: tuple[Vouched, ...]
    warnings: tuple[str, ...]
    document: str = ""
    """The SHA-256 of the original that it is about; empty for a not-before mark."""
    volumes: tuple[str, ...] = ()
    """Of a text that was read from the volumes of a split archive as one: their SHA-256, in order."""


class SealRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a command asks of the keeper. *act*: ``seal cite beacon timestamps timestamp countersign countersigned
    rotate lost``; the rest as the functions of ``flow/seal_acts`` say.
    """

    act: str
    digest: str = ""
    value: str = ""
    source: str = ""
    count: int = 1
    answer: bytes = b""
    root: bytes | None = None
    witness: str = ""
    old: int | None = None
    passphrase: str | None = None
    new_passphrase: str | None = None
    accept: bool = False
    """Of ``seal``: the doubtful events (see ``flow/sealing``) are one's own."""
