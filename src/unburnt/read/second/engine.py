"""A second reader of the same bytes, from the keeper's side: a locked service in which other engines run."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from typing import BinaryIO, Final

import msgspec

from unburnt.base.errors import BadAnswer, NotFound
from unburnt.base.limits import GIB, MIB, Limits
from unburnt.sandbox.rungs import UNSAFE
from unburnt.sandbox.service import Service, ServiceFailed

NAME: Final = "kreuzberg"
ENTRY: Final = "unburnt.read.second.worker:main"
LIMITS: Final = Limits(memory=2 * GIB, wall_seconds=60.0, frame=128 * MIB, output=128 * MIB)
"""For one document; the engines answer with the whole text at once."""
MOST_BYTES: Final = 64 * MIB
"""The largest file that is handed over."""
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml."
TYPES: Final = frozenset((
    "application/pdf", "text/plain", "text/html", "application/xhtml+xml", "text/csv", "text/tab-separated-values",
    "text/markdown", "application/json", "application/xml", "application/rtf", "message/rfc822",
    "application/vnd.ms-outlook", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
    f"{_WORD}document", f"{_WORD}template", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation", "application/epub+zip",
    "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
))  # fmt: skip
"""What the engines read; pictures are left to OCR, and members of archives are read by themselves."""

_answer = msgspec.msgpack.Decoder(tuple[str, str])


class GaveUp(Exception):
    """The other engine had no answer; the message says why."""


class SecondEngine:
    """Reads one document at a time. Raises :class:`NotFound` where the engine is not installed."""

    def __init__(self, rung: str | None = None, *, unsafe: bool = False, limits: Limits = LIMITS) -> None:
        if importlib.util.find_spec(NAME) is None:
            raise NotFound(
                f"The engine {NAME} is not installed here.", remedy="Install unburnt with its extra: unburnt[second-opinion]."
            )
        self.versions = {name: importlib.metadata.version(name) for name in (NAME, "pypdf")}
        self._service = Service(ENTRY, limits=limits, rung=rung, unsafe=unsafe or rung == UNSAFE)

    def text(self, untrusted_file: BinaryIO, media_type: str) -> str:
        """What it reads. Raises :class:`GaveUp`; :class:`BadAnswer` and :class:`SandboxUnavailable` as they are."""
        try:
            untrusted_answer = self._service.ask(media_type.encode(), [untrusted_file.fileno()])
        except ServiceFailed as error:
            raise GaveUp(f"it was stopped at the limit on {error.limit}" if error.limit else "it crashed") from error
        try:
            text, reason = _answer.decode(untrusted_answer)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadAnswer("The second engine's answer is not of the agreed form.") from error
        if reason:
            raise GaveUp(f"it refused the file ({reason[:60]})")
        return text

    def close(self) -> None:
        """End the worker."""
        self._service.close()
