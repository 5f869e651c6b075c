"""What the catalogue answers beyond the public views in ``unburnt.model.views``."""

from __future__ import annotations

import msgspec

from unburnt.base.digests import Digest
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Reading, Volume
from unburnt.model.volume_names import SetKey


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A blob that has no current reading. *depth* 0 was received, 1 stands in a received container ..."""

    digest: Digest
    size: int
    name: str
    """One of its names, undecodable bytes as lone surrogates; a hint only."""
    depth: int
    charsets: tuple[str, ...] = ()
    """Those that containers declare for it (``model.charsets``); hints only."""
    is_begun: bool = False
    """Whether earlier slices of it were read."""
    volumes: tuple[Volume, ...] = ()
    """In order, the files that are read as one under this content; *size* is then that of all."""
    read_with: Digest | None = None
    """The content under which this one, a volume, was read: then only that is to be said of it."""
    may_wait: bool = True
    """Whether a volume may be left until its set is known."""


class TableRow(msgspec.Struct, frozen=True, kw_only=True):
    """A table whose long texts stand in a memo file, as it was read last."""

    digest: Digest
    size: int
    depth: int
    version: int
    """Of the table's format: its first byte."""
    failed: bool
    """Whether that reading came to a limit or broke off."""


class VolumePlace(msgspec.Struct, frozen=True, kw_only=True):
    """A file that may have to be read with others of its place, at one of its places."""

    item: int
    """The later it came, the greater."""
    place: tuple[int | None, int | None, bytes]
    """Its folder, or its container and folder there: volumes of one place belong together."""
    name: str
    digest: Digest
    size: int
    depth: int


class JoinedSet(msgspec.Struct, frozen=True, kw_only=True):
    """What was last read as one under a content, and whether only slices of it were."""

    volumes: tuple[Volume, ...]
    is_begun: bool
    tried: dict[SetKey, int]
    """How many members each list of volumes gave that was ever read to its end under it."""


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A blob with its current reading. *outcome* is ``waiting`` while a retry is due, the reading stays meanwhile."""

    number: int
    """Stable until the catalogue is rebuilt."""
    digest: Digest
    size: int
    depth: int
    places: int
    """How many items hold it; each container content counts once."""
    outcome: Outcome
    reason: str
    promoted: bool
    key: Digest | None
    step: str | None
    version: int | None
    attempt: bool
    missing: tuple[str, ...]
    date: str | None
    """The main date: sent, else created, modified, taken; as the file states it."""
    year: int | None
    reading: Reading | None
    """Without members, which are items: see ``Catalog.items_of_container``."""


class DocumentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of hits shows of one document."""

    number: int
    digest: Digest
    key: Digest | None
    """The derivation of the current reading."""
    type: str
    lang: str | None
    outcome: Outcome
    title: str | None
    date: str | None
    paths: tuple[bytes, ...] = ()
    shown: tuple[str, ...] = ()
    """The paths as people read them."""
