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
    # Of pages and mails: how they are to be taken apart and shown, and what only machines check.
    "viewport", "charset", "contenttype", "contenttransferencoding", "mimeversion", "contentlength", "dkimsignature",
    "domainkeysignature", "xgoogledkimsignature", "xgmmessagestate", "arcseal", "arcmessagesignature", "threadindex",
))  # fmt: skip
_BY_FILTERS: Final = "antispam"
"""In names of fields that hold a filter's own notes."""


def property_lines(metadata: Metadata) -> str:
    """A line ``name: value`` for each thing said; custom properties whatever they are called. Empty where nothing is."""
    lines = []
    if metadata.mail is None:  # whose people, subject and times are searched as such
        lines += [f"{name}: {value}" for name, value in (("title", metadata.title), ("author", metadata.author)) if value]
        lines += [f"{date.kind}: {date.value}" for date in metadata.dates if date.value]
    for key, value in metadata.fields.items():
        if value and not key.startswith(_TOLD_ELSEWHERE):
            name = key.partition(":")[2] or key
            if name.startswith("custom:"):
                lines.append(f"{name.removeprefix('custom:')}: {value}")
            elif (plain := name.rpartition(":")[2].lower().translate(_HYPHENS)) not in _SAYS_NOTHING and _BY_FILTERS not in plain:
                lines.append(f"{name}: {value}")
    return "\n".join(lines)[:_MOST_CHARACTERS]
