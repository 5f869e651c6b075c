"""Whom a checking person trusts, and what is advised where something is not as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unburnt.vault.log.note import Note, Verifier

if TYPE_CHECKING:  # X.509 is loaded only where there is any
    from unburnt.vault.log.roots import Roots

RESTORE = "Put the files back from a copy of the archive (unburnt repair --from COPY)."
ROLLED_BACK = "Keep everything as it is: this is evidence. Find the copy of the archive that holds the later events."


class Trusted(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the checking person trusts, given by them. Where *keys* is empty the archive's own word is taken, and said."""

    keys: tuple[Verifier, ...] = ()
    """Keys of the archive; what any of them leads to may have signed."""
    witnesses: tuple[Verifier, ...] = ()
    roots: Roots | None = None
    """None takes the roots that the archive pinned, and says so."""
    own: Verifier | None = None
    """The archive's key on this machine, which counts where *keys* is empty: no archive can say that it was lost."""
    remembered: Note | None = None
    """What the key on this machine signed last."""
