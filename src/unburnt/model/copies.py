"""What copying an archive, and healing one from a copy, gave."""

from __future__ import annotations

import msgspec

from unburnt.model.audit import Finding


class CopyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of ``unburnt copy`` did. With *findings* the copy lacks something, each named."""

    copy: str
    """The copy's own id, which says nothing."""
    objects: int
    """Originals copied now, and *bytes* of them."""
    bytes: int
    already: int
    """Originals that were there before."""
    checked: int
    """Originals read back from the copy's disk and hashed again."""
    removed: int
    """Originals taken out of the copy because an event erased them."""
    events: int
    """All events that the copy holds now."""
    records: int
    """Derived records copied now."""
    sealed: int
    """How many events the copy's log counts."""
    unvouched: int = 0
    """How many of the others nobody on this machine vouches for; they were copied as they are."""
    findings: tuple[Finding, ...] = ()


class RepairReport(msgspec.Struct, frozen=True, kw_only=True):
    """What ``unburnt repair`` healed. With *findings* the archive is still damaged there."""

    copy: str
    """The id of the copy it was healed from."""
    objects: tuple[str, ...]
    """Digests of originals."""
    events: tuple[int, ...]
    records: tuple[str, ...]
    """Keys of derived records; those that the copy did not have are made again when the archive is next read."""
    files: tuple[str, ...]
    """Files of the archive that were put in order, by their path in it."""
    aside: str
    """The folder in the archive that keeps the damaged bytes; empty when there were none."""
    findings: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()
    """What was not taken: roots and keys of the copy that the archive is not known to have had, and lists of things healed
    that no repair on this machine wrote."""
