"""Proofs of a not-before mark: what stands behind it in the same log was logged after its value became known.

The log's order says so and no clock. It says nothing of what stands before the mark, and a file may be older than
the event that logged it. Whether nobody could know the value before its day is for the checking person to judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from unburnt.vault.log.merkle import BadProof
from unburnt.vault.log.proof import Report, Stamp, hold

KIND = "beacon-logged"
BEACON_FIELDS = ("kind", "value", "source")
"""What a proof of a mark opens, the source where one is told; not the time, which our own clock gave."""


class NotABeacon(BadProof):
    """The proof opens no not-before mark."""


class NotComparable(BadProof):
    """Two proofs are over different checkpoints, so that the key alone says that these are of one history."""


class NotAfter(BadProof):
    """The document's entry does not stand behind the mark's."""


def check_beacon(
    untrusted: bytes,
    *,
    keys: Sequence[str] = (),
    witnesses: Sequence[str] = (),
    timestamp: Callable[[bytes, str], Stamp] | None = None,
) -> Report:
    """What a proof shows about a not-before mark; *keys*, *witnesses*, *timestamp* and errors as of ``proof.check``.

    Raises :class:`NotABeacon`, too.
    """
    report = hold(untrusted, keys=keys, witnesses=witnesses, timestamp=timestamp)
    value = report.opened.get("value")
    if report.opened.get("kind") != KIND or not isinstance(value, str) or not value:
        raise NotABeacon(
            "This is no proof of a not-before mark.", remedy="For the proof of a document, name the file, too.",
        )
    return report


def require_after(document: Report, beacon: Report) -> None:
    """Require that the document's entry stands behind the mark's under one checkpoint.

    Raises :class:`NotComparable`, :class:`NotAfter`.
    """
    if (document.origin, document.size, document.root) != (beacon.origin, beacon.size, beacon.root):
        raise NotComparable(
            "The two proofs are over different checkpoints, and cannot be compared.",
            remedy="Ask for a proof of the mark over the document's: `unburnt prove --beacon N --for DOCUMENT.proof`.",
        )
    if beacon.index >= document.index:
        raise NotAfter("The document's entry does not stand behind the mark, which says nothing of it.")
