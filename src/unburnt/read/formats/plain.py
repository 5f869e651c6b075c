"""Text and source code in any encoding."""

from __future__ import annotations

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.charset import Decoded, decode
from unburnt.read.emitter import Emitter
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_BYTES = 128 * MIB
"""The largest text that is decoded in one go."""


def read(source: Source, emitter: Emitter) -> Ending:
    """Read the whole text as one part, or several where it is long."""
    data = source.all(MOST_BYTES)
    decoded = decoded_or_alone(source, data)
    emitter.part("text", "text", decoded.text)
    if source.size > len(data):
        emitter.note("cut", f"Only the first {MOST_BYTES // MIB} MiB were read.")
    return text_ending(emitter, decoded, {}, whole=source.size <= len(data))


def decoded_or_alone(source: Source, untrusted_data: bytes) -> Decoded:
    """The text of *untrusted_data*, by pure Python alone: the same in a shared child as in a child of its own."""
    return decode(untrusted_data, source.declared, native=False)


def text_ending(emitter: Emitter, decoded: Decoded, fields: dict[str, str], *, whole: bool = True) -> Ending:
    """How reading a text ended, after its parts went out; its encoding becomes metadata, every loss a note."""
    emitter.metadata(Metadata(fields={"text:encoding": decoded.encoding, **fields}))
    if decoded.replaced:
        emitter.note(
            "undecodable-bytes",
            f"{decoded.replaced} places are no text in the encoding {decoded.encoding}; U+FFFD stands for them.",
        )
    if not emitter.characters:
        return Ending(Outcome.EMPTY, "It holds no text.")
    return Ending(Outcome.READ) if whole else Ending(Outcome.PARTIAL, "It is larger than what is read of one text.")


FORMATS = (Format("text", ("text/plain",), read, memory_safe=True, version=1),)
