"""What this machine knows of an archive from outside it: its key, what that key signed, and which events were noted."""

from __future__ import annotations

from contextlib import suppress

from unburnt.base.errors import UnburntError
from unburnt.model.events import ArchiveCreated
from unburnt.vault.fields import BadLine, event_of, parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.keys import Keys, origin_of, published
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Note, Verifier
from unburnt.vault.log.written import Written
from unburnt.vault.segments import segment_path


def own_key(layout: Layout, keys: Keys) -> Verifier | None:
    """This machine's key; None where there is none, or a later one replaced it: then that one's seals count."""
    try:
        ours = keys.public(layout.archive_id)
    except UnburntError:
        return None
    with suppress(UnburntError):
        if ours.vkey in published(layout.log)[:-1]:
            return None
    return ours


def signed_by(layout: Layout, keys: Keys, ours: Verifier) -> int:
    """How many events this machine's key has signed: what the log says may have been taken away, or be a stranger's."""
    sizes = [0]
    with suppress(UnburntError):
        sizes.append(_size(keys.last_signed(layout.archive_id)))
    with suppress(UnburntError):
        note = checkpoint(layout)
        if note is not None and ours.verified(note) is not None:
            sizes.append(_size(note))
    return max(sizes)


def counted(layout: Layout) -> int:
    """How many events the archive's checkpoint counts, whoever signed it."""
    with suppress(UnburntError):
        return Log(layout.log, layout.tmp, origin_of(layout.archive_id)).size
    return 0


def signed_by_its_own(layout: Layout) -> int:
    """How many events a checkpoint counts that a key signed which ``log/key.pub`` lists; anybody can write both."""
    with suppress(UnburntError):
        note = checkpoint(layout)
        if note is not None and any(Verifier.parse(one).verified(note) is not None for one in published(layout.log)):
            return _size(note)
    return 0


def notes_of(layout: Layout, keys: Keys) -> Written | None:
    """Where events are noted; None where the key is not here, or ``unburnt.toml`` gives another archive's id.

    Else somebody who changes that file could have one archive's events vouched for as another's.
    """
    with suppress(UnburntError, BadLine, OSError), segment_path(layout.events, 1).open("rb") as file:
        first = event_of(parse_line(file.readline()))
        if isinstance(first, ArchiveCreated) and first.archive == layout.archive_id:
            return keys.written(layout.archive_id)
    return None


def checkpoint(layout: Layout) -> Note | None:
    """The archive's checkpoint; raises :class:`UnburntError` where it cannot be read."""
    return Log(layout.log, layout.tmp, origin_of(layout.archive_id)).checkpoint()


def _size(note: Note) -> int:
    return Checkpoint.parse(note.text).size
