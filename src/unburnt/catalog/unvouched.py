"""What stands in the catalogue by events that nobody vouches for."""

from __future__ import annotations

import json

from unburnt.base.digests import Digest
from unburnt.catalog.connection import Connection
from unburnt.model.unvouched import Spans, Unvouched

_SPANS = "(SELECT json_extract(value, '$[0]') AS first, json_extract(value, '$[1]') AS last FROM json_each(?)) AS span"


def unvouched_in_all(connection: Connection, spans: Spans) -> Unvouched:
    """Files by delivery, and readings; asked of indexes alone."""
    text = json.dumps(spans)
    files = dict(connection.ask(
        f"SELECT item.accession, count(*) FROM {_SPANS} CROSS JOIN item ON item.sequence BETWEEN span.first AND span.last "
        "WHERE item.accession IS NOT NULL GROUP BY 1", (text,)).tuples())
    begun = connection.ask(
        f"SELECT id FROM accession WHERE EXISTS (SELECT 1 FROM {_SPANS} WHERE sequence BETWEEN first AND last) "
        "ORDER BY sequence", (text,)).scalars()
    readings = int(connection.ask(
        f"SELECT count(*) FROM {_SPANS} CROSS JOIN document ON document.sequence BETWEEN span.first AND span.last",
        (text,)).scalar())
    return Unvouched(deliveries=_sorted({**dict.fromkeys(begun, 0), **files}), readings=readings)


def unvouched_of(connection: Connection, digest: Digest, spans: Spans) -> Unvouched:
    """The same of one content: by which deliveries it came, itself or in a container, and whether its reading is so."""
    text = json.dumps(spans)
    places = dict(connection.ask(
        "WITH RECURSIVE up(number) AS (SELECT number FROM blob WHERE digest = ? UNION SELECT item.container FROM item "
        "JOIN up ON item.blob = up.number WHERE item.container IS NOT NULL) "
        "SELECT item.accession, count(*) FROM up JOIN item ON item.blob = up.number WHERE item.accession IS NOT NULL AND "
        f"EXISTS (SELECT 1 FROM {_SPANS} WHERE item.sequence BETWEEN first AND last) GROUP BY 1", (digest, text)).tuples())
    readings = int(connection.ask(
        "SELECT count(*) FROM document JOIN blob ON blob.number = document.blob WHERE blob.digest = ? AND "
        f"EXISTS (SELECT 1 FROM {_SPANS} WHERE document.sequence BETWEEN first AND last)", (digest, text)).scalar())
    return Unvouched(deliveries=_sorted(places), readings=readings)


def _sorted(deliveries: dict[str, int]) -> tuple[tuple[str, int], ...]:
    """As they came: d2 before d10."""
    return tuple(sorted(deliveries.items(), key=lambda one: (len(one[0]), one[0])))
