"""Which events nobody on this machine vouches for, asked beside a keeper at work and without one; nothing is written.

What a keeper would hold back or set aside at its next start (``flow/vouching``) is among them, and so is, where the key is
elsewhere, everything that is not sealed.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby

from unburnt.base.errors import UnburntError
from unburnt.flow.own_notes import notes_of, own_key, signed_by, signed_by_its_own
from unburnt.model.unvouched import OPEN, Spans
from unburnt.vault.durable import disk_errors
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.keys import Keys
from unburnt.vault.segments import commitments, first_sequence, segments


def unvouched(layout: Layout, keys: Keys, applied: int) -> Spans:
    """Numbers of such events, of the first *applied* ones. Costs a look at the unsealed ones."""
    ours = own_key(layout, keys)
    if ours is None:
        size = signed_by_its_own(layout)
        return ((size, OPEN),) if size < applied else ()
    first = signed_by(layout, keys, ours)
    if first >= applied:
        return ()
    entries = _entries(layout, first)
    written = notes_of(layout, keys)
    noted = set() if written is None else written.all()
    first = signed_by(layout, keys, ours)  # read last, since a seal forgets notes: a keeper may have sealed meanwhile
    return _spans([number for number, entry in entries if first <= number < applied
                   and number > 0 and (number, entry) not in noted])


def _entries(layout: Layout, first: int) -> list[tuple[int, bytes]]:
    """Of every event from number *first* on; as far as the lines can be read, which verifying says."""
    found: list[tuple[int, bytes]] = []
    with suppress(UnburntError), disk_errors("reading events"):
        paths = segments(layout.events)
        numbers = [first_sequence(path) for path in paths]
        begin = max((at for at, number in enumerate(numbers) if number is not None and number <= first), default=0)
        for path, number in list(zip(paths, numbers, strict=True))[begin:]:
            for sequence, digests, _ in commitments(path, number or 0, last=path == paths[-1]):
                if sequence >= first:
                    found.append((sequence, entry_of(digests)))
    return found


def _spans(numbers: list[int]) -> Spans:
    runs = (list(run) for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]))
    return tuple((run[0][1], run[-1][1]) for run in runs)
