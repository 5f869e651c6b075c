"""What a witness must not sign, two askers at once, and a witness that is killed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.seal_logs import KILLED_AT_THE_MEMORY, ORIGIN, folders, sealed
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.cosignature import Cosigner, cosigned_at
from unburnt.vault.log.countersign import Countersigning
from unburnt.vault.log.guard import MemoryLost
from unburnt.vault.log.log import Log
from unburnt.vault.log.merkle import EMPTY_ROOT
from unburnt.vault.log.note import Note, Signer, parse_note
from unburnt.vault.log.strict import base64_text
from unburnt.vault.log.witness import (
    ForkFound,
    NotGrown,
    OldSizeDiffers,
    UnknownLog,
    WentBackwards,
    Witness,
    WitnessRefused,
    WrongLogKey,
)
from unburnt.vault.log.witness_files import MAX_REQUEST, BadRequest, WitnessRequest, parse_answer, parse_request

SIGNER = Signer(ORIGIN, Ed25519PrivateKey.generate())
ANY_WITNESS = Cosigner("any", Ed25519PrivateKey.generate()).verifier  # any serves where the old size is given


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """A witness that has signed 300 events of the log in ``a``."""
    witness = Witness(tmp_path / "witness")
    witness.create("colleague")
    witness.trust(SIGNER.verifier.vkey)
    witness.sign(request(tmp_path / "a", 300, 0))
    return witness


def request(root: Path, size: int, old: int, history: str = "", signer: Signer = SIGNER) -> bytes:
    """A request over the log below *root* at *size*; *signer* has no guard, as a forger's would have none."""
    sealed(root, size, signer, history)
    return Countersigning(*folders(root)).request(Log(*folders(root), ORIGIN), ANY_WITNESS, old=old)


def memory(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "witness").rglob("*") if path.is_file()}


def refused(tmp_path: Path, witness: Witness, data: bytes, error: type[Exception]) -> Exception:
    before = memory(tmp_path)
    with pytest.raises(error) as caught:
        witness.sign(data)
    after = memory(tmp_path)
    assert type(caught.value) is error and {name: after[name] for name in before} == before
    assert len(after) == len(before) + isinstance(caught.value, NotGrown)
    return caught.value


def test_a_fork_of_the_same_size_signed_with_the_real_key_is_refused_and_proven(tmp_path: Path, witness: Witness) -> None:
    honest = parse_request(request(tmp_path / "a", 300, 300))[0].note
    for old in (0, 300):
        forked = request(tmp_path / "fork", 300, old, "other")
        error = refused(tmp_path, witness, forked, ForkFound)
        assert isinstance(error, ForkFound)
        shutil.copy(error.report, tmp_path / "evidence.txt")
        error.report.unlink()
    report = (tmp_path / "evidence.txt").read_text()
    found = [parse_note(f"{ORIGIN}\n{part}".encode()) for part in notes_in(report)]
    assert [note.text for note in found] == [honest.text, parse_request(forked)[0].note.text]
    assert all(SIGNER.verifier.verified(note) for note in found) and SIGNER.verifier.vkey in report


def notes_in(report: str) -> list[str]:
    """What follows each origin line, up to the last signature line under it."""
    parts = report.split(f"\n{ORIGIN}\n")[1:]
    return [part[:part.rindex("=\n") + 2] if "\nRefused" not in part else part[:part.index("\nRefused")] for part in parts]


@pytest.mark.parametrize("size", [301, 555])
def test_a_larger_fork_is_refused_and_both_checkpoints_kept(tmp_path: Path, witness: Witness, size: int) -> None:
    error = refused(tmp_path, witness, request(tmp_path / "fork", size, 300, "other"), NotGrown)
    assert isinstance(error, NotGrown)
    assert f"{ORIGIN}\n300\n" in error.report.read_text() and f"{ORIGIN}\n{size}\n" in error.report.read_text()
    assert witness.sign(request(tmp_path / "a", size, 300))


def test_a_rollback_is_refused(tmp_path: Path, witness: Witness) -> None:
    refused(tmp_path, witness, request(tmp_path / "back", 299, 0), WentBackwards)
    refused(tmp_path, witness, b"old 0\n\n" + signed(Checkpoint(ORIGIN, 0, EMPTY_ROOT).text()).encode(), WentBackwards)


def signed(text: str, signer: Signer = SIGNER) -> Note:
    return Note(text, (signer.sign(text),))


def test_a_proof_from_another_size_than_the_last_is_refused(tmp_path: Path, witness: Witness) -> None:
    for old in (0, 1, 299, 301):
        error = refused(tmp_path, witness, request(tmp_path / f"at{old}", 400, old), OldSizeDiffers)
        assert isinstance(error, OldSizeDiffers) and error.size == 300


@pytest.mark.parametrize("change", [
    lambda proof: (), lambda proof: proof[:-1], lambda proof: proof[1:], lambda proof: proof[::-1],
    lambda proof: (*proof, bytes(32)), lambda proof: (bytes(32), *proof[1:]), lambda proof: (*proof, *proof),
])
def test_a_proof_that_was_cut_stretched_or_shuffled_is_refused(
    tmp_path: Path, witness: Witness, change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]],
) -> None:
    good, _ = parse_request(request(tmp_path / "a", 400, 300))
    assert len(good.proof) > 2
    refused(tmp_path, witness, WitnessRequest(300, change(good.proof), good.note).encode(), NotGrown)
    assert witness.sign(good.encode())


def test_the_first_request_to_a_witness_brings_no_proof(tmp_path: Path) -> None:
    fresh = Witness(tmp_path / "witness")
    fresh.create()
    fresh.trust(SIGNER.verifier.vkey)
    good, _ = parse_request(request(tmp_path / "a", 400, 0))
    refused(tmp_path, fresh, WitnessRequest(0, (bytes(32),), good.note).encode(), NotGrown)


def test_checkpoints_of_other_logs_and_by_other_keys_are_refused(tmp_path: Path, witness: Witness) -> None:
    sealed(tmp_path / "a", 400, SIGNER)
    proof = Log(*folders(tmp_path / "a"), ORIGIN).consistency(300, 400)
    text = parse_note((tmp_path / "a/log/checkpoint").read_bytes()).text
    other = Signer("unburnt/other", Ed25519PrivateKey.generate())
    twin = Signer(ORIGIN, Ed25519PrivateKey.generate())

    def asked(note: Note) -> bytes:
        return WitnessRequest(300, tuple(proof), note).encode()

    elsewhere = text.replace(ORIGIN, "unburnt/other")
    refused(tmp_path, witness, asked(signed(elsewhere, other)), UnknownLog)
    refused(tmp_path, witness, asked(signed(elsewhere)), UnknownLog)
    refused(tmp_path, witness, asked(signed(text, other)), WrongLogKey)
    refused(tmp_path, witness, asked(signed(text, twin)), WrongLogKey)
    good = SIGNER.sign(text)
    refused(tmp_path, witness, asked(Note(text.replace("\n400\n", "\n401\n"), (good,))), WrongLogKey)
    bad = type(good)(good.name, good.key_id, bytes(64))
    refused(tmp_path, witness, asked(Note(text, (bad,))), WrongLogKey)
    refused(tmp_path, witness, asked(Note(text, (good, bad))), WrongLogKey)
    assert witness.sign(asked(Note(text, (twin.sign(text), other.sign(text), good))))


def test_files_that_are_no_request_get_a_named_error_and_change_nothing(tmp_path: Path, witness: Witness) -> None:
    good = request(tmp_path / "a", 400, 300)
    hashes = parse_request(good)[0].proof
    line = base64_text(hashes[0]).encode() + b"\n"
    note = good.partition(b"\n\n")[2]
    body = b"old 300\n" + b"".join(base64_text(one).encode() + b"\n" for one in hashes) + b"\n" + note
    assert body == good
    odd = [b"old 0300", b"old -1", b"old +300", b"old  300", b"old 300 ", b"OLD 300", b"300", b"old", b"old 3e2",
           b"old \xd9\xa3", b"old 401", b"old 9223372036854775808", b"old 99999999999999999999999999"]
    bad = [good.replace(b"old 300", first, 1) for first in odd]
    bad += [good.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + good, good[:-1], good + b"\n", b"\n" + good, b"", b"\n\n",
            good.replace(line, line[:-3] + b"\n", 1), good.replace(line, line.replace(b"=", b""), 1),
            good.replace(line, b" " + line, 1), good.replace(line, line * 64, 1), good.replace(b"\n\n", b"\n", 1),
            good.replace(b"\n400\n", b"\n0400\n"), good.replace(b"\n400\n", b"\n-400\n"),
            good.replace(b"\n400\n", b"\n9223372036854775808\n"), good.replace(b"\n400\n", b"\n400\nmore\n"),
            good + b"x" * MAX_REQUEST, bytes(range(256))]
    for number, data in enumerate(bad):
        before = memory(tmp_path)
        with pytest.raises(BadRequest):
            witness.sign(data)
            pytest.fail(f"number {number} was signed")
        assert memory(tmp_path) == before
    for cut in range(0, len(good), 7):
        with pytest.raises((BadRequest, WitnessRefused)):
            witness.sign(good[:cut])
    assert witness.sign(good)


def test_a_witness_without_its_memory_signs_nothing(tmp_path: Path, witness: Witness) -> None:
    data = request(tmp_path / "a", 400, 300)
    [path] = (tmp_path / "witness").glob("logs/*/signed")
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    refused(tmp_path, witness, data, MemoryLost)
    path.unlink()
    refused(tmp_path, witness, data, MemoryLost)
    path.write_bytes(whole)
    assert witness.sign(data)


ASKER = """
import sys
sys.path[:] = {path!r}
from pathlib import Path
from unburnt.vault.log.witness import Witness, WentBackwards, OldSizeDiffers
from unburnt.vault.log.witness_files import parse_request, WitnessRequest
witness = Witness(Path(sys.argv[1]))
for path in sorted(Path(sys.argv[2]).iterdir()):
    while True:
        [watched] = witness.watched()
        options = dict(line.split(" ", 1) for line in path.read_text().splitlines())
        size = int(path.name)
        if watched.size >= size:
            break
        try:
            answer = witness.sign(bytes.fromhex(options[str(watched.size)]))
        except (WentBackwards, OldSizeDiffers):
            continue
        print(size, answer.hex(), flush=True)
        break
"""


def prepared(root: Path, sizes: list[int]) -> Path:
    """For each size a file with the requests from 300 and from every smaller size, one a line."""
    folder = root / "requests"
    folder.mkdir()
    for size in sizes:
        olds = [300, *(each for each in sizes if each < size)]
        lines = [f"{old} {request(root / 'a', size, old).hex()}" for old in olds]
        (folder / str(size)).write_text("\n".join(lines))
    return folder


def asker(root: Path, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ASKER.format(path=sys.path), str(root / "witness"), str(folder)],
        stdout=subprocess.PIPE, text=True)


def test_two_who_ask_at_once_never_roll_a_witness_back(tmp_path: Path, witness: Witness) -> None:
    folder = prepared(tmp_path, list(range(310, 600, 10)))
    seen = [300]
    with asker(tmp_path, folder) as one, asker(tmp_path, folder) as two:
        while one.poll() is None or two.poll() is None:
            seen.append(witness.watched()[0].size)
        assert one.stdout is not None and two.stdout is not None
        answered = [int(line.split()[0]) for process in (one.stdout, two.stdout) for line in process]
    assert seen == sorted(seen) and witness.watched()[0].size == 590
    assert max(answered) == 590 and one.returncode == two.returncode == 0


@pytest.mark.parametrize("answers", [0, 1, 7])
def test_a_kill_between_memory_and_answer_is_harmless(tmp_path: Path, witness: Witness, answers: int) -> None:
    folder = prepared(tmp_path, list(range(310, 600, 10)))
    with asker(tmp_path, folder) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(answers)]
        process.send_signal(signal.SIGKILL)
        lines += [line for line in process.stdout if line.endswith("\n")]
    given = [int(line.split()[0]) for line in lines]
    stands = witness.watched()[0].size
    assert stands >= max([300, *given])
    note = Note(Checkpoint(ORIGIN, stands, Log(*folders(tmp_path / "a"), ORIGIN).root(stands)).text(), ())
    again = witness.sign(b"old 0\n\n" + signed(note.text).encode())
    found = witness.verifier.verified(parse_answer(again, note.text))
    assert found is not None and cosigned_at(found) > 0
    refused(tmp_path, witness, request(tmp_path / "fork", stands, stands, "other"), ForkFound)
    assert witness.sign(request(tmp_path / "a", 700, stands))



SIGN = """
from pathlib import Path
from unburnt.vault.log.witness import Witness
sys.stdout.buffer.write(Witness(Path(sys.argv[2])).sign(Path(sys.argv[3]).read_bytes()))
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_just_before_or_after_the_memory_is_renewed_costs_an_answer_and_nothing_else(
    tmp_path: Path, witness: Witness, when: str,
) -> None:
    data, forked = request(tmp_path / "a", 400, 300), request(tmp_path / "fork", 400, 300, "other")
    (tmp_path / "request").write_bytes(data)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT_THE_MEMORY + SIGN, when, str(tmp_path / "witness"), str(tmp_path / "request")],
        capture_output=True, check=False)
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, b"")
    assert witness.watched()[0].size == (300 if when == "before" else 400)
    refused(tmp_path, witness, forked, NotGrown if when == "before" else ForkFound)
    assert witness.sign(data) and witness.watched()[0].size == 400
