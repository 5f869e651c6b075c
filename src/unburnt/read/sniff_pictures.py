"""Pictures that no signature alone tells: by a header that makes sense, by brands, by their name where nothing else is there."""

from __future__ import annotations

import re
from typing import Final

_MEDIA_BRANDS: Final = {
    b"heic": "image/heic", b"heix": "image/heic", b"heim": "image/heic", b"heis": "image/heic", b"mif1": "image/heif",
    b"avif": "image/avif", b"avis": "image/avif", b"hevc": "image/heic-sequence", b"hevx": "image/heic-sequence",
    b"msf1": "image/heif-sequence", b"crx ": "image/x-canon-cr3", b"jxl ": "image/jxl", b"qt  ": "video/quicktime", b"M4A ": "audio/mp4",
}  # fmt: skip
_ANY_PICTURES: Final = (b"mif1", b"msf1")
"""Brands that say how pictures are put together, and not how they are coded."""
_NETPBM: Final = re.compile(rb"P([1-6])\s+(?:#[^\n]{0,1000}\n\s*){0,50}[0-9]{1,9}\s+(?:#[^\n]{0,1000}\n\s*){0,50}[0-9]{1,9}\s")
_NETPBM_NAMES: Final = (".pbm", ".pgm", ".ppm", ".pnm")


def of_brands(head: bytes) -> str:
    """The type of a file of ISO 14496-12 by its brand; where that leaves the coding open, by the others it is compatible with."""
    told = _MEDIA_BRANDS.get(head[8:12], "video/mp4")
    if head[8:12] not in _ANY_PICTURES:
        return told
    others = head[16 : min(int.from_bytes(head[:4], "big"), 256)]
    brands = (others[at : at + 4] for at in range(0, len(others), 4))
    return next((_MEDIA_BRANDS[brand] for brand in brands if brand in _MEDIA_BRANDS and brand not in _ANY_PICTURES), told)


def picture_of(head: bytes, name: str) -> str | None:
    """The type of a picture whose first bytes alone say too little; *name* in small letters."""
    if head.startswith(b"BM") and len(head) > 18 and head[14:18] in (b"\x28\0\0\0", b"\x0c\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0"):
        return "image/bmp"
    if _is_pcx(head):
        return "image/vnd.zbrush.pcx"
    # Written in letters, or behind two letters that any text may begin with: its name has to agree.
    if (found := _NETPBM.match(head)) and (name.endswith(_NETPBM_NAMES) or (found[1] in b"456" and b"\0" in head)):
        return "image/x-portable-anymap"
    if head.startswith(b"\xff\x0a") and name.endswith(".jxl"):
        return "image/jxl"
    return "image/x-tga" if name.endswith((".tga", ".icb", ".vda", ".vst")) and _is_tga(head) else None


def _is_pcx(head: bytes) -> bool:
    return (
        len(head) >= 128 and head[0] == 0x0A and head[1] in (0, 2, 3, 4, 5) and head[2] == 1 and head[3] in (1, 2, 4, 8)
        and head[64] == 0 and 1 <= head[65] <= 4 and int.from_bytes(head[4:6], "little") <= int.from_bytes(head[8:10], "little")
    )  # fmt: skip


def _is_tga(head: bytes) -> bool:
    return len(head) > 18 and head[1] in (0, 1) and head[2] in (1, 2, 3, 9, 10, 11) and head[16] in (8, 15, 16, 24, 32)
