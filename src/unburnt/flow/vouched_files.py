"""The files of ``log/`` that cannot be worked out again: who signs, who vouched, and by which roots that is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cryptography import x509

from unburnt.base.errors import UnburntError
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.note import BadNote, Note, Verifier, parse_note
from unburnt.vault.log.roots import fingerprint
from unburnt.vault.log.strict import decimal
from unburnt.vault.log.timestamp_token import parse_token

MOST = 256 << 10
"""Bytes; none of these files has more."""
KINDS = ("key.pub", "witnesses", "checkpoints", "roots", "timestamps")


def is_sound(name: str, untrusted: bytes) -> bool:
    """Whether one of the files that cannot be worked out again is what its name says."""
    place = Path(name)
    kind = place.parts[0]
    try:
        if kind in ("key.pub", "witnesses"):
            return bool(untrusted) and all(Verifier.parse(line) for line in untrusted.decode().split("\n") if line)
        if kind == "checkpoints":
            return str(Checkpoint.parse(parse_note(untrusted).text).size) == place.name
        if kind == "timestamps" and place.suffix == ".tsr":
            return hashlib.sha256(parse_token(untrusted).der).hexdigest() == place.stem
        if kind == "roots":
            return fingerprint(x509.load_pem_x509_certificate(untrusted)) == place.stem
    except (UnburntError, ValueError):
        return False
    return hashlib.sha256(untrusted).hexdigest() == place.stem


def names_of(log: Path, kind: str) -> list[str]:
    """The plain files of one kind, below *log*; others are none of ours."""
    pattern = {"checkpoints": "checkpoints/*", "timestamps": "timestamps/*/*.ts[qr]", "roots": "roots/*.pem"}
    paths = sorted(log.glob(pattern.get(kind, kind)))
    return [str(path.relative_to(log)) for path in paths if path.is_file() and not path.is_symlink()
            and (kind not in ("checkpoints", "timestamps") or decimal(path.relative_to(log).parts[1]) is not None)]


def vkeys_of(untrusted: bytes) -> list[Verifier]:
    """The keys in a list, a line each; lines that are damaged are passed over."""
    found = []
    for line in untrusted.decode("utf-8", "replace").split("\n"):
        with suppress(BadNote):
            found.append(Verifier.parse(line))
    return found


def joined_checkpoint(untrusted: bytes, more: bytes, keys: Iterable[Verifier]) -> bytes:
    """A kept checkpoint with what signatures another file of the same checkpoint has beyond it.

    Of two signatures under one name that one counts which a key among *keys* shows true, else the first. Raises
    :class:`BadNote`, also where the two are different checkpoints.
    """
    note, other = parse_note(untrusted), parse_note(more)
    if note.text != other.text:
        raise BadNote("Two kept checkpoints of one size differ.")
    found = {(one.name, one.key_id): one for one in (*other.signatures, *note.signatures)}
    for key in keys:
        for one in (other, note):
            with suppress(BadNote):
                if (true := key.verified(one)) is not None:
                    found[key.name, key.key_id] = true
    order = dict.fromkeys((one.name, one.key_id) for one in (*note.signatures, *other.signatures))
    joined = Note(note.text, tuple(found[one] for one in order)).encode()
    parse_note(joined)
    return joined
