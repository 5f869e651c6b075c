"""Parts of files that were cut for transport: only a name tells that a run of bytes is the second of five."""

from __future__ import annotations

from unburnt.model.volume_names import PLAIN, ZIP, VolumeName, volume_name

_MANY = 99


def split_part(name: str) -> str | None:
    """A sentence where *name* ends as a part of a split file does (``.7z.001``, ``.z01``); None for any other."""
    found = volume_name(name)
    if found is None or not found.is_certain or _is_no_part(found):
        return None
    whole = "split ZIP archive, whose last part ends in .zip" if found.style == ZIP else "split file"
    return (f"Its name says that it is part {found.number} of a {whole}. All parts are needed: add them in one folder, or "
            "those that lack.")


def _is_no_part(name: VolumeName) -> bool:
    """Whether a number of three digits is more likely an extension of its own (``budget.123`` of Lotus).

    Programs that split a file keep its own extension before the number, and hardly any set of so many parts lacks one. Beside its first
    part it is one all the same.
    """
    return name.style == PLAIN and name.number > _MANY and "." not in name.stem.replace("\\", "/").rpartition("/")[2]
