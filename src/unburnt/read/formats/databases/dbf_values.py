"""Values of DBF records: what people read, and what is stored where that is something else."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from unburnt.read.formats.databases.dbf_header import Field

Value = tuple[str, str, str | None]
"""Shown, type of the cell, stored where that differs."""

_JULIAN_OF_YEAR_1: Final = 1721426
_DAY_MS: Final = 86_400_000


def value_of(field: Field, raw: bytes, encoding: str, *, is_foxpro: bool) -> Value | None:
    """What a cell shows; None where it is empty. Bytes that are no value of their type are shown as they are."""
    kind = field.kind
    if kind == "0":  # which values are null, for the program
        return None
    if len(raw) == 4 and kind in "MGPW":
        block = int.from_bytes(raw, "little")
        return (f"[memo {block}]", "text", str(block)) if block else None
    if (kind == "B" and is_foxpro) or kind in _BINARY:
        shown = _BINARY.get(kind, _double)(raw) if len(raw) == _LENGTHS.get(kind, 8) else None
        return shown if shown is not None else (f"x'{raw.hex()}'", "text", None) if raw.strip(b"\0 ") else None
    text = raw.decode(encoding, "replace").rstrip(" \0")
    if kind in "NFLDMBGP":
        text = text.strip()
    if not text:
        return None
    return _told(kind, text)


def _told(kind: str, text: str) -> Value | None:
    if kind in "MBGP":
        return (f"[memo {text}]", "text", text) if text.strip("0") else None
    if kind in "NF":
        return text, "number", None
    if kind == "D" and len(text) == 8 and text.isdecimal():
        return (f"{text[:4]}-{text[4:6]}-{text[6:]}", "date", text) if text.strip("0") else None
    if kind == "L":
        shown = {"T": "TRUE", "Y": "TRUE", "F": "FALSE", "N": "FALSE"}.get(text.upper())
        return (shown, "boolean", text) if shown else None if text == "?" else (text, "text", None)
    return text, "text", None


def _integer(raw: bytes) -> Value:
    return str(int.from_bytes(raw, "little", signed=True)), "number", None


def _counter(raw: bytes) -> Value | None:
    # dBASE 7: big-endian, with the sign turned round so that it sorts as bytes.
    number = int.from_bytes(raw, "big")
    return (str(number - (1 << 31)), "number", None) if number else None


def _money(raw: bytes) -> Value:
    return str(Decimal(int.from_bytes(raw, "little", signed=True)).scaleb(-4)), "number", None


def _double(raw: bytes) -> Value:
    return repr(struct.unpack("<d", raw)[0]), "number", None


def _double_of_level_7(raw: bytes) -> Value | None:
    # Big-endian; a positive number has its sign bit set, a negative one all its bits turned round.
    if not any(raw):
        return None
    bits = int.from_bytes(raw, "big")
    bits = bits ^ (1 << 63) if bits >> 63 else bits ^ ((1 << 64) - 1)
    return repr(struct.unpack(">d", bits.to_bytes(8, "big"))[0]), "number", None


def _moment(raw: bytes) -> Value | None:
    day, milliseconds = struct.unpack("<2i", raw)
    return _time(day - _JULIAN_OF_YEAR_1, milliseconds, raw) if day else None


def _moment_of_level_7(raw: bytes) -> Value | None:
    # Milliseconds since the day before the first of January of the year 1, as a double that sorts as bytes.
    told = _double_of_level_7(raw)
    if told is None:
        return None
    milliseconds = float(told[0])
    if not 0 < milliseconds < 4e14:
        return None
    return _time(int(milliseconds // _DAY_MS) - 1, int(milliseconds % _DAY_MS), raw)


def _time(days: int, milliseconds: int, raw: bytes) -> Value | None:
    try:
        moment = datetime(1, 1, 1) + timedelta(days=days, milliseconds=milliseconds)
    except OverflowError:
        return None
    # FoxPro's own rounding leaves a millisecond too few.
    moment = (moment + timedelta(milliseconds=1)).replace(microsecond=0) if moment.microsecond == 999000 else moment
    return moment.isoformat(" "), "date", f"x'{raw.hex()}'"


_BINARY: Final[dict[str, Callable[[bytes], Value | None]]] = {
    "I": _integer, "+": _counter, "Y": _money, "O": _double_of_level_7, "T": _moment, "@": _moment_of_level_7,
}  # fmt: skip
_LENGTHS: Final = {"I": 4, "+": 4}
