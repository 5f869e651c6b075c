"""Binary property lists: settings, saved places on the web (webloc), what backups of Apple's devices are full of."""

from __future__ import annotations

import io

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Stopped
from unburnt.read.formats.systems.plist_text import lines_of, loaded
from unburnt.read.registry import Ending, Format
from unburnt.read.sniff import UNKNOWN, sniff
from unburnt.read.source import Source

_MOST_BYTES = 64 * MIB
_PART = 200_000
_SMALLEST_FILE = 64


def read(source: Source, emitter: Emitter) -> Ending:
    """Every value as a line; files within it as members. Raises :class:`Damaged`."""
    if source.size > _MOST_BYTES:
        raise Stopped("size", f"It is larger than {_MOST_BYTES >> 20} MiB.")
    values = loaded(source.all(_MOST_BYTES))
    if values is None:
        raise Damaged("The property list's objects cannot be followed.")
    files: list[tuple[str, bytes]] = []
    lines: list[str] = []
    length, emitted = 0, False
    for line in lines_of(values, files):
        lines.append(line)
        length += len(line)
        if length > _PART:
            emitter.part("section", "values", "".join(lines), continues=emitted)
            lines, length, emitted = [], 0, True
    if lines or not emitted:
        emitter.part("section", "values", "".join(lines), continues=emitted)
    found = [(path, data) for path, data in files if _is_file(data)]
    emitter.expect(members=len(found))
    for path, data in found:
        emitter.member(path.encode("utf-8", "replace"), "embedded", data, name=path)
    return Ending(Outcome.READ)


def _is_file(data: bytes) -> bool:
    return len(data) >= _SMALLEST_FILE and sniff(Source(io.BytesIO(data), len(data))) not in (UNKNOWN, "text/plain")


FORMATS = (
    Format(
        "plist", read, memory_safe=True,
        title="Property lists of Apple's programs (binary), saved web places (webloc)",
        gives="every value behind the path of its keys, files within it as members",
        lacks="objects of keyed archives are shown with their references, not put together; XML ones are read as XML",
    ),
)
