"""The seal by hand, as a reporter, a colleague who witnesses, and a stranger who checks would do it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from tests.seal_authority import Authority
from tests.sealed_archive import NOTICE, material
from unburnt.cli.main import main


class Desk:
    """A folder with material, an archive, and two sets of keys: the reporter's and the colleague's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "m").mkdir()
        material(folder / "m")
        self.ok("-a", "arch", "init", "arch")
        self.ok("-a", "arch", "add", "--no-ocr", "m")

    def run(self, *arguments: str, keys: str = "keys") -> subprocess.CompletedProcess[str]:
        """One command in the folder, in this process: starting Python for each would take longer than all they do."""
        out, err = io.BytesIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stderr(err), redirect_stdout(io.TextIOWrapper(out)):
            patch.chdir(self.folder)
            patch.setenv("UNBURNT_KEYS", str(self.folder / keys))
            patch.setenv("UNBURNT_DATA", str(self.folder / "data"))
            patch.delenv("UNBURNT_ARCHIVE", raising=False)
            with pytest.raises(SystemExit) as ended:
                main(list(arguments))
            sys.stdout.flush()
            written = out.getvalue().decode()
        code = ended.value.code
        return subprocess.CompletedProcess(arguments, code if isinstance(code, int) else 0, written, err.getvalue())

    def ok(self, *arguments: str, keys: str = "keys") -> str:
        """What it prints on standard output; it must succeed."""
        done = self.run(*arguments, keys=keys)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def key(desk: Desk) -> str:
    return desk.ok("-a", "arch", "key", "show")


@pytest.fixture(scope="module")
def witness(desk: Desk, key: str) -> str:
    """The colleague has countersigned, by two files."""
    vkey = desk.ok("witness", "key", keys="colleague")
    desk.ok("-a", "arch", "witness", "request", "--witness", vkey, "-o", "request.txt")
    assert desk.run("witness", "sign", "request.txt", "-o", "answer.txt", keys="colleague").returncode == 3
    desk.ok("witness", "sign", "request.txt", "--trust", key, "-o", "answer.txt", keys="colleague")
    desk.ok("-a", "arch", "witness", "add", "answer.txt", "--witness", vkey)
    return vkey


@pytest.fixture(scope="module")
def root(desk: Desk, witness: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An authority has answered; the name of the file with its root."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    (desk.folder / "root.pem").write_bytes(authority.root.pem)
    request = desk.ok("-a", "arch", "timestamp", "request", "-o", "tsq")
    (desk.folder / "answer.tsr").write_bytes(authority.reply((desk.folder / request).read_bytes()))
    (desk.folder / "junk.tsr").write_bytes(b"junk")
    (desk.folder / "other.pem").write_bytes(Authority(tmp_path_factory.mktemp("other")).root.pem)
    for answer, given in (("junk.tsr", "root.pem"), ("answer.tsr", "other.pem")):
        assert desk.run("-a", "arch", "timestamp", "add", answer, "--root", given).returncode == 3
        assert not (desk.folder / "arch" / "log" / "roots").exists(), "refused, and pinned nothing"
    done = desk.run("-a", "arch", "timestamp", "add", "answer.tsr", "--root", "root.pem")
    assert "Tests' Time" in done.stdout
    sha256 = hashlib.sha256(authority.root.der).hexdigest()
    assert sha256 in done.stderr and (desk.folder / "arch" / "log" / "roots" / f"{sha256}.pem").is_file()
    return "root.pem"


@pytest.fixture(scope="module")
def proof(desk: Desk, root: str) -> str:
    desk.ok("-a", "arch", "prove", "notice.txt", "-o", "notice.proof")
    return "notice.proof"


def test_a_stranger_checks_a_proof_with_unburnt_and_without(desk: Desk, key: str, witness: str, root: str, proof: str) -> None:
    trust = ("--key", key, "--witness", witness, "--tsa-root", root)
    said = desk.ok("check", proof, "m/notice.txt", *trust)
    assert "Signed with the key that you gave" in said
    assert "Countersigned (whom you named)" in said
    assert "Timestamped: CN=Tests' Time" in said
    assert "Note:" not in said
    (desk.folder / "check_proof.py").write_text(desk.ok("check", "--write-checker") + "\n")
    other = subprocess.run([sys.executable, "-I", "check_proof.py", proof, "m/notice.txt", *trust], cwd=desk.folder,
                           capture_output=True, text=True, check=False)
    assert other.returncode == 0, other.stdout + other.stderr


def test_another_file_another_key_and_another_authority_are_refused_with_3(
    desk: Desk, witness: str, proof: str, tmp_path: Path
) -> None:
    strange = Authority(tmp_path / "strange").root.pem
    (desk.folder / "strange.pem").write_bytes(strange)
    for arguments in (
        (proof, "m/other.txt"), (proof, "m/notice.txt", "--key", desk.ok("witness", "key", keys="third")),
        (proof, "m/notice.txt", "--tsa-root", "strange.pem"),
    ):
        done = desk.run("check", *arguments)
        assert done.returncode in (2, 3), done
        assert "Traceback" not in done.stderr


def test_a_proof_by_default_names_no_path_delivery_or_time(desk: Desk, proof: str) -> None:
    content = (desk.folder / proof).read_text()
    extra = json.loads(base64.b64decode(content.split("\n")[1].split(" ")[1]))
    opened = [json.loads(base64.urlsafe_b64decode(one + "==")) for one in extra["disclosures"]]
    assert {name for _, name, _ in opened} == {"digest", "size"}
    said = " ".join(value for _, _, value in opened) + content.replace(content.split("\n")[1], "")
    for secret in ("notice", "path", "accession", "modified", "time", str(desk.folder), "bm90aWNlLnR4dA"):
        assert secret not in said, secret


def test_more_is_disclosed_only_when_asked_and_the_command_says_what(desk: Desk, root: str) -> None:
    done = desk.run("-a", "arch", "prove", "notice.txt", "--disclose", "path,delivery", "-o", "more.proof")
    assert done.returncode == 0
    assert "path: the path under which they were received" in done.stderr
    said = desk.ok("check", "more.proof", "m/notice.txt")
    assert "path: notice.txt" in said
    assert "accession: d1" in said


def test_a_text_is_linked_to_its_original_by_step_and_digests(desk: Desk, root: str) -> None:
    desk.ok("-a", "arch", "prove", "notice.txt", "--text", "-o", "text.proof")
    said = desk.ok("check", "text.proof", "m/notice.txt")
    assert "step: read.text" in said
    record = desk.ok("-a", "arch", "show", "notice.txt", "--json")
    assert NOTICE.strip() in record


def test_verifying_says_all_that_the_seal_shows_and_ends_with_3_when_a_byte_is_changed(desk: Desk, proof: str) -> None:
    said = desk.ok("-a", "arch", "verify", "--rederive", "all", "--html", "report.html")
    assert "Nothing is wrong." in said
    assert all(word in said for word in ("Logged:", "Countersigned:", "Timestamped:"))
    html = (desk.folder / "report.html").read_text()
    assert "Nothing is wrong." in html and "<script" not in html and "http" not in html.replace("http-equiv", "")
    report = json.loads(desk.ok("-a", "arch", "verify", "--sample", "50%", "--json"))
    assert report["schema"] == "unburnt/verification/1"
    victim = next(path for path in (desk.folder / "arch" / "objects").rglob("*") if path.is_file())
    before = victim.read_bytes()
    victim.chmod(0o600)
    victim.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    done = desk.run("-a", "arch", "verify")
    victim.write_bytes(before)
    assert done.returncode == 3
    assert victim.name in done.stdout


def test_a_key_is_changed_and_old_proofs_hold_on(desk: Desk, key: str, proof: str) -> None:
    new = desk.ok("-a", "arch", "key", "rotate")
    assert new != key
    desk.ok("check", proof, "m/notice.txt", "--key", key)
    (desk.folder / "m2").mkdir()
    (desk.folder / "m2" / "new.txt").write_text("received after the change\n")
    desk.ok("-a", "arch", "add", "--no-ocr", "m2")
    desk.ok("-a", "arch", "prove", "new.txt", "-o", "later.proof")
    assert "handed over to" in desk.ok("check", "later.proof", "m2/new.txt", "--key", key)
    assert "Nothing is wrong." in desk.ok("-a", "arch", "verify", "--key", key)


def test_a_lost_key_is_replaced_old_evidence_stays_good_and_new_proofs_say_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    key = desk.ok("-a", "arch", "key", "show")
    desk.ok("-a", "arch", "prove", "notice.txt", "-o", "before.proof")
    archive = desk.ok("-a", "arch", "seal", "--json")
    (desk.folder / "keys" / json.loads(archive)["origin"].split("/")[1] / "key").unlink()
    new = desk.ok("-a", "arch", "key", "rotate", "--lost")
    assert "Nothing is wrong." in desk.ok("-a", "arch", "verify")
    desk.ok("check", "before.proof", "m/notice.txt", "--key", key)
    desk.ok("-a", "arch", "prove", "notice.txt", "-o", "after.proof")
    assert desk.run("check", "after.proof", "m/notice.txt", "--key", key).returncode == 3
    desk.ok("check", "after.proof", "m/notice.txt", "--key", new)


def test_after_a_lost_key_a_copy_follows_only_where_the_new_key_is_and_elsewhere_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ok("-a", "arch", "copy", "second")
    state = json.loads(desk.ok("-a", "arch", "seal", "--json"))
    (desk.folder / "keys" / state["origin"].split("/")[1] / "key").unlink()
    desk.ok("-a", "arch", "key", "rotate", "--lost")
    before = (desk.folder / "second" / "log" / "checkpoint").read_bytes()
    elsewhere = desk.run("-a", "arch", "copy", "second", keys="another machine's")
    assert elsewhere.returncode == 3
    assert "on the machine that has the new one" in elsewhere.stdout + elsewhere.stderr
    assert (desk.folder / "second" / "log" / "checkpoint").read_bytes() == before
    desk.ok("-a", "arch", "copy", "second")
    assert (desk.folder / "second" / "log" / "checkpoint").read_bytes() == (desk.folder / "arch" / "log" / "checkpoint").read_bytes()
    assert "Nothing is wrong." in desk.ok("-a", "second", "verify")


def test_a_key_with_a_passphrase_seals_when_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text("a long enough phrase\n")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a.txt").write_text("a text\n")
    desk = Desk.__new__(Desk)
    desk.folder = tmp_path
    desk.ok("init", "arch", "--key-passphrase-file", "phrase")
    done = desk.run("-a", "arch", "add", "--no-ocr", "m")
    assert done.returncode == 0 and "Not sealed" in done.stderr
    state = json.loads(desk.ok("-a", "arch", "seal", "--passphrase-file", "phrase", "--json"))
    assert state["sealed"] == state["events"]
    assert b"PRIVATE KEY" not in b"".join(path.read_bytes() for path in (tmp_path / "keys").rglob("key"))


def test_an_archive_made_before_the_seal_is_sealed_from_its_first_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unburnt.flow.founding._seal", lambda *unsealed: None)
    desk = Desk(tmp_path)
    state = json.loads(desk.ok("-a", "arch", "seal", "--json"))
    assert state["sealed"] == state["events"] > 8
    desk.ok("-a", "arch", "prove", "notice.txt", "-o", "notice.proof")
    desk.ok("check", "notice.proof", "m/notice.txt", "--key", state["vkey"])
    assert "Nothing is wrong." in desk.ok("-a", "arch", "verify")


def test_on_another_machine_without_the_key_all_works_and_nothing_is_sealed(desk: Desk, proof: str) -> None:
    (desk.folder / "late").mkdir()
    (desk.folder / "late" / "late.txt").write_text("received elsewhere\n")
    done = desk.run("-a", "arch", "add", "--no-ocr", "late", keys="elsewhere")
    assert done.returncode == 0
    assert "Not sealed" in done.stderr
    assert "late.txt" in desk.ok("-a", "arch", "search", "elsewhere", keys="elsewhere")
    assert "Nothing is wrong." in desk.ok("-a", "arch", "verify", keys="elsewhere")
    done = desk.run("-a", "arch", "seal", "--json", keys="elsewhere")
    state = json.loads(done.stdout)
    assert done.returncode == 1 and state["sealed"] < state["events"] and not state["key_is_here"]
    asked = desk.run("-a", "arch", "seal")
    assert asked.returncode == 1
    assert "3 events (1 accession-began, 1 item-received, 1 accession-ended)" in asked.stderr and "seal --accept" in asked.stderr
    state = json.loads(desk.ok("-a", "arch", "seal", "--accept", "--json"))
    assert state["sealed"] == state["events"] and state["accepted"] == 3
    assert "3 events were sealed as they were found" in desk.ok("-a", "arch", "seal")
    assert "3 events were sealed as they were found" in desk.ok("-a", "arch", "verify")


def test_pipes_and_devices_given_as_files_are_refused_and_never_waited_for(desk: Desk, proof: str, witness: str) -> None:
    os.mkfifo(desk.folder / "pipe")
    (desk.folder / "longer").write_bytes((desk.folder / "m" / "notice.txt").read_bytes() + bytes(99))
    (desk.folder / "carry").write_text("a passphrase\n")
    for odd in ("pipe", "/dev/zero", "m"):
        for arguments in (
            ("check", proof, odd), ("check", odd, "m/notice.txt"), ("check", proof, "m/notice.txt", "--tsa-root", odd),
            ("-a", "arch", "timestamp", "add", odd), ("-a", "arch", "witness", "add", odd, "--witness", witness),
            ("witness", "sign", odd, "-o", "none"), ("witness", "sign", "request.txt", "--changes", odd, "-o", "none"),
            ("-a", "arch", "key", "import", odd, "--carry-passphrase-file", "carry"),
        ):
            done = desk.run(*arguments)
            assert done.returncode in (1, 2), (arguments, done)
        other = subprocess.run([sys.executable, "-I", "check_proof.py", proof, odd], cwd=desk.folder,
                               capture_output=True, text=True, check=False, timeout=60)
        assert other.returncode == 3 and "plain file" in other.stdout
    done = desk.run("check", proof, "longer")
    assert done.returncode == 3 and "size" in done.stderr


def test_a_text_is_compared_with_what_its_proof_says_was_derived(desk: Desk, proof: str) -> None:
    desk.ok("-a", "arch", "prove", "--text", "notice.txt", "-o", "text.proof")
    record = desk.run("-a", "arch", "cat", json.loads(desk.ok("-a", "arch", "show", "notice.txt", "--json"))["document"])
    (desk.folder / "record.jsonl").write_text(record.stdout)
    first = record.stdout.split("\n")[0]
    said = desk.ok("check", "text.proof", "m/notice.txt", "--text", "record.jsonl")
    assert hashlib.sha256(first.encode()).hexdigest() in said and "first line" in said
    (desk.folder / "first.json").write_text(first)
    desk.ok("check", "text.proof", "m/notice.txt", "--text", "first.json")
    head, body = record.stdout.removesuffix("\n").split("\n")
    forged = {
        "head": head.replace("e", "a", 1) + "\n" + body, "body": head + "\n" + body.replace("e", "a", 1),
        "longer": record.stdout + body, "no line": head + "\n\n",
    }
    for what, text in forged.items():
        (desk.folder / "forged.jsonl").write_text(text)
        assert desk.run("check", "text.proof", "m/notice.txt", "--text", "forged.jsonl").returncode == 3, what
        assert _by_hand(desk, "text.proof", "forged.jsonl") == 3, what
    assert _by_hand(desk, "text.proof", "record.jsonl") == _by_hand(desk, "text.proof", "first.json") == 0
    assert desk.run("check", proof, "m/notice.txt", "--text", "record.jsonl").returncode == 3


def _by_hand(desk: Desk, proof: str, text: str) -> int:
    """The exit code of the checker that shares no code with unburnt."""
    (desk.folder / "check_proof.py").write_text(desk.ok("check", "--write-checker"))
    return subprocess.run([sys.executable, "-I", "check_proof.py", proof, "m/notice.txt", "--text", text], cwd=desk.folder,
                          capture_output=True, check=False, timeout=60).returncode


def test_a_public_value_is_proved_alone_and_beside_a_document_by_both_checkers(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ok("-a", "arch", "beacon", "add", "a headline", "--source", "front page of a newspaper")
    number = desk.ok("-a", "arch", "beacon", "add", "another headline").split()[3].rstrip(";")
    (desk.folder / "m" / "later.txt").write_text("received later\n")
    desk.ok("-a", "arch", "add", "--no-ocr", "m/later.txt")
    desk.ok("-a", "arch", "prove", "later.txt", "-o", "later.proof")
    desk.ok("-a", "arch", "beacon", "add", "a third headline")  # so that the newest checkpoint is not the document's
    made = desk.run("-a", "arch", "prove", "--beacon", "a headline", "--for", "later.proof", "-o", "mark.proof")
    assert made.returncode == 0 and "source: where others find it" in made.stderr, made.stderr
    said = desk.ok("check", "mark.proof")
    assert "value: a headline" in said and "front page of a newspaper" in said and "may be older than its event" in said
    assert "time" not in said.partition("Logged:")[0], "our own clock is not shown"
    both = desk.ok("check", "later.proof", "m/later.txt", "--beacon", "mark.proof")
    assert "stands behind the mark" in both
    (desk.folder / "check_proof.py").write_text(desk.ok("check", "--write-checker") + "\n")
    for arguments, expected in (
        (["mark.proof"], 0), (["later.proof", "m/later.txt", "--beacon", "mark.proof"], 0), (["later.proof"], 3),
    ):
        other = subprocess.run([sys.executable, "-I", "check_proof.py", *arguments], cwd=desk.folder, capture_output=True,
                               text=True, check=False)
        assert other.returncode == expected == desk.run("check", *arguments).returncode, other.stdout + other.stderr
    desk.ok("-a", "arch", "prove", "--beacon", number, "-o", "newest.proof")
    assert desk.run("check", "later.proof", "m/later.txt", "--beacon", "newest.proof").returncode == 3
    for wrong in ("a headline that nobody logged", "0", "a third headline"):
        done = desk.run("-a", "arch", "prove", "--beacon", wrong, "--for", "later.proof", "-o", "wrong.proof")
        assert done.returncode == 1 and "mark" in done.stderr, done.stderr
    for arguments in (("notice.txt", "--beacon", number), (), ("--beacon", number, "--text"), ("notice.txt", "--for", "later.proof")):
        assert desk.run("-a", "arch", "prove", *arguments, "-o", "wrong.proof").returncode == 2
    assert not (desk.folder / "wrong.proof").exists()
