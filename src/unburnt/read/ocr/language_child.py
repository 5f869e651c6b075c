"""Naming a page's languages in a sandboxed child: the library that does it is native code."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from unburnt.read.language import warm as warm_languages
from unburnt.read.passages import passages_of

ENTRY = "unburnt.read.ocr.language_child:main"


def main(payload: bytes, files: list[int], send: Callable[[bytes], None]) -> None:
    """Answer the passages of the UTF-8 text in *payload*."""
    send(msgspec.msgpack.encode(passages_of(payload.decode())))


def warm() -> None:
    """Load the library's tables and the model."""
    warm_languages()
