"""What a command loads: each only what it uses, since everybody waits for it at every start."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "numpy": "counting what a search found", "tantivy": "the index", "asn1crypto": "timestamps",
    "rfc3161_client": "timestamps", "cryptography.x509": "timestamps", "ssl": "the network", "http.client": "the network",
    "starlette": "the desk", "jinja2": "the desk", "unburnt.flow.keeper": "writing", "unburnt.sandbox.runner": "reading",
    "unburnt.search": "searching",
}


@pytest.mark.parametrize("verb", ["verify", "status", "prove", "check", "key", "seal", "timestamp", "witness", "show"])
def test_a_command_loads_nothing_that_only_others_need(verb: str) -> None:
    program = (
        f"import sys, unburnt.api.archive, unburnt.api.proofs, unburnt.api.seals, unburnt.cli.{verb}_\n"
        "print(*(name for name in sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "unburnt.api.seals" in loaded
    assert sorted(HEAVY.keys() & set(loaded)) == []


def test_verifying_loads_nothing_that_only_other_archives_and_wishes_need() -> None:
    """A passphrase, a page, a sample, settings written by hand, an unusual home."""
    program = "import sys, unburnt.cli.main, unburnt.cli.verify_, unburnt.api.verification\nprint(*(name for name in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"pyrage", "html", "random", "tomllib", "platformdirs", "shutil", "tempfile"} & set(loaded) == set()
