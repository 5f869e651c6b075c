"""Markdown: the text as written; its first heading is the title."""

from __future__ import annotations

import re

from unburnt.model.reading import Metadata
from unburnt.read.charset_mixed import decode_lines
from unburnt.read.emitter import Emitter
from unburnt.read.formats.texts.text_endings import ending_of
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_MOST = 32 << 20
_HEADING = re.compile(r"^#{1,6}[ \t]+(.{1,300}?)[ \t]*#*$", re.M)


def read(source: Source, emitter: Emitter) -> Ending:
    """One part of text."""
    decoded, mixed = decode_lines(source.all(_MOST), source.charsets, native=False)
    emitter.part("text", "", decoded.text)
    ending = ending_of(decoded, emitter, mixed)
    heading = _HEADING.search(decoded.text[:20_000])
    emitter.metadata(Metadata(title=heading.group(1) if heading else None, fields={"text:encoding": decoded.encoding}))
    return ending


FORMATS = (
    Format(
        "markdown", read, memory_safe=True,
        title="Markdown",
        gives="the text as written; its first heading as title",
        lacks="links and pictures are not followed",
    ),
)
