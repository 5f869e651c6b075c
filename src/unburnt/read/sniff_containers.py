"""What a ZIP or OLE file is the container of: an office document, a book, a message, or just files."""

from __future__ import annotations

import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable
from typing import Final

import olefile

from unburnt.read.formats.office.ole_container import is_cut_off
from unburnt.read.formats.office.ooxml_package import directory_size, is_of_another
from unburnt.read.known import BY_EXTENSION, BY_TYPE, ENTRIES, STREAMS
from unburnt.read.nests import ENCRYPTED_OFFICE
from unburnt.read.source import Source

ZIP: Final = "application/zip"
OLE: Final = "application/x-ole-storage"
_DIRECTORY_MOST: Final = 16 << 20
_TYPES_MOST: Final = 1 << 20
_OVERRIDE: Final = re.compile(
    rb'ContentType\s*=\s*["\']application/((?:vnd\.openxmlformats-officedocument\.(?:word|spreadsheet|presentation)ml'
    rb"\.(?:document|template|sheet|presentation|slideshow))|(?:vnd\.ms-(?:word|excel|powerpoint)"
    rb'\.(?:document|template|sheet|presentation|slideshow|addin)\.macroEnabled))(?:Template)?(?:\.12)?\.main\+xml["\']',
    re.IGNORECASE,
)
_BY_MARK: Final = (
    (b"application/vnd.ms-package.xps-fixeddocumentsequence+xml", "application/vnd.ms-xpsdocument"),
    (b"application/vnd.ms-excel.sheet.binary.macroEnabled.main", "application/vnd.ms-excel.sheet.binary.macroEnabled.12"),
    *((f"application/vnd.ms-visio.{kind}{macros}.main+xml".encode(), f"application/vnd.ms-visio.{kind}{macros}")
      for kind in ("drawing", "template", "stencil") for macros in ("", ".macroEnabled")),
)
"""Content types of main parts that only one kind of package has."""
BY_FOLDER: Final = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_PACKAGES_BEGIN: Final = ("[Content_Types].xml", "_rels/.rels", "docProps/", "word/", "xl/", "ppt/", "customXml/", "mimetype", "META-INF/")
_BY_PART: Final = (
    ("word/document.xml", BY_FOLDER[0][1]), ("xl/workbook.xml", BY_FOLDER[1][1]), ("xl/worksheets/sheet", BY_FOLDER[1][1]),
    ("ppt/presentation.xml", BY_FOLDER[2][1]), ("ppt/slides/slide", BY_FOLDER[2][1]),
)
"""Parts that tell the type of a package which lost its directory."""
PACKAGES: Final = frozenset((ENCRYPTED_OFFICE, *(media_type for _, media_type in BY_FOLDER)))
"""The types under which an encrypted package may be taken for something by its name."""
_ENCRYPTED: Final = {
    "docx": 0, "docm": 0, "dotx": 0, "dotm": 0, "xlsx": 1, "xlsm": 1, "xltx": 1, "xltm": 1, "xlam": 1, "xlsb": 1,
    "pptx": 2, "pptm": 2, "ppsx": 2, "ppsm": 2, "potx": 2, "potm": 2, "ppam": 2,
    "wps": 0, "wpt": 0, "et": 1, "ett": 1, "dps": 2, "dpt": 2,
}  # fmt: skip
_WORKS: Final = (b"CHNKWKS", b"CHNKINK")
"""How the stream CONTENTS of Works 2000 to 9 begins; other programs have a stream of that name too."""
_UNREAD_STREAMS: Final = (("visiodocument", "application/vnd.visio"), ("quill", "application/vnd.ms-publisher"))
"""Types that are named although nobody reads them."""


def sniff_zip(source: Source) -> str:
    """The type of a ZIP file, from its first entry, its list of content types, and its folders."""
    stated = _stated(source.head(1024))
    if stated is not None:
        return stated
    names, types = _directory(source)
    if not names and (told := _by_parts(source)):
        return told
    if not types and (told := _by_entry(names, source)):
        return told
    if not types and "[Content_Types].xml" not in names and not _first_names(source):
        return ZIP
    if found := _OVERRIDE.search(types):
        main = found[1].decode().replace("macroenabled", "macroEnabled")
        return f"application/{main}.12" if "macroEnabled" in main else f"application/{main}"
    if told := next((media_type for mark, media_type in _BY_MARK if mark in types), None):
        return told
    if types.startswith(_NAMED):
        return types.decode("ascii", "replace").strip()
    return (_by_folder(names) if "[Content_Types].xml" in names else None) or ZIP


def _by_folder(names: Iterable[str]) -> str | None:
    return next((media_type for folder, media_type in BY_FOLDER if any(name.startswith(folder) for name in names)), None)


def _by_parts(source: Source) -> str | None:
    """The type of a package without a directory, by its parts, where the first of them is one that such packages begin with.

    Another's parts may stand inside a member, so that they alone would tell nothing.
    """
    first = _first_names(source)
    if not first or not first[0].startswith(_PACKAGES_BEGIN):
        return None
    if first[0] == "META-INF/container.xml" or (first[0] == "mimetype" and "META-INF/container.xml" in first):
        return _NAMED[0].decode()
    told = next((media_type for part, media_type in _BY_PART if any(name.startswith(part) for name in first)), None)
    return told or (_by_folder(first) if "[Content_Types].xml" in first else None)


def _by_entry(names: set[str], source: Source) -> str | None:
    """The type whose entry is there. Without a directory, headers may stand inside a member: the file's name must agree."""
    if names:
        return next((media_type for entry, media_type in ENTRIES if entry in names), None)
    first, end = _first_names(source), source.name.lower().rpartition(".")[2]
    told = (media_type for entry, media_type in ENTRIES if entry in first)
    return next((media_type for media_type in told if end in BY_TYPE[media_type].extensions), None)


_NAMED: Final = (b"application/epub+zip", b"application/hwp+zip", b"application/vnd.oasis.opendocument.", b"application/vnd.sun.xml.")
_MANIFEST_MOST: Final = 1 << 16
_ROOT: Final = re.compile(rb"<[^<>]*file-entry(?=[^<>]*full-path=[\"']/[\"'])[^<>]*media-type=[\"']([^\"'<>]{1,200})[\"']")
"""The package's own type in the list of an OpenDocument or OpenOffice.org file."""


def _stated(head: bytes) -> str | None:
    """OpenDocument and EPUB put a stored entry ``mimetype`` first."""
    if head[26:28] != b"\x08\x00" or head[30:38] != b"mimetype" or head[8:10] != b"\x00\x00":
        return None
    start = 38 + int.from_bytes(head[28:30], "little")
    length = int.from_bytes(head[18:22], "little")
    value = head[start:start + length] if 0 < length < 200 else re.split(rb"PK|\s", head[start:start + 100])[0]
    value = value.strip()
    if value.startswith(_NAMED):
        return value.decode("ascii", "replace")
    return None


def _directory(source: Source) -> tuple[set[str], bytes]:
    """The names in the central directory, and the start of ``[Content_Types].xml``, else of ``mimetype``."""
    if not 0 < directory_size(source.file) <= _DIRECTORY_MOST:
        return set(), b""
    try:
        with zipfile.ZipFile(source.file) as archive:
            if is_of_another(source.file, archive):
                return set(), b""
            names = {name.replace("\\", "/") for name in archive.namelist()}
            listed = {one.filename.lower(): one for one in archive.infolist()}
            entry = listed.get("[content_types].xml")
            if entry is not None:
                with archive.open(entry) as file:
                    return names | {"[Content_Types].xml"}, file.read(_TYPES_MOST)
            if "mimetype" in listed:
                with archive.open(listed["mimetype"]) as file:
                    return names, file.read(200)
            if "meta-inf/manifest.xml" in listed and "content.xml" in listed:
                # OpenOffice.org 1 wrote no file of that name.
                with archive.open(listed["meta-inf/manifest.xml"]) as file:
                    found = _ROOT.search(file.read(_MANIFEST_MOST))
                    return names, found[1] if found and found[1].startswith(_NAMED) else b""
            return names, b""
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return set(), b""


def ends_as_zip(source: Source) -> bool:
    """Whether a file that begins with no signature ends as a ZIP archive does: a split one's last volume, or one behind other bytes."""
    source.file.seek(max(0, source.size - 65557))
    tail = source.file.read(65557)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        return False
    volume, _, _, entries, length = struct.unpack_from("<4HI", tail, at + 4)
    if not entries or length > source.size:
        return False
    # A whole archive may stand behind other bytes: then its directory is where its length says.
    begins = at - length
    return 0 < volume < 0xFFFF or (begins >= 0 and tail.startswith(b"PK\x01\x02", begins))


def _first_names(source: Source) -> list[str]:
    """Names in the first megabyte's local headers, for packages whose directory is cut off."""
    head = source.head(1 << 20)
    names: list[str] = []
    at = head.find(b"PK\x03\x04")
    while 0 <= at <= len(head) - 30 and len(names) < 64:
        length = int.from_bytes(head[at + 26:at + 28], "little")
        names.append(head[at + 30:at + 30 + length].decode("utf-8", "replace"))
        at = head.find(b"PK\x03\x04", at + 30)
    return names


def sniff_ole(source: Source) -> str:
    """The type of an OLE compound file, from the streams at its root."""
    source.file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ole = olefile.OleFileIO(source.file, raise_defects=olefile.DEFECT_FATAL)
            names = {entry[0].lower() for entry in ole.listdir(streams=True, storages=True) if entry}
            if "contents" in names and _is_works(ole, source.size):
                return "application/vnd.ms-works"
    except (OSError, ValueError, IndexError, TypeError, KeyError, OverflowError, RecursionError, AttributeError):
        return _ole_by_name(source) or OLE
    if any(name.startswith("__substg1.0_") for name in names):
        return "application/vnd.ms-outlook"
    if "encryptedpackage" in names:
        kind = _ENCRYPTED.get(source.name.lower().rpartition(".")[2])
        return ENCRYPTED_OFFICE if kind is None else BY_FOLDER[kind][1]
    told = next((media_type for stream, media_type in (*STREAMS, *_UNREAD_STREAMS) if stream in names), None)
    # The list of streams itself may lie beyond a cut.
    return told or (_ole_by_name(source) if is_cut_off(ole) else None) or OLE


def _is_works(ole: olefile.OleFileIO, size: int) -> bool:
    """Whether CONTENTS begins as that of Works; one that claims to be larger than the file is not read at all."""
    return bool(ole.get_size("CONTENTS") <= size and ole.openstream("CONTENTS").read(8).startswith(_WORKS))


def _ole_by_name(source: Source) -> str | None:
    """For a broken container only: its reader then says what is broken."""
    row = BY_EXTENSION.get(source.name.lower().rpartition(".")[2])
    return row.types[0] if row is not None and row.streams else None
