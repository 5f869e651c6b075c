"""Rich Text Format."""

from __future__ import annotations

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.office_beside import Beside
from unburnt.read.formats.texts.rtf_changes import AUTHORS
from unburnt.read.formats.texts.rtf_fields import targets_of
from unburnt.read.formats.texts.rtf_objects import held
from unburnt.read.formats.texts.rtf_text import RtfWalker
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
    members = _emit_held(data, emitter)
    whole = found.whole and source.size <= MOST_BYTES
    reason = found.reason or "is longer than is safe to hold"
    if not has_text:
        if whole and not members:
            return Ending(Outcome.EMPTY, "It holds no text of its own.")
        if whole:
            return Ending(Outcome.EMPTY, f"It holds no text of its own; {members} embedded files are listed.")
        return Ending(Outcome.PARTIAL if members else Outcome.DAMAGED, f"No text could be read: the file {reason}.")
    return Ending(Outcome.READ, "") if whole else Ending(Outcome.PARTIAL, f"The file {reason}.")


def _emit_held(rtf: bytes, emitter: Emitter) -> int:
    """Hand out pictures and objects, numbered from 1, and say where linked ones lead; how many there are."""
    names, targets = [], []
    for number, one in enumerate(held(rtf), 1):
        if one.target:
            targets.append(one.target)
        else:
            names.append(f"object {number}" if one.kind == "object" else f"picture {number}.{one.kind}".removesuffix(".picture"))
    if targets:
        emitter.part("properties", "linked objects", "\n".join(dict.fromkeys(targets)))
    emitter.expect(members=len(names))
    for name, one in zip(names, (one for one in held(rtf) if not one.target), strict=True):
        emitter.member(name.encode(), "embedded", one.data, name=one.name or name)
    return len(names)


FORMATS = (
    Format(
        "rtf", read, memory_safe=True, libraries=("olefile",),
        title="Rich Text Format",
        gives="text, where links lead, tracked changes with author and time, headers, footnotes, comments, properties, "
        "hidden text, pictures, embedded objects as the files that they wrap",
        lacks="of a picture in two forms the older one is left out",
    ),
)
