"""Apple iWork since 2013 (Pages, Numbers, Keynote): the texts in its Index, the preview and the pictures as members.

Apple publishes no description; the layout (snappy blocks of length-prefixed protocol buffers) is that of public analyses.
Only two kinds of message are looked at: text storages, and the lists of a table's strings.
"""

from __future__ import annotations

from collections.abc import Iterator

from unburnt.base.limits import MIB
from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.docx import Progress, ending
from unburnt.read.formats.office.iwork_archive import BrokenArchive, fields, messages
from unburnt.read.formats.office.ooxml_members import emit_members
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_BYTES = 128 * MIB
"""The largest part of the Index that is unpacked."""
_TEXT_STORAGE, _TABLE_STRINGS = 2001, 6005
_TEXT, _ENTRIES, _STRING = 3, 3, 3
_OBJECT = "\ufffc"


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a package: a part for each part of the Index that holds text; the rest as members."""
    package, _ = open_or_recover(source.file)
    index = [name for name in package.names() if name.endswith(".iwa")]
    names = [name for name in package.names() if not name.endswith((".iwa", ".plist", ".db"))]
    emitter.expect(members=len(names))
    progress = Progress()
    for name in index:
        lines = _texts(package, name, progress)
        if lines:
            progress.text = True
            emitter.part("section", name.removeprefix("Index/").removesuffix(".iwa"), "\n".join(lines) + "\n")
    emitter.note("iwork", "The order of texts is that of the file; the preview among the members shows how it looked.")
    emit_members(package, names, emitter)
    return ending(package, progress, len(names))


def _texts(package: Package, name: str, progress: Progress) -> list[str]:
    lines: list[str] = []
    try:
        for kind, payload in messages(package.read(name, MOST_BYTES)):
            lines += [text.replace(_OBJECT, "") for text in _strings(kind, payload) if text.strip(_OBJECT + " \n")]
    except BrokenArchive:
        progress.losses.append(f"the part {name.rsplit('/', 1)[-1][:60]} of its Index is damaged")
    return lines


def _strings(kind: int, payload: bytes) -> Iterator[str]:
    if kind == _TEXT_STORAGE:
        yield from (value.decode("utf-8", "replace") for number, value in fields(payload) if number == _TEXT)
    elif kind == _TABLE_STRINGS:
        for number, entry in fields(payload):
            if number == _ENTRIES:
                yield from (value.decode("utf-8", "replace") for inner, value in fields(entry) if inner == _STRING)


FORMATS = (
    Format(
        "iwork", read, memory_safe=False, libraries=("lxml",),
        title="Apple Pages, Numbers and Keynote (since 2013)",
        gives="texts of documents, slides and tables in the file's own order; preview and pictures as members",
        lacks="layout, the places of cells, numbers in tables, comments; files of iWork '09 are opened as ZIP archives",
    ),
)
