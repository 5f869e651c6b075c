"""What a file's name leads a person to expect, and a sentence where the content is something else."""

from __future__ import annotations

from typing import Final

_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_SLIDES: Final = "application/vnd.openxmlformats-officedocument.presentationml."
_OPEN: Final = "application/vnd.oasis.opendocument."

_EXPECTED: Final[dict[str, tuple[str, ...]]] = {
    "pdf": ("application/pdf",),
    "docx": (_WORD,), "dotx": (_WORD,), "docm": ("application/vnd.ms-word.",), "dotm": ("application/vnd.ms-word.",),
    "xlsx": (_SHEET,), "xltx": (_SHEET,), "xlsm": ("application/vnd.ms-excel.",),
    "pptx": (_SLIDES,), "ppsx": (_SLIDES,), "pptm": ("application/vnd.ms-powerpoint.",),
    # Word and Excel open HTML and XML under their old extensions, and people save them so.
    "doc": ("application/msword", "application/vnd.ms-word", "application/rtf", "text/html"),
    "xls": ("application/vnd.ms-excel", "text/html", "text/csv"),
    "ppt": ("application/vnd.ms-powerpoint",),
    "rtf": ("application/rtf", "text/rtf"),
    "odt": (_OPEN,), "ods": (_OPEN,), "odp": (_OPEN,), "fodt": (_OPEN,), "fods": (_OPEN,), "fodp": (_OPEN,),
    "epub": ("application/epub+zip",),
    "eml": ("message/", "multipart/"), "mbox": ("application/mbox",), "msg": ("application/vnd.ms-outlook",),
    "mht": ("multipart/", "message/"), "mhtml": ("multipart/", "message/"),
    "htm": ("text/html", "application/xhtml+xml"), "html": ("text/html", "application/xhtml+xml"),
    "xml": ("application/", "image/svg+xml", "text/xml"), "json": ("application/json",),
    "zip": ("application/zip",), "7z": ("application/x-7z-compressed",), "rar": ("application/vnd.rar",),
    "tar": ("application/x-tar",), "gz": ("application/gzip",), "tgz": ("application/gzip",),
    "bz2": ("application/x-bzip2",), "xz": ("application/x-xz",), "zst": ("application/zstd",),
    "png": ("image/png",), "jpg": ("image/jpeg",), "jpeg": ("image/jpeg",), "tif": ("image/tiff",),
    "tiff": ("image/tiff",), "gif": ("image/gif",), "bmp": ("image/bmp",), "webp": ("image/webp",),
    "txt": ("text/", "application/json", "application/xml"), "csv": ("text/",), "tsv": ("text/",), "md": ("text/",),
    "exe": ("application/vnd.microsoft.portable-executable",), "mp3": ("audio/mpeg",), "mp4": ("video/mp4",),
}  # fmt: skip


def extension(name: str) -> str:
    """The name's last extension in small letters, without the dot; empty where it has none."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    _, dot, end = last.rpartition(".")
    return end.lower() if dot else ""


def mismatch(name: str, media_type: str) -> str | None:
    """A sentence where the name says one thing and the content another; None where they agree or nothing is known."""
    end = extension(name)
    expected = _EXPECTED.get(end)
    if expected is None or media_type.startswith(expected) or media_type == "application/x-ole-storage":
        return None
    return f"The name ends in .{end}, but the content is of the type {media_type}."
