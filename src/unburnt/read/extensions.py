"""What a file's name leads a person to expect, and a sentence where the content is something else."""

from __future__ import annotations

from typing import Final

from unburnt.read.known import BY_EXTENSION

_ONLY: Final[dict[str, tuple[str, ...]]] = {
    "docx": ("application/vnd.openxmlformats-",), "dotx": ("application/vnd.openxmlformats-",),
    "docm": ("application/vnd.ms-word.",), "dotm": ("application/vnd.ms-word.",),
    "xlsx": ("application/vnd.openxmlformats-",), "xltx": ("application/vnd.openxmlformats-",),
    "xlsm": ("application/vnd.ms-excel.",), "xltm": ("application/vnd.ms-excel.",), "xlam": ("application/vnd.ms-excel.",),
    "pptx": ("application/vnd.openxmlformats-",), "ppsx": ("application/vnd.openxmlformats-",),
    "potx": ("application/vnd.openxmlformats-",), "pptm": ("application/vnd.ms-powerpoint.",), "ppsm": ("application/vnd.ms-powerpoint.",),
    "potm": ("application/vnd.ms-powerpoint.",), "ppam": ("application/vnd.ms-powerpoint.",),
    "svg": ("image/svg+xml",),
    "gz": ("application/gzip",), "tgz": ("application/gzip",), "bz2": ("application/x-bzip2",), "xz": ("application/x-xz",),
    "png": ("image/png",), "jpg": ("image/jpeg",), "jpeg": ("image/jpeg",), "tif": ("image/tiff",),
    "tiff": ("image/tiff",), "gif": ("image/gif",), "bmp": ("image/bmp",), "webp": ("image/webp",),
    "avif": ("image/avif",), "psd": ("image/vnd.adobe.photoshop",), "pcx": ("image/vnd.zbrush.pcx",), "dcx": ("image/x-dcx",),
    "icns": ("image/icns",), "tga": ("image/x-tga",), "z": ("application/x-compress",), "tsd": ("application/timestamped-data",),
    **dict.fromkeys(("heic", "heif", "hif"), ("image/heic", "image/heif")),
    **dict.fromkeys(("jp2", "j2k", "jpx", "jpf", "j2c", "jpc"), ("image/jp2",)),
    **dict.fromkeys(("pbm", "pgm", "ppm", "pnm"), ("image/x-portable-anymap",)),
}  # fmt: skip
"""Where one format has several types and an extension stands for some of them only."""
_MORE: Final[dict[str, tuple[str, ...]]] = {
    # Word and Excel open HTML and XML under their old extensions, and people save them so.
    "doc": ("application/vnd.ms-word", "application/rtf", "text/html"),
    "xls": ("text/html", "text/csv"),
    "caj": ("application/pdf",),  # CNKI hands out plain PDFs under that extension too
    "hwp": ("application/x-hwp",),
    # WPS Office writes the formats of Microsoft Office, old and new, under its own extensions; Works had .wps before it.
    "wps": ("application/vnd.openxmlformats-officedocument.wordprocessingml", "application/vnd.ms-word", "application/vnd.ms-works"),
    "wpt": ("application/vnd.openxmlformats-officedocument.wordprocessingml", "application/vnd.ms-word"),
    "et": ("application/vnd.openxmlformats-officedocument.spreadsheetml", "application/vnd.ms-excel"),
    "ett": ("application/vnd.openxmlformats-officedocument.spreadsheetml", "application/vnd.ms-excel"),
    "dps": ("application/vnd.openxmlformats-officedocument.presentationml", "application/vnd.ms-powerpoint"),
    "dpt": ("application/vnd.openxmlformats-officedocument.presentationml", "application/vnd.ms-powerpoint"),
    "eml": ("message/", "multipart/"), "mht": ("message/",), "mhtml": ("message/",),
    "xml": ("application/", "image/svg+xml", "text/xml"),
    "txt": ("text/", "application/json", "application/xml"),
    "csv": ("text/",), "tsv": ("text/",), "md": ("text/",),
    "exe": ("application/vnd.microsoft.portable-executable",), "mp3": ("audio/mpeg",), "mp4": ("video/mp4",),
}  # fmt: skip
"""Beyond the types of an extension's own format: what else may stand under it, as beginnings of media types."""


def extension(name: str) -> str:
    """The name's last extension in small letters, without the dot; empty where it has none."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    _, dot, end = last.rpartition(".")
    return end.lower() if dot else ""


def mismatch(name: str, media_type: str) -> str | None:
    """A sentence where the name says one thing and the content another; None where they agree or nothing is known."""
    end = extension(name)
    row = BY_EXTENSION.get(end)
    expected = (_ONLY.get(end) or (row.types if row else ())) + _MORE.get(end, ())
    if not expected or media_type.startswith(expected) or media_type == "application/x-ole-storage":
        return None
    return f"The name ends in .{end}, but the content is of the type {media_type}."
