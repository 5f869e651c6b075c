"""Passwords that come while a keeper reads: what was being read without them is tried once more."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from tests.unit.test_read_mail_signatures import certificate
from tests.zip_made import traditional_zip
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.flow.passwords import merged

PASSWORD = "long march"
LOCKED = traditional_zip({"plan.txt": b"the hidden plan\n"}, PASSWORD.encode())
OPTIONS = Options(ocr=False)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "locked.zip").write_bytes(LOCKED)
    return tmp_path / "in"


def test_an_unlock_right_after_an_interrupted_one_opens_what_waits(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=OPTIONS)
        assert archive.document("locked.zip").outcome == "locked"
        # As who was interrupted leaves it: the file waits to be tried, and nobody knows the password any more.
        archive.try_passwords([PASSWORD], options=Options(reads=False))
        assert archive.document("locked.zip").outcome == "waiting"
        assert archive.try_passwords([PASSWORD], wait=True, options=OPTIONS) == 1
        assert archive.document("locked.zip").outcome == "read"
        assert archive.count("hidden plan") == 1


def test_passwords_given_while_a_locked_file_is_being_read_are_tried_on_it(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive, archive.keeper(OPTIONS) as keeper:
        keeper.receive(source)
        while not keeper.progress().waiting:
            time.sleep(0.001)
        archive.try_passwords(["wrong"])
        archive.try_passwords([PASSWORD], wait=True)
        assert archive.document("locked.zip").outcome == "read"


def test_a_wrong_password_is_tried_once(source: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive, archive.keeper(OPTIONS) as keeper:
        keeper.receive(source)
        while not keeper.progress().waiting:
            time.sleep(0.001)
        archive.try_passwords(["wrong"], wait=True)
        assert archive.document("locked.zip").outcome == "locked"
        assert archive.try_passwords(["wrong"], wait=True) == 1
        assert archive.document("locked.zip").outcome == "locked"


def test_a_key_given_as_a_password_opens_the_mail_that_asked_for_it(source: Path, tmp_path: Path) -> None:
    """A key in base64 is far longer than any word."""
    key = rsa.generate_private_key(65537, 2048)
    locked = pkcs7.PKCS7EnvelopeBuilder().set_data(b"Content-Type: text/plain\r\n\r\nthe hidden order\r\n").add_recipient(certificate(key))
    (source / "smime.p7m").write_bytes(locked.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary]))
    bare = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=OPTIONS)
        assert archive.document("smime.p7m").outcome == "locked"
        archive.try_passwords([base64.b64encode(bare).decode(), PASSWORD], wait=True, options=OPTIONS)
        assert archive.document("smime.p7m").outcome == "read" and archive.count("hidden order") == 1
        assert archive.document("locked.zip").outcome == "read"


def test_passwords_are_bounded_in_number_and_length() -> None:
    key, word = "QUJD" * 1_000, "x y" * 1_000
    assert merged(("a",), ["b", "", "a", word, key, "A" * 100_000]) == ("a", "b", key)
    assert len(merged((), [f"{number:x}{'0' * 2_000}" for number in range(1_000)])) == 20
    assert len(merged((), map(str, range(20_000)))) == 10_000
