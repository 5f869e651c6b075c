"""A change of keys that is killed half-way, before or after the new key is in its place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHANGE = """
import os, signal, sys
begun = []
def hook(event, arguments):
    if event == "os.rename" and str(arguments[0]).endswith("/next"):
        if sys.argv[1] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        begun.append(True)
    elif begun and event == "open":
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
from unburnt.cli.main import main
sys.argv[1:] = ["-a", sys.argv[2], "key", "rotate"]
main()
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "UNBURNT_KEYS": str(tmp_path / "keys"), "UNBURNT_CONFIG": str(tmp_path / "config")}


def unburnt(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "unburnt", *arguments], env=environment, capture_output=True, text=True, check=False)


def test_a_key_that_was_replaced_as_lost_and_turns_up_again_seals_nothing(
    tmp_path: Path, environment: dict[str, str],
) -> None:
    archive = str(tmp_path / "archive")
    assert unburnt(environment, "init", archive).returncode == 0
    assert unburnt(environment, "-a", archive, "seal").returncode == 0
    (tmp_path / "keys").rename(tmp_path / "found-again")
    assert unburnt(environment, "-a", archive, "key", "rotate", "--lost").returncode == 0
    old_machine = {**environment, "UNBURNT_KEYS": str(tmp_path / "found-again")}
    before = (tmp_path / "archive" / "log" / "checkpoint").read_bytes()
    said = unburnt(old_machine, "-a", archive, "beacon", "add", "a headline of the day")
    assert "replaced by a later one" in said.stderr + said.stdout
    assert (tmp_path / "archive" / "log" / "checkpoint").read_bytes() == before
    asked = unburnt(environment, "-a", archive, "seal")
    assert "another machine" in asked.stderr, "the new machine did not write the beacon"
    assert unburnt(environment, "-a", archive, "seal", "--accept").returncode == 0
    assert (tmp_path / "archive" / "log" / "checkpoint").read_bytes() != before
    assert unburnt(environment, "-a", archive, "verify").returncode == 0


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_change_of_keys_that_was_killed_is_finished_by_the_next_command(
    tmp_path: Path, environment: dict[str, str], when: str,
) -> None:
    archive = str(tmp_path / "archive")
    assert unburnt(environment, "init", archive).returncode == 0
    assert unburnt(environment, "-a", archive, "seal").returncode == 0
    old = unburnt(environment, "-a", archive, "key", "show").stdout
    killed = subprocess.run([sys.executable, "-c", CHANGE, when, archive], env=environment, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert unburnt(environment, "-a", archive, "verify", "--key", old.strip()).returncode == 0, "killed, and not damaged"
    assert unburnt(environment, "-a", archive, "seal").returncode == 0
    new = unburnt(environment, "-a", archive, "key", "show").stdout
    assert new != old and not list((tmp_path / "keys").glob("*/next"))
    for key in ([], ["--key", old.strip()], ["--key", new.strip()]):
        verified = unburnt(environment, "-a", archive, "verify", *key)
        assert verified.returncode == 0, verified.stdout
    assert unburnt(environment, "-a", archive, "key", "changes", "-o", str(tmp_path / "changes")).returncode == 0


def test_a_key_under_a_passphrase_is_needed_for_new_seals_only(tmp_path: Path, environment: dict[str, str]) -> None:
    archive, secret = str(tmp_path / "archive"), str(tmp_path / "secret")
    Path(secret).write_text("correct horse\n")
    assert unburnt(environment, "init", archive).returncode == 0
    assert unburnt(environment, "-a", archive, "key", "rotate", "--new-passphrase-file", secret).returncode == 0
    asked = unburnt(environment, "-a", archive, "timestamp", "request", "-o", str(tmp_path / "asked"))
    assert asked.returncode == 0, "everything is sealed, so the checkpoint that is there is timestamped"
    said = unburnt(environment, "-a", archive, "beacon", "add", "a headline of the day")
    assert said.returncode == 1 and "--passphrase-file" in said.stderr
    assert unburnt(environment, "-a", archive, "seal", "--passphrase-file", secret).returncode == 0
    assert unburnt(environment, "-a", archive, "verify").returncode == 0
