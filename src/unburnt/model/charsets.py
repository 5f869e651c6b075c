"""Charsets that containers declare for what they hold: ``text/html; charset=gb18030``. Hints, for anybody may have written them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from unburnt.model.encodings import known_encoding

MOST: Final = 8
"""Charsets of one content that are tried; one is usual."""
_DECLARED: Final = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_TOLD_BY_BYTES: Final = frozenset({
    "utf-8", "utf8", "us-ascii", "ascii", "binary", "8bit", "unknown-8bit", "x-unknown", "unknown", "default",
})  # fmt: skip
"""What the bytes themselves say or refute, and what says nothing."""
_TEXT: Final = re.compile(r"text/|application/(?:xml|xhtml\+xml)\Z|image/svg\+xml\Z")


def declaration(media_type: str, charset: str) -> str:
    """A media type with the charset that a container declares beside it, if any."""
    return f"{media_type}; charset={charset.lower()}" if re.fullmatch(r"[\w.:-]{1,40}", charset) else media_type


def tidied(content_type: str) -> str | None:
    """Such a declaration out of a header field, without whatever else that says; None where it says nothing."""
    match = _DECLARED.search(content_type)
    return declaration(content_type.partition(";")[0].strip(), match[1] if match else "") or None


def charset_of(declared: str | None) -> str | None:
    """The charset that such a declaration holds, in small letters, where it is one and can tell more than the bytes do."""
    match = _DECLARED.search(declared or "")
    name = match[1].lower() if match else ""
    return name if name not in _TOLD_BY_BYTES and known_encoding(name) is not None else None


def charsets_of(declarations: Iterable[str | None]) -> tuple[str, ...]:
    """Those of all places of one content, in order of their names."""
    return tuple(sorted({name for one in declarations if (name := charset_of(one)) is not None})[:MOST])


def takes_charset(media_type: str) -> bool:
    """Whether files of this type, as found in the content, can be in any encoding, so that a declared one matters to them."""
    return _TEXT.match(media_type) is not None
