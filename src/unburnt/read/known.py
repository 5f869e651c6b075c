"""Every format that has a reader, a row each: the one place to add one, beside its file in ``formats/<family>/``.

The keeper needs names, types and step versions and must never import a parser, so they stand here and not in the readers.
A row tells a type by its content where a signature, a stream or an entry is enough; ``sniff`` knows the harder ones.
"""

from __future__ import annotations

from itertools import chain
from typing import Final

import msgspec

from unburnt.model.volume_names import FOLLOWER

SAFE: Final = "safe"
"""The nest of the memory-safe readers, and of whoever knows no better."""


class Known(msgspec.Struct, frozen=True):
    """A format by *name*, read by *module* (``family.file`` below ``formats/``) in the processes of one *nest* (see ``nests``)."""

    name: str
    module: str
    nest: str
    version: int
    """The step's version: a whole number that a person raises when the reader's output changes for any file."""
    types: tuple[str, ...]
    """Media types; the first is what *signatures*, *streams* and *entries* tell."""
    extensions: tuple[str, ...] = ()
    """How received names end: a hint where to read first, and what a person expects."""
    signatures: tuple[tuple[int, bytes], ...] = ()
    """(offset, bytes) of a content that is of this type beyond doubt."""
    streams: tuple[str, ...] = ()
    """Streams or storages at the root of an OLE file, in small letters: any of them tells the type."""
    entries: tuple[str, ...] = ()
    """Entries of a ZIP package: any of them tells the type, where no list of content types says otherwise."""


_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_SLIDES: Final = "application/vnd.openxmlformats-officedocument.presentationml."
_EXCEL: Final = "application/vnd.ms-excel."
_POWERPOINT: Final = "application/vnd.ms-powerpoint."
_OPEN: Final = tuple(
    f"application/vnd.oasis.opendocument.{kind}{form}"
    for kind in ("text", "spreadsheet", "presentation", "graphics", "text-master", "formula", "chart", "image")
    for form in ("", "-template", "-flat-xml")
) + tuple(f"application/vnd.oasis.opendocument.{kind}" for kind in ("text-web", "base", "database")) + tuple(
    f"application/vnd.sun.xml.{kind}{form}" for kind in ("writer", "calc", "impress", "draw", "math") for form in ("", ".template")
) + ("application/vnd.sun.xml.writer.global",)  # fmt: skip

_TEXTS: Final = (
    Known("text", "texts.plain", SAFE, 7, ("text/plain",), ("txt",)),
    Known("json", "texts.json_", SAFE, 5, ("application/json",), ("json",)),
    Known("csv", "texts.csv_", SAFE, 7, ("text/csv", "text/tab-separated-values"), ("csv", "tsv")),
    Known("markdown", "texts.markdown", SAFE, 7, ("text/markdown",), ("md",)),
    Known("rtf", "texts.rtf", SAFE, 7, ("application/rtf", "text/rtf"), ("rtf",)),
    Known("html", "texts.html", "web", 9, ("text/html", "application/xhtml+xml"), ("html", "htm", "xhtml", "xht")),
    Known("xml", "texts.xml", "web", 8, ("application/xml", "image/svg+xml"), ("xml", "svg", "fb2")),
)
_MAIL: Final = (
    Known("mail", "mail.mail", SAFE, 12, ("message/rfc822",), ("eml",)),
    Known("mbox", "mail.mbox", SAFE, 3, ("application/mbox",), ("mbox",)),
    Known("msg", "mail.msg", SAFE, 9, ("application/vnd.ms-outlook",), ("msg",), streams=("__properties_version1.0",)),
    Known("tnef", "mail.tnef", SAFE, 5, ("application/ms-tnef", "application/vnd.ms-tnef"), ("tnef",), ((0, b"\x78\x9f\x3e\x22"),)),
    Known("emlx", "mail.emlx", SAFE, 8, ("message/x-emlx",), ("emlx",)),
    Known("calendar", "mail.calendars", SAFE, 3, ("text/calendar",), ("ics", "ical", "vcs")),
    Known("card", "mail.calendars", SAFE, 3, ("text/vcard",), ("vcf", "vcard")),
    Known("pgp", "mail.pgp", "keys", 1, ("application/pgp-encrypted", "application/pgp-keys", "application/pgp-signature"), ("pgp", "gpg")),
    Known("mhtml", "mail.mhtml", SAFE, 10, ("application/x-mimearchive", "multipart/related"), ("mht", "mhtml")),
    Known("pkcs7", "mail.mail_pkcs7", "keys", 6, ("application/pkcs7-mime", "application/x-pkcs7-mime",
          "application/pkcs7-signature", "application/x-pkcs7-signature", "application/timestamped-data"), ("p7m", "p7s", "p7z", "tsd")),
    Known("pst", "mail.pst", SAFE, 4, ("application/vnd.ms-outlook-pst",), ("pst", "ost", "pab"), ((0, b"!BDN"),)),
    Known("warc", "archives.warc", SAFE, 2, ("application/warc",), ("warc",), ((0, b"WARC/"),)),
)  # fmt: skip
_PAGES: Final = (
    Known("pdf", "pages.pdf", "pdf", 15, ("application/pdf",), ("pdf",)),
    Known("image", "pages.images", "pictures", 7, ("image/png", "image/jpeg", "image/tiff", "image/webp", "image/gif", "image/bmp",
          "image/heic", "image/heif", "image/avif", "image/jp2", "image/vnd.adobe.photoshop", "image/vnd.zbrush.pcx", "image/x-dcx",
          "image/icns", "image/x-tga", "image/x-portable-anymap"),
          ("png", "jpg", "jpeg", "jpe", "tif", "tiff", "webp", "gif", "bmp", "heic", "heif", "hif", "avif", "jp2", "j2k", "jpx", "jpf",
           "j2c", "jpc", "psd", "pcx", "dcx", "icns", "tga", "pbm", "pgm", "ppm", "pnm")),
    Known("emf", "pages.emf", SAFE, 1, ("image/emf",), ("emf",), ((40, b" EMF"),)),
    Known("wmf", "pages.wmf", SAFE, 1, ("image/wmf",), ("wmf",), (
        (0, b"\xd7\xcd\xc6\x9a"), (0, b"\x01\0\x09\0\0\x03"), (0, b"\x01\0\x09\0\0\x01"), (0, b"\x02\0\x09\0\0\x03"))),
    Known("caj", "pages.caj", SAFE, 1, ("application/x-caj",), ("caj", "kdh"), (
        (0, b"CAJ\0"), (0, b"KDH "), (0, b"HN\0\0"), (0, b"HN\x90\x01"), (0, b"HN\xc8\0"))),
    Known("xps", "pages.xps", "office", 2, ("application/vnd.ms-xpsdocument", "application/oxps"), ("xps", "oxps")),
    Known("ofd", "pages.ofd", "office", 4, ("application/ofd",), ("ofd",), entries=("OFD.xml",)),
)  # fmt: skip
_OFFICE: Final = (
    Known("docx", "office.docx", "office", 14, (
        f"{_WORD}document", f"{_WORD}template", "application/vnd.ms-word.document.macroEnabled.12",
        "application/vnd.ms-word.template.macroEnabled.12",
    ), ("docx", "docm", "dotx", "dotm")),
    Known("xlsx", "office.xlsx", "office", 16, (
        f"{_SHEET}sheet", f"{_SHEET}template", f"{_EXCEL}sheet.macroEnabled.12", f"{_EXCEL}template.macroEnabled.12",
        f"{_EXCEL}addin.macroEnabled.12",
    ), ("xlsx", "xlsm", "xltx", "xltm", "xlam")),
    Known("pptx", "office.pptx", "office", 12, (
        f"{_SLIDES}presentation", f"{_SLIDES}slideshow", f"{_SLIDES}template",
        f"{_POWERPOINT}presentation.macroEnabled.12", f"{_POWERPOINT}slideshow.macroEnabled.12",
        f"{_POWERPOINT}template.macroEnabled.12", f"{_POWERPOINT}addin.macroEnabled.12",
    ), ("pptx", "pptm", "ppsx", "ppsm", "potx", "potm", "ppam")),
    Known("xlsb", "office.xlsb", "office", 10, (f"{_EXCEL}sheet.binary.macroEnabled.12",), ("xlsb",)),
    Known("visio", "office.visio", "office", 5, tuple(
        f"application/vnd.ms-visio.{kind}{macros}" for kind in ("drawing", "template", "stencil") for macros in ("", ".macroEnabled")
    ), ("vsdx", "vsdm", "vstx", "vstm", "vssx", "vssm")),
    Known("odf", "office.odf", "office", 14, _OPEN, (
        "odt", "ods", "odp", "odg", "fodt", "fods", "fodp", "fodg", "ott", "ots", "otp", "otg", "oth", "odm", "otm",
        "odf", "otf", "odc", "odi", "odb",
        "sxw", "stw", "sxg", "sxc", "stc", "sxi", "sti", "sxd", "std", "sxm",
    )),
    Known("iwork", "office.iwork", "office", 2, ("application/vnd.apple.iwork",), ("pages", "numbers", "key"),
          entries=("Index/Document.iwa",)),
    Known("epub", "office.epub", "office", 4, ("application/epub+zip",), ("epub",)),
    Known("doc", "office.doc", "office", 14, ("application/msword",), ("doc", "dot", "wps", "wpt"), streams=("worddocument",)),
    Known("word-xml", "office.doc", "office", 14, ("application/vnd.ms-word.flat+xml", "application/vnd.ms-wordml+xml")),
    Known("xls", "office.xls", "office", 20, ("application/vnd.ms-excel",), ("xls", "xlt", "et", "ett"), streams=("workbook", "book")),
    Known("ppt", "office.ppt", "office", 13, ("application/vnd.ms-powerpoint",), ("ppt", "pps", "dps", "dpt"),
          streams=("powerpoint document", "pp40")),
    Known("uof", "office.uof", "office", 4, ("application/vnd.uof",), ("uof", "uot", "uos", "uop"), entries=("uof.xml",)),
    Known("hwp", "office.hwp", SAFE, 4, ("application/x-hwp",), ("hwp", "hwt"), streams=("bodytext", "viewtext")),
    Known("hwpx", "office.hwpx", "office", 3, ("application/hwp+zip",), ("hwpx",), entries=("Contents/content.hpf",)),
    Known("works", "office.works", SAFE, 3, ("application/vnd.ms-works",), (), streams=("mn0", "matost")),
    Known("onenote", "office.onenote", SAFE, 3, ("application/onenote",), ("one", "onetoc2"), (
        (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"),
        (0, b"\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f"))),
)  # fmt: skip
_BESIDE: Final = (
    Known("plist", "systems.plist", SAFE, 3, ("application/x-bplist",), ("bplist",), ((0, b"bplist00"),)),
    Known("apple-double", "systems.apple_double", SAFE, 2, ("multipart/appledouble",), (),
          ((0, b"\x00\x05\x16\x07"), (0, b"\x00\x05\x16\x00"))),
    Known("lnk", "systems.lnk", SAFE, 1, ("application/x-ms-shortcut",), ("lnk",), ((0, b"\x4c\0\0\0\x01\x14\x02\0"),)),
)
_DATABASES: Final = (
    Known("sqlite", "databases.sqlite_", "databases", 2, ("application/vnd.sqlite3",), ("sqlite", "sqlite3", "sqlitedb", "db3"),
          ((0, b"SQLite format 3\x00"),)),
    Known("sqlite-log", "databases.sqlite_log", SAFE, 1, ("application/vnd.sqlite3-log",), ("sqlite-wal", "db-wal", "db-journal"), (
        (0, b"\x37\x7f\x06\x82"), (0, b"\x37\x7f\x06\x83"), (0, b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"),
    )),
    Known("dbf", "databases.dbf", SAFE, 5, ("application/x-dbf",), ("dbf",)),
    Known("dbf-memo", "databases.dbf_memo", SAFE, 2, ("application/x-dbf-memo",), ("dbt", "fpt")),
    Known("access", "databases.jet", SAFE, 4, ("application/x-msaccess",), ("mdb", "accdb", "mde", "accde", "mdw"), (
        (4, b"Standard Jet DB\x00"), (4, b"Standard ACE DB\x00"), (4, b"Jet System DB  \x00"),
    )),
    Known("sqlite-locked", "databases.sqlite_locked", SAFE, 1, ("application/x-sqlcipher",)),
)  # fmt: skip
_ARCHIVES: Final = (
    Known("zip", "archives.zip_archive", SAFE, 14, ("application/zip",), ("zip",)),
    Known("tar", "archives.tar_archive", SAFE, 7, ("application/x-tar",), ("tar",), ((257, b"ustar"),)),
    Known("ar", "archives.ar_archive", SAFE, 5, ("application/x-archive",), ("deb", "udeb", "ar"), ((0, b"!<arch>\n"), (0, b"!<thin>\n"))),
    Known("cpio", "archives.cpio_archive", SAFE, 5, ("application/x-cpio",), ("cpio",), ((0, b"070701"), (0, b"070702"), (0, b"070707"))),
    Known("rpm", "archives.rpm", SAFE, 1, ("application/x-rpm",), ("rpm",), ((0, b"\xed\xab\xee\xdb"),)),
    Known("iso", "archives.iso_image", SAFE, 4, ("application/x-iso9660-image",), ("iso", "udf"), ((32769, b"CD001"), (32769, b"BEA01"))),
    Known("cab", "archives.cab_archive", "packed", 5, ("application/vnd.ms-cab-compressed",), ("cab",), ((0, b"MSCF\x00\x00\x00\x00"),)),
    Known("chm", "archives.chm", "packed", 1, ("application/vnd.ms-htmlhelp",), ("chm",), ((0, b"ITSF"),)),
    Known("dmg", "archives.dmg_image", SAFE, 1, ("application/x-apple-diskimage",), ("dmg",), ((0, b"encrcdsa"),)),
    Known("lzh", "archives.lzh_archive", "packed", 5, ("application/x-lzh-compressed",), ("lzh", "lha"),
          tuple((2, b"-%b-" % method) for method in (b"lh0", b"lh1", b"lh4", b"lh5", b"lh6", b"lh7", b"lhd", b"lz4", b"lz5", b"lzs"))),
    Known("arj", "archives.arj_archive", "packed", 5, ("application/x-arj",), ("arj",)),
    Known("stream", "archives.streams", SAFE, 2, ("application/gzip", "application/x-bzip2", "application/x-xz", "application/x-lzma",
          "application/x-compress"), ("gz", "tgz", "bz2", "xz", "lzma", "z", "taz")),
    Known("zstd", "archives.streams_native", "packed", 1, ("application/zstd",), ("zst",), ((0, b"\x28\xb5\x2f\xfd"),)),
    Known("7z", "archives.sevenzip", "packed", 4, ("application/x-7z-compressed",), ("7z",), ((0, b"7z\xbc\xaf\x27\x1c"),)),
    Known("rar", "archives.rar", "packed", 10, ("application/vnd.rar",), ("rar",), ((0, b"Rar!\x1a\x07"),)),
)  # fmt: skip

FORMATS: Final = (*_TEXTS, *_MAIL, *_PAGES, *_OFFICE, *_BESIDE, *_DATABASES, *_ARCHIVES)
BY_NAME: Final = {row.name: row for row in FORMATS}
BY_TYPE: Final = {media_type: row for row in FORMATS for media_type in row.types}
BY_EXTENSION: Final = {extension: row for row in FORMATS for extension in row.extensions}

NO_READER: Final = "none"
"""The reader of a content that no reader knows."""
_LANGUAGES: Final = 1
"""How often the naming of languages changed: a new version of every reader that gives text."""
_ENCODINGS: Final = 4
"""How often the guess of an encoding that nothing states changed: a new version of every reader that may have to guess."""
_GUESSING: Final = frozenset({
    "text", "json", "csv", "html", "markdown", "xml", "mail", "mbox", "emlx", "mhtml", "calendar", "card", "pgp", "msg", "tnef", "pst",
    "lnk", "works", "onenote", "sqlite", "dbf", "dbf-memo",
    # Their comments, names and words of metadata.
    "pdf", "image", "zip", "rar", "chm", "stream",
})  # fmt: skip
_WITHOUT_TEXT: Final = frozenset({row.name for row in _ARCHIVES} | {"mbox", "pst"})
"""Readers of containers that give members alone; those are large, and need not be opened again for that."""
_VERSIONS: Final = {
    row.name: row.version + (0 if row.name in _WITHOUT_TEXT else _LANGUAGES) + (_ENCODINGS if row.name in _GUESSING else 0)
    for row in FORMATS
}
STEP_VERSIONS: Final[dict[str, int]] = _VERSIONS | {
    # Whatever nobody could read is looked at again as soon as anybody is new or has learned something.
    NO_READER: sum(_VERSIONS.values()),
    # No reader's work: a volume is said to have been read with the rest of its set.
    FOLLOWER: 1,
}
"""The version of each reading step."""
SIGNATURES: Final = tuple(
    (offset, signature, row.types[0]) for row in FORMATS for offset, signature in row.signatures
)  # fmt: skip
STREAMS: Final = tuple((stream, row.types[0]) for row in FORMATS for stream in row.streams)
ENTRIES: Final = tuple((entry, row.types[0]) for row in FORMATS for entry in row.entries)
MODULES: Final[dict[str, tuple[str, ...]]] = {
    nest: tuple(dict.fromkeys(row.module for row in FORMATS if row.nest == nest))
    for nest in dict.fromkeys(chain([SAFE], (row.nest for row in FORMATS)))
}
"""The modules of ``read.formats`` in each nest."""
