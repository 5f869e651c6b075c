"""TAR archives of every variant; links and devices are named as not received."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.archives_ending import Tally
from unburnt.read.formats.archives_text import guess_encoding
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

CHUNK = 1 << 20


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every regular file; a link is a member that was not received."""
    tally = Tally()
    try:
        archive = tarfile.open(fileobj=source.file, mode="r:", encoding="utf-8", errors="surrogateescape")
    except (tarfile.TarError, OSError, ValueError) as error:
        raise Damaged("The TAR archive's first header is damaged.") from error
    with archive:
        entries: list[tarfile.TarInfo] = []
        try:
            for entry in archive:
                entries.append(entry)
        except (tarfile.TarError, OSError, ValueError):
            tally.loss = "The TAR archive is cut off or damaged; what stood before is here."
        entries = [entry for entry in entries if not entry.isdir()]
        emitter.expect(members=len(entries))
        raw_names = [entry.name.encode("utf-8", "surrogateescape") for entry in entries]
        encoding = guess_encoding(raw_names)
        for entry, raw in zip(entries, raw_names, strict=True):
            _emit(archive, entry, raw, raw.decode(encoding, "replace"), source.size, emitter, tally)
    return tally.ending()


def _emit(
    archive: tarfile.TarFile, entry: tarfile.TarInfo, raw: bytes, name: str, size: int, emitter: Emitter, tally: Tally
) -> None:
    if not entry.isreg():
        kind = "link" if entry.issym() or entry.islnk() else "device or special file"
        tally.failed.append(Outcome.NOT_RECEIVED)
        emitter.member_failed(raw, "entry", Outcome.NOT_RECEIVED, f"The member is a {kind}, not a file.", name=name)
    elif not entry.issparse() and entry.offset_data + entry.size > size:
        tally.failed.append(Outcome.DAMAGED)
        reason = "The archive ends before the end of this member."
        emitter.member_failed(raw, "entry", Outcome.DAMAGED, reason, name=name, size=entry.size)
    else:
        emitter.member(raw, "entry", _content(archive, entry), name=name, modified=_time(entry.mtime))
        tally.emitted += 1


def _time(seconds: float) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return None


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    file = archive.extractfile(entry)
    if file is not None:
        while data := file.read(CHUNK):
            yield data


FORMATS = (
    Format(
        name="tar", media_types=("application/x-tar",), read=read, memory_safe=True, version=1, libraries=()
    ),
)
