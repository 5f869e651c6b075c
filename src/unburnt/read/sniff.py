"""A file's type from its content: signatures, then the structure of containers, then the look of its text.

Pure Python over bounded reads, so that it may run where other documents are read too. A name decides only what
content leaves open (CSV, Markdown: they are text that means something by agreement).
"""

from __future__ import annotations

from typing import Final

from unburnt.read.known import SIGNATURES
from unburnt.read.sniff_containers import ZIP, ends_as_zip, sniff_ole, sniff_zip
from unburnt.read.sniff_databases import LOCKED_DATABASE, is_locked_database, sniff_database
from unburnt.read.sniff_disks import DISK_IMAGE, has_trailer
from unburnt.read.sniff_openpgp import is_openpgp
from unburnt.read.sniff_pictures import of_brands, picture_of
from unburnt.read.sniff_text import sniff_text, sniff_text_with_controls
from unburnt.read.source import Source

UNKNOWN: Final = "application/octet-stream"
_HEAD: Final = 64 * 1024

_SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"II+\x00", "image/tiff"),
    (0, b"MM\x00+", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"\x1f\x9d", "application/x-compress"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"]\x00\x00", "application/x-lzma"),
    (1024, b"H+\x00\x04", "application/x-hfs-plus"),
    (1024, b"HX\x00\x05", "application/x-hfs-plus"),
    (32, b"NXSB", "application/x-apfs"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"\xca\xfe\xba\xbe", "application/java-vm"),
    (0, b"AT&TFORM", "image/vnd.djvu"),
    (0, b"%!PS", "application/postscript"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (0, b"\xff\x4f\xff\x51\x00", "image/jp2"),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (0, b"8BPS\x00\x01", "image/vnd.adobe.photoshop"),
    (0, b"8BPS\x00\x02", "application/x-photoshop-large"),
    (0, b"\xb1\x68\xde\x3a", "image/x-dcx"),
    (0, b"icns\x00", "image/icns"),
    (0, b"BPG\xfb", "image/bpg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (8, b"WAVE", "audio/x-wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"\x1aE\xdf\xa3", "video/x-matroska"),
    (0, b"\x00\x00\x01\x00", "image/vnd.microsoft.icon"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
    (0, b"OTTO", "font/otf"),
    *((0, b"\0\0\2\0" + version + b"\4\6\0", "application/vnd.lotus-1-2-3") for version in (b"\4", b"\5", b"\6")),
    *((0, b"\0\0\x1a\0" + version + b"\x10\4\0", "application/vnd.lotus-1-2-3") for version in (b"\0", b"\2", b"\3", b"\5")),
    (0, b"\x00\x01\x00\x00\x00", "font/ttf"),
    (0, b"HWP Document File V3.00", "application/x-hwp-v3"),
)
"""Beside those of ``known``: several types of one reader, and types that are named although nobody reads them."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNED: Final = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_OTHER_CMS: Final = tuple(bytes.fromhex("060b2a864886f70d01091001") + bytes((kind,)) for kind in (9, 23))
"""Compressed, and encrypted with a check (RFC 5083)."""
_TIMESTAMPED: Final = bytes.fromhex("060b2a864886f70d010910011f")


def sniff(source: Source) -> str:
    """The media type of the content; ``application/octet-stream`` where nothing is recognised."""
    if has_trailer(source):
        return DISK_IMAGE
    untrusted_head = source.head(_HEAD)
    found = sniff_binary(source) or sniff_database(untrusted_head, source) or sniff_text(untrusted_head, source)
    if found is not None:
        return found
    if ends_as_zip(source):
        return ZIP
    found = sniff_text_with_controls(untrusted_head, source)
    return found or (LOCKED_DATABASE if is_locked_database(untrusted_head, source) else UNKNOWN)


def sniff_binary(source: Source) -> str | None:
    """The type where signatures and structure tell it: cheap, for bytes of which there are thousands."""
    untrusted_head = source.head(_HEAD)
    if untrusted_head.startswith(_OLE):
        return sniff_ole(source)
    if untrusted_head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return sniff_zip(source)
    # What was signed or timestamped may be a PDF, and begins a few bytes on.
    if untrusted_head.startswith(b"\x30") and (told := _of_cms(untrusted_head[:40])):
        return told
    # Readers accept a PDF whose header follows other bytes; a text that mentions the header is none.
    at = untrusted_head[:1024].find(b"%PDF-")
    if at == 0 or (at > 0 and (b"obj" in untrusted_head or b"\x00" in untrusted_head[:at])):
        return "application/pdf"
    for offset, signature, media_type in (*SIGNATURES, *_SIGNATURES):
        if untrusted_head.startswith(signature, offset):
            return media_type
    return _structured(untrusted_head, source.name.lower())


def _structured(head: bytes, source_name: str) -> str | None:
    """Types whose first bytes alone say too little."""
    if head.startswith(b"MZ") and b"\x00" in head[:64]:
        return "application/vnd.microsoft.portable-executable"
    if head[4:8] == b"ftyp":
        return of_brands(head)
    if head.startswith((b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")):
        return "audio/mpeg"
    if head[:2] in (b"\xc7\x71", b"\x71\xc7") and _is_binary_cpio(head):
        return "application/x-cpio"
    if head.startswith(b"\x60\xea") and head[2:4] != b"\0\0" and head[10:11] == b"\x02":
        return "application/x-arj"
    if picture := picture_of(head, source_name):
        return picture
    if is_openpgp(head) or (_is_packed_openpgp(head) and source_name.endswith((".pgp", ".gpg"))):
        return "application/pgp-encrypted"
    if _is_old_tar(head):
        return "application/x-tar"
    return None


def _of_cms(head: bytes) -> str | None:
    """The type of a ``ContentInfo`` (RFC 5652), and of what begins with one behind a version: a store of keys (RFC 7292)."""
    if _TIMESTAMPED in head:
        return "application/timestamped-data"
    if _SIGNED not in head and not any(kind in head for kind in _OTHER_CMS):
        return None
    return "application/x-pkcs12" if b"\x02\x01\x03\x30" in head[2:10] else "application/pkcs7-mime"


def _is_binary_cpio(head: bytes) -> bool:
    """Two bytes are no signature: the first name has to end where the header says."""
    length = int.from_bytes(head[20:22], "little" if head[:1] == b"\xc7" else "big")
    return 1 < length < 1024 and head[26 : 26 + length].find(b"\0") == length - 1


def _is_packed_openpgp(head: bytes) -> bool:
    """A message that is only packed or signed: too little to be told by its first bytes alone."""
    return head[:1] in (b"\xa3", b"\xc8", b"\x90", b"\xc4", b"\xcb", b"\xac", b"\xad", b"\xae")


def _is_old_tar(head: bytes) -> bool:
    """A tar header from before ``ustar``: its checksum is the sum of the block with the checksum itself as blanks."""
    block = head[:512]
    if len(block) < 512 or not block[0] or block[148:156].strip(b" \0") == b"":
        return False
    try:
        stated = int(block[148:156].strip(b" \0"), 8)
    except ValueError:
        return False
    return stated == sum(block[:148]) + 8 * 32 + sum(block[156:])
