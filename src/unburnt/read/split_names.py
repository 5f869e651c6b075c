"""Parts of files that were cut for transport: only a name tells that a run of bytes is the second of five."""

from __future__ import annotations

import re
from typing import Final

_PARTS: Final = re.compile(r"\.(?:(?P<plain>[0-9]{3})|z(?P<zip>[0-9]{2}))\Z", re.IGNORECASE)


def split_part(name: str) -> str | None:
    """A sentence where *name* ends as a part of a split file does (``.7z.001``, ``.z01``); None for any other."""
    found = _PARTS.search(name)
    number = int(found["plain"] or found["zip"]) if found else 0
    if not number:
        return None
    whole = "split ZIP archive, whose last part ends in .zip" if found and found["zip"] else "split file"
    return f"Its name says that it is part {number} of a {whole}. All parts are needed: join them in order and add the whole."
