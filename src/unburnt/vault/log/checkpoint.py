"""A checkpoint: how large a log is and the hash over all of it (C2SP tlog-checkpoint), as the text of a note."""

from __future__ import annotations

from msgspec import Struct

from unburnt.vault.log.merkle import EMPTY_ROOT
from unburnt.vault.log.note import BadNote
from unburnt.vault.log.strict import base64_bytes, base64_text, decimal


class Checkpoint(Struct, frozen=True):
    """*origin* names the log, *size* counts its entries, *root* is the 32-byte Merkle root of them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Three lines, each with its newline: what is signed, countersigned and timestamped."""
        return f"{self.origin}\n{self.size}\n{base64_text(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint that a note's *text* gives; raises :class:`BadNote`.

        Extension lines, which C2SP advises against and this program never writes, are refused.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0]:
            raise BadNote("A checkpoint has other than three lines.")
        size, root = decimal(lines[1]), base64_bytes(lines[2])
        if size is None:
            raise BadNote("A checkpoint does not state its size as a plain number.")
        if root is None or len(root) != 32 or (size == 0 and root != EMPTY_ROOT):
            raise BadNote("A checkpoint does not state a root hash that goes with its size.")
        return cls(lines[0], size, root)
