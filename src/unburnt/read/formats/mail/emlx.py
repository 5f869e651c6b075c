"""Messages of Apple Mail (EMLX): a line with the message's length, the message, a property list with its flags."""

from __future__ import annotations

import plistlib
import re
from datetime import UTC, datetime
from typing import Any
from xml.parsers.expat import ExpatError

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.mail.mail import emit_message, load
from unburnt.read.formats.mail.mail_bodies import file_name
from unburnt.read.formats.mail.mail_structure import Structure, split
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

LENGTH = re.compile(rb"(\d{1,12})[ \t]*\r?\n")
MOST_LIST = 1 << 20
FLAGS = ("read", "deleted", "answered", "encrypted", "flagged", "recent", "draft", "initial", "forwarded", "redirected")
"""The lowest bits of the flags, by what Apple Mail shows for them."""
JUNK = 1 << 24
ELSEWHERE = b"x-apple-content-length"
"""Stands on a part whose bytes Apple Mail keeps in a folder of their own."""
FIELDS = ("subject", "sender", "remote-id", "original-mailbox", "conversation-id")


def read(source: Source, emitter: Emitter) -> Ending:
    """Read the message as any mail, and add what the list says of it. Raises :class:`Damaged` without a length or header."""
    data = load(source)
    first = LENGTH.match(data[:32])
    if first is None:
        raise Damaged("The file does not begin with the length of its message.")
    end = first.end() + int(first[1])
    message = bytes(data[first.end() : min(end, len(data))])
    structure = split(message)
    if not structure.root.headers.fields:
        raise Damaged("The message has no mail header.")
    losses: list[str] = []
    ending = emit_message(message, structure, emitter, beside=_told(bytes(data[end : end + MOST_LIST]), losses))
    losses[:0] = [ending.reason] if ending.outcome is Outcome.PARTIAL else []
    if end > len(data):
        losses.append(f"The message should have {int(first[1])} bytes and has {len(message)}.")
    if missing := _kept_elsewhere(structure):
        shown = ", ".join(missing[:10])
        losses.append(f"Apple Mail keeps {len(missing)} of its attachments in a folder beside it: {shown}.")
        emitter.note("emlx-partial", f"The file says that these attachments are kept in a folder beside it (Attachments): {shown}.")
    if losses and ending.outcome in (Outcome.READ, Outcome.PARTIAL, Outcome.EMPTY):
        return Ending(Outcome.PARTIAL, " ".join(losses))
    return ending


def _told(untrusted_list: bytes, losses: list[str]) -> Metadata:
    """What the list says of the message."""
    try:
        found: Any = plistlib.loads(untrusted_list.strip()) if untrusted_list.strip() else {}
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, ExpatError):
        losses.append("The list of the message's flags is damaged.")
        return Metadata()
    if not isinstance(found, dict):
        return Metadata()
    fields = {f"emlx:{name}": str(found[name])[:1000] for name in FIELDS if isinstance(found.get(name), str | int)}
    if isinstance(flags := found.get("flags"), int):
        words = [word for bit, word in enumerate(FLAGS) if flags >> bit & 1] + (["junk"] if flags & JUNK else [])
        fields["emlx:flags"] = " ".join(words) or "unread"
    value = _time(found.get("date-received"))
    dates = (Date(kind="received", value=value, zone="UTC", origin="emlx:date-received"),) if value else ()
    return Metadata(dates=dates, fields=fields)


def _time(seconds: Any) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z") if seconds else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _kept_elsewhere(structure: Structure) -> list[str]:
    """The names of parts without bytes of their own."""
    names = []
    for leaf in structure.leaves:
        if leaf.headers.first(ELSEWHERE) is not None and leaf.end - leaf.body < 8:
            name = file_name(leaf)
            names.append(name.raw.decode("utf-8", "replace")[:100] if name else leaf.path)
    return names


def warm() -> None:
    """The parsers of property lists are chosen when they are first used."""
    plistlib.loads(plistlib.dumps({}))


FORMATS = (
    Format(
        "emlx", read, memory_safe=True,
        title="Messages of Apple Mail (EMLX)",
        gives="all that a mail gives, with Apple Mail's flags and time of receipt",
        lacks="attachments of a partial.emlx lie in files beside it, which are named",
    ),
)
