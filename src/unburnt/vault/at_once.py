"""Many lines of events at once: a third of the time that they take one by one, where all are as they are written here.

Where any is not, nothing is said of them: whoever asks looks at each by itself, and so finds out which, and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import msgspec

from unburnt.model.events import AnyEvent
from unburnt.vault.fields import DIGESTS_PER_EVENT, BadLine, Line, Values, digests_as_text, missing_in, values_of_all

BATCH_BYTES = 1 << 18
_DIGEST = 43
LENGTHS = [_DIGEST] * DIGESTS_PER_EVENT
"""How long a line's digests are."""
_decode_lines = msgspec.json.Decoder(Line).decode_lines
_encode_lines = msgspec.json.Encoder().encode_lines
_decode_events = msgspec.json.Decoder(AnyEvent).decode_lines


def whole_events(untrusted: bytes, first: int) -> list[tuple[Line, AnyEvent]] | None:
    """Lines, newlines included, and their events, numbered from *first* on.

    None unless every line is, byte for byte, as it was written, each field committed to and shown once, and none erased.
    """
    try:
        lines = _decode_lines(untrusted)
        if _encode_lines(lines) != untrusted or [line.seq for line in lines] != [*range(first, first + len(lines))]:
            return None
        if not all(map(_is_committed, lines, _digests_shown(lines))):
            return None
        values = values_of_all(lines)
        events = None if values is None or any(map(missing_in, values)) else _events(values)
    except (BadLine, msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return None if events is None else [*zip(lines, events, strict=True)]


def _events(values: list[Values]) -> list[AnyEvent] | None:
    events: list[AnyEvent] = _decode_events(_encode_lines(values))
    return events if len(events) == len(values) else None


def _digests_shown(lines: list[Line]) -> Iterator[list[str]]:
    """The digests of each line's disclosures."""
    disclosures = [one.encode() for line in lines for one in line.disclosures]
    text = digests_as_text([one.digest() for one in map(sha256, disclosures)]).decode()
    at = 0
    for line in lines:
        end = at + len(line.disclosures) * (_DIGEST + 1)
        yield [text[begin:begin + _DIGEST] for begin in range(at, end, _DIGEST + 1)]
        at = end


def _is_committed(line: Line, shown: list[str]) -> bool:
    digests = set(line.digests)
    return [*map(len, line.digests)] == LENGTHS and digests.issuperset(shown) and len(set(shown)) == len(shown)
