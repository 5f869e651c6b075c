"""What tantivy's errors mean to a person: it raises ``ValueError`` with the system's words in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from unburnt.base.errors import OutOfSpace, UnburntError

_FULL = re.compile(r"os error (?:27|28|122)\b")  # EFBIG, ENOSPC, EDQUOT


@contextmanager
def index_errors() -> Iterator[None]:
    """Raise :class:`OutOfSpace` for a full disk, quota or size limit, else :class:`UnburntError`."""
    try:
        yield
    except (ValueError, OSError) as error:
        if _FULL.search(str(error)) or (isinstance(error, OSError) and error.errno in (27, 28, 122)):
            raise OutOfSpace(
                "The disk of this archive is full (while writing the search index).",
                remedy="Free some space and run the same command again.",
            ) from error
        raise UnburntError(
            "The search index could not be written.",
            remedy="Check the drive and run the same command again; 'unburnt rebuild' makes the index anew.",
        ) from error
