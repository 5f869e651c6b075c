"""Header fields from properties: people, times and words in the form that mails have (RFC 5322, RFC 2047)."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from email.utils import format_datetime

from unburnt.read.formats.mail.mapi_values import Properties

CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
SPECIAL = re.compile(r'[()<>@,;:\\".\[\]]')
MOST_WORD = 42
"""Bytes of UTF-8 in one encoded word, which may have 75 signs."""
MOST_SIGNS = 20_000


def encoded(text: str) -> str:
    """*text* as it may stand in a header: as it is where that is ASCII, else as encoded words. Line ends become spaces."""
    clean = CONTROLS.sub(" ", text[:MOST_SIGNS])
    if clean.isascii() and "=?" not in clean:
        return clean.replace('"', "'") if len(clean) < 900 else "\r\n ".join(re.findall(r".{1,900}", clean))
    words, word = [], b""
    for sign in clean:
        raw = sign.encode("utf-8", "replace")
        if len(word) + len(raw) > MOST_WORD:
            words.append(word)
            word = b""
        word += raw
    words.append(word)
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words)


def quoted_name(name: str) -> str:
    """A person's name as a phrase."""
    shown = encoded(name)
    if shown == name and SPECIAL.search(name):
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return shown


def person(properties: Properties, name: int, addresses: tuple[int, ...]) -> str:
    """``Name <address>``; Exchange's own address (``/O=...``) where there is no other."""
    shown = CONTROLS.sub(" ", properties.text(name)).strip()
    address = next((text for number in addresses if (text := CONTROLS.sub(" ", properties.text(number)).strip())), "")
    if not address or address == shown:
        return quoted_name(shown) if shown and not address else f"<{encoded(address)}>" if address else ""
    return f"{quoted_name(shown)} <{encoded(address)}>" if shown else f"<{encoded(address)}>"


def mail_time(value: str | None) -> str:
    """A time in RFC 3339 as RFC 5322 writes it."""
    return format_datetime(datetime.fromisoformat(value.replace("Z", "+00:00"))) if value else ""
