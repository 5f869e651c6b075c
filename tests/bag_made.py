"""Bags made on the spot, good ones and wrong ones (BagIt, RFC 8493); written after the standard, not by our writer."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

PAYLOAD = {b"data/hello.txt": b"hello\n", b"data/folder/other.txt": "拘留\n".encode()}
DECLARATION = b"BagIt-Version: %b\nTag-File-Character-Encoding: UTF-8\n"


def manifest(files: Mapping[bytes, bytes], algorithm: str, *, separator: bytes = b"  ", end: bytes = b"\n") -> bytes:
    """The lines of a manifest over *files*, whose names are written as they are."""
    return b"".join(
        hashlib.new(algorithm, data).hexdigest().encode() + separator + path + end for path, data in files.items())


def encoded(path: str) -> str:
    """*path* for a manifest line of version 1.0: CR, LF and the percent sign are percent-encoded, and only those."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def make_bag(
    folder: Path, payload: Mapping[bytes, bytes] = PAYLOAD, *, version: str = "1.0",
    algorithms: Sequence[str] = ("sha256",), tags: Mapping[bytes, bytes | None] | None = None, tagged: bool = True,
) -> Path:
    """A whole bag; *tags* replaces tag files after the fact (None removes one), the tag manifests fitting them."""
    files: dict[bytes, bytes | None] = {b"bagit.txt": DECLARATION % version.encode()}
    sizes = [len(data) for data in payload.values()]
    files[b"bag-info.txt"] = b"Bagging-Date: 2026-01-02\nPayload-Oxum: %d.%d\n" % (sum(sizes), len(sizes))
    for algorithm in algorithms:
        files[f"manifest-{algorithm}.txt".encode()] = manifest(payload, algorithm)
    files.update(tags or {})
    present = {path: data for path, data in files.items() if data is not None}
    if tagged:
        for algorithm in algorithms:
            sealed = {path: data for path, data in present.items() if not path.startswith(b"tagmanifest")}
            present.setdefault(f"tagmanifest-{algorithm}.txt".encode(), manifest(sealed, algorithm))
    (folder / "data").mkdir(parents=True)
    for path, data in {**payload, **present}.items():
        put(folder, path, data)
    return folder


def put(folder: Path, path: bytes, data: bytes) -> None:
    """One file of a bag, with the folders it needs."""
    place = os.path.join(os.fsencode(folder), path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as file:
        file.write(data)
