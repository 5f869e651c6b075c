"""How the files of a split archive are called: the only thing that tells which is the second of five, and of what."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

import msgspec

from unburnt.model.reading import Volume

LAST: Final = 0
"""The number of a last volume of which only the content tells how many stand before it (``.zip`` beside ``.z01``)."""
INCOMPLETE: Final = "volumes"
"""The note of a reading that other volumes of its set could make better."""
UNFIT: Final = "volume-unfit"
"""The note of a volume (its number) that by its own content stands elsewhere in the set, or in none."""
MOST_VOLUMES: Final = 200
"""So many are read as one, and at a time: each takes open files."""
FOLLOWER: Final = "volume"
"""The reader of a volume that was read under another one."""
PLAIN, ZIP, RAR, OLD_RAR = "plain", "zip", "rar", "old-rar"
SetKey = str
"""Names a list of volumes."""

_NAMES: Final = (
    (RAR, re.compile(r"(?P<stem>.+)\.part(?P<number>[0-9]{1,5})\.rar\Z", re.IGNORECASE | re.DOTALL)),
    (OLD_RAR, re.compile(r"(?P<stem>.+)\.(?:rar|(?P<letter>[r-y])(?P<number>[0-9]{2}))\Z", re.IGNORECASE | re.DOTALL)),
    (ZIP, re.compile(r"(?P<stem>.+)\.(?:zip|z(?P<number>[0-9]{2,3}))\Z", re.IGNORECASE | re.DOTALL)),
    (PLAIN, re.compile(r"(?P<stem>.+)\.(?P<number>[0-9]{3})\Z", re.DOTALL)),
)


class VolumeName(msgspec.Struct, frozen=True):
    """A name of *style*, of the set called *stem*; *number* counts from 1, or is :data:`LAST`."""

    style: str
    stem: str
    number: int

    @property
    def is_certain(self) -> bool:
        """Whether files that are whole are not called so. ``.zip``, ``.rar`` and ``.part1.rar`` leave it to the content."""
        return self.style == PLAIN or (self.style == ZIP and self.number != LAST)


def volume_name(name: str) -> VolumeName | None:
    """What *name* says about its place in a set; None where no file of a set is called so."""
    for style, pattern in _NAMES:
        found = pattern.match(name)
        if found is None:
            continue
        number = int(found["number"]) if found["number"] else None
        if style == OLD_RAR:
            # name.rar, name.r00 ... name.r99, name.s00 ...
            number = 1 if number is None else 2 + number + 100 * (ord(found["letter"].lower()) - ord("r"))
        elif style == ZIP and number is None:
            return VolumeName(style, found["stem"], LAST)
        return VolumeName(style, found["stem"], number) if number else None
    return None


def ending_of(name: str, number: int) -> str:
    """How the name of volume *number* ends in the set that *name* belongs to; empty where *name* belongs to none."""
    own = volume_name(name)
    if own is None:
        return ""
    if own.style == RAR:
        digits = len(name[len(own.stem) + len(".part") : -len(".rar")])
        return f".part{number:0{digits}}.rar"
    if own.style == OLD_RAR:
        return ".rar" if number == 1 else f".{chr(ord('r') + (number - 2) // 100)}{(number - 2) % 100:02}"
    if own.style == ZIP:
        return ".zip" if number == LAST else f".z{number:02}"
    return f".{number:03}"


def key_of_set(volumes: Iterable[Volume]) -> SetKey:
    """The same for the same volumes in the same order only."""
    return hashlib.sha256("".join(f"{one.number} {one.digest}\n" for one in volumes).encode()).hexdigest()
