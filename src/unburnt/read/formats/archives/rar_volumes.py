"""The volumes of a RAR archive as one list of members: what is cut at the end of one goes on at the beginning of the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType

import msgspec

from unburnt.model.volume_names import ending_of
from unburnt.read.formats.archives.rar_headers import RarEntry, RarHeaders
from unburnt.read.source import Source, VolumeAt


class RarSet(msgspec.Struct):
    """What the headers of all volumes told, as of one archive, and the numbers of those that do not belong there."""

    headers: RarHeaders
    unfit: list[int]
    wants_more: bool


def headers_of_set(source: Source, kind: ModuleType) -> RarSet:
    """Go through the headers of every volume; *kind* knows those of the version that the first is of."""
    found: list[tuple[VolumeAt, RarHeaders]] = []
    unfit: list[int] = []
    for volume in source.volumes:
        headers: RarHeaders | None = None
        source.file.seek(volume.start)
        if source.file.read(len(kind.SIGNATURE)) == kind.SIGNATURE:
            headers = kind.read_headers(source.file, volume.size, volume.start)
        # Where the format does not tell the number, members that do not go on will show it.
        if headers is None or not (headers.is_volume or headers.locked) or headers.volume not in (None, volume.number - 1):
            unfit.append(volume.number)
        else:
            _mark_cut(headers, volume)
            found.append((volume, headers))
    whole = RarHeaders(is_volume=True)
    if not found:
        return RarSet(whole, unfit, wants_more=False)
    whole.entries = list(_joined(found))
    whole.locked = any(headers.locked for _, headers in found)
    whole.is_solid = found[0][1].is_solid
    whole.comment = found[0][1].comment
    whole.loss = " ".join(dict.fromkeys(headers.loss for _, headers in found if headers.loss))
    last = found[-1][1]
    return RarSet(whole, unfit, wants_more=last.more_volumes or bool(last.entries and last.entries[-1].split_after))


def unfit_sentence(name: str, unfit: Sequence[int]) -> str:
    """What is to be said of volumes that do not belong to the set; empty where there are none."""
    if not unfit:
        return ""
    shown = ", ".join(f"{number} ({ending_of(name, number)})" for number in unfit[:5])
    more = f" and {len(unfit) - 5} more" if len(unfit) > 5 else ""
    return f"By its own header it is another volume than its name says, or of another archive: {shown}{more}."


def _mark_cut(headers: RarHeaders, volume: VolumeAt) -> None:
    """Bytes that a volume lacks at its end must not be taken from the next."""
    for entry in headers.entries:
        entry.is_cut = entry.end > volume.start + volume.size


def _joined(found: Sequence[tuple[VolumeAt, RarHeaders]]) -> Iterator[RarEntry]:
    begun: list[RarEntry] = []
    before = 0
    for volume, headers in found:
        for place, entry in enumerate(headers.entries):
            follows = not place and entry.split_before and volume.number == before + 1
            if begun and not (follows and entry.raw == begun[-1].raw):
                yield _one_of(begun)
                begun = []
            begun.append(entry)
            if not entry.split_after:
                yield _one_of(begun)
                begun = []
        before = volume.number
    if begun:
        yield _one_of(begun)


def _one_of(pieces: list[RarEntry]) -> RarEntry:
    """The last header states checksum and sizes of the whole; those before it the checksums of their pieces."""
    last = pieces[-1]
    if len(pieces) == 1:
        return last
    return msgspec.structs.replace(
        last, split_before=pieces[0].split_before, is_cut=any(piece.is_cut for piece in pieces),
        encrypted=any(piece.encrypted for piece in pieces), pieces=tuple((piece.data, piece.end) for piece in pieces),
    )
