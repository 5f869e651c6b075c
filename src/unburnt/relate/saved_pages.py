"""Which files a page refers to in folders beside it, out of the addresses that its reader found (WHATWG URL, "relative URL").

Nothing is told by how browsers call such folders (``_files``, ``.files``, ``-Dateien``, ``_fichiers``): the page itself
says which are its own. An address is a sender's word: one that leads out of the page's folder, to another machine or to
the root is none of these.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

MOST_FILES: Final = 2_000
"""So many different files of one page are looked at."""
_LONGEST: Final = 4_096
_MOST_STEPS: Final = 64
_MOST_SUFFIXES: Final = 6
_MOST_IN_SET: Final = 100
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ENCODINGS: Final = frozenset((
    "gb18030", "gbk", "gb2312", "big5", "cp950", "cp1251", "koi8-r", "koi8-u", "cp1252", "cp1254", "cp1256", "shift_jis", "cp932",
    "euc-jp", "euc-kr", "cp949",
))
"""Those in which old pages escape names; what a reader says of a page is no name of any codec."""
_IGNORED: Final = re.compile(r"[\t\r\n]")
_DENSITY: Final = re.compile(r"\s+[0-9.]+[wxh]\s*(?:,\s*|\Z)")
"""What ends each address of a ``srcset``."""


def folded(path: str) -> str:
    """What two spellings of one path have in common: disks differ in capitals, and in how they compose letters."""
    return unicodedata.normalize("NFC", path).casefold()


def referred(lines: Iterable[str], folders: Collection[str], encoding: str | None = None) -> Iterator[str]:
    """Paths below *folders* (names as people read them) that *lines* (``words: address``) lead to, each once.

    *encoding* is the page's own, in which old pages escape names: it is tried where UTF-8 leads nowhere.
    """
    wanted = {folded(name) for name in folders}
    known: set[str] = set()
    for line in lines:
        for path in _of_line(line, wanted, encoding):
            if path not in known:
                known.add(path)
                yield path


def relative_path(address: str, encoding: str = "utf-8") -> str | None:
    """The path below the page's own folder that *address* leads to, one folder down at least; else None.

    What is escaped in it is taken for *encoding*, and for stray bytes where it is none.
    """
    address = _IGNORED.sub("", address.strip())
    if not address or len(address) > _LONGEST or _SCHEME.match(address):
        return None
    path = re.split(r"[?#]", address, maxsplit=1)[0].replace("\\", "/")
    if path.startswith("/"):
        return None
    steps: list[str] = []
    for written in path.split("/"):
        step = _decoded(written, encoding)
        if step == ".." and not steps:
            return None
        if step == "..":
            steps.pop()
        elif "/" in step or "\0" in step:
            return None
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps) if 2 <= len(steps) <= _MOST_STEPS and not path.endswith("/") else None


def _of_line(line: str, wanted: Collection[str], encoding: str | None) -> list[str]:
    """An anchor's words may hold a colon and so may an address: what leads into a wanted folder is the address."""
    suffix = line
    for _ in range(_MOST_SUFFIXES):
        suffix = suffix.partition(": ")[2]
        if not suffix:
            break
        if len(suffix) > _LONGEST and not _DENSITY.search(suffix[:_LONGEST]):
            continue
        several = _DENSITY.split(suffix, _MOST_IN_SET) if _DENSITY.search(suffix) else [suffix]
        for one in ("utf-8", encoding) if encoding in _ENCODINGS and "%" in suffix else ("utf-8",):
            paths = (relative_path(address, one) for address in several)
            if found := [path for path in paths if path and folded(path.partition("/")[0]) in wanted]:
                return found
    return []


def _decoded(step: str, encoding: str) -> str:
    if "%" not in step:
        return step
    raw = unquote_to_bytes(step)
    with contextlib.suppress(UnicodeDecodeError):
        return raw.decode(encoding)
    return raw.decode("utf-8", "surrogateescape")
