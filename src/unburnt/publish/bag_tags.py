"""The tag files of a bag, read strictly: ``bagit.txt``, ``bag-info.txt`` and manifests (RFC 8493, section 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

VERSIONS = frozenset({"0.93", "0.94", "0.95", "0.96", "0.97", "1.0"})
ALGORITHMS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})
WEAK = frozenset({"md5", "sha1"})

_DECLARATION = re.compile(
    rb"BagIt-Version: ([0-9]+\.[0-9]+)(?:\r\n|\n|\r)Tag-File-Character-Encoding: ([!-~]+)(?:\r\n|\n|\r)?\Z")
_END_OF_LINE = re.compile(r"\r\n|\r|\n")  # only these: str.splitlines also cuts at characters that names may hold
_ENTRY = re.compile(r"([0-9A-Fa-f]+)[ \t]+(.+)\Z", re.DOTALL)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_TEXT_ENCODINGS = frozenset({
    "utf-8", "utf-16", "utf-16be", "utf-16le", "utf-32", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1251",
    "windows-1252", "koi8-r", "gb18030", "gbk", "gb2312", "big5", "shift_jis", "euc-jp", "euc-kr",
})
"""Names of the IANA registry. Not every codec that Python has: some are no text, and names are untrusted."""


class BadTag(Exception):
    """A tag file is not of the agreed form; never leaves this room."""


class Declaration(msgspec.Struct, frozen=True):
    """What ``bagit.txt`` says."""

    version: str
    encoding: str


class Entry(msgspec.Struct, frozen=True):
    """One line of a manifest; *path* as written, without a leading ``./`` or the ``*`` of checksum programs."""

    checksum: str
    path: str
    odd: bool


def parse_declaration(untrusted_bytes: bytes) -> Declaration:
    """``bagit.txt``: exactly two lines, UTF-8 without a byte-order mark. Raises :class:`BadTag`."""
    if untrusted_bytes.startswith(_BOMS):
        raise BadTag("It begins with a byte-order mark.")
    match = _DECLARATION.match(untrusted_bytes)
    if match is None:
        raise BadTag("It is not the two lines 'BagIt-Version: M.N' and 'Tag-File-Character-Encoding: NAME'.")
    version, encoding = match[1].decode(), match[2].decode().lower()
    if version not in VERSIONS:
        raise BadTag(f"Version {version} of BagIt is not known to this program.")
    if encoding not in _TEXT_ENCODINGS:
        raise BadTag("The encoding of the tag files is not known to this program.")
    return Declaration(version, encoding)


def text_of(untrusted_bytes: bytes, encoding: str) -> str:
    """A tag file as text; raises :class:`BadTag`. Under UTF-8 a byte-order mark would hide in the first word."""
    try:
        text = untrusted_bytes.decode(encoding)
    except UnicodeError:
        raise BadTag(f"It is not in the encoding that bagit.txt names ({encoding}).") from None
    if text.startswith("\ufeff"):
        raise BadTag("It begins with a byte-order mark.")
    return text


def entries(text: str, digits: int) -> Iterator[Entry | int]:
    """A manifest's lines in order; the number of a line, counted from 1, where it is no entry.

    *digits* is the length of a checksum. Empty lines are passed over.
    """
    for number, line in enumerate(_END_OF_LINE.split(text), 1):
        if not line:
            continue
        match = _ENTRY.match(line)
        if match is None or len(match[1]) != digits:
            yield number
            continue
        path = match[2].removeprefix("*").removeprefix("./")
        yield Entry(match[1].lower(), path, path != match[2])


def elements(text: str) -> Iterator[tuple[str, str] | int]:
    """The elements of ``bag-info.txt``, repeated ones too; the number of a line that is none.

    A line that begins with a blank goes on with the value before.
    """
    label: str | None = None
    value = ""
    for number, line in enumerate(_END_OF_LINE.split(text), 1):
        if line[:1] in (" ", "\t") and label is not None:
            value = f"{value} {line.strip()}"
            continue
        if label is not None:
            yield label, value
            label = None
        if not line.strip():
            continue
        before, colon, after = line.partition(":")
        if not colon or not before.strip():
            yield number
            continue
        label, value = before.strip(), after.strip()
    if label is not None:
        yield label, value
