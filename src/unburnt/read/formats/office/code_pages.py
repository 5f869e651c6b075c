"""Python's names for the code pages of Windows and of old Macs."""

from __future__ import annotations


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
