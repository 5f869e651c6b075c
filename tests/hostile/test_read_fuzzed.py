"""Whatever damage is done to a file, its reader ends in an outcome, in its own child, and the sandbox goes on.

A few dozen damaged files always run; ``UNBURNT_FUZZ_SECONDS=300 bin/test -m fuzz`` gives every reader that many seconds of
processor, and ``benchmarks/fuzz.py`` lets the readers' own branches guide the damage. Where ``$UNBURNT_SEEDS`` names a folder,
``tests/read_by_child.py`` leaves there whatever tests have it read, and ``tests/seeds.py`` takes it up:
``UNBURNT_SEEDS=DIR bin/test -k read`` first. The damage follows from a number that a failure names.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator

import msgspec
import pytest

from tests.read_by_child import task
from tests.seeds import seeds
from unburnt.base.limits import MIB, Limits
from unburnt.model import frames
from unburnt.read.known import BY_NAME
from unburnt.read.nests import nest_of_name
from unburnt.sandbox.ended import Ended
from unburnt.sandbox.runner import Sandbox
from unburnt.sandbox.watch import ZYGOTE_DIED

SECONDS = float(os.environ.get("UNBURNT_FUZZ_SECONDS", "20"))
LIMITS = Limits(cpu_seconds=10.0, wall_seconds=15.0, output=64 * MIB)
_answer = msgspec.msgpack.Decoder(tuple[int, frames.Frame])
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """*data* with one to six wounds: bits turned, numbers made extreme, pieces cut, doubled, moved or made longer."""
    wounded = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(wounded) or 1), chance.choice((1, 2, 4, 8, 64, 1024))
        match chance.randrange(6):
            case 0:
                wounded[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                size = chance.choice((1, 2, 4, 8))
                wounded[at : at + size] = (chance.choice(_NUMBERS) & (1 << 8 * size) - 1).to_bytes(size, chance.choice(("little", "big")))
            case 2:
                del wounded[at : at + length]
            case 3:
                wounded[at:at] = wounded[at : at + length] * chance.choice((1, 2, 50))
            case 4:
                del wounded[at:]
            case 5:
                other = chance.randrange(len(wounded) or 1)
                wounded[at : at + length] = wounded[other : other + length]
    return bytes(wounded)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("unburnt.read.child:main") as made:
        yield made


def survives(sandbox: Sandbox, name: str, data: bytes) -> Ended:
    """Read *data* in a child; every answer is of the agreed form, and it was not the sandbox that ended."""
    payload = msgspec.msgpack.encode([task(name)])
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        ended = sandbox.run(payload, [file.fileno()], LIMITS, _answer.decode, nest=nest_of_name(name))
    assert ended.kind in ("done", "crashed", "refused")
    assert ended.detail != ZYGOTE_DIED
    return ended


def campaign(sandbox: Sandbox, reader: str, *, most: int, seconds: float) -> dict[str, int]:
    """How the children ended, by kind and detail; afterwards the sandbox still reads."""
    endings: dict[str, int] = {}
    spent = 0.0
    for number in range(most):
        chance = random.Random(f"{reader} {number}")
        name, whole = chance.choice(seeds()[reader])
        ended = survives(sandbox, name, damaged(whole, chance))
        spent += ended.cpu_seconds
        key = f"{ended.kind} {ended.limit or ended.signal or ended.detail}".strip()
        endings[key] = endings.get(key, 0) + 1
        if ended.kind == "crashed":
            print(f"{reader} {number}: {ended.signal or ''} {ended.detail}")
        if spent > seconds:
            break
    assert survives(sandbox, "a.txt", "后来的文件".encode()).kind == "done"
    return endings


def test_no_reader_lacks_a_file_to_begin_with() -> None:
    assert set(BY_NAME) <= set(seeds())


def test_damaged_files_of_every_reader_end_in_an_outcome(sandbox: Sandbox) -> None:
    for reader in seeds():
        assert sum(campaign(sandbox, reader, most=2, seconds=20).values()) == 2


@pytest.mark.fuzz
@pytest.mark.parametrize("reader", sorted(BY_NAME))
def test_a_campaign_of_damage_ends_in_outcomes(sandbox: Sandbox, reader: str) -> None:
    endings = campaign(sandbox, reader, most=10_000_000, seconds=SECONDS)
    print(f"{reader}: {sum(endings.values())} files; {endings}")
    assert not [key for key in endings if key.startswith("crashed") and "SIG" not in key], "a reader leaked an error"
