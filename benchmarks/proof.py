"""Time and size of a proof for one of many events: ``python benchmarks/proof.py [ENTRIES]``, 10 million if not told.

Budget: 50 ms in process and 4 KiB for one of 10 million. The event's own line and timestamps are left out, as the
line is read from the events and the tokens are the authority's. Needs 70 bytes of disk an entry, in the temporary folder.
"""

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unburnt.model.events import ItemReceived
from unburnt.vault.fields import Line, LineWriter, parse_line
from unburnt.vault.log.cosignature import Cosigner
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Note, Signer
from unburnt.vault.log.proof import check, make

ORIGIN = "unburnt/c0ffee00c0ffee00c0ffee00c0ffee00"
ORIGINAL = b"original"
PROOFS = 300


def main() -> None:
    """Print what growing such a log costs, then medians and maxima of making and checking proofs."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    digest = hashlib.sha256(ORIGINAL).hexdigest()
    writer = LineWriter()
    proved = {}
    for index in random.Random(1).sample(range(size), min(PROOFS, size)):
        event = ItemReceived(accession="d1", path=b"path", digest=digest, size=str(len(ORIGINAL)), modified="1", time="t")
        proved[index] = parse_line(writer.line(index, event))
    signer = Signer(ORIGIN, Ed25519PrivateKey.generate())
    witness = Cosigner("witness.example/laptop", Ed25519PrivateKey.generate())
    with tempfile.TemporaryDirectory() as folder:
        log, tmp = Path(folder) / "log", Path(folder) / "tmp"
        log.mkdir()
        tmp.mkdir()
        note = grown(log, tmp, size, proved, signer)
        note = Note(note.text, (*note.signatures, witness.cosign(note.text, 1_574_618_400)))
        cold, warm, checking, sizes = [], [], [], []
        kept = Log(log, tmp, ORIGIN)
        for line in proved.values():
            began = time.perf_counter()
            make(Log(log, tmp, ORIGIN), line, note=note, keys=[signer.verifier], witnesses=[witness.verifier]).encode()
            cold.append(time.perf_counter() - began)
            began = time.perf_counter()
            proof = make(kept, line, note=note, keys=[signer.verifier], witnesses=[witness.verifier]).encode()
            warm.append(time.perf_counter() - began)
            began = time.perf_counter()
            check(proof, digest, len(ORIGINAL), keys=[signer.verifier.vkey], witnesses=[witness.verifier.vkey])
            checking.append(time.perf_counter() - began)
            sizes.append(len(proof))
    for what, values in (("open the log and prove", cold), ("prove", warm), ("check", checking)):
        print(f"{what:<24} {1e3 * sorted(values)[len(values) // 2]:6.2f} ms median {1e3 * max(values):7.2f} ms at most")
    print(f"{'size of a proof':<24} {sorted(sizes)[len(sizes) // 2]:6} bytes median {max(sizes):6} bytes at most")


def grown(log: Path, tmp: Path, size: int, proved: dict[int, Line], signer: Signer) -> Note:
    """A log of *size* entries, the *proved* lines' among them, signed; prints what that took without making entries."""
    writing = Log(log, tmp, ORIGIN, write=True)
    began = time.process_time()
    for _ in made(size, proved):
        pass
    making, began, wall = time.process_time() - began, time.process_time(), time.perf_counter()
    writing.append(made(size, proved))
    note = writing.commit(signer)
    cpu, wall = time.process_time() - began - making, time.perf_counter() - wall
    print(f"append and commit        {1e6 * cpu / size:6.2f} CPU-seconds a million entries, {wall:.0f} s in all")
    return note


def made(size: int, proved: dict[int, Line]) -> Iterator[bytes]:
    """Entries as good as real ones."""
    for index in range(size):
        line = proved.get(index)
        yield entry_of(line.digests) if line else hashlib.sha256(b"%d" % index).digest()


if __name__ == "__main__":
    main()
