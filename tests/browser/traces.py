"""Looking for a word in raw bytes, in every form that a program would write it in."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus


def forms(word: str) -> set[bytes]:
    """*word* as UTF-8, UTF-16, GBK, escaped for addresses, JSON and HTML, and in Base64 at each of three offsets."""
    plain = {word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")}
    escaped = {quote(word, safe=""), quote(word, safe="").lower(), quote_plus(word), json.dumps(word)[1:-1]}
    escaped |= {html.escape(word), "".join(f"&#{ord(letter)};" for letter in word)}
    try:
        plain.add(word.encode("gb18030"))
    except UnicodeEncodeError:
        pass
    encoded = {piece for raw in plain for piece in _base64(raw)}
    return plain | {text.encode() for text in escaped} | encoded


def _base64(raw: bytes) -> Iterator[bytes]:
    """What of *raw* is the same in Base64 whatever surrounds it, for each place modulo three that it can begin at."""
    for lead in range(3):
        first = -(-lead * 8 // 6)  # letters that share bits with what stands before
        whole = (lead + len(raw)) * 8 // 6  # letters that share none with what stands after
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * lead + raw + b"\0\0")[first:whole]


def files_holding(words: Iterable[str], folders: Iterable[Path]) -> list[str]:
    """The files below *folders* whose name or bytes hold one of *words* in any form."""
    sought = set().union(*(forms(word) for word in words))
    found = []
    for folder in folders:
        for path in [folder, *folder.rglob("*")] if folder.is_dir() else [folder]:
            raw = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            if any(form in raw or form in bytes(path.relative_to(folder)) for form in sought):
                found.append(str(path))
    return found
