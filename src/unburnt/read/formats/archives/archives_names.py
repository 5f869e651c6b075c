"""The encoding that an archive's names are shown in, and what is said where another may be meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from unburnt.read.charset_names import encoding_of_names
from unburnt.read.emitter import Emitter

_CALLED: Final = {
    "gb18030": "GB 18030", "big5hkscs": "Big5", "cp932": "Shift JIS", "cp949": "CP949", "koi8-r": "KOI8-R",
    "cp866": "CP866", "cp1251": "Windows-1251", "cp1252": "Windows-1252", "cp437": "CP437", "cp1256": "Windows-1256",
}  # fmt: skip


def encoding_shown(emitter: Emitter, untrusted_names: Iterable[bytes], *, beside: Iterable[str] = ()) -> str:
    """The encoding of names that do not state theirs; a document that could as well be in another says so, once."""
    found = encoding_of_names(untrusted_names, beside=beside)
    if found.rival and emitter.begins:
        shown, rival = _CALLED[found.name], _CALLED[found.rival]
        emitter.note("names-encoding", f"Its names state no encoding: they are shown as {shown}, and {rival} fits nearly as well.")
    return found.name
