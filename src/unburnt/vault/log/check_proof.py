#!/usr/bin/env python3
"""Check an unburnt proof, without unburnt.

    python check_proof.py FILE.proof ORIGINAL [--key VKEY] [--witness VKEY] [--tsa-root CA.pem] [--text RECORD] ...

This one file needs Python 3.11 and the package "cryptography"; for timestamps also the program "openssl". It is
written to be read from top to bottom, and shares no line with unburnt. Exit code: 0 it holds, 3 not, 2 wrong usage.

What a proof says. A newsroom or archive keeps a *log*: a list to which entries are only added. Each entry is a fingerprint (a SHA-256
hash) of one event, such as "this file was received". At times the log's keeper signs a *checkpoint*: three lines that give the log's name,
the number of its entries, and one fingerprint over all of them. Whoever holds a checkpoint would notice if any earlier entry were changed,
removed or slipped in. A proof leads from the bytes of ORIGINAL to an entry, from there to a checkpoint, and to signatures:

    step 1  the proof has the agreed form, and no other reading of it is possible;
    step 2  the fields that the proof opens belong to the event, and the event makes the entry;
    step 3  the checkpoint was signed by the log's key;
    step 4  the entry is in the log that the checkpoint stands for;
    step 5  ORIGINAL is the file whose fingerprint the event holds, and RECORD holds the text that was made from it;
    step 6  witnesses countersigned the checkpoint, and say when;
    step 7  timestamping authorities saw the checkpoint no later than a time that they state.

A *not-before mark* is an event with a value that nobody could know before its day, as a headline. What stands behind it
in the log was logged after that. MARK.proof proves one; step 8: the document's entry stands behind it in one checkpoint.
What no proof says: who wrote the document, and whether it is true. Times by the archive's own clock prove nothing.
"""

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import MD5, SHA1
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

LOG_KEY, WITNESS_KEY = 1, 4  # kinds of keys (https://c2sp.org/signed-note); both are Ed25519
MEMBERS = ["digests", "disclosures", "keys", "rotations", "timestamps", "v", "witnesses"]
# Object identifiers as DER has them: signed data, a timestamp, the kind of what is signed, SHA-256, SHA-384, SHA-512.
SIGNED_DATA, TIME_INFO, KIND_SAID = (bytes.fromhex(f"2a864886f70d01{one}") for one in ("0702", "09100104", "0903"))
SHA2 = [bytes.fromhex(f"60864801650304020{one}") for one in (1, 2, 3)]
NAME = re.compile(r"[^\s+\x00-\x1f]{1,256}")  # a key's: no spaces, plus signs or control characters
Signatures = list[tuple[str, bytes]]
Held = tuple[int, str, dict[str, Any], list[str]]  # of a proof that holds: its entry's number, checkpoint, fields; all in words


class Refused(Exception):
    """The proof does not hold, or is not written as agreed; the message says why."""


def require(condition: object, sentence: str) -> None:
    """Go on only if *condition* holds."""
    if not condition:
        raise Refused(sentence)


def number(text: str) -> int:
    """A whole number below 2^63 without sign or leading zeros; here as below, what could be read in two ways is refused."""
    require(re.fullmatch(r"0|[1-9][0-9]{0,18}", text) and int(text) < 2**63, "A number is not written plainly.")
    return int(text)


def decode(text: str, url: bool = False) -> bytes:
    """Base64 (RFC 4648): standard with padding, or URL-safe without. Encoding again must give the same text."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4 if url else 0), b"-_" if url else None, validate=True)
    except ValueError:
        raise Refused("Something is not written as base64.") from None
    again = base64.b64encode(data, b"-_" if url else None).decode()
    require(text == (again.rstrip("=") if url else again), "Base64 is not in canonical form.")
    return data


def strict_json(data: bytes) -> Any:
    """JSON in its one canonical form (RFC 8785): members sorted and none twice, no spaces, no fractions."""
    try:
        value = json.loads(data.decode(), parse_float=int, parse_constant=int)  # which fail for fractions and NaN
        canonical = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    except (ValueError, RecursionError):
        raise Refused("Something is not written as JSON.") from None
    require(canonical == data, "Something is not written as canonical JSON, or has a member twice.")
    return value


class Key:
    """A public key as one line NAME+ID+BASE64. The ID is the start of a hash over name, kind and key."""

    def __init__(self, line: str) -> None:
        parts = line.split("+", 2)
        require(len(parts) == 3 and NAME.fullmatch(parts[0]) and parts[0].isprintable(), "A public key is not NAME+ID+BASE64.")
        data = decode(parts[2])
        require(len(data) == 33 and data[0] in (LOG_KEY, WITNESS_KEY), "A public key is of an unknown kind.")
        self.line, self.name, self.kind, self.public = line, parts[0], data[0], data[1:]
        self.identity = hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:4]
        require(self.identity.hex() == parts[1], "A public key does not have the ID that its line states.")

    def signature(self, text: str, signatures: Signatures) -> bytes | None:
        """This key's signature under *text*, verified; None if it has none. A wrong one refuses everything."""
        own = [data[4:] for name, data in signatures if name == self.name and data[:4] == self.identity]
        for data in own:
            # A witness's has eight bytes of time before it, and is over that time and the text.
            time, before = int.from_bytes(data[:-64], "big"), "cosignature/v1\ntime {}\n" if self.kind == WITNESS_KEY else ""
            require(len(data) == (72 if before else 64) and time < 2**63, "A signature has the wrong length.")
            try:
                Ed25519PublicKey.from_public_bytes(self.public).verify(data[-64:], (before.format(time) + text).encode())
            except InvalidSignature:
                raise Refused(f"The signature by {self.name} is wrong.") from None
        return own[0] if own else None


def read_note(data: bytes) -> tuple[str, Signatures]:
    """A signed note: a text, an empty line, and signature lines "— NAME BASE64". Nothing is verified yet."""
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Refused("A signed note is not UTF-8.") from None
    require(len(data) <= 128 * 1024 and not re.search(r"[\x00-\x09\x0b-\x1f]", whole), "A signed note is malformed.")
    text, _, below = whole.rpartition("\n\n")
    lines = [line.split(" ") for line in below[:-1].split("\n")]
    require(text and below.endswith("\n") and len(lines) <= 64, "A signed note has no signatures, or too many.")
    require(all(len(line) == 3 and line[0] == "—" and NAME.fullmatch(line[1]) for line in lines), "A signature is malformed.")
    signatures = [(line[1], decode(line[2])) for line in lines]
    require(all(len(data) > 4 for _, data in signatures), "A signature is too short.")
    return text + "\n", signatures


def read_proof(data: bytes) -> tuple[int, list[bytes], bytes, dict[str, list[str]]]:
    """Step 1, the form (https://c2sp.org/tlog-proof): index, hashes, checkpoint, and what opens the entry."""
    head, _, note = data.partition(b"\n\n")
    require(len(data) <= 256 * 1024 and head.isascii(), "The proof is too large, or no plain text.")
    lines = head.decode().split("\n")
    require(lines[0] == "c2sp.org/tlog-proof@v1" and 3 <= len(lines) <= 3 + 63, "This is not a proof, or too long a one.")
    require(lines[1].startswith("extra ") and lines[2].startswith("index "), "The proof lacks 'extra' or 'index'.")
    hashes = [decode(line) for line in lines[3:]]
    require(all(len(one) == 32 for one in hashes), "A line of the proof is not a hash.")
    packed = decode(lines[1][len("extra "):])
    extra = strict_json(packed) if len(packed) <= 64 * 1024 else None
    if not isinstance(extra, dict) or sorted(extra) != MEMBERS or repr(extra.pop("v")) != "1":
        raise Refused("The proof's line 'extra' has other members, or is of another version.")
    for value in extra.values():
        require(isinstance(value, list) and len(value) <= 64 and all(isinstance(one, str) for one in value),
                "The proof lists too much of one thing, or something that is no text.")
    return number(lines[2][len("index "):]), hashes, note, extra


def open_fields(digests: list[str], disclosures: list[str]) -> dict[str, Any]:
    """Step 2: the opened fields, name to value.

    Each field of an event is written as base64url of JSON [salt, name, value]; the salt is random, so that nobody
    can guess what was not opened. The event is twelve hashes of such texts (or random fillers), in sorted order.
    """
    require(len(digests) == 12 and digests == sorted(set(digests)), "The event's digests are not twelve in order.")
    hashes = [decode(one, url=True) for one in digests]
    require(all(len(one) == 32 for one in hashes), "One of the event's digests is none.")
    fields: dict[str, Any] = {}
    for disclosure in disclosures:
        require(hashlib.sha256(disclosure.encode()).digest() in hashes, "A field is not of this event.")
        opened = strict_json(decode(disclosure, url=True))
        require(isinstance(opened, list) and list(map(type, opened))[:2] == [str, str] and len(opened) == 3, "A bad field.")
        _, name, value = opened
        require(re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) and name not in fields, "A field has a bad name, or twice.")
        parts = value if isinstance(value, list) else [] if value is None or isinstance(value, bool) else [value]
        require(all(type(one) is str or (type(one) is int and abs(one) < 2**53) for one in parts),
                "An opened field holds something strange.")
        fields[name] = value
    return fields


def signing_key(text: str, by: Signatures, origin: str, extra: dict[str, list[str]], pinned: list[Key]) -> str:
    """Step 3: the key that signed, and how it is known. A key may hand over to another by a note that both signed."""
    known = {key.line: "the key that you gave" for key in pinned}
    for statement in extra["rotations"]:
        said, by_both = read_note(statement.encode())
        lines = said.split("\n")
        require(len(lines) == 4 and lines[0] == "unburnt key rotation v1" and not lines[3], "A hand-over is malformed.")
        old, new = Key(lines[1]), Key(lines[2])
        require(old.kind == new.kind == LOG_KEY and old.name == new.name and old.line != new.line,
                "A hand-over names keys that do not go together.")
        require(old.signature(said, by_both) and new.signature(said, by_both), "A hand-over is not signed by both keys.")
        if old.line in known:
            known.setdefault(new.line, "yours handed over to it")
    named = {key.line: "ONLY THE PROOF NAMES IT: compare it with the publisher's" for key in map(Key, extra["keys"])}
    for line, how in (known if pinned else named).items():
        key = Key(line)
        if key.kind == LOG_KEY and key.name == origin and key.signature(text, by):
            return f"{line} ({how})"
    raise Refused("The checkpoint is not signed by the key that you gave, or that the proof names.")


def root_of(index: int, size: int, entry_hash: bytes, hashes: list[bytes]) -> bytes:
    """Step 4: climb from an entry to the root of a log of *size* entries (RFC 6962, section 2.1).

    A log is a left part, as large a power of two as fits below its size, and the rest on its right; both are built
    alike. Its root is SHA-256(1, left root, right root); one entry stands as SHA-256(0, entry). The proof gives the
    root of the neighbouring part on each storey, the topmost last.
    """
    if size == 1:
        require(not hashes, "The proof holds more hashes than its log is high.")
        return entry_hash
    require(hashes, "The proof holds fewer hashes than its log is high.")
    left_size = 1 << (size - 1).bit_length() - 1
    if index < left_size:
        left, right = root_of(index, left_size, entry_hash, hashes[:-1]), hashes[-1]
    else:
        left, right = hashes[-1], root_of(index - left_size, size - left_size, entry_hash, hashes[:-1])
    return hashlib.sha256(b"\x01" + left + right).digest()


def der(data: bytes) -> list[tuple[int, bytes]]:
    """What stands one after the other in DER (X.690, how certificates are written): tag and content of each."""
    parts = []
    while data:
        head, size = 2, data[1]
        if size >= 0x80:
            head += size & 0x7F
            size = int.from_bytes(data[2:head], "big")
        require(data[1] < 0x80 or data[1] <= 0x84 and size >= 0x80 and data[2], "A timestamp is not written as DER.")
        require(len(data) >= head + size, "A timestamp is cut off.")
        parts.append((data[0], data[head:head + size]))
        if data[0] & 0x20:  # what it is made of has to be DER, too
            der(data[head:head + size])
        data = data[head + size:]
    return parts


def token_time(token: bytes, text: str) -> datetime:
    """The time in a token (RFC 3161), whose form is checked, and that it is over *text*; its signature is not, here."""
    require(len(token) <= 32 * 1024, "A timestamp is too large.")
    try:
        [(_, content)] = der(token)
        (_, kind), (_, wrapped) = der(content)
        [(_, signed)] = der(wrapped)
        _, _, (_, said), (certified, certificates), *_, (_, signers) = der(signed)
        (_, what), (_, wrapped) = der(said)
        [[(_, info)]] = [der(octets) for _, octets in der(wrapped)]
        (_, version), _, (_, imprint), _, (_, moment), *more = der(info)
        (_, algorithm), (_, digest) = der(imprint)
        [(_, signer)] = der(signers)
        _, (named, _), (_, signed_by), (_, attributes), *_ = der(signer)
        said_of = [(kind, one) for (_, kind), (_, values) in (der(one) for _, one in der(attributes)) for [one] in [der(values)]]
        hashes, held = [der(one)[0][1] for one in (algorithm, signed_by)], len(der(certificates))
        flags = [flag for tag, part in more if tag == 0xA1 for _, one in der(part) for tag, flag in der(one) if tag == 1]
        keys = [each.public_key() for each in pkcs7.load_der_pkcs7_certificates(token)]
        time = datetime.strptime(re.findall(rb"\A([0-9]{14})(?:\.[0-9]*[1-9])?Z\Z", moment)[0].decode() + "+0000", "%Y%m%d%H%M%S%z")
    except (ValueError, IndexError, RecursionError, UnsupportedAlgorithm):
        raise Refused("A timestamp is not of the agreed form.") from None
    require(not any(isinstance(key, RSAPublicKey) and key.key_size < 2048 for key in keys), "A timestamp has a short RSA key.")
    require((kind, what, version) == (SIGNED_DATA, TIME_INFO, b"\x01"), "A timestamp is not one of RFC 3161.")
    require(hashes[0] == SHA2[0] and hashes[1] in SHA2, "A timestamp relies on another digest than is agreed.")
    require((KIND_SAID, (6, TIME_INFO)) in said_of and len(dict(said_of)) == len(said_of), "A timestamp says a thing twice, or none.")
    require(certified == 0xA0 and 1 <= held <= 16 and named == 0x30, "A timestamp does not hold its signer's certificate.")
    require(all(flag == b"\0" for flag in flags), "A timestamp holds under a condition that this program does not know.")
    require(digest == hashlib.sha256(text.encode()).digest(), "A timestamp is not over this checkpoint.")
    require(time <= datetime.now(UTC) + timedelta(minutes=10), "A timestamp lies in the future.")
    return time


def strong_roots(given: bytes) -> bytes:
    """The certificates (PEM) in somebody's file of roots, but for short RSA keys and signatures by way of MD5 or SHA-1."""
    try:
        found = [(each, each.signature_hash_algorithm) for each in x509.load_pem_x509_certificates(given)
                 if not isinstance(key := each.public_key(), RSAPublicKey) or key.key_size >= 2048]
    except (ValueError, UnsupportedAlgorithm):
        raise Refused("The file of roots does not hold certificates (PEM).") from None
    return b"".join(each.public_bytes(Encoding.PEM) for each, by in found if not isinstance(by, (MD5, SHA1)))


def timestamp(token: bytes, text: str, roots: bytes, between: bytes) -> str:
    """Step 7: the time of a token that openssl finds signed under one of *roots* (PEM), not by way of MD5 or SHA-1 (level 2)."""
    time = token_time(token, text)
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (("text", text.encode()), ("token", token), ("roots", roots), ("between", between)):
            (Path(folder) / name).write_bytes(data)
        asked = "openssl ts -verify -in token -token_in -data text -CAfile roots -untrusted between -auth_level 2 -attime"
        done = subprocess.run([*asked.split(), str(int(time.timestamp()))], cwd=folder, capture_output=True, check=False)
    require(done.returncode == 0, "A timestamp is not over this checkpoint, or not by an authority you gave.")
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def hold(proof: Path, keys: list[Key], witnesses: list[Key], roots: list[Path]) -> Held:
    """All steps but the fifth and the eighth; raises :class:`Refused` at the first that fails."""
    with proof.open("rb") as file:
        index, hashes, note, extra = read_proof(file.read(256 * 1024 + 1))
    fields = open_fields(extra["digests"], extra["disclosures"])
    # The log's entry for an event is a hash over a fixed first line and the event's digests, a line each.
    entry = hashlib.sha256("".join(f"{line}\n" for line in ["unburnt event v1", *extra["digests"]]).encode()).digest()
    text, signatures = read_note(note)
    lines = text.split("\n")  # a checkpoint (https://c2sp.org/tlog-checkpoint): the log's name, its size, its root
    require(len(lines) == 4 and lines[0] and not lines[3], "The checkpoint does not have three lines.")
    key, size = signing_key(text, signatures, lines[0], extra, keys), number(lines[1])
    require(index < size, "The proof speaks of an entry beyond the end of its log.")
    computed = root_of(index, size, hashlib.sha256(b"\x00" + entry).digest(), hashes)
    require(computed == decode(lines[2]), "The entry is not in the log that the checkpoint stands for.")
    own = {"time": "  (the archive's own clock: proves nothing)", "modified": "  (as the file said: proves nothing)"}
    shown = [f"opened         {name}: {json.dumps(value)}{own.get(name, '')}" for name, value in fields.items()]
    shown += [f"logged         entry {index} of {size} in the log {lines[0]}", f"signed by      {key}"]
    for one in dict.fromkeys([key.line for key in witnesses] + extra["witnesses"]):
        known = "a witness that you gave" if one in [key.line for key in witnesses] else "ONLY THE PROOF NAMES IT"
        said = Key(one).signature(text, signatures) if Key(one).kind == WITNESS_KEY else None
        require(said, f"{Key(one).name} did not countersign the checkpoint.")
        then = datetime.fromtimestamp(min(int.from_bytes((said or b"")[:8], "big"), 253402300799), UTC)  # year 9999
        shown.append(f"countersigned  by {one} ({known}), who states the time {then:%Y-%m-%d %H:%M:%S} UTC")
    tokens, refused = [decode(token) for token in extra["timestamps"]], "The proof holds no timestamp."
    if not roots:
        return index, text, fields, [*shown, f"timestamped    NOT CHECKED ({len(tokens)} found): it takes --tsa-root and openssl"]
    require(shutil.which("openssl"), "A timestamp is asked for, and the program openssl, which checks it, is not here.")
    times, trusted = dict[bytes, str](), [(root, strong_roots(root.read_bytes())) for root in roots]
    for token, root, pem in ((token, *one) for token in tokens for one in trusted):
        try:
            time = timestamp(token, text, pem, b"".join(each for _, each in trusted))
            times.setdefault(token, f"timestamped    no later than {time}, under {root}")
        except Refused as error:
            refused = str(error)
    require(times, refused)
    return index, text, fields, [*shown, *times.values()]


def require_original(fields: dict[str, Any], original: Path) -> str:
    """Step 5: the event is about the file *original*."""
    with original.open("rb") as file:
        sha256, length = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
    require(fields.get("digest", fields.get("blob")) == sha256, "ORIGINAL is not the file of this proof.")
    require(fields.get("size", str(length)) == str(length), "ORIGINAL is not of the size that the event states.")
    return f"original       SHA-256 {sha256}, {length} bytes"


def require_text(fields: dict[str, Any], record: Path) -> list[str]:
    """Step 5, the text: *record*'s first line has the hash that the event names, each line behind it that which the first names."""
    first, *rest = record.read_bytes().removesuffix(b"\n").split(b"\n")
    require(hashlib.sha256(first).hexdigest() == fields.get("output"), "RECORD is not the text of this proof, or it tells of none.")
    try:  # of a split archive it names the volumes, too
        said = json.loads(first)
        named, volumes = [part.get("digest") for part in said.get("parts", [])], [str(one) for _, one in said.get("volumes", [])]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        named, volumes = [], []
    same = [digest in (None, hashlib.sha256(line).hexdigest()) for digest, line in zip(named, rest, strict=False)]
    require(all(same) and len(rest) in (0, len(named)), "A line of RECORD is not what its first line names, or is one too many or few.")
    proved = f"the first line and {len(rest) - named[:len(rest)].count(None)} of the {len(rest)} behind it"
    return [f"text           RECORD was made from the original by that step; proved are {proved}",
            *(f"read as one    volume {place}, SHA-256 {one}: compare with yours" for place, one in enumerate(volumes, 1))]


def require_mark(mark: Held, document: Held | None = None) -> str:
    """The event is a not-before mark and, step 8, the *document* stands behind it under the same checkpoint."""
    index, checkpoint, fields, _ = mark
    value = fields.get("value") if fields.get("kind") == "beacon-logged" else None
    require(value and isinstance(value, str), "This proves no not-before mark. For a document's proof, name the file, too.")
    known = f"was logged after this became known: {json.dumps(value)}"
    if document is None:
        return f"not before     what stands behind entry {index} of this log {known}"
    require(checkpoint == document[1], "The two proofs are over different checkpoints, and cannot be compared.")
    require(index < document[0], "The document's entry does not stand behind the mark, which says nothing of it.")
    return f"not before     the document's entry, {document[0]}, stands behind the mark, {index}: it {known}"


def main() -> int:
    """The command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Check an unburnt proof without unburnt.")
    parser.add_argument("proof", type=Path, help="the file .proof")
    parser.add_argument("original", type=Path, nargs="?", help="the file that it is about; none for a not-before mark")
    parser.add_argument("--text", type=Path, help="for a proof about a text: what 'unburnt cat' printed")
    parser.add_argument("--beacon", type=Path, help="the proof of a not-before mark, over the same checkpoint")
    parser.add_argument("--key", action="append", default=[], help="a key of the log, from its publisher")
    parser.add_argument("--witness", action="append", default=[], help="the key of a witness who must have signed too")
    parser.add_argument("--tsa-root", action="append", default=[], type=Path, help="PEM file of authorities that you trust")
    given = parser.parse_args()
    if given.original is None and (given.text or given.beacon):
        parser.error("--text and --beacon belong to the proof of a document: name the file that it is about")
    named = [one for one in (given.proof, given.original, given.text, given.beacon, *given.tsa_root) if one]
    try:
        require(all(one.is_file() or not one.exists() for one in named), "What you named is not a plain file.")
        trusted = list(map(Key, given.key)), list(map(Key, given.witness)), given.tsa_root
        held = hold(given.proof, *trusted)
        shown = [require_original(held[2], given.original), *held[3]] if given.original else [*held[3], require_mark(held)]
        if given.text:
            shown[1:1] = require_text(held[2], given.text)
        if given.beacon:
            shown.append(require_mark(hold(given.beacon, *trusted), held))
        ended, shown = 0, [*shown, "The proof holds. It shows neither who wrote a document nor whether it is true."]
    except OSError as error:
        parser.error(str(error))
    except Refused as error:
        ended, shown = 3, [f"REFUSED: {error}"]
    print("\n".join(shown).encode("ascii", "backslashreplace").decode())  # a name must not steer the terminal
    return ended


if __name__ == "__main__":
    sys.exit(main())
