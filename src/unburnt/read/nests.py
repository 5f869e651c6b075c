"""Which readers are loaded together: a child is forked from a process that holds the readers of one nest and no others.

A fork copies the page tables of all that is loaded, and its end takes them down again: readers that a document does not
need cost each child milliseconds. The keeper guesses the nest by name; a child that finds another type says so.
"""

from __future__ import annotations

from typing import Final

SAFE: Final = "safe"
"""The memory-safe readers, and whoever knows no better."""
EVERYTHING: Final = ""
"""All readers at once, for what no single nest can read."""

MODULES: Final[dict[str, tuple[str, ...]]] = {
    SAFE: (
        "plain", "json_", "csv_", "markdown", "rtf", "zip_archive", "tar_archive", "streams", "mail", "mbox", "mhtml",
        "msg", "mail_pkcs7", "warc",
    ),
    "web": ("html", "xml"),
    "pdf": ("pdf",),
    "pictures": ("images",),
    "office": ("docx", "xlsx", "pptx", "odf", "epub", "doc", "xls", "ppt"),
    "packed": ("streams_native", "sevenzip", "rar"),
}  # fmt: skip
"""The modules of ``read.formats`` in each nest."""

_OFFICE: Final = (
    "application/msword", "application/vnd.ms-word", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.", "application/epub+zip",
    "application/encrypted",
)
_TYPES: Final = {
    "text/html": "web", "application/xhtml+xml": "web", "application/xml": "web", "application/pdf": "pdf",
    "application/zstd": "packed", "application/x-7z-compressed": "packed", "application/vnd.rar": "packed",
} | dict.fromkeys((f"image/{kind}" for kind in ("png", "jpeg", "tiff", "webp", "gif", "bmp")), "pictures")
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "web": ("html", "htm", "xhtml", "xht", "xml", "svg", "fb2"),
    "pdf": ("pdf",),
    "pictures": ("png", "jpg", "jpeg", "jpe", "tif", "tiff", "webp", "gif", "bmp"),
    "office": (
        "docx", "docm", "dotx", "xlsx", "xlsm", "xltx", "pptx", "pptm", "ppsx", "odt", "ods", "odp", "odg", "doc",
        "dot", "xls", "xlt", "ppt", "pps", "epub",
    ),
    "packed": ("7z", "rar", "zst"),
}
_BY_NAME: Final = {extension: nest for nest, extensions in _NAMES.items() for extension in extensions}


def nest_of(media_type: str) -> str:
    """The nest whose readers read *media_type*, or say that nobody does."""
    return "office" if media_type.startswith(_OFFICE) else _TYPES.get(media_type, SAFE)


def nest_of_name(name: str) -> str:
    """The nest that a received name promises; a hint, no more."""
    return _BY_NAME.get(name.rpartition(".")[2].lower(), SAFE)
