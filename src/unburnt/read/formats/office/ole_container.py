"""Opening OLE2 compound files (MS-CFB) with bounds; property sets (MS-OLEPS) as metadata."""

from __future__ import annotations

import warnings
import weakref
from datetime import datetime
from typing import Any, BinaryIO

import olefile

from unburnt.base.limits import MIB
from unburnt.model.reading import Date, Metadata
from unburnt.read.formats.office.ole_custom import custom_properties

STREAM_BYTES = 512 * MIB
DATES = {"create_time": "created", "last_saved_time": "modified", "last_printed": "printed"}
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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = ole.get_metadata()
    except Exception:  # noqa: BLE001 - olefile has no error family; a bad property set must not cost the text
        return Metadata()
    codepage = found.codepage if isinstance(found.codepage, int) else None
    dates = []
    for name, kind in DATES.items():
        value = getattr(found, name, None)
        if isinstance(value, datetime) and value.year > 1601:
            dates.append(Date(kind=kind, value=value.isoformat() + "Z", zone="UTC", origin=f"ole:{name}"))
    fields: dict[str, str] = {}
    for name in SHOWN:
        shown = _shown(getattr(found, name, None), codepage)
        if shown and shown != "0":
            fields[f"ole:{name}"] = shown
    document = stream_bytes(ole, ("\x05DocumentSummaryInformation",))
    for name, value in custom_properties(document, encoding_of).items() if document else ():
        fields[f"ole:custom:{name}"] = value
    pages = found.num_pages if isinstance(found.num_pages, int) and 0 < found.num_pages < 1_000_000 else None
    return Metadata(
        title=_shown(found.title, codepage) or None, author=_shown(found.author, codepage) or None,
        dates=tuple(dates), pages=pages, fields=fields,
    )  # fmt: skip


def _shown(value: object, codepage: int | None) -> str:
    if value is None:
        return ""
    if not isinstance(value, bytes):
        return str(value).strip("\x00 ")[:LONGEST_FIELD]
    encodings = ["utf-8", encoding_of(codepage)] if codepage in (None, 65001) else [encoding_of(codepage), "utf-8"]
    for encoding in encodings:
        try:
            return value.decode(encoding).strip("\x00 ")[:LONGEST_FIELD]
        except (UnicodeDecodeError, LookupError):
            continue
    return value.decode("latin-1").strip("\x00 ")[:LONGEST_FIELD]


def encoding_of(codepage: int | None) -> str:
    """Python's name for a Windows code page; ``cp1252`` where it is unknown."""
    if codepage is None:
        return "cp1252"
    codepage &= 0xFFFF
    known = {65001: "utf-8", 1200: "utf-16-le", 936: "gb18030", 10000: "mac-roman", 10008: "gb18030", 10007: "mac-cyrillic",
             32768: "mac-roman", 32769: "cp1252", 950: "cp950", 932: "cp932", 949: "cp949", 1361: "johab", 54936: "gb18030"}  # fmt: skip
    name = known.get(codepage, f"cp{codepage}")
    try:
        "".encode(name)
    except LookupError:
        return "cp1252"
    return name
