"""Checking a proof: needs no archive, no keeper and no network."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from unburnt.base.digests import CHUNK, Digest
from unburnt.base.files import open_plain, read_small
from unburnt.vault.audit.trusted import Trusted
from unburnt.vault.log import beacon_proof
from unburnt.vault.log import proof as proofs
from unburnt.vault.log.proof import Report
from unburnt.vault.log.proof_form import MAX_PROOF_BYTES
from unburnt.vault.log.proof_text import Compared, compare

if TYPE_CHECKING:
    from unburnt.vault.log.timestamp import Timestamped

__all__ = ["Compared", "Report", "check_beacon", "check_proof", "check_text", "standalone_checker"]


def check_proof(proof: Path, original: Path, whom: Trusted) -> Report:
    """What the file *proof* shows about the file *original*, for somebody who trusts *whom*.

    Timestamps count only where *whom* names their authority's root. Raises :class:`BadProof` and its kinds.
    """
    untrusted_proof = read_small(proof, MAX_PROOF_BYTES)
    stated = proofs.stated_size(untrusted_proof)
    with open_plain(original) as file:
        digest, size = _measured(file, stated)
    return proofs.check(untrusted_proof, digest, size, **_trust(whom))


def check_text(report: Report, text: Path) -> Compared:
    """Compare *text*, a derived record as ``unburnt cat`` prints it, with what a proof that is good commits to.

    Raises :class:`BadProof` and its kinds.
    """
    with open_plain(text) as file:
        return compare(report.opened, file)


def check_beacon(proof: Path, whom: Trusted, *, document: Report | None = None) -> Report:
    """What the file *proof* shows about a not-before mark; *document*, where given, has to stand behind it.

    Raises :class:`BadProof` and its kinds.
    """
    report = beacon_proof.check_beacon(read_small(proof, MAX_PROOF_BYTES), **_trust(whom))
    if document is not None:
        beacon_proof.require_after(document, report)
    return report


def _trust(whom: Trusted) -> dict[str, Any]:
    roots = whom.roots

    def timestamp(token: bytes, text: str) -> Timestamped:
        from unburnt.vault.log.timestamp import verify  # X.509 is loaded only where a root was given

        assert roots is not None
        return verify(token, text, roots.anchors, intermediates=roots.intermediates)

    return {
        "keys": [one.vkey for one in whom.keys], "witnesses": [one.vkey for one in whom.witnesses],
        "timestamp": timestamp if roots is not None else None,
    }


def standalone_checker() -> str:
    """The text of ``check_proof.py``: the same check for people who distrust installers."""
    return (Path(proofs.__file__).parent / "check_proof.py").read_text("utf-8")


def _measured(file: BinaryIO, stated: int | None) -> tuple[Digest, int]:
    """Digest and size of a file; reading ends one byte behind the size that the proof states."""
    hasher, size = sha256(), 0
    while piece := file.read(CHUNK if stated is None else min(CHUNK, stated + 1 - size)):
        hasher.update(piece)
        size += len(piece)
    return hasher.hexdigest(), size
