"""The archive's side of countersigning: requests for a witness, and its answers joined to the kept checkpoint.

``log/witnesses`` lists the public keys (vkeys) of the witnesses whose answers were added, one a line.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from unburnt.base.errors import DamagedArchive, NotFound, UsageError
from unburnt.vault.durable import disk_errors
from unburnt.vault.log.cosignature import cosigned_at
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import COSIGNATURE, BadNote, Note, Verifier
from unburnt.vault.log.tiles import read_at_most
from unburnt.vault.log.undated import replace_undated
from unburnt.vault.log.witness_files import BadRequest, WitnessRequest, parse_answer

_MAX_WITNESSES = 64 << 10
_LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


class NotThisWitness(BadRequest):
    """The answer is not one of the witness that was named, or is about no checkpoint of this archive."""


class Countersigned(msgspec.Struct, frozen=True):
    """*witness* (a key's name) says that at *time* (UTC, its clock) the log of *size* events was the largest it saw."""

    size: int
    witness: str
    time: datetime


class Countersigning:
    """The folder *log* of an archive, for witnesses. Writing is for the keeper; *tmp* is on the same file system."""

    def __init__(self, log: Path, tmp: Path) -> None:
        self._path = log / "witnesses"
        self._tmp = tmp
        self._kept = Kept(log, tmp)

    def request(self, log: Log, witness: Verifier, *, note: Note | None = None, old: int | None = None) -> bytes:
        """A request for *witness* over the newest checkpoint, or the earlier one *note*, which is kept.

        It begins at what the witness is known to have signed last; *old* overrides, as a witness may ask.
        Raises :class:`NotFound` before anything is sealed.
        """
        _require_witness(witness)
        note = note or log.checkpoint()
        if note is None:
            raise NotFound("Nothing of this archive is sealed yet, so there is nothing to countersign.")
        size = self._kept.keep(note)
        start = self._signed_by(witness, size) if old is None else old
        if not 0 <= start <= size:
            raise UsageError(f"The log has {size} events; a request cannot begin at {start}.")
        proof = log.consistency(start, size)
        return WitnessRequest(start, tuple(proof), Note(note.text, note.signatures)).encode()

    def add(self, untrusted: bytes, witness: Verifier) -> Countersigned:
        """Verify a witness's answer with its key and join it to the kept checkpoint that it is about.

        Signatures by other keys in the answer are passed over. Raises :class:`BadRequest`, :class:`NotThisWitness`.
        """
        _require_witness(witness)
        for size in reversed(self._kept.sizes()):
            note = self._kept.note(size)
            if note is None:
                continue
            answer = parse_answer(untrusted, note.text)
            try:
                signature = witness.verified(answer)
            except BadNote:
                continue  # over the checkpoint of another size
            if signature is None:
                break
            self._kept.keep(Note(note.text, (signature,)))
            self._remember(witness)
            return Countersigned(size, witness.name, _time(cosigned_at(signature)))
        raise NotThisWitness(
            "The file holds no countersignature by this witness for a checkpoint of this archive.",
            remedy="Compare the witness's key, and look whether the answer belongs to another archive.",
        )

    def witnesses(self) -> list[Verifier]:
        """The witnesses whose answers were added; raises :class:`DamagedArchive`."""
        content = read_at_most(self._path, _MAX_WITNESSES)
        if content is None:
            return []
        try:
            return [Verifier.parse(line) for line in content.decode().removesuffix("\n").split("\n")]
        except (BadNote, UnicodeDecodeError) as error:
            raise DamagedArchive(
                "The list of witnesses (log/witnesses) is damaged.", remedy="Put it back from a copy of the archive.",
            ) from error

    def found(self) -> list[Countersigned]:
        """Every countersignature by the listed witnesses, verified, in the order of sizes; raises :class:`BadNote`."""
        found = []
        for size in self._kept.sizes():
            note = self._kept.note(size)
            for witness in self.witnesses():
                signature = witness.verified(note) if note else None
                if signature is not None:
                    found.append(Countersigned(size, witness.name, _time(cosigned_at(signature))))
        return found

    def _signed_by(self, witness: Verifier, up_to: int) -> int:
        for size in reversed(self._kept.sizes()):
            note = self._kept.note(size) if size <= up_to else None
            if note is not None and witness.verified(note) is not None:
                return size
        return 0

    def _remember(self, witness: Verifier) -> None:
        known = self.witnesses()
        if witness not in known:
            lines = "".join(f"{each.vkey}\n" for each in (*known, witness))
            with disk_errors("noting a witness"):
                replace_undated(self._path, lines.encode(), self._tmp)


def _require_witness(witness: Verifier) -> None:
    if witness.kind != COSIGNATURE:
        raise UsageError("This is not a witness's key.", remedy="Ask the witness for the key that it shows.")


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(min(seconds, _LATEST), UTC)
