"""What a mail's header says: people, subject, dates, and every other field as written."""

from __future__ import annotations

from unburnt.model.reading import Date, Mail, Metadata
from unburnt.read.formats.mail.mail_dates import mail_date
from unburnt.read.formats.mail.mail_headers import Headers
from unburnt.read.formats.mail.mail_words import addresses, header_text

IN_MAIL = frozenset(
    [b"from", b"to", b"cc", b"bcc", b"subject", b"message-id", b"in-reply-to", b"references", b"date"]
)
ONE = frozenset([b"subject", b"message-id", b"in-reply-to", b"references"])
"""Those of which the first is taken; mail programs differ in what they show, so others are kept beside."""
REBUILT = (("received", "X-Unburnt-Delivered"), ("created", "X-Unburnt-Created"), ("modified", "X-Unburnt-Modified"))
"""Times of a mail that was rebuilt from properties (``mapi_mail``)."""
MOST_FIELDS = 400
MOST_VALUES = 100
LONGEST_FIELD = 20_000
MOST_RECEIVED = 50
MOST_REFERENCES = 2_000


def mail_metadata(headers: Headers, hint: str | None, more: Metadata | None = None) -> Metadata:
    """Everything the header block states, with *more* dates and fields. *hint* is the body's charset, for undeclared 8-bit fields."""
    mail = Mail(
        sender=_people(headers, b"from", hint), to=_people(headers, b"to", hint), cc=_people(headers, b"cc", hint),
        bcc=_people(headers, b"bcc", hint), subject=header_text(headers.first(b"subject"), hint),
        message_id=header_text(headers.first(b"message-id")) or None,
        in_reply_to=_identifiers(headers, b"in-reply-to"), references=_identifiers(headers, b"references"),
    )  # fmt: skip
    more = more or Metadata()
    return Metadata(
        title=mail.subject or None, author=", ".join(mail.sender) or None, dates=_dates(headers) + more.dates, mail=mail,
        fields=_others(headers, hint) | more.fields,
    )  # fmt: skip


def _people(headers: Headers, name: bytes, hint: str | None) -> tuple[str, ...]:
    return addresses(headers.all(name)[:MOST_VALUES], hint)


def _identifiers(headers: Headers, name: bytes) -> tuple[str, ...]:
    return tuple(header_text(headers.first(name)).split()[:MOST_REFERENCES])


def _dates(headers: Headers) -> tuple[Date, ...]:
    stated = [("sent", raw, "mail:Date") for raw in headers.all(b"date")[:MOST_VALUES]]
    stated += [("sent", raw, "mail:Resent-Date") for raw in headers.all(b"resent-date")[:MOST_VALUES]]
    # The time of a Received field stands after its last semicolon (RFC 5321, section 4.4).
    stated += [
        ("received", raw.rpartition(b";")[2], "mail:Received")
        for raw in headers.all(b"received")[:MOST_RECEIVED] if b";" in raw
    ]  # fmt: skip
    stated += [(kind, raw, f"mail:{name}") for kind, name in REBUILT for raw in headers.all(name.lower().encode())[:1]]
    found = [mail_date(kind, header_text(raw), origin) for kind, raw, origin in stated]
    return tuple(date for date in found if date is not None)


def _others(headers: Headers, hint: str | None) -> dict[str, str]:
    values: dict[str, list[bytes]] = {}
    written: dict[bytes, str] = {}
    known: set[bytes] = set()
    for name, raw in headers.fields:
        lower = name.lower()
        if lower in IN_MAIL and (lower not in ONE or lower not in known):
            known.add(lower)
            continue
        if lower not in written:
            if len(written) >= MOST_FIELDS:
                continue
            written[lower] = name.decode("latin-1")[:200]
        kept = values.setdefault(written[lower], [])
        if len(kept) < MOST_VALUES:
            kept.append(raw[:LONGEST_FIELD])
    return {
        f"mail:{name}": "\n".join(header_text(raw, hint) for raw in raws)[:LONGEST_FIELD]
        for name, raws in values.items()
    }
