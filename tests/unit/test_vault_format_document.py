"""docs/format.md keeps its word: every shell command in it is run on a real archive."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unburnt.base.canonical import step_key
from unburnt.base.digests import digest_of
from unburnt.model.events import ArchiveCreated
from unburnt.vault.derived import Derived
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Signer
from unburnt.vault.objects import Objects
from unburnt.vault.segments import lines

DOCUMENT = Path(__file__).parents[2] / "docs" / "format.md"
BLOCKS = re.findall(
    r"^```sh\n(.*?)^```$", DOCUMENT.read_text("utf-8").split("## catalog.sqlite")[0], re.MULTILINE | re.DOTALL
)
PARAMETERS = {"language": "ug ئۇيغۇر"}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    layout = Layout.create(tmp_path_factory.mktemp("format") / "archive", "test")
    objects = Objects(layout)
    objects.commit([objects.stage(io.BytesIO(b"original"))])
    events = Events(layout)
    events.append(ArchiveCreated(archive="test", format=1, software="test"))
    events.flush()
    events.close()
    log = Log(layout.log, layout.tmp, "unburnt/test", write=True)
    log.append(entry_of(line.digests) for _, line in lines(layout.events / "000001.jsonl", 0))
    log.commit(Signer("unburnt/test", Ed25519PrivateKey.generate()))
    derived = Derived(layout)
    inputs = [digest_of(b"original")]
    derived.put(step_key("read", 1, PARAMETERS, inputs), "read", 1, PARAMETERS, inputs, [b"reading", b"part"])
    derived.flush()
    derived.close()
    return [run(block, layout.root) for block in BLOCKS]


def run(block: str, folder: Path) -> str:
    command = ["bash", "-eu", "-o", "pipefail", "-c", block]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_every_command_says_what_the_document_promises(outputs: list[str]) -> None:
    config, objects, event, field, entry, checkpoint, columns, key, chunk, whole = outputs
    expected_key = step_key("read", 1, PARAMETERS, [digest_of(b"original")])
    assert config == "format = 1\n"
    assert objects == ""
    assert event == "1\n"
    assert '"kind","archive-created"' in field
    assert len(entry.split()) == 2 and len(set(entry.split())) == 1 and len(entry) == 130
    assert checkpoint.startswith("unburnt/test\n1\n")
    assert columns.startswith(f"{expected_key}|read|1|")
    assert key.split()[0] == expected_key
    assert chunk.count(digest_of(b"reading")) == 2
    assert whole == "ok\n"


def test_a_changed_object_is_found_by_sha256sum(tmp_path: Path) -> None:
    layout = Layout.create(tmp_path / "archive", "test")
    objects = Objects(layout)
    staged = objects.stage(io.BytesIO(b"original"))
    objects.commit([staged])
    objects.path(staged.digest).chmod(0o600)
    objects.path(staged.digest).write_bytes(b"0riginal")
    with pytest.raises(AssertionError, match="FAILED"):
        run(BLOCKS[1], layout.root)
