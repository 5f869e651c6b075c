"""No way out of a locked child is found, in either profile, on any rung that this machine offers."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import unburnt
from unburnt.base.limits import MIB, Limits
from unburnt.sandbox.runner import Ended, Sandbox, available_rungs

ESCAPES = Path(__file__).parent / "escapes"
sys.path.insert(0, str(ESCAPES))

from escape_attempts import ATTEMPTS, HARMFUL

LIMITS = Limits(memory=512 * MIB, cpu_seconds=5, wall_seconds=10)
SOURCE = str(Path(unburnt.__file__).parent.parent)
RUNGS = ("bubblewrap+landlock", "landlock")
QUESTIONS = {
    "ask about a path", "ask whether a path is there", "ask with an empty-path flag", "ask with statx",
    "ask about a file system", "change folder",
}  # fmt: skip
"""Without a namespace a program can ask whether a path exists, since Landlock does not govern that; it is read nothing."""
ALLOWED_IN_TOOL_ON_LANDLOCK = QUESTIONS - {"change folder"}


@pytest.fixture
def targets(tmp_path: Path) -> Iterator[dict[str, Any]]:
    for name in ("secret", "victim", "removable"):
        (tmp_path / name).write_text(name)
    server = socket.create_server(("127.0.0.1", 0))
    abstract, file = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    abstract.bind(f"\0unburnt-test-{os.getpid()}")
    file.bind(str(tmp_path / "socket"))
    for listener in (abstract, file):
        listener.listen()
    yield {
        "folder": str(tmp_path),
        "secret": str(tmp_path / "secret"),
        "victim": str(tmp_path / "victim"),
        "socket": str(tmp_path / "socket"),
        "abstract": f"unburnt-test-{os.getpid()}",
        "port": server.getsockname()[1],
        "keeper": os.getpid(),
    }
    for listener in (server, abstract, file):
        listener.close()


@pytest.fixture(scope="module", params=[*RUNGS, "unsafe"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    rung = request.param
    if rung != "unsafe":
        assert rung in available_rungs(), f"{rung} is missing: install bubblewrap, on Linux 5.13+ with Landlock on"
    with Sandbox("escape_attempts:main", rung=rung, unsafe=True) as made:
        yield made


def try_as_reader(sandbox: Sandbox, name: str, targets: dict[str, Any]) -> tuple[Ended, bytes]:
    untrusted: list[bytes] = []
    with open(targets["victim"], "rb") as file:
        payload = json.dumps([name, targets]).encode()
        ended = sandbox.run(payload, [file.fileno()], LIMITS, untrusted.append)
    # A program that took the child's place knows no frames; its answer is then cut short or too long.
    took_over = ended.limit == "frame" or "status 0" in ended.detail
    return ended, b"escaped" if took_over else b"".join(untrusted)


def try_as_tool(sandbox: Sandbox, name: str, targets: dict[str, Any]) -> tuple[Ended, bytes]:
    untrusted: list[bytes] = []
    script = str(ESCAPES / "escape_attempts.py")
    argv = [sys.executable, "-S", "-B", "-I", script, SOURCE, name, json.dumps(targets)]
    with open(targets["victim"], "rb") as file:
        ended = sandbox.run_tool(
            argv,
            file.fileno(),
            LIMITS,
            untrusted.append,
            readable=[sys.base_prefix, str(ESCAPES), SOURCE],
        )
    return ended, b"".join(untrusted).strip()


def test_at_least_forty_ways_out_are_tried() -> None:
    assert len(ATTEMPTS) >= 100
    assert len(ATTEMPTS) - len(HARMFUL) >= 40


@pytest.mark.parametrize("profile", [try_as_reader, try_as_tool], ids=["reader", "tool"])
@pytest.mark.parametrize("name", ATTEMPTS)
def test_no_child_gets_out_and_unlocked_ones_do(
    name: str, profile: Any, sandbox: Sandbox, targets: dict[str, Any]
) -> None:
    if sandbox.rung == "unsafe" and name in HARMFUL:
        return  # tried locked only
    ended, answer = profile(sandbox, name, targets)
    if sandbox.rung == "unsafe":
        assert answer == b"escaped", f"this attempt cannot fail: {ended}"
        return
    if profile is try_as_tool and sandbox.rung == "landlock" and name in ALLOWED_IN_TOOL_ON_LANDLOCK:
        return
    assert answer == b"held" or ended.limit == "forbidden call", f"{answer!r} {ended}"
    assert {path.name for path in Path(targets["folder"]).iterdir()} == {
        "secret",
        "victim",
        "removable",
        "socket",
    }
    assert Path(targets["victim"]).read_text() == "victim"
