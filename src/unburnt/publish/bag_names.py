"""Paths as the manifests of a bag write them (RFC 8493, sections 2.1.3 and 5.1)."""

from __future__ import annotations

import re
import unicodedata

_ENCODED = re.compile(r"%(0[ADad]|25)")
_ENCODED_BEFORE_1_0 = re.compile(r"%(0[ADad])")
_DRIVE = re.compile(r"[A-Za-z]:")
_SEPARATORS = re.compile(r"[/\\]")


def decoded(untrusted_path: str, version: str) -> str:
    """What a manifest line means. Before version 1.0 the percent sign itself was not encoded."""
    pattern = _ENCODED if version == "1.0" else _ENCODED_BEFORE_1_0
    return pattern.sub(lambda match: chr(int(match[1], 16)), untrusted_path)


def objection(untrusted_path: str) -> str | None:
    """Why this path must not be followed, or None: it leads outside the bag, or is no plain relative path."""
    components = untrusted_path.split("/")
    if not untrusted_path or "\x00" in untrusted_path:
        return "It is no path."
    if untrusted_path.startswith(("/", "\\")) or _DRIVE.match(untrusted_path):
        return "The path is absolute."
    if untrusted_path.startswith("~"):
        return "The path begins with a home folder's sign (~)."
    if ".." in _SEPARATORS.split(untrusted_path):
        return "The path leads out of the bag (..)."
    if "" in components or "." in components:
        return "The path has an empty or idle part."
    return None


def folded(path: str) -> str:
    """What a file system that knows no case and composes letters takes *path* for."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def composed(path: str) -> str:
    """*path* with its letters composed (NFC): some systems decompose them when files are copied."""
    return unicodedata.normalize("NFC", path)
