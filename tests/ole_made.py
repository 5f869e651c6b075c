"""Compound files (MS-CFB) for tests, from nested dictionaries."""

from __future__ import annotations

from unburnt.read.formats.office.ole_writing import ROOT, STREAM, Entry, write_compound

Content = dict[str, "bytes | Content"]


def compound(content: Content) -> bytes:
    """A compound file of nested dictionaries."""
    entries, waiting = [Entry("Root Entry", ROOT)], [(0, content)]
    while waiting:
        parent, inside = waiting.pop()
        for name, value in inside.items():
            entries[parent].children.append(len(entries))
            if isinstance(value, bytes):
                entries.append(Entry(name, STREAM, value))
            else:
                waiting.append((len(entries), value))
                entries.append(Entry(name))
    return write_compound(entries)
