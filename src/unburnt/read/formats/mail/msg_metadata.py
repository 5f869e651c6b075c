"""What an Outlook message says about itself: people, subject, times (all UTC), and its transport header if it kept one."""

from __future__ import annotations

from collections.abc import Sequence

from unburnt.model.reading import Date, Mail, Metadata
from unburnt.read.formats.mail.mail_headers import Headers, parse_headers
from unburnt.read.formats.mail.mail_metadata import mail_metadata
from unburnt.read.formats.mail.mapi_values import Properties

SUBJECT, CLASS, TRANSPORT, CREATOR = 0x0037, 0x001A, 0x007D, 0x3FF8
SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
NAME, ADDRESS, SMTP, KIND = 0x3001, 0x3003, 0x39FE, 0x0C15
MESSAGE_ID, IN_REPLY_TO, REFERENCES = 0x1035, 0x1042, 0x1039
SHOWN = ((0x0E04, "to"), (0x0E03, "cc"), (0x0E02, "bcc"))
TIMES = ((0x0039, "sent", "ClientSubmitTime"), (0x0E06, "received", "MessageDeliveryTime"),
         (0x3007, "created", "CreationTime"), (0x3008, "modified", "LastModificationTime"))  # fmt: skip
KINDS = {1: "to", 2: "cc", 3: "bcc"}


def msg_metadata(message: Properties, recipients: Sequence[Properties], origin: str = "msg") -> Metadata:
    """Everything that the properties and the kept transport header state; *origin* is the prefix of what the properties say."""
    headers, _ = transport_headers(message)
    stated = mail_metadata(headers, None)
    people = _recipients(message, recipients)
    sender = _person(message, SENDER_NAME, (SENDER_SMTP, SENDER_ADDRESS)) or ", ".join(stated.mail.sender if stated.mail else ())
    references = message.text(REFERENCES).split() or list(stated.mail.references if stated.mail else ())
    mail = Mail(
        sender=(sender,) if sender else (), to=tuple(people["to"]), cc=tuple(people["cc"]), bcc=tuple(people["bcc"]),
        subject=message.text(SUBJECT) or (stated.mail.subject if stated.mail else ""),
        message_id=message.text(MESSAGE_ID) or (stated.mail.message_id if stated.mail else None),
        in_reply_to=tuple(message.text(IN_REPLY_TO).split()), references=tuple(references),
    )  # fmt: skip
    fields = dict(stated.fields)
    for number, name in ((CLASS, f"{origin}:MessageClass"), (CREATOR, f"{origin}:CreatorName")):
        if value := message.text(number):
            fields[name] = value[:1000]
    return Metadata(
        title=mail.subject or None, author=sender or None, dates=_times(message, origin) + stated.dates, mail=mail, fields=fields
    )


def transport_headers(message: Properties) -> tuple[Headers, int]:
    """The header block that came over the network; empty for a message that never did."""
    raw = message.text(TRANSPORT).encode("utf-8", "replace")
    return parse_headers(raw, 0, len(raw))


def _times(message: Properties, origin: str) -> tuple[Date, ...]:
    found = [(kind, message.time(number), name) for number, kind, name in TIMES]
    return tuple(Date(kind=kind, value=value, zone="UTC", origin=f"{origin}:{name}") for kind, value, name in found if value)


def _recipients(message: Properties, recipients: Sequence[Properties]) -> dict[str, list[str]]:
    people: dict[str, list[str]] = {"to": [], "cc": [], "bcc": []}
    for recipient in recipients:
        person = _person(recipient, NAME, (SMTP, ADDRESS))
        if person:
            people[KINDS.get(recipient.integer(KIND) or 1, "to")].append(person)
    for number, kind in SHOWN:
        if not people[kind]:
            people[kind] = [name.strip() for name in message.text(number).split(";") if name.strip()]
    return people


def _person(properties: Properties, name: int, addresses: tuple[int, ...]) -> str:
    shown = properties.text(name).strip()
    address = next((text for number in addresses if (text := properties.text(number).strip())), "")
    if not address or address == shown:
        return shown or address
    return f"{shown} <{address}>" if shown else address
