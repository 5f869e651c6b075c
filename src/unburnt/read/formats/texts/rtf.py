"""Rich Text Format."""

from __future__ import annotations

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.office_beside import Beside
from unburnt.read.formats.texts.rtf_changes import AUTHORS
from unburnt.read.formats.texts.rtf_text import RtfWalker, targets_of
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_BYTES = 256 * MIB


def read(source: Source, emitter: Emitter) -> Ending:
    """Read an RTF file: text with changes marked, headers, footnotes, comments, properties."""
    source.file.seek(0)
    data = source.file.read(MOST_BYTES)
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t")[:4] == b"{\\rt":
        raise Damaged("The file does not begin as RTF does.")
    found = RtfWalker().walk(data)
    info = {key: value.strip() for key, value in found.info.items() if value.strip() and key != AUTHORS}
    title, author = info.pop("title", None), info.pop("author", None)
    said = Metadata(title=title, author=author, fields={f"rtf:{key}": value for key, value in info.items()})
    emitter.metadata(said, searchable=True)
    has_text = False
    for story in ("text", "header", "footnotes", "comments"):
        out = found.stories.get(story)
        if out is not None and out.has_text():
            has_text = True
            emitter.part(story, story, out.text(), marks=tuple(out.marks))
        if out is not None and (targets := targets_of(out)):
            emitter.part("properties", "links", targets)
    changes = Beside()
    for out in found.stories.values():
        changes.take(mark for mark in out.marks if mark.author)
    changes.emit(emitter)
    if found.pictures or found.objects:
        emitter.note("rtf-objects", f"{found.pictures} pictures and {found.objects} objects stay inside the file, unread.")
    whole = found.whole and source.size <= MOST_BYTES
    reason = found.reason or "is longer than is safe to hold"
    if not has_text:
        kind = Outcome.EMPTY if whole else Outcome.DAMAGED
        return Ending(kind, "It holds no text of its own." if whole else f"No text could be read: the file {reason}.")
    return Ending(Outcome.READ, "") if whole else Ending(Outcome.PARTIAL, f"The file {reason}.")


FORMATS = (
    Format(
        "rtf", read, memory_safe=True,
        title="Rich Text Format",
        gives="text, where links lead, tracked changes with author and time, headers, footnotes, comments, properties, hidden text",
        lacks="embedded OLE objects are counted and named, not taken out",
    ),
)
