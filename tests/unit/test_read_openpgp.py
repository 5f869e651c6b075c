"""OpenPGP: what is signed is read, what is encrypted is opened by a given secret or says what would open it. GnuPG wrote half of it."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pysequoia
import pytest

from tests.read_by_child import read

WORDS = "Слова, 秘密 words\n".encode()
KEY = pysequoia.Tsk.generate("Ann <ann@example.org>")
ARMED = base64.b64encode(bytes(KEY)).decode()


class Gpg:
    """GnuPG with a home of its own and one key, whose password is ``key``."""

    def __init__(self, home: Path) -> None:
        self.home = home
        # Passwords are stretched little, so that the tests are quick.
        (home / "gpg-agent.conf").write_text("s2k-count 65536\n")
        (home / "gpg.conf").write_text("s2k-count 65536\n")
        self("--passphrase", "key", "--quick-gen-key", "Борис <boris@example.org>", "ed25519", "default")
        found = self("--list-keys", "--with-colons").decode()
        fingerprint = next(line.split(":")[9] for line in found.splitlines() if line.startswith("fpr"))
        self("--passphrase", "key", "--quick-add-key", fingerprint, "cv25519", "encr")

    def __call__(self, *words: str, given: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--pinentry-mode", "loopback", "--trust-model", "always", *words]
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def gpg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gpg]:
    if shutil.which("gpg") is None:
        pytest.skip("GnuPG is not installed")
    home = tmp_path_factory.mktemp("g", numbered=True)
    home.chmod(0o700)
    yield Gpg(home)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, capture_output=True)


def test_a_message_for_a_key_names_the_key_and_opens_when_it_is_given() -> None:
    message = pysequoia.encrypt(WORDS, recipients=[KEY.extract_certificate()])
    locked = read(message, "a.asc")
    assert locked.outcome == "locked" and "gpg --export-secret-keys" in locked.finished.reason  # type: ignore[union-attr]
    opened = read(message, "a.asc", passwords=("unrelated", ARMED))
    assert opened.outcome == "read" and opened.bytes == WORDS and opened.finished.opened_with_secret  # type: ignore[union-attr]


@pytest.mark.parametrize("armor", [True, False])
def test_a_message_with_a_password_opens_with_it_and_with_no_other(armor: bool) -> None:
    message = pysequoia.encrypt(WORDS, passwords=["пароль"], armor=armor)
    assert read(message, "a.pgp", passwords=("wrong",)).outcome == "locked"
    assert read(message, "a.pgp", passwords=("wrong", "пароль")).bytes == WORDS


def test_what_gpg_encrypted_opens_with_its_key_and_that_keys_password(gpg: Gpg) -> None:
    secret = base64.b64encode(gpg("--passphrase", "key", "--export-secret-keys")).decode()
    message = gpg("-r", "boris@example.org", "--encrypt", given=WORDS)
    assert read(message, "without an extension").outcome == "locked"
    assert read(message, "a.gpg", passwords=(secret,)).outcome == "locked"
    assert read(message, "a.gpg", passwords=(secret, "key")).bytes == WORDS
    assert read(gpg("--passphrase", "p", "--symmetric", given=WORDS), "a.gpg", passwords=("p",)).bytes == WORDS


def test_what_is_only_signed_is_taken_out_and_the_key_is_told_unchecked(gpg: Gpg) -> None:
    said = read(gpg("--passphrase", "key", "--sign", given=WORDS), "a.gpg")
    assert said.outcome == "read" and said.bytes == WORDS
    assert any(code == "signature" and "was not checked" in told and "EdDSA with" in told for code, told in said.notes)


def test_a_text_signed_in_the_open_is_shown_without_its_guards(gpg: Gpg) -> None:
    said = read(gpg("--passphrase", "key", "--clearsign", given=b"- one\n" + WORDS), "a.asc")
    assert said.text.replace("\r\n", "\n") == "- one\n" + WORDS.decode().rstrip("\n") and said.outcome == "read"
    assert [code for code, _ in said.notes] == ["signature"]


def test_a_key_lists_its_user_ids(gpg: Gpg) -> None:
    said = read(gpg("--armor", "--export"), "key.asc")
    assert said.outcome == "read" and "User id: Борис <boris@example.org>" in said.text and "Public key: EdDSA" in said.text
    assert "Secret key" in read(bytes(KEY), "key.gpg").text


def test_encryption_without_protection_against_changes_is_told_as_unsupported(gpg: Gpg) -> None:
    old = gpg("--passphrase", "p", "--symmetric", "--rfc2440", "--cipher-algo", "AES128", given=WORDS)
    said = read(old, "a.gpg", passwords=("p",))
    assert said.outcome in ("unsupported", "read") and (said.outcome == "read" or "gpg --decrypt" in said.finished.reason)  # type: ignore[union-attr]


def test_a_mail_with_an_encrypted_part_gives_it_as_a_member_that_opens() -> None:
    inner = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + WORDS
    armored = pysequoia.encrypt(inner, passwords=["p"])
    mail = (
        b"From: a@example.org\r\nTo: b@example.org\r\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x\r\nContent-Type: application/octet-stream\r\n\r\n" + armored + b"\r\n--x--\r\n"
    )
    said = read(mail, "a.eml")
    assert said.outcome == "locked" and armored.strip() in said.bytes
    opened = read(armored, "encrypted.asc", passwords=("p",))
    assert opened.bytes == inner and read(opened.bytes, "content.eml").text == WORDS.decode()


def test_a_block_in_a_mails_text_becomes_a_member() -> None:
    armored = pysequoia.encrypt(WORDS, passwords=["p"])
    mail = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nsee below\r\n\r\n" + armored.replace(b"\n", b"\r\n") + b"\r\nbye\r\n"
    said = read(mail, "a.eml")
    assert said.members == [b"1/openpgp-1.asc"] and said.expected is not None and said.expected.members == 1
    assert read(said.bytes, "openpgp-1.asc", passwords=("p",)).bytes == WORDS and "see below" in said.text


def test_damaged_messages_always_have_an_outcome() -> None:
    whole = pysequoia.encrypt(WORDS, recipients=[KEY.extract_certificate()], armor=False)
    for at in range(0, len(whole), 7):
        for changed in (whole[:at], whole[:at] + b"\xff" + whole[at + 1 :]):
            assert read(changed, "a.pgp", passwords=(ARMED,)).finished is not None
    bomb = b"\xa3\x01" * 1000
    assert read(bomb, "a.pgp").finished is not None
