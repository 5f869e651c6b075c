"""Proofs of many documents at once: the events are read a single time, whatever the number of proofs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from unburnt.api import asked_for
from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound
from unburnt.model.events import ItemReceived, MemberPromoted, ObjectAdopted
from unburnt.vault import segments
from unburnt.vault.durable import disk_errors
from unburnt.vault.fields import BadLine, event_of, parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log import proof as proofs
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Note, Verifier


class Proving(msgspec.Struct, frozen=True):
    """What the proofs of one archive have in common."""

    log: Log
    keys: list[Verifier]
    rotations: list[Note]
    sizes: list[int]
    """The sizes of the checkpoints that somebody vouched for, ascending."""
    best: Callable[[int], tuple[Note, list[bytes], list[Verifier]]]
    """For an event: the checkpoint that says most of it, timestamps over that, and its witnesses."""


class ManyProofs:
    """Gives each document's proof, opening digest and size only."""

    def __init__(self, layout: Layout, common: Proving) -> None:
        self._common = common
        self._best: dict[tuple[bool, ...], tuple[Note, list[bytes], list[Verifier]]] = {}
        self._places: dict[Digest, tuple[Path, int]] = {}
        with disk_errors("reading events"):
            self._find(layout)

    def proof(self, document: Digest) -> bytes | None:
        """The proof file's bytes; None where no event names the document, or none that is sealed."""
        if document not in self._places:
            return None
        path, offset = self._places[document]
        with disk_errors("reading events"), path.open("rb") as file:
            file.seek(offset)
            raw = file.readline()
        try:
            line = parse_line(raw)
            note, tokens, witnesses = self._best_for(line.seq)
            common = self._common
            made = proofs.make(
                common.log, line, keys=common.keys, note=note, rotations=common.rotations, timestamps=tokens,
                witnesses=witnesses,
            ).encode()
            asked_for.require_about(made, "digest", document)
            return made
        except (NotFound, BadLine):
            return None

    def _best_for(self, event: int) -> tuple[Note, list[bytes], list[Verifier]]:
        """As for a single proof; the same for all events that the same checkpoints count."""
        which = tuple(size > event for size in self._common.sizes)
        if which not in self._best:
            self._best[which] = self._common.best(event)
        return self._best[which]

    def _find(self, layout: Layout) -> None:
        """Where the first event of each document stands."""
        paths = segments.segments(layout.events)
        following = 0
        for path in paths:
            offset = 0
            for raw, line in segments.lines(path, following, last=path == paths[-1]):
                following = line.seq + 1
                with suppress(BadLine):
                    event = event_of(line)
                    if isinstance(event, ItemReceived | ObjectAdopted | MemberPromoted) and event.digest:
                        self._places.setdefault(event.digest, (path, offset))
                offset += len(raw)
