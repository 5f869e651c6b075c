"""What the keeper may rely on: tools run once, read what they are shown, and services come back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from unburnt.base.errors import NotFound
from unburnt.base.limits import MIB, Limits
from unburnt.sandbox.runner import Ended, Sandbox, available_rungs
from unburnt.sandbox.service import Service, ServiceFailed

sys.path.insert(0, str(Path(__file__).parents[1] / "hostile" / "escapes"))
LIMITS = Limits(memory=256 * MIB, cpu_seconds=1, wall_seconds=2, output=MIB)
RUNGS = ["bubblewrap+landlock", "landlock"]


@pytest.fixture(scope="module", params=RUNGS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    assert request.param in available_rungs(), "install bubblewrap, on Linux 5.13+ with Landlock on"
    with Sandbox("hostile_children:main", rung=request.param) as made:
        yield made


@pytest.fixture
def stdin(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "stdin").write_bytes(b"what it is given\n" * 1000)
    with open(tmp_path / "stdin", "rb") as file:
        yield file.fileno()


def tool(sandbox: Sandbox, stdin: int, *argv: str) -> tuple[Ended, bytes]:
    untrusted: list[bytes] = []
    ended = sandbox.run_tool(argv, stdin, LIMITS, untrusted.append)
    return ended, b"".join(untrusted)


def test_a_tool_reads_its_file_and_answers_raw_bytes(sandbox: Sandbox, stdin: int) -> None:
    ended, answer = tool(sandbox, stdin, "cat")
    assert (ended.kind, answer) == ("done", b"what it is given\n" * 1000)


def test_a_tool_may_open_its_file_by_name(sandbox: Sandbox, stdin: int) -> None:
    ended, answer = tool(sandbox, stdin, "cat", "/dev/stdin")
    assert (ended.kind, len(answer)) == ("done", 17000)


def test_a_tool_reads_no_other_file(sandbox: Sandbox, stdin: int) -> None:
    ended, answer = tool(sandbox, stdin, "cat", "/etc/passwd")
    assert (ended.kind, answer) == ("crashed", b"")


def test_a_tool_that_writes_without_end_is_stopped(sandbox: Sandbox, stdin: int) -> None:
    assert tool(sandbox, stdin, "yes")[0].limit == "output"


def test_a_tool_that_waits_is_stopped(sandbox: Sandbox, stdin: int) -> None:
    assert tool(sandbox, stdin, "sleep", "100")[0].limit == "time"


def test_a_tool_that_starts_a_program_is_killed(sandbox: Sandbox, stdin: int) -> None:
    assert tool(sandbox, stdin, "sh", "-c", "cat /etc/passwd; :")[0].limit == "forbidden call"
    assert tool(sandbox, stdin, "env", "cat")[0].limit == "forbidden call"


def test_a_missing_tool_is_named(sandbox: Sandbox, stdin: int) -> None:
    with pytest.raises(NotFound, match="no-such-tool"):
        tool(sandbox, stdin, "no-such-tool")


@pytest.fixture(scope="module", params=RUNGS)
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    with Service("hostile_children:answer", limits=LIMITS, rung=request.param) as made:
        yield made


def test_a_service_answers_with_the_file_it_is_given(service: Service, stdin: int) -> None:
    assert service.ask(b"echo", [stdin]) == b"what it is given\n" * 1000
    assert service.ask(b"threads") == b"from a thread" * 2


def test_a_service_may_wake_itself_and_reach_nobody_through_sockets(service: Service) -> None:
    assert service.ask(b"wake") == b"woken"


@pytest.mark.parametrize(
    ("deed", "limit"),
    [
        ("null", None),
        ("exit", None),
        ("raise", None),
        ("open", None),
        ("socket", None),
        ("fork", None),
        ("send descriptor", None),
    ]
    + [("sleep", "time"), ("allocate", "memory"), ("write forever", None)],
)
def test_a_service_that_fails_is_replaced(service: Service, stdin: int, deed: str, limit: str | None) -> None:
    with pytest.raises(ServiceFailed) as failure:
        service.ask(deed.encode())
    # One that only gathers its endless answer runs out of memory or of time, whichever comes first.
    assert failure.value.limit == limit or (deed == "write forever" and failure.value.limit in ("memory", "time"))
    assert service.ask(b"nothing") == b""


def test_a_service_that_leaks_is_replaced_before_an_innocent_request_fails(service: Service) -> None:
    kept = [int(service.ask(b"leak")) for _ in range(60)]  # 16 MiB each: nearly four times what it may use
    assert kept.count(1) > 1 and max(kept) * 16 * MIB <= LIMITS.memory
