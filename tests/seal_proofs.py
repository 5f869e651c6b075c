"""A small archive with a sealed log, proofs from it, and both programs that check proofs."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unburnt.base.errors import UnburntError
from unburnt.model.events import AccessionBegan, AnyEvent, ArchiveCreated, ItemReceived
from unburnt.vault.events import Events
from unburnt.vault.fields import Line
from unburnt.vault.layout import Layout
from unburnt.vault.log import check_proof, proof
from unburnt.vault.log.cosignature import Cosigner
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Note, Signer
from unburnt.vault.segments import lines, segments

ORIGIN = "unburnt/test"
ORIGINAL = b"the original"
PATH = "绝密/ئۇيغۇر secret name.docx".encode()
DELIVERY = "d-the-courier"
MODIFIED = "1574618400000000000"
COSIGNED_AT = 1574618400
CHECKER = Path(check_proof.__file__)


class Sealed:
    """An archive in *root* whose event 2 received :data:`ORIGINAL`, *others* more and *after* follow, sealed."""

    def __init__(self, root: Path, others: int = 300, origin: str = ORIGIN, after: Iterable[AnyEvent] = ()) -> None:
        self.layout = Layout.create(root, "test")
        events = Events(self.layout)
        events.append(ArchiveCreated(archive="test", format=1, software="test"))
        events.append(AccessionBegan(accession=DELIVERY, source=b"/media/courier"))
        for number in range(others + 1):
            content = ORIGINAL if number == 0 else f"another {number}".encode()
            events.append(ItemReceived(
                accession=DELIVERY, path=PATH, digest=hashlib.sha256(content).hexdigest(), size=str(len(content)),
                modified=MODIFIED,
            ))
        for event in after:
            events.append(event)
        events.flush()
        events.close()
        self.signer = Signer(origin, Ed25519PrivateKey.generate())
        self.witness = Cosigner("witness.example/w", Ed25519PrivateKey.generate())
        self.log = Log(self.layout.log, self.layout.tmp, origin, write=True)
        self.log.append(entry_of(line.digests) for line in self.lines())
        note = self.log.commit(self.signer)
        self.note = Note(note.text, (*note.signatures, self.witness.cosign(note.text, COSIGNED_AT)))

    def lines(self) -> list[Line]:
        return [line for path in segments(self.layout.events) for _, line in lines(path, 0)]

    def proof(self, fields: Iterable[str] = proof.DEFAULT_FIELDS, index: int = 2, **options: Any) -> proof.Proof:
        return proof.make(
            self.log, self.lines()[index], list(fields), note=options.pop("note", self.note),
            keys=[self.signer.verifier], witnesses=[self.witness.verifier], **options,
        )

    @property
    def key(self) -> str:
        return self.signer.verifier.vkey

    @property
    def watching(self) -> str:
        return self.witness.verifier.vkey


def with_extra(encoded: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A proof with its ``extra`` changed and written canonically again."""
    def edit(raw: bytes) -> bytes:
        extra = json.loads(raw)
        change(extra)
        return json.dumps(extra, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    return with_raw_extra(encoded, edit)


def with_raw_extra(encoded: bytes, edit: Callable[[bytes], bytes]) -> bytes:
    """A proof with the bytes of its ``extra`` changed."""
    first, second, rest = encoded.split(b"\n", 2)
    raw = base64.b64decode(second.removeprefix(b"extra "))
    return b"\n".join([first, b"extra " + base64.b64encode(edit(raw)), rest])


def by_unburnt(
    encoded: bytes, original: bytes = ORIGINAL, keys: Iterable[str] = (), witnesses: Iterable[str] = ()
) -> proof.Report | UnburntError:
    """The report of unburnt, or the named error that it refuses the proof with."""
    try:
        return proof.check(
            encoded, hashlib.sha256(original).hexdigest(), len(original), keys=list(keys), witnesses=list(witnesses)
        )
    except UnburntError as error:
        return error


def by_the_other(
    folder: Path, encoded: bytes, original: bytes | None = ORIGINAL, keys: Iterable[str] = (), witnesses: Iterable[str] = (),
    *more: str,
) -> tuple[int, str]:
    """Exit code and output of check_proof.py, which knows nothing of unburnt."""
    (folder / "one.proof").write_bytes(encoded)
    (folder / "original").write_bytes(original or b"")
    options = [part for key in keys for part in ("--key", key)] + [p for key in witnesses for p in ("--witness", key)]
    about = [] if original is None else [str(folder / "original")]
    command = [sys.executable, "-I", str(CHECKER), str(folder / "one.proof"), *about, *options, *more]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr
