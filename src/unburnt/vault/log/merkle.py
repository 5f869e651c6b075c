"""Merkle trees as in RFC 6962, section 2.1, and RFC 9162, section 2.1: hashes, proofs and their verification.

Indexes and sizes count entries; ranges are half open; hashes have 32 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from unburnt.base.errors import UnburntError
from unburnt.vault.log.strict import LARGEST_SIZE

EMPTY_ROOT = sha256(b"").digest()
MAX_HASHES = 63
"""C2SP's limit for both kinds of proof: enough for 2^63 entries."""

Range = tuple[int, int]


class BadProof(UnburntError):
    """A proof is not of the agreed form, or does not lead to the checkpoint's root."""

    exit_code = 3


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 1, 2, 4, 8 ... hashes."""
    level = hashes
    while len(level) > 1:
        level = [
            sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    return level[0]


def joined(peaks: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees of falling size, the largest first; of none, the empty root."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def perfect_ranges(start: int, end: int) -> Iterator[Range]:
    """Cut a range that begins at a subtree's edge into perfect subtrees, the largest first."""
    while start < end:
        width = 1 << (end - start).bit_length() - 1
        yield start, start + width
        start += width


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Which subtrees' hashes prove entry *index* in a tree of *size*, the entry's sibling first (RFC 9162, 2.1.3.1)."""
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[Range]:
    """Which subtrees' hashes prove that a tree grew from *old_size* to *new_size* (RFC 9162, 2.1.4.1)."""
    ranges: list[Range] = []
    start, end, whole = 0, new_size, True
    if old_size == 0:
        return ranges
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    if not whole:
        ranges.append((start, end))
    return ranges[::-1]


def verify_inclusion(entry_hash: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the entry of *entry_hash* (see :func:`leaf_hash`) is number *index* of *size* (RFC 9162, 2.1.3.2).

    Raises :class:`BadProof`.
    """
    _require_hashes(proof, (entry_hash, root))
    if not 0 <= index < size <= LARGEST_SIZE:
        raise BadProof("The proof speaks of an entry beyond the end of its log.")
    place, last, computed = index, size - 1, entry_hash
    for sibling in proof:
        if last == 0:
            raise BadProof("The proof of inclusion is too long for its log.")
        if place & 1 or place == last:
            computed = node_hash(sibling, computed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        place, last = place >> 1, last >> 1
    if last or computed != root:
        raise BadProof("The entry is not in the log where the proof says: the hashes do not lead to the root.")


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of *new_size* begins with the whole tree of *old_size* (RFC 9162, 2.1.4.2).

    Equal sizes need equal roots and an empty proof; from size 0 everything follows, by an empty proof.
    Raises :class:`BadProof`.
    """
    _require_hashes(proof, (old_root, new_root))
    if not 0 <= old_size <= new_size <= LARGEST_SIZE:
        raise BadProof("The proof speaks of a log that shrinks.")
    if old_size in (0, new_size):
        expected = EMPTY_ROOT if old_size == 0 else new_root
        if proof or old_root != expected or (new_size == 0 and new_root != EMPTY_ROOT):
            raise BadProof("The two logs differ, or the proof holds more than is needed.")
        return
    hashes = list(proof)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise BadProof("The proof of consistency is empty.")
    if _grown(old_size, new_size, hashes) != (old_root, new_root):
        raise BadProof("The later log is not the earlier one with entries added: the hashes do not lead to its root.")


def _grown(old_size: int, new_size: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The two roots that a proof of consistency leads to."""
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise BadProof("The proof of consistency is too long for its logs.")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("The proof of consistency is too short for its logs.")
    return old, new


def _split(size: int) -> int:
    """The largest power of two below *size*."""
    return 1 << (size - 1).bit_length() - 1


def _require_hashes(proof: Sequence[bytes], others: Sequence[bytes]) -> None:
    if len(proof) > MAX_HASHES:
        raise BadProof(f"A proof holds more than {MAX_HASHES} hashes.")
    if any(len(one) != 32 for one in (*proof, *others)):
        raise BadProof("A proof holds something that is no hash.")
