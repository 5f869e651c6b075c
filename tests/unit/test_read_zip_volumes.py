"""ZIP volumes (.z01, .z02 ... .zip) as Info-ZIP writes them, and those of hand-written directories."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.read_by_child import read
from tests.read_joined import read_joined
from unburnt.model.volume_names import LAST

FILES = {f"order-{number}.txt": random.Random(number).randbytes(700) for number in range(6)}
NAMES = [name.encode() for name in FILES]


def volumes(files: dict[str, bytes], room: int) -> dict[int, bytes]:
    """Stored members one after the other, cut where *room* is used up; a header is never cut (APPNOTE 8.3.6)."""
    out = [bytearray(b"PK\x07\x08")]
    directory = b""
    for name, data in files.items():
        raw = name.encode()
        common = struct.pack("<5H3I2H", 20, 0, 0, 0, 0x4A46, zlib.crc32(data), len(data), len(data), len(raw), 0)
        if len(out[-1]) + 30 + len(raw) > room:
            out.append(bytearray())
        directory += b"PK\x01\x02\x14\x00" + common + struct.pack("<3H2I", 0, len(out) - 1, 0, 0, len(out[-1])) + raw
        out[-1] += b"PK\x03\x04" + common + raw
        at = 0
        while at < len(data):
            piece = data[at : at + max(0, room - len(out[-1]))]
            out[-1] += piece
            at += len(piece)
            if at < len(data):
                out.append(bytearray())
    last = len(out) - 1
    start = len(out[-1])
    out[-1] += directory
    out[-1] += b"PK\x05\x06" + struct.pack("<4H2IH", last, last, len(files), len(files), len(directory), start, 0)
    return {**{number: bytes(one) for number, one in enumerate(out[:-1], 1)}, LAST: bytes(out[-1])}


@pytest.mark.parametrize("room", [400, 760, 1000, 5000])
def test_members_in_and_across_volumes_come_out_whole(room: int) -> None:
    said = read_joined(volumes(FILES, room), "a.zip")
    assert (said.outcome, said.members, said.bytes) == ("read", NAMES, b"".join(FILES.values()))


@pytest.mark.parametrize("gone", [1, 2, 3, 4])
def test_a_missing_volume_costs_the_members_that_touch_it_and_is_named(gone: int) -> None:
    made = volumes(FILES, 1000)
    del made[gone]
    said = read_joined(made, "a.zip")
    assert said.finished is not None and said.outcome == "partial" and f"{gone} (.z0{gone})" in said.finished.reason
    assert set(said.members) == {name for name in NAMES if FILES[name.decode()] in said.bytes} and len(said.members) >= 3
    assert {failed.outcome for failed in said.failed} == {"not-received"}
    assert len(said.members) + len(said.failed) == len(FILES)


def test_without_the_last_volume_members_are_found_by_their_own_headers() -> None:
    made = volumes(FILES, 1000)
    del made[LAST]
    said = read_joined(made, "a.z01")
    assert said.finished is not None and said.outcome == "partial" and "the last (.zip)" in said.finished.reason
    assert said.members[:4] == NAMES[:4]


def test_a_place_in_a_volume_that_never_was_harms_nothing() -> None:
    made = volumes(FILES, 760)
    honest = made[LAST]
    made[LAST] = honest.replace(struct.pack("<3H2I", 0, 1, 0, 0, 0), struct.pack("<3H2I", 0, 0xFFF0, 0, 0, 0xFFFFFFF0))
    said = read_joined(made, "a.zip")
    assert made[LAST] != honest
    assert said.outcome in ("partial", "read") and len(said.members) >= 5
    said = read_joined({1: bytes(50), LAST: made[LAST]}, "a.zip")
    assert said.outcome == "partial"


def test_the_last_volume_waits_for_the_others_and_a_whole_archive_does_not() -> None:
    made = volumes(FILES, 1000)
    assert read(made[LAST], "a.zip", may_wait=True).notes[0][0] == "volumes"
    assert read(made[1], "a.z01", may_wait=True).notes[0][0] == "volumes"
    assert read(volumes(FILES, 10_000)[LAST], "a.zip", may_wait=True).outcome == "read"


@pytest.mark.skipif(shutil.which("zip") is None, reason="Info-ZIP is not here")
def test_what_info_zip_splits_is_read_whole(tmp_path: Path) -> None:
    noise = {f"n{number}.bin": random.Random(number).randbytes(50_000) for number in range(5)}
    for name, data in noise.items():
        (tmp_path / name).write_bytes(data)
    subprocess.run(["zip", "-q", "-s", "64k", "a.zip", *noise], cwd=tmp_path, check=True)
    made = {number: (tmp_path / f"a.z{number:02}").read_bytes() for number in range(1, len(list(tmp_path.glob("a.z0?"))) + 1)}
    assert len(made) > 2
    said = read_joined({**made, LAST: (tmp_path / "a.zip").read_bytes()}, "a.zip")
    assert (said.outcome, said.bytes) == ("read", b"".join(noise.values()))
