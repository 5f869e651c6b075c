"""How the reading of a decoded text ends: read, empty, or partial where bytes were no text."""

from __future__ import annotations

from unburnt.model.outcome import Outcome
from unburnt.read.charset import Decoded
from unburnt.read.emitter import Emitter
from unburnt.read.registry import Ending

FEW = 20
"""As many undecodable places as a text may have and still count as read."""


def ending_of(decoded: Decoded, emitter: Emitter, mixed: str = "") -> Ending:
    """Says honestly how well the encoding fitted, or what mixture was found."""
    if mixed:
        emitter.note("mixed-encodings", mixed)
    if decoded.replaced:
        emitter.note(
            "undecodable-bytes",
            f"{decoded.replaced} places are no text in the encoding {decoded.encoding}; U+FFFD stands for them.",
        )
    if not emitter.characters:
        return Ending(Outcome.EMPTY, "There is nothing but white space in it.")
    if decoded.replaced > FEW:
        return Ending(Outcome.PARTIAL, f"{decoded.replaced} bytes could not be decoded.")
    return Ending(Outcome.READ)
