"""The volumes of a split archive, read as one file; what tells that a file is one volume of several, and which are missing."""

from __future__ import annotations

import bisect
import io
import itertools
import struct
from collections.abc import Sequence
from typing import BinaryIO

from unburnt.model.volume_names import LAST, MOST_VOLUMES, PLAIN, ZIP, ending_of, volume_name
from unburnt.read.formats.archives import rar_headers4, rar_headers5
from unburnt.read.formats.archives.rar_headers import SIGNATURE_4, SIGNATURE_5
from unburnt.read.formats.archives.zip_records import find_end
from unburnt.read.source import Source, VolumeAt
from unburnt.read.split_names import split_part

_ZIP, _RAR, _7Z, _UNKNOWN = "application/zip", "application/vnd.rar", "application/x-7z-compressed", "application/octet-stream"
_NAMED = 5
_BUFFER = 1 << 16


class _Joined(io.RawIOBase):
    """Files one after the other, and stretches of zeros where one is missing whose size is known (None)."""

    def __init__(self, pieces: Sequence[tuple[BinaryIO | None, int]]) -> None:
        self._pieces = [piece for piece in pieces if piece[1]]
        self._starts: list[int] = []
        self._size = 0
        for _, size in self._pieces:
            self._starts.append(self._size)
            self._size += size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._position = max(0, offset + (0, self._position, self._size)[whence])
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """As much as stands together in one file."""
        if self._position >= self._size:
            return 0
        index = bisect.bisect_right(self._starts, self._position) - 1
        file, size = self._pieces[index]
        within = self._position - self._starts[index]
        wanted = min(size - within, len(buffer))
        if file is None:
            data = bytes(wanted)
        else:
            file.seek(within)
            data = file.read(wanted)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def joined(files: Sequence[BinaryIO], numbers: Sequence[int], name: str) -> tuple[BinaryIO, int, tuple[VolumeAt, ...]]:
    """*files*, volumes of these *numbers* in order, as one file; its size, and where each volume stands in it.

    A file that was cut into equal pieces gets zeros in place of a missing one: what stands behind it is then found.
    """
    sizes = [file.seek(0, io.SEEK_END) for file in files]
    style = found.style if (found := volume_name(name)) else PLAIN
    missing = sum(max(0, after - before - 1) for before, after in itertools.pairwise(numbers) if after != LAST)
    are_equal = style == PLAIN and len(set(sizes[:-1])) == 1 and missing <= len(files)
    pieces: list[tuple[BinaryIO | None, int]] = []
    volumes: list[VolumeAt] = []
    at, before = 0, numbers[0] - 1
    for file, number, size in zip(files, numbers, sizes, strict=True):
        hole = max(0, number - before - 1) * sizes[0] if are_equal else 0
        pieces += [(None, hole), (file, size)]
        volumes.append(VolumeAt(number, at + hole, size))
        at, before = at + hole + size, number
    return io.BufferedReader(_Joined(pieces), _BUFFER), at, tuple(volumes)


def is_one_of_several(media_type: str, source: Source) -> bool:
    """Whether a file is one volume of a split archive, and nothing, or little, without the others."""
    is_named = split_part(source.name) is not None
    if media_type == _UNKNOWN:
        return is_named
    if media_type == _RAR:
        head = source.head(8)
        if head == SIGNATURE_5:
            return rar_headers5.read_headers(source.file, source.size).is_volume
        return head.startswith(SIGNATURE_4) and rar_headers4.read_headers(source.file, source.size).is_volume
    if media_type == _ZIP:
        end = find_end(source.file, source.size)
        return is_named if end is None else end.volume > 0
    return media_type == _7Z and is_named and _stated_size(source) > source.size


def behind_end(media_type: str, source: Source) -> list[int]:
    """The numbers of volumes that begin where the archive has ended by its own word, as far as its type gives one."""
    end = _stated_size(source) if media_type == _7Z else source.size
    return [volume.number for volume in source.volumes if volume.start >= end]


def missing_of(media_type: str, source: Source, *, wants_more: bool) -> str:
    """A sentence that names the volumes which the set lacks; empty where none is known to be missing."""
    present = {volume.number for volume in source.volumes}
    last = max(present)
    named = volume_name(source.name)
    style = named.style if named else PLAIN
    lacking = [number for number in range(1, last) if number not in present]
    if style == ZIP and media_type == _ZIP:
        end = find_end(source.file, source.size) if LAST in present else None
        lacking += range(last + 1, min(end.volume, 0xFFFF) + 1) if end else [LAST]
    elif not wants_more:
        wants_more = media_type == _7Z and _stated_size(source) > source.size
        wants_more = wants_more or (media_type == _ZIP and find_end(source.file, source.size) is None)
    shown = ", ".join(_shown(source.name, number) for number in lacking[:_NAMED])
    more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
    sentences = []
    if lacking:
        sentences.append(f"Missing volumes of the split archive: {shown}{more}.")
    if wants_more:
        sentences.append(f"What follows volume {last} is missing: {_shown(source.name, last + 1)} and perhaps more.")
    if len(source.volumes) >= MOST_VOLUMES:
        sentences = [f"No more than {MOST_VOLUMES} volumes are read as one. Unpack the set and add what it holds."]
    return " ".join(sentences)


def _shown(name: str, number: int) -> str:
    ending = ending_of(name, number)
    if number == LAST:
        return f"the last ({ending})"
    return f"{number} ({ending})" if ending else str(number)


def _stated_size(source: Source) -> int:
    """What the start header of a 7z archive says of the whole (7zFormat.txt, "SignatureHeader")."""
    head = source.head(32)
    if len(head) < 32:
        return 0
    offset, size = struct.unpack_from("<QQ", head, 12)
    return 32 + int(offset) + int(size)
