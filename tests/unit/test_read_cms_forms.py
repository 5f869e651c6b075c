"""CMS that hides nothing: compressed (RFC 3274), timestamped (RFC 5544), digested; stores of keys are named; openssl makes what it can."""

from __future__ import annotations

import io
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.golden.test_read_mail_golden import cms, der
from tests.read_by_child import read
from tests.unit.test_read_mail_signatures import RSA, certificate
from unburnt.read.sniff import sniff
from unburnt.read.source import Source

WORDS = b"Content-Type: text/plain\r\n\r\nThe minutes, as agreed. " * 40
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"
ATTRIBUTE = "2a864886f70d01091001"


def content_info(kind: str, content: bytes) -> bytes:
    return der(0x30, der(0x06, bytes.fromhex(kind)), der(0xA0, content))


def encapsulated(content: bytes) -> bytes:
    return der(0x30, der(0x06, bytes.fromhex("2a864886f70d010701")), der(0xA0, der(0x04, content)))


def compressed(packed: bytes) -> bytes:
    algorithm = der(0x30, der(0x06, bytes.fromhex("2a864886f70d0109100308")))
    return content_info(ATTRIBUTE + "09", der(0x30, der(0x02, b"\0"), algorithm, encapsulated(packed)))


def timestamped(content: bytes | None, *, name: str = "", token: bytes = b"") -> bytes:
    said = der(0x30, der(0x01, b"\0"), der(0x0C, name.encode())) if name else b""
    inner = der(0x04, content) if content is not None else b""
    return content_info(ATTRIBUTE + "1f", der(0x30, der(0x02, b"\1"), said, inner, der(0xA0, der(0x30, token))))


def type_of(data: bytes) -> str:
    return sniff(Source(io.BytesIO(data), len(data), ""))


def test_what_was_compressed_is_taken_out() -> None:
    said = read(compressed(zlib.compress(WORDS)), "order.eml.p7z")
    assert (said.outcome, said.members, said.bytes) == ("read", [b"order.eml"], WORDS)


def test_of_compressed_content_that_is_cut_off_what_stands_before_is_here() -> None:
    packed = zlib.compress(bytes(range(256)) * 50)
    said = read(compressed(packed[: len(packed) // 2]), "a.p7z")
    assert said.outcome == "partial" and said.bytes
    assert read(compressed(b"no zlib"), "a.p7z").outcome == "damaged"


def test_a_compressed_bomb_ends_at_the_limit() -> None:
    said = read(compressed(zlib.compress(bytes(30 << 20))), "a.p7z", ratio=100, ratio_free=1 << 20)
    assert said.outcome in ("refused", "partial") and len(said.bytes) <= 8 << 20


def token(tmp_path: Path, content: bytes) -> bytes:
    """A timestamp by openssl, as an authority gives it."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    (tmp_path / "key.pem").write_bytes(RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "content").write_bytes(content)
    (tmp_path / "ts.cnf").write_text(
        "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\ndefault_policy=1.2.3\ndigests=sha256\naccuracy=secs:1\nsigner_digest=sha256\n"
        "ess_cert_id_alg=sha256\n[req]\ndistinguished_name=dn\nx509_extensions=x\nprompt=no\n[dn]\nCN=Clock of Tests\n"
        "[x]\nextendedKeyUsage=critical,timeStamping\n"
    )
    for command in (
        "openssl req -x509 -new -key key.pem -config ts.cnf -out tsa.pem -days 9",
        "openssl ts -query -data content -sha256 -cert -out q.tsq -config ts.cnf",
        "openssl ts -reply -queryfile q.tsq -signer tsa.pem -inkey key.pem -config ts.cnf -token_out -out token.der",
    ):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    return (tmp_path / "token.der").read_bytes()


def test_what_was_timestamped_is_taken_out_and_when_and_by_whom_is_told(tmp_path: Path) -> None:
    said = read(timestamped(WORDS, token=token(tmp_path, WORDS)), "order.txt.tsd")
    assert (said.outcome, said.members, said.bytes) == ("read", [b"order.txt"], WORDS)
    fields = said.metadata.fields
    assert fields["timestamp:1:stamped"].endswith("+00:00") and fields["timestamp:1:stamp-digest"] == "fits (sha256)"
    assert "Clock of Tests" in fields["signature:1:subject"] and fields["signature:1:signature"] == "fits"
    assert fields["timestamp:1:stamp-trust"] == "not judged"


def test_a_timestamp_of_something_else_does_not_fit_it(tmp_path: Path) -> None:
    said = read(timestamped(WORDS + b"!", token=token(tmp_path, WORDS)), "a.tsd")
    assert said.metadata.fields["timestamp:1:stamp-digest"] == "not of the content alone"


def test_a_timestamped_file_has_the_name_that_stands_in_it_and_may_lie_elsewhere(tmp_path: Path) -> None:
    assert read(timestamped(b"x", name="关于.txt"), "a.tsd").members == ["关于.txt".encode()]
    away = read(timestamped(None, token=token(tmp_path, WORDS)), "a.tsd")
    assert away.finished is not None
    assert (away.outcome, away.finished.reason) == ("empty", "A timestamp of content that lies elsewhere; it holds no text.")


def test_what_only_has_a_digest_is_taken_out() -> None:
    content = der(0x30, der(0x02, b"\0"), der(0x30, der(0x06, b"\x2b")), encapsulated(b"digested"), der(0x04, bytes(20)))
    assert read(cms(5, content), "a.p7").bytes == b"digested"


@pytest.mark.parametrize("wrap", [timestamped, lambda pdf: cms(2, der(0x30, der(0x02, b"\1"), der(0x31), encapsulated(pdf), der(0x31)))])
def test_a_pdf_that_was_signed_or_timestamped_is_a_member_and_not_taken_for_the_file(wrap: object) -> None:
    said = read(wrap(PDF), "contract.pdf.p7m")  # type: ignore[operator]
    assert (said.outcome, said.bytes) == ("read", PDF)


def test_a_store_of_keys_is_named_and_not_called_damaged() -> None:
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    data = pkcs12.serialize_key_and_certificates(b"k", RSA, certificate(RSA), None, BestAvailableEncryption(b"p"))
    assert type_of(data) == "application/x-pkcs12"
    assert read(data, "keys.p12").outcome == "unsupported"


def test_of_a_signed_or_timestamped_file_that_is_cut_off_what_stands_before_is_here(tmp_path: Path) -> None:
    whole = timestamped(WORDS, token=token(tmp_path, WORDS))
    for data, name in ((whole, "a.tsd"), (cms(2, der(0x30, der(0x02, b"\1"), der(0x31), encapsulated(WORDS), der(0x31))), "a.p7m")):
        at = data.index(WORDS)
        for cut in (at + 100, at + len(WORDS) - 1):
            said = read(data[:cut], name)
            assert (said.outcome, said.bytes) == ("partial", WORDS[: cut - at])
        assert read(data[:25], name).outcome == "damaged"


def test_of_a_detached_signature_that_is_cut_off_nothing_of_a_certificate_is_taken_for_content(tmp_path: Path) -> None:
    data = token(tmp_path, WORDS)
    detached = subprocess.run(
        ["openssl", "cms", "-sign", "-binary", "-signer", "tsa.pem", "-inkey", "key.pem", "-in", "content", "-outform", "DER"], cwd=tmp_path, check=True, capture_output=True
    ).stdout
    assert WORDS not in detached and data
    for cut in (60, len(detached) // 2, len(detached) - 1):
        assert read(detached[:cut], "a.p7s").outcome == "damaged"
