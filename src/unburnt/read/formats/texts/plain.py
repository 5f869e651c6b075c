"""Text and source code in any encoding."""

from __future__ import annotations

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.charset_mixed import decode_lines
from unburnt.read.emitter import Emitter
from unburnt.read.formats.texts.text_endings import ending_of
from unburnt.read.formats.texts.text_escapes import emit_spelled_out
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_BYTES = 128 * MIB
"""The largest text that is decoded in one go."""


def read(source: Source, emitter: Emitter) -> Ending:
    """Read the whole text as one part, or several where it is long."""
    data = source.all(MOST_BYTES)
    # By pure Python alone: the same text in a shared child as in a child of its own.
    decoded, mixed = decode_lines(data, source.charsets, native=False)
    emitter.metadata(Metadata(fields={"text:encoding": decoded.encoding}))
    emitter.part("text", "text", decoded.text)
    emit_spelled_out(decoded.text, emitter)
    ending = ending_of(decoded, emitter, mixed)
    if source.size > len(data) and ending.outcome is Outcome.READ:
        return Ending(Outcome.PARTIAL, f"Only the first {MOST_BYTES // MIB} MiB were read.")
    return ending


FORMATS = (
    Format(
        "text", read, memory_safe=True,
        title="Text and source code in any encoding",
        gives=(
            "the text as it stands, with the encoding that was found, or the two where lines differ; Uyghur coded by shape or in the "
            "order of the screen, as programs "
            "before Unicode wrote it, is noted (here and in other formats that people type), and read in Unicode beside the text; "
            "letters that programs write as numbers, spelled out beside it"
        ),
        lacks=(
            "nothing beyond the first 128 MiB; where an old Uyghur font borrows the codes of other letters, it is noted, but which letters "
            "it shows is not known without the font; PT154 and codes of 8 bits made for one Uyghur program are not told apart"
        ),
    ),
)
