"""Timestamps of an archive: requests kept, answers checked and stored, roots pinned; openssl agrees throughout."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.seal_authority import DAY, NOW, Authority, certified, forged, openssl_accepts, pin
from unburnt.base.errors import DamagedArchive
from unburnt.vault.log import timestamp as ts
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.kept import CheckpointsDiffer, Kept
from unburnt.vault.log.note import Note, Signer
from unburnt.vault.log.roots import BadRoot, Roots, fingerprint, pinned, read_roots
from unburnt.vault.log.timestamp_token import parse_token
from unburnt.vault.log.timestamps import Timestamps

SIGNER = Signer("unburnt/test", Ed25519PrivateKey.generate())


def checkpoint(size: int, fill: bytes = b"r") -> Note:
    text = Checkpoint("unburnt/test", size, fill * 32).text()
    return Note(text, (SIGNER.sign(text),))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    for name in ("log", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path / "log"


@pytest.fixture
def stamps(log: Path) -> Timestamps:
    return Timestamps(log, log.parent / "tmp")


def trusted(authority: Authority) -> Roots:
    return Roots((authority.root.certificate,))


def test_a_request_is_one_that_openssl_reads_and_holds_digest_nonce_and_the_wish_for_a_certificate(tmp_path: Path) -> None:
    query, nonce = ts.request("text\n")
    (tmp_path / "q").write_bytes(query)
    shown = subprocess.run(["openssl", "ts", "-query", "-in", "q", "-text"], cwd=tmp_path, capture_output=True, check=True)
    assert b"Hash Algorithm: sha256" in shown.stdout and b"Certificate required: yes" in shown.stdout
    assert f"0x{nonce:016X}".encode() in shown.stdout
    assert ts.requested(query) == ts.Requested(imprint=ts.imprint_of("text\n"), nonce=nonce)
    assert len({ts.request("text\n")[1] for _ in range(50)}) == 50


def test_an_answer_by_openssl_is_verified_and_all_it_says_is_given(authority: Authority) -> None:
    query, nonce = ts.request("text\n")
    response = authority.reply(query)
    said = ts.verify(response, "text\n", [authority.root.certificate], nonce=nonce)
    assert abs(said.time - NOW) < timedelta(hours=1) and said.time.utcoffset() == timedelta(0)
    assert (said.accuracy, said.policy) == (timedelta(seconds=1), "1.2.3.4.1")
    assert (said.authority, said.root) == ("CN=Tests' Time", fingerprint(authority.root.certificate))
    assert openssl_accepts(authority.folder, response, roots=[authority.root], query=query)
    assert ts.verify(said.token, "text\n", [authority.root.certificate], nonce=nonce) == said


def test_among_many_pinned_roots_the_one_that_vouches_is_named(authority: Authority) -> None:
    roots = [certified(f"Other {number}") for number in range(3)] + [authority.root]
    said = ts.verify(forged("text\n", authority.signer), "text\n", [each.certificate for each in roots])
    assert said.root == fingerprint(authority.root.certificate)


def test_a_timestamp_granted_with_changes_is_judged_by_what_it_says(authority: Authority) -> None:
    response = forged("text\n", authority.signer, status="granted_with_mods")
    assert ts.verify(response, "text\n", [authority.root.certificate]).time == NOW
    assert openssl_accepts(authority.folder, response, roots=[authority.root], text="text\n")


def test_certificates_in_any_order_are_accepted_as_openssl_does(authority: Authority) -> None:
    for chain in (authority.signer.chain, authority.signer.chain[::-1], [*authority.signer.chain, authority.root]):
        response = forged("text\n", authority.signer, certificates=chain)
        token = parse_token(response)
        unsorted = response.replace(b"".join(sorted(each.der for each in chain)), b"".join(each.der for each in chain))
        assert ts.verify(unsorted, "text\n", [authority.root.certificate]).time == token.time
        assert openssl_accepts(authority.folder, unsorted, roots=[authority.root], text="text\n")


def test_several_authorities_are_asked_and_their_answers_stored(authority: Authority, log: Path, stamps: Timestamps) -> None:
    queries = [stamps.request(checkpoint(3)), stamps.request(checkpoint(3)), stamps.request(checkpoint(8))]
    for query, size in zip(queries, (3, 3, 8), strict=True):
        assert stamps.add(authority.reply(query), trusted(authority))[0] == size
    found = list(stamps.found(trusted(authority)))
    assert [each.size for each in found] == [3, 3, 8] and all(isinstance(each.said, ts.Timestamped) for each in found)
    for each in found:
        text = checkpoint(each.size).text
        assert openssl_accepts(authority.folder, (log.parent / each.name).read_bytes(), roots=[authority.root], text=text)
    assert {each.said.authority for each in stamps.found(Roots()) if isinstance(each.said, ts.Timestamped)} == set()


def test_adding_an_answer_twice_stores_it_once(authority: Authority, log: Path, stamps: Timestamps) -> None:
    answer = authority.reply(stamps.request(checkpoint(3)))
    assert stamps.add(answer, trusted(authority)) == stamps.add(parse_token(answer).der, trusted(authority))
    assert len(list(log.glob("timestamps/3/*.tsr"))) == 1


def test_refused_answers_change_nothing(authority: Authority, log: Path, stamps: Timestamps) -> None:
    query = stamps.request(checkpoint(3))
    before = sorted(log.rglob("*"))
    good, other = authority.reply(query), Authority(log.parent / "other")
    for answer, error in [
        (authority.reply(ts.request(checkpoint(3).text)[0]), ts.WrongNonce),
        (authority.reply(ts.request(checkpoint(4).text)[0]), ts.WrongText),
        (other.reply(query), ts.UntrustedAuthority),
        (good[:-1], ts.BadTimestamp),
    ]:
        with pytest.raises(error):
            stamps.add(answer, trusted(authority))
    with pytest.raises(ts.FutureTime):
        stamps.add(good, trusted(authority), now=NOW - DAY)
    assert sorted(log.rglob("*")) == before


def test_a_damaged_request_keeps_no_answer_to_another_out(authority: Authority, log: Path, stamps: Timestamps) -> None:
    first, second = stamps.request(checkpoint(3)), stamps.request(checkpoint(8))
    [path] = [path for path in log.rglob("*.tsq") if path.read_bytes() == first]
    path.write_bytes(first[:-3])
    (log / "checkpoints" / "3").unlink()
    assert stamps.add(authority.reply(second), trusted(authority))[0] == 8


def test_a_stored_timestamp_that_was_changed_is_found_and_named(authority: Authority, log: Path, stamps: Timestamps) -> None:
    stamps.add(authority.reply(stamps.request(checkpoint(3))), trusted(authority))
    [path] = log.glob("timestamps/3/*.tsr")
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)
    [found] = stamps.found(trusted(authority))
    assert isinstance(found.said, ts.BadTimestamp) and found.name == f"log/timestamps/3/{path.name}"


def test_a_timestamped_checkpoint_that_is_missing_or_changed_is_damage(authority: Authority, log: Path, stamps: Timestamps) -> None:
    stamps.add(authority.reply(stamps.request(checkpoint(3))), trusted(authority))
    path = log / "checkpoints" / "3"
    whole = path.read_bytes()
    for bad in (whole[:-1], whole.replace(b"\n3\n", b"\n4\n"), b""):
        path.write_bytes(bad)
        with pytest.raises(DamagedArchive, match="checkpoints/3"):
            list(stamps.found(trusted(authority)))
    path.write_bytes(checkpoint(3, b"s").encode())
    [found] = stamps.found(trusted(authority))
    assert isinstance(found.said, ts.WrongText)
    path.unlink()
    with pytest.raises(DamagedArchive, match="missing"):
        list(stamps.found(trusted(authority)))


def test_another_checkpoint_of_a_kept_size_is_refused(log: Path) -> None:
    kept = Kept(log, log.parent / "tmp")
    assert kept.keep(checkpoint(3)) == 3
    with pytest.raises(CheckpointsDiffer, match="forked"):
        kept.keep(checkpoint(3, b"s"))
    assert kept.note(3) == checkpoint(3) and kept.note(4) is None and kept.sizes() == [3]


def test_roots_are_pinned_by_fingerprint_and_a_changed_one_is_refused(authority: Authority, log: Path) -> None:
    between = pin(log, authority.between.pem + authority.root.pem)
    assert pinned(log) == between == Roots((authority.root.certificate,), (authority.between.certificate,))
    path = log / "roots" / f"{fingerprint(authority.root.certificate)}.pem"
    shown = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", path], capture_output=True, check=True)
    assert shown.stdout.decode().strip().partition("=")[2].replace(":", "").lower() == path.stem
    path.write_bytes(certified("Tests' Root").pem)
    with pytest.raises(DamagedArchive, match="root"):
        pinned(log)


def test_what_is_no_root_is_not_pinned(authority: Authority, log: Path) -> None:
    strange = authority.root.der.replace(b"\x2a\x86\x48\xce\x3d\x03\x01\x07", b"\x2a\x86\x48\xce\x3d\x03\x01\x7f")
    assert strange != authority.root.der
    for bad in (strange, authority.between.pem, authority.signer.pem, authority.root.pem + authority.signer.pem, b"", b"x" * 99,
                authority.root.pem[:-40], authority.root.der[:-1], authority.signer.der, b"0", authority.root.pem * 2000):
        with pytest.raises(BadRoot):
            pin(log, bad)
    assert not (log / "roots").exists()
    for same in (authority.root.pem * 2, authority.root.der, b"a comment\n" + authority.root.pem):
        assert read_roots(same).anchors == (authority.root.certificate,)


def test_no_folder_tells_when_the_first_request_was_made(log: Path, stamps: Timestamps, authority: Authority) -> None:
    query = stamps.request(checkpoint(5))
    assert {path.stat().st_mtime_ns for path in (log, *log.rglob("*"))} == {0}
    stamps.add(authority.reply(query), trusted(authority))
    pin(log, authority.root.pem)
    assert {path.stat().st_mtime_ns for path in (log, *log.rglob("*"))} == {0}
