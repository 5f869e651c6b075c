"""What mails say about their place among others, as the catalogue keeps it in their readings."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from unburnt.catalog.connection import Connection
from unburnt.model.reading import Mail
from unburnt.model.threads import Mailed

_mail = msgspec.json.Decoder(Mail)
_ASKED = (
    "SELECT blob.digest, document.subject, document.date, json_extract(CAST(document.reading AS TEXT), '$.metadata.mail') AS mail "
    "FROM document JOIN blob ON blob.number = document.blob "
    "WHERE document.sender IS NOT NULL OR document.message_id IS NOT NULL ORDER BY blob.digest"
)


def mails(connection: Connection) -> Iterator[Mailed]:
    """Every mail that was read, in an order that does not depend on when it came."""
    from email.utils import getaddresses  # most commands ask for no mails

    for row in connection.ask(_ASKED):
        if row.mail is None:
            continue
        mail = _mail.decode(row.mail)
        addresses = [address.lower() for _, address in getaddresses([*mail.sender, *mail.to, *mail.cc]) if address]
        yield Mailed(
            document=row.digest, message_id=_identifier(mail.message_id or ""),
            references=tuple(map(_identifier, dict.fromkeys((*mail.references, *mail.in_reply_to[:1])))),
            subject=mail.subject, date=row.date or "", sender=mail.sender[0] if mail.sender else "",
            addresses=frozenset(addresses[:200]),
        )


def _identifier(stated: str) -> str:
    return stated.strip().strip("<>").strip()
