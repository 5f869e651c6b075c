"""A part of a split file is called one, with what to do: by itself it would look damaged, or like nothing at all."""

from __future__ import annotations

import io
import random

import py7zr
import pytest

from tests.read_by_child import read
from unburnt.read.split_names import split_part


def seven() -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writestr(random.Random(1).randbytes(5000), "a.bin")
    return out.getvalue()


def test_each_part_of_a_split_archive_says_which_it_is() -> None:
    whole = seven()
    parts = [whole[start : start + 2000] for start in range(0, len(whole), 2000)]
    assert len(parts) > 2
    for number, part in enumerate(parts, 1):
        said = read(part, f"a.7z.{number:03}")
        assert said.finished is not None
        assert (said.outcome, f"is part {number} of a split file" in said.finished.reason) == ("partial", True)
    assert read(b"".join(parts), "a.7z").outcome == "read"
    later = read(parts[1], "leak.z02")
    assert later.finished is not None and "part 2 of a split ZIP archive" in later.finished.reason


@pytest.mark.parametrize("name", ["report.2017", "a.bin", "a.000", "001", "part.01", "a.7z.001.txt"])
def test_other_names_are_no_parts(name: str) -> None:
    assert split_part(name) is None


def test_a_file_that_is_whole_is_read_whatever_its_name_says() -> None:
    assert read("第三号指示".encode(), "note.001").outcome == "read"
    assert read(b"7z\xbc\xaf\x27\x1c" + bytes(50), "a.7z").outcome == "damaged"
