"""The proofs that a bag carries: for its documents when it is written, and checked when it is taken in."""

from __future__ import annotations

import re

import msgspec

from unburnt.base.errors import UnburntError
from unburnt.model.audit import Finding
from unburnt.publish.bag_check import BadBag, Bag
from unburnt.publish.bag_files import open_file
from unburnt.vault.log.proof import check
from unburnt.vault.log.proof_form import MAX_PROOF_BYTES

_PROOF = re.compile(r"unburnt/proofs/([0-9a-f]{64})\.proof\Z")


class ProofsChecked(msgspec.Struct, frozen=True):
    """How many proofs hold, and the keys (vkey) by which their logs were signed."""

    count: int
    signers: tuple[str, ...]
    pinned: bool
    """Whether every signer is, or was handed over to by, a key that the checking person gave."""


def check_proofs(bag: Bag, keys: tuple[str, ...] = ()) -> ProofsChecked:
    """Check every proof in *bag* against the payload; *keys* (vkeys) are those that the checking person trusts.

    Raises :class:`BadBag` for each that does not hold. Timestamps are not looked at: that takes an authority's root.
    """
    sizes = {one.digest: one.size for one in bag.payload}
    findings: list[Finding] = []
    signers: dict[str, bool] = {}
    count = 0
    for path in bag.tags:
        match = _PROOF.match(path)
        if match is None:
            continue
        digest = match[1]
        if digest not in sizes:
            findings.append(Finding(path, "It is the proof of a file that is not in the bag."))
            continue
        try:
            with open_file(bag.folder / path) as file:
                report = check(file.read(MAX_PROOF_BYTES + 1), digest, sizes[digest], keys=keys)
        except (UnburntError, OSError) as error:
            findings.append(Finding(path, error.message if isinstance(error, UnburntError) else "It cannot be read."))
            continue
        signers[report.signed.vkey] = report.signed.trust != "named"
        count += 1
    if findings:
        raise BadBag(findings)
    return ProofsChecked(count, tuple(sorted(signers)), all(signers.values()) and bool(signers))
