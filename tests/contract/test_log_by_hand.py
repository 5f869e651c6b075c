"""docs/verify-by-hand.md keeps its word: a person with coreutils and openssl gets from the bytes to the timestamp."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from tests.seal_authority import Authority
from tests.seal_proofs import ORIGINAL, Sealed, with_extra
from unburnt.vault.fields import digest_of_disclosure
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.strict import base64_text
from unburnt.vault.log.timestamp import request
from unburnt.vault.log.timestamp_token import parse_token

PAGE = Path(__file__).parents[2] / "docs" / "verify-by-hand.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    return Sealed(tmp_path_factory.mktemp("sealed") / "archive")


@pytest.fixture
def folder(tmp_path: Path, sealed: Sealed) -> Path:
    """What the page asks a person to put side by side."""
    authority = Authority(tmp_path / "authority")
    token = parse_token(authority.reply(request(sealed.note.text)[0])).der
    place = tmp_path / "by-hand"
    place.mkdir()
    (place / "one.proof").write_bytes(sealed.proof(index=2, timestamps=[token]).encode())
    (place / "original").write_bytes(ORIGINAL)
    (place / "root.pem").write_bytes(authority.root.pem)
    return place


def run(folder: Path, blocks: list[str]) -> list[str]:
    outputs = []
    for block in blocks:
        command = ["bash", "-eu", "-o", "pipefail", "-c", block]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        outputs.append(done.stdout)
    return outputs


def test_every_command_shows_what_the_page_says(folder: Path, sealed: Sealed) -> None:
    outputs = run(folder, BLOCKS)
    text, extra, opened, original, behind, order, entry, root, key, signature, ids, witness, stamp = outputs
    head = Checkpoint.parse(sealed.note.text)
    digest = hashlib.sha256(ORIGINAL).hexdigest()
    assert text == sealed.note.text
    assert extra.startswith('{"digests":["') and extra.endswith("}\n")
    assert f'"digest","{digest}"]' in opened and f'"size","{len(ORIGINAL)}"]' in opened
    assert original.split() == [digest, "-", str(len(ORIGINAL))]
    assert behind == "1\n1\n"
    assert order == "12\n"
    assert entry.replace("\n", "").lower() == entry_of(sealed.lines()[2].digests).hex()
    assert root.split("\n") == ["at the top when this is 0: 0", *[base64_text(head.root)] * 2, ""]
    assert key == f"{sealed.key}\n"
    assert "Signature Verified Successfully" in signature
    assert len({one.lower() for one in ids.split()}) == 1
    assert witness.startswith(sealed.watching) and "Verified" in witness
    assert "the witness says: 2019-11-24 18:00:00 UTC" in witness
    assert "sha256" in stamp and "Verification: OK" in stamp


@pytest.mark.parametrize("index", [0, 1, 255, 256, 301, 302])
def test_the_climb_ends_at_the_root_from_every_place(tmp_path: Path, sealed: Sealed, index: int) -> None:
    fields = ["digest", "size"] if index > 1 else ["kind"]
    (tmp_path / "one.proof").write_bytes(sealed.proof(fields, index).encode())
    *_, root = run(tmp_path, [*BLOCKS[:2], *BLOCKS[6:8]])
    top, computed, stated, _ = root.split("\n")
    assert top.endswith(" 0") and computed == stated


def test_another_file_is_seen_in_step_2(folder: Path) -> None:
    (folder / "original").write_bytes(b"the 0riginal")
    _, _, opened, found = run(folder, BLOCKS[:4])
    assert found.split()[0] not in opened


def test_a_changed_digest_is_seen_in_step_4(folder: Path, sealed: Sealed) -> None:
    proof = (folder / "one.proof").read_bytes()
    kept = {digest_of_disclosure(one.encode()).decode() for one in sealed.proof().extra.disclosures}
    hidden = next(one for one in sealed.lines()[2].digests if one not in kept)
    changed = with_extra(proof, lambda extra: extra["digests"].__setitem__(extra["digests"].index(hidden), "A" * 43))
    (folder / "one.proof").write_bytes(changed)
    *_, root = run(folder, [*BLOCKS[:2], *BLOCKS[6:8]])
    assert len(set(root.split("\n")[1:3])) == 2


def test_another_size_of_the_log_is_seen_in_steps_5_to_7(folder: Path) -> None:
    proof = (folder / "one.proof").read_bytes()
    (folder / "one.proof").write_bytes(proof.replace(b"\n303\n", b"\n304\n"))
    run(folder, [*BLOCKS[:2], BLOCKS[8]])
    for step in (9, 11, 12):
        with pytest.raises(AssertionError):
            run(folder, [BLOCKS[step]])
