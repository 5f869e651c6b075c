"""Is this folder a whole, honest bag (BagIt, RFC 8493)? Everything is looked at before anything is believed.

Stricter than the standard where material comes from strangers: nothing is fetched from a network, no link is
followed, and what only some systems would take for the same file is said.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from unburnt.base.digests import CHUNK, Digest, digest_of
from unburnt.base.errors import UnburntError
from unburnt.base.visible import visible
from unburnt.model.audit import Finding
from unburnt.publish import bag_names
from unburnt.publish.bag_files import open_file, walk
from unburnt.publish.bag_tags import (
    ALGORITHMS,
    WEAK,
    BadTag,
    Declaration,
    elements,
    entries,
    parse_declaration,
    text_of,
)

_MANIFEST = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt\Z")
_OXUM = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})\Z")
_LONGEST_TAG = 256 << 20
_LONGEST_INFO = 1 << 20
_MOST_FINDINGS = 1_000


class BadBag(UnburntError):
    """A bag is not what its manifests say; *findings* name each thing that is wrong."""

    exit_code = 3

    def __init__(
        self, findings: Iterable[Finding], *, remedy: str = "Ask for it again; nothing was taken from it."
    ) -> None:
        self.findings = tuple(findings)
        first = self.findings[0]
        more = f" (and {len(self.findings) - 1} more)" if len(self.findings) > 1 else ""
        super().__init__(f"This bag is not as it should be: {first.item}: {first.what}{more}",
                         remedy=remedy)


class Payload(msgspec.Struct, frozen=True):
    """One payload file as it was found: its path in the bag, beginning with ``data/``."""

    path: str
    digest: Digest
    size: int


class Bag(msgspec.Struct, frozen=True, kw_only=True):
    """A bag that was checked whole."""

    folder: Path
    id: str
    """16 hexadecimal digits of the SHA-256 of its tag manifest, else of its manifest."""
    version: str
    algorithms: tuple[str, ...]
    payload: tuple[Payload, ...]
    tags: tuple[str, ...]
    """Every other file."""
    info: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def check_bag(folder: Path) -> Bag:
    """Read every byte of the bag in *folder*; raises :class:`BadBag`, and :class:`UnburntError` if there is none."""
    return _Checking(folder).run()


class _Checking:
    """One check; findings and warnings grow as it goes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._findings: list[Finding] = []
        self._warnings: list[str] = []
        self._files: dict[str, int] = {}
        """Every file in the bag, by path, with its size."""
        self._claims: dict[str, dict[str, str]] = {}
        """Path -> algorithm -> checksum, as the manifests claim."""
        self._names: dict[str, dict[str, set[str]]] = {"": {}, "tag": {}}
        """Payload (``""``) and tag manifests: algorithm -> paths listed."""
        self._tag_bytes: dict[str, bytes] = {}
        self._by_composed: dict[str, list[str]] = {}

    def run(self) -> Bag:
        if not self._folder.is_dir():
            raise UnburntError("There is no folder of that name.")
        for path, size, what in walk(self._folder):
            if what is not None:
                self._found(path, what)
            else:
                self._files[path] = size
                self._by_composed.setdefault(bag_names.composed(path), []).append(path)
        self._stop_if_bad()
        declaration = self._declaration()
        self._manifests(declaration)
        self._completeness(declaration)
        info = self._info(declaration)
        self._clashes()
        self._stop_if_bad()
        payload = tuple(filter(None, (self._hash(path) for path in sorted(self._files))))
        self._stop_if_bad()
        return Bag(folder=self._folder, id=self._id(), version=declaration.version,
                   algorithms=tuple(sorted(self._names[""])), payload=payload, info=info,
                   tags=tuple(sorted(path for path in self._files if not path.startswith("data/"))),
                   warnings=tuple(self._warnings))

    # --- what is there -----------------------------------------------------------------------------------

    def _declaration(self) -> Declaration:
        if not (self._folder / "data").is_dir():
            self._found("data/", "The bag has no payload folder.")
        if "bagit.txt" not in self._files:
            self._found("bagit.txt", "It is missing: this is no bag.")
        self._stop_if_bad()
        try:
            declaration = parse_declaration(self._read("bagit.txt", 4_096))
        except (BadTag, OSError) as error:
            self._found("bagit.txt", _reason(error))
            raise BadBag(self._findings) from error
        if "fetch.txt" in self._files:
            self._found("fetch.txt", "The bag asks to fetch files from a network, which this program never does.")
        return declaration

    # --- what is claimed ---------------------------------------------------------------------------------

    def _manifests(self, declaration: Declaration) -> None:
        for path in sorted(self._files):
            match = _MANIFEST.match(path)
            if match is None:
                continue
            kind, algorithm = match[1] or "", match[2]
            if algorithm not in ALGORITHMS:
                self._warnings.append(f"{path} is of a kind that this program cannot check.")
                continue
            self._names[kind][algorithm] = set()
            text = self._text(path, declaration)
            if text is not None:
                self._manifest(path, kind, algorithm, text, declaration)
        if not self._names[""]:
            self._found("manifest", "The bag has no manifest that this program can check.")
        elif WEAK.issuperset(self._names[""]):
            self._warnings.append("Its manifests are MD5 or SHA-1 only: they show accidents, not forgery.")
        if not self._names["tag"]:
            self._warnings.append("It has no tag manifest: its tag files are not protected.")

    def _manifest(self, manifest: str, kind: str, algorithm: str, text: str, declaration: Declaration) -> None:
        version = declaration.version
        seen: dict[str, str] = {}
        odd = False
        for entry in entries(text, hashlib.new(algorithm).digest_size * 2):
            if isinstance(entry, int):
                self._found(manifest, f"Line {entry} is not a checksum and a path.")
                continue
            odd = odd or entry.odd
            path = self._meant(manifest, kind, entry.path, version)
            if path is None:
                continue
            if path in seen:
                if version == "1.0" or seen[path] != entry.checksum:
                    self._found(path, f"{manifest} lists it twice.")
                else:
                    self._warnings.append(f"{manifest} lists a file twice.")
                continue
            seen[path] = entry.checksum
            self._claims.setdefault(path, {})[algorithm] = entry.checksum
            self._names[kind][algorithm].add(path)
        if odd:
            self._warnings.append(f"{manifest} writes paths as checksum programs do (./ or *).")

    def _meant(self, manifest: str, kind: str, untrusted_path: str, version: str) -> str | None:
        """The file that a line names; None, and a finding, where it names none that it may."""
        path = bag_names.decoded(untrusted_path, version)
        what = bag_names.objection(path)
        if what is None and path.startswith("data/") == (kind == "tag"):
            what = "A tag manifest must not list payload." if kind else "The path is outside the payload folder data/."
        if what is None and kind and path.startswith("tagmanifest-"):
            what = "A tag manifest must not list a tag manifest."
        if what is not None:
            self._found(path, f"{what} ({manifest})")
            return None
        if path in self._files:
            return path
        if untrusted_path in self._files and bag_names.objection(untrusted_path) is None:
            self._warnings.append(f"{manifest} does not encode the percent sign.")
            return untrusted_path
        alike = self._by_composed.get(bag_names.composed(path), [])
        if len(alike) == 1:
            self._warnings.append(f"{manifest} composes the letters of a name otherwise than the disk does.")
            return alike[0]
        self._found(path, f"It is missing, though {manifest} lists it.")
        return None

    def _completeness(self, declaration: Declaration) -> None:
        lists = self._names[""]
        everywhere = declaration.version == "1.0"
        for path in sorted(self._files):
            if not path.startswith("data/") or not lists:
                continue
            without = [algorithm for algorithm in sorted(lists) if path not in lists[algorithm]]
            if len(without) == len(lists):
                self._found(path, "No manifest lists it.")
            elif without and everywhere:
                self._found(path, f"manifest-{without[0]}.txt does not list it, and others do.")
        self._tags_unlisted()

    def _tags_unlisted(self) -> None:
        listed = set().union(*self._names["tag"].values())
        unlisted = [path for path in self._files
                    if not path.startswith(("data/", "tagmanifest-")) and path not in listed]
        if unlisted and self._names["tag"]:
            self._warnings.append(f"{len(unlisted)} tag files stand in no tag manifest.")

    def _info(self, declaration: Declaration) -> tuple[tuple[str, str], ...]:
        name = "bag-info.txt" if declaration.version > "0.95" else "package-info.txt"
        text = self._text(name, declaration, _LONGEST_INFO) if name in self._files else None
        found: list[tuple[str, str]] = []
        for element in elements(text or ""):
            if isinstance(element, int):
                self._found(name, f"Line {element} is not a label and a value.")
            else:
                found.append(element)
        for label, value in found:
            if label.lower() == "payload-oxum":
                self._oxum(name, value)
        return tuple(found)

    def _oxum(self, name: str, value: str) -> None:
        sizes = [size for path, size in self._files.items() if path.startswith("data/")]
        match = _OXUM.match(value)
        if match is None or (int(match[1]), int(match[2])) != (sum(sizes), len(sizes)):
            self._found(name, f"Payload-Oxum does not fit: there are {sum(sizes)} bytes in {len(sizes)} files.")

    def _clashes(self) -> None:
        folded: dict[str, str] = {}
        for path in self._files:
            if folded.setdefault(bag_names.folded(path), path) != path:
                self._warnings.append("Two names differ only in case or in how letters are composed: "
                                      "on other systems they are one file.")
                return

    # --- the bytes ---------------------------------------------------------------------------------------

    def _hash(self, path: str) -> Payload | None:
        """Read one file once; gives what it is when it is payload."""
        claims = self._claims.get(path, {})
        hashers = {algorithm: hashlib.new(algorithm) for algorithm in {*claims, "sha256"}}
        size = 0
        try:
            with open_file(self._folder / path) as file:
                while piece := file.read(CHUNK):
                    size += len(piece)
                    for hasher in hashers.values():
                        hasher.update(piece)
        except OSError as error:
            self._found(path, _reason(error))
            return None
        wrong = [algorithm for algorithm, claimed in claims.items() if hashers[algorithm].hexdigest() != claimed]
        if wrong:
            self._found(path, f"Its bytes do not have the {'/'.join(sorted(wrong))} that the manifest gives.")
        if not path.startswith("data/"):
            return None
        return Payload(path, hashers["sha256"].hexdigest(), size)

    def _id(self) -> str:
        names = [*(f"tagmanifest-{one}.txt" for one in sorted(self._names["tag"], key=_strength)),
                 *(f"manifest-{one}.txt" for one in sorted(self._names[""], key=_strength))]
        return digest_of(self._read(names[0], _LONGEST_TAG))[:16]

    def _read(self, path: str, most: int) -> bytes:
        with open_file(self._folder / path) as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise BadTag("It is too long.")
        return data

    def _text(self, path: str, declaration: Declaration, most: int = _LONGEST_TAG) -> str | None:
        try:
            return text_of(self._read(path, most), declaration.encoding)
        except (BadTag, OSError) as error:
            self._found(path, _reason(error))
            return None

    def _found(self, untrusted_item: str, what: str) -> None:
        if len(self._findings) < _MOST_FINDINGS:
            self._findings.append(Finding(visible(untrusted_item), what))

    def _stop_if_bad(self) -> None:
        if self._findings:
            raise BadBag(self._findings)


def _reason(error: BadTag | OSError) -> str:
    return str(error) if isinstance(error, BadTag) else f"It cannot be read: {error.strerror}."


def _strength(algorithm: str) -> tuple[bool, str]:
    return algorithm != "sha256", algorithm
