"""The canonical dump: two archives are equal when their dumps are, whatever the order of work."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from unburnt.catalog.connection import Connection


def dump(connection: Connection) -> Iterator[str]:
    """Sorted lines of all that is meaningful, without times, salts and ids. A pending retry does not show."""
    for row in connection.ask("SELECT id, source, note, complete FROM accession ORDER BY id"):
        yield _line("accession", *row)
    for row in connection.ask("SELECT accession, path, items FROM folder ORDER BY accession, path"):
        yield _line("folder", *row)
    for row in connection.ask(
        "SELECT item.accession, outside.digest, item.ordinal, item.path, item.kind, content.digest, "
        "COALESCE(content.size, item.size), item.modified, item.declared, item.outcome, item.reason "
        "FROM item LEFT JOIN blob AS outside ON outside.number = item.container "
        "LEFT JOIN blob AS content ON content.number = item.blob "
        "ORDER BY item.accession, outside.digest, item.ordinal, item.path, content.digest, item.modified, item.reason"
    ):
        yield _line("item", *row)
    for row in connection.ask(
        "SELECT blob.digest, blob.size, blob.promoted, document.key, document.step, document.version, "
        "document.attempt, document.missing, document.outcome, document.reason, document.expected, document.emitted, "
        "document.failed, document.reading FROM blob LEFT JOIN document ON document.blob = blob.number "
        "ORDER BY blob.digest"
    ):
        yield _line("document", *row)


def _line(*values: Any) -> str:
    return json.dumps([
        base64.b64encode(value).decode() if isinstance(value, bytes) else value for value in values
    ], ensure_ascii=True)
