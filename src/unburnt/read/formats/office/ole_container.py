"""Opening OLE2 compound files (MS-CFB) with bounds; property sets (MS-OLEPS) as metadata."""

from __future__ import annotations

import warnings
import weakref
from datetime import datetime
from typing import Any, BinaryIO

import olefile

from unburnt.base.limits import MIB
from unburnt.model.reading import Date, Metadata
from unburnt.read.formats.office.ole_properties import Value, custom_properties, summary

STREAM_BYTES = 512 * MIB
DATES = {"create_time": "created", "last_saved_time": "modified", "last_printed": "printed"}
SUMMARY = {
    2: "title", 3: "subject", 4: "author", 5: "keywords", 6: "comments", 7: "template", 8: "last_saved_by", 9: "revision_number",
    10: "total_edit_time", 11: "last_printed", 12: "create_time", 13: "last_saved_time", 14: "num_pages", 18: "creating_application",
    19: "security",
}  # fmt: skip
DOCUMENT_SUMMARY = {
    2: "category", 3: "presentation_target", 14: "manager", 15: "company", 27: "content_status", 28: "language", 29: "doc_version",
}  # fmt: skip
SHOWN = (
    "subject", "keywords", "comments", "template", "last_saved_by", "revision_number", "total_edit_time",
    "creating_application", "security", "category", "manager", "company", "content_status", "language",
    "doc_version", "presentation_target",
)  # fmt: skip
LONGEST_FIELD = 20_000


_SPECIAL = 0xFFFFFFFA
"""From here on a sector's number means something else: end of chain, free, a table."""


_tables: weakref.WeakKeyDictionary[Any, dict[int, dict[str, Any]]] = weakref.WeakKeyDictionary()
"""Of each open file, of each storage by its number, what it holds by name in small letters."""


class OleTrouble(Exception):
    """The compound file's structure cannot be followed."""


def open_ole(untrusted_file: BinaryIO) -> Any:
    """Open a compound file. Raises :class:`OleTrouble`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return olefile.OleFileIO(untrusted_file, raise_defects=olefile.DEFECT_FATAL)
    except (OSError, ValueError, IndexError, TypeError, KeyError, OverflowError, RecursionError, AttributeError) as error:
        raise OleTrouble(type(error).__name__) from error


def is_cut_off(ole: Any) -> bool:
    """Whether a stream goes on in, or begins in, a sector beyond the file's end ([MS-CFB], section 2.3)."""
    try:
        last = ole.nb_sect
        begins = [entry.isectStart for entry in ole.direntries if entry is not None and entry.size >= ole.minisectorcutoff]
        return any(last <= number < _SPECIAL for number in (*ole.fat, *begins)) or _has_short_directory(ole)
    except (AttributeError, TypeError, ValueError, IndexError, OSError):
        return False


def _has_short_directory(ole: Any) -> bool:
    """Whether the list of streams ends in the file's last sector, of which a part is missing."""
    if ole.fp.seek(0, 2) % ole.sector_size == 0:
        return False
    sector, steps = ole.first_dir_sector, 0
    while sector < ole.nb_sect and steps <= ole.nb_sect:
        if sector == ole.nb_sect - 1:
            return True
        sector, steps = ole.fat[sector], steps + 1
    return False


def stream_bytes(ole: Any, path: tuple[str, ...]) -> bytes | None:
    """A stream's bytes; None where there is none, it cannot be followed, or it is too large."""
    try:
        entry = _entry(ole, path)
        if entry is None or entry.entry_type != olefile.STGTY_STREAM or entry.size > STREAM_BYTES:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data: bytes = ole.openstream(list(path)).read()
        return data
    except (OSError, ValueError, IndexError, TypeError, KeyError, OverflowError, RecursionError, AttributeError):
        return None


def is_stream(ole: Any, path: tuple[str, ...]) -> bool:
    """Whether a stream has this name, and not a storage or nothing."""
    entry = _entry(ole, path)
    return entry is not None and entry.entry_type == olefile.STGTY_STREAM


def _entry(ole: Any, path: tuple[str, ...]) -> Any:
    """The directory's entry, None where there is none; of two with one name the first. olefile goes through all for each question."""
    tables = _tables.setdefault(ole, {})
    entry = ole.root
    for name in path:
        kids = tables.get(entry.sid)
        if kids is None:
            kids = tables[entry.sid] = {kid.name.lower(): kid for kid in reversed(entry.kids)}
        entry = kids.get(name.lower())
        if entry is None:
            return None
    return entry


def storages(ole: Any) -> list[tuple[str, ...]]:
    """The paths of all storages and streams, in the directory's order."""
    try:
        return [tuple(entry) for entry in ole.listdir(streams=True, storages=True)]
    except (OSError, ValueError, IndexError, TypeError, RecursionError, AttributeError):
        return []


def read_properties(ole: Any) -> Metadata:
    """SummaryInformation and DocumentSummaryInformation. Times are FILETIMEs, which are UTC."""
    document = stream_bytes(ole, ("\x05DocumentSummaryInformation",)) or b""
    found: dict[str, Value] = {}
    for stream, names in ((stream_bytes(ole, ("\x05SummaryInformation",)) or b"", SUMMARY), (document, DOCUMENT_SUMMARY)):
        values = summary(stream)
        found |= {name: values.get(number) for number, name in names.items()}
    dates = []
    for name, kind in DATES.items():
        value = found[name]
        if isinstance(value, datetime) and value.year > 1601:
            dates.append(Date(kind=kind, value=value.replace(tzinfo=None).isoformat() + "Z", zone="UTC", origin=f"ole:{name}"))
    fields = {f"ole:{name}": shown for name in SHOWN if (shown := _shown(found[name])) and shown != "0"}
    fields |= {f"ole:custom:{name}": value for name, value in custom_properties(document).items()}
    pages = found["num_pages"]
    return Metadata(
        title=_shown(found["title"]) or None, author=_shown(found["author"]) or None, dates=tuple(dates),
        pages=pages if isinstance(pages, int) and 0 < pages < 1_000_000 else None, fields=fields,
    )  # fmt: skip


def _shown(value: Value) -> str:
    return "" if value is None else str(value).strip("\x00 ")[:LONGEST_FIELD]
