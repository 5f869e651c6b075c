"""Proofs of many documents at once: the events are read a single time, whatever the number of proofs."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from unburnt.api.archive import Archive
from unburnt.api.seals import SealRequest, Seals
from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound, UnburntError
from unburnt.model.events import ItemReceived, MemberPromoted, ObjectAdopted
from unburnt.vault import segments
from unburnt.vault.durable import disk_errors
from unburnt.vault.fields import BadLine, event_of, parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log import proof as proofs
from unburnt.vault.log.countersign import Countersigning
from unburnt.vault.log.note import Note, Verifier


class BagProofs:
    """Gives each document's proof, opening digest and size only. Seals what is not sealed yet, where there is a key."""

    def __init__(self, archive: Archive) -> None:
        self._seals = Seals(archive)
        with suppress(UnburntError):
            self._seals.act(SealRequest(act="seal"))
        self._layout = Layout.open(archive.root)
        self._log = self._seals._log()
        self._keys = [Verifier.parse(one) for one in self._seals._vkeys()]
        self._rotations = self._seals._rotations()
        self._sizes = sorted({one.size for one in self._seals._vouched()})
        self._best: dict[tuple[bool, ...], tuple[Note, list[bytes], list[Verifier]]] = {}
        self._places: dict[Digest, tuple[Path, int]] = {}
        with disk_errors("reading events"):
            self._find()

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
            return proofs.make(
                self._log, line, keys=self._keys, note=note, rotations=self._rotations, timestamps=tokens,
                witnesses=witnesses,
            ).encode()
        except (NotFound, BadLine):
            return None

    def _best_for(self, event: int) -> tuple[Note, list[bytes], list[Verifier]]:
        """As for a single proof; the same for all events that the same checkpoints count."""
        which = tuple(size > event for size in self._sizes)
        if which not in self._best:
            note, tokens, _ = self._seals._best_checkpoint(event)
            known = Countersigning(self._layout.log, self._layout.tmp).witnesses()
            self._best[which] = note, tokens, [one for one in known if one.verified(note) is not None]
        return self._best[which]

    def _find(self) -> None:
        """Where the first event of each document stands."""
        paths = segments.segments(self._layout.events)
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
