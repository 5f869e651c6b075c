"""What passes between an archive and its witness, as files: the body of C2SP tlog-witness's ``add-checkpoint`` call.

A request has the line ``old SIZE``, the hashes of a proof of consistency, an empty line, and the signed checkpoint.
An answer has signature lines.
"""

from __future__ import annotations

import msgspec

from unburnt.base.errors import UnburntError
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.merkle import MAX_HASHES
from unburnt.vault.log.note import MAX_NOTE_BYTES, BadNote, Note, Signature, parse_note
from unburnt.vault.log.strict import base64_bytes, base64_text, decimal

MAX_REQUEST = MAX_NOTE_BYTES + (8 << 10)
MAX_ANSWER = 64 << 10


class BadRequest(UnburntError):
    """A file for or from a witness is not of the agreed form."""

    exit_code = 3


class WitnessRequest(msgspec.Struct, frozen=True):
    """A signed checkpoint, and the *proof* that its log grew from the one of size *old* that was countersigned last."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def encode(self) -> bytes:
        """The file's content."""
        hashes = "".join(f"{base64_text(one)}\n" for one in self.proof)
        return f"old {self.old}\n{hashes}\n".encode() + self.note.encode()


def parse_request(untrusted: bytes) -> tuple[WitnessRequest, Checkpoint]:
    """The request in a file and the checkpoint in it, nothing of it verified; raises :class:`BadRequest`."""
    if len(untrusted) > MAX_REQUEST:
        raise BadRequest("The request is larger than any that an archive makes.")
    head, separator, rest = untrusted.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        note = parse_note(rest)
        checkpoint = Checkpoint.parse(note.text)
    except (UnicodeDecodeError, BadNote) as error:
        raise _bad() from error
    old = decimal(first.removeprefix("old "))
    proof = [base64_bytes(line) for line in lines]
    hashes = tuple(one for one in proof if one is not None and len(one) == 32)
    if not separator or not first.startswith("old ") or old is None or len(hashes) != len(proof):
        raise _bad()
    if old > checkpoint.size or len(hashes) > MAX_HASHES:
        raise BadRequest("The request contradicts itself: its proof leads nowhere.")
    return WitnessRequest(old, hashes, note), checkpoint


def encode_answer(signature: Signature) -> bytes:
    """A signature as the line that an answer consists of."""
    return Note("", (signature,)).encode()[1:]


def parse_answer(untrusted: bytes, text: str) -> Note:
    """The checkpoint *text* with the signatures of an answer under it, none verified; raises :class:`BadRequest`."""
    if len(untrusted) > MAX_ANSWER:
        raise BadRequest("The answer is larger than any that a witness gives.")
    try:
        note = parse_note(text.encode() + b"\n" + untrusted)
    except BadNote as error:
        raise BadRequest("The file is not a witness's answer: it should hold signature lines only.") from error
    if note.text != text:
        raise BadRequest("The file is not a witness's answer: it should hold signature lines only.")
    return note


def _bad() -> BadRequest:
    return BadRequest(
        "The file is not a request for a countersignature, or a damaged one.",
        remedy="Copy it again, byte by byte; an editor may have changed it.",
    )
