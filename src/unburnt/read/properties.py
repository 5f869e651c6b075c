"""What a document says about itself as lines of text, so that it is found: title, subject, keywords, company, custom properties.

One way for every reader: ``emitter.metadata(metadata, searchable=True)``. The part comes last, after whatever the
reader gives, and counts for nothing when the outcome is decided: properties are no text of their own.
"""

from __future__ import annotations

from typing import Final

from unburnt.model.reading import Metadata

KIND: Final = "properties"
_MOST_CHARACTERS: Final = 1 << 20
_HYPHENS: Final = str.maketrans("", "", "-_")
_TOLD_ELSEWHERE: Final = ("ooxml:defined-name:", "ooxml:external-link:")
"""Beginnings of fields that have parts of their own."""
_SAYS_NOTHING: Final = frozenset((
    # Counts and switches that every file of a program has, and numbers that only machines compare; without hyphens.
    "pages", "words", "characters", "characterswithspaces", "lines", "paragraphs", "slides", "notes", "hiddenslides", "mmclips",
    "totaltime", "scalecrop", "linksuptodate", "shareddoc", "hyperlinkschanged", "docsecurity", "appversion", "revision",
    "presentationformat", "codepage", "version", "rsids", "rsidroot", "encoding", "documentstatistic", "editingduration",
    "editingcycles", "trapped", "documentid", "instanceid", "security", "revisionnumber", "totaledittime", "docversion",
    "edmins", "nofpages", "nofwords", "nofchars", "nofcharsws", "vern", "language",
))  # fmt: skip


def property_lines(metadata: Metadata) -> str:
    """A line ``name: value`` for each thing said; custom properties whatever they are called. Empty where nothing is."""
    lines = [f"{name}: {value}" for name, value in (("title", metadata.title), ("author", metadata.author)) if value]
    lines += [f"{date.kind}: {date.value}" for date in metadata.dates if date.value]
    for key, value in metadata.fields.items():
        if value and not key.startswith(_TOLD_ELSEWHERE):
            name = key.partition(":")[2] or key
            if name.startswith("custom:"):
                lines.append(f"{name.removeprefix('custom:')}: {value}")
            elif name.rpartition(":")[2].lower().translate(_HYPHENS) not in _SAYS_NOTHING:
                lines.append(f"{name}: {value}")
    return "\n".join(lines)[:_MOST_CHARACTERS]
