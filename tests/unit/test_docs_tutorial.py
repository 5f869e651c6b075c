"""docs/tutorial.md keeps its word: its commands are run in order on the example leak, and say what it says they say."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_END = "the tutorial's last command ended"


def steps() -> list[tuple[str, str]]:
    """Each command of the page with the output that the page shows for it."""
    found: list[tuple[str, str]] = []
    for block in _BLOCK.findall(TUTORIAL.read_text(encoding="utf-8")):
        for line in block.splitlines(keepends=True):
            if line.startswith("$ "):
                found.append((line[2:].rstrip("\n"), ""))
            else:
                command, output = found[-1]
                found[-1] = (command, output + line)
    return found


STEPS = steps()


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What every command printed, all of them typed into one shell at the root of a checkout."""
    folder = tmp_path_factory.mktemp("tutorial")
    _checkout(folder)
    printed = folder / "printed"
    printed.mkdir()
    lines = [f"{{ {command}\n}} > {printed}/{number} 2>&1" for number, (command, _) in enumerate(STEPS)]
    done = subprocess.run(
        ["bash", "-s"], input="\n".join([*lines, f"echo {shlex.quote(_END)}"]), cwd=folder, text=True, timeout=900,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        capture_output=True, check=False,
    )  # fmt: skip
    assert _END in done.stdout, done.stderr
    return [(printed / str(number)).read_text(encoding="utf-8") for number in range(len(STEPS))]


def _checkout(folder: Path) -> None:
    (folder / "examples").symlink_to(ROOT / "examples")
    command = folder / "bin" / "unburnt"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -m unburnt "$@"\n')
    command.chmod(0o755)


@pytest.mark.parametrize("number", range(len(STEPS)), ids=lambda number: f"{number:02}")
def test_each_command_prints_what_the_tutorial_shows(outputs: list[str], number: int) -> None:
    command, shown = STEPS[number]
    printed = outputs[number]
    agrees = doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS)
    assert agrees, f"$ {command}\n--- the tutorial shows\n{shown}--- it printed\n{printed}"


def test_the_tutorial_uses_every_verb_that_a_reporter_needs() -> None:
    used = {words[1] for command, _ in STEPS if (words := command.split())[:1] == ["bin/unburnt"]}
    needed = {"init", "add", "status", "report", "search", "show", "unlock", "export", "rebuild", "dump", "erase", "doctor"}
    assert needed <= used
