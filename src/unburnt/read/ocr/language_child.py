"""Naming a page's language in a sandboxed child: the library that does it is native code."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from unburnt.read.language import language_of

ENTRY = "unburnt.read.ocr.language_child:main"


def main(payload: bytes, files: list[int], send: Callable[[bytes], None]) -> None:
    """Answer ``[language, script]`` for the UTF-8 text in *payload*."""
    send(msgspec.msgpack.encode(language_of(payload.decode())))


def warm() -> None:
    """Load the library's tables."""
    language_of("This is the first page of the report.")
