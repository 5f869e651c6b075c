"""Every line comes out of every format that LibreOffice writes, in five languages (tests/golden/make_written.py)."""

from __future__ import annotations

import json
import re
import tarfile
from functools import cache
from pathlib import Path

import pytest

from tests.read_by_child import read
from unburnt.model.outcome import Outcome

PACKED = Path(__file__).with_name("written.tar.xz")
LANGUAGES = ("zh", "ug", "ru", "kk", "en")


@cache
def packed() -> dict[str, bytes]:
    with tarfile.open(PACKED) as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}  # type: ignore[union-attr]


def written() -> list[str]:
    return [name for name in packed() if "/" in name]


def as_one(text: str) -> str:
    """Without white space: where a page breaks a line is the program's choice."""
    return re.sub(r"\s", "", text)


def test_there_are_at_least_twenty_formats_in_five_languages() -> None:
    formats = {(name.split("/")[0], name.rpartition(".")[2]) for name in written()}
    assert len(formats) >= 20
    assert len(written()) == len(formats) * len(LANGUAGES)


@pytest.mark.parametrize("name", written())
def test_every_line_is_read(name: str) -> None:
    lines = json.loads(packed()[f"{Path(name).stem}.json"])
    said = read(packed()[name], Path(name).name)
    assert said.outcome is Outcome.READ, said.finished
    text = as_one("\n".join(part.text for part in said.parts))
    lost = [line for line in lines if as_one(line) not in text]
    assert len(lines) >= 15
    assert len(lost) <= len(lines) * 0.01, lost


@pytest.mark.parametrize("name", ["writer/ru.doc", "calc/ru.xls", "impress/ru.ppt", "writer/ru.pdf"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.97])
def test_a_file_that_is_cut_off_is_never_called_read_or_empty(name: str, share: float) -> None:
    whole = packed()[name]
    said = read(whole[: int(len(whole) * share)], Path(name).name)
    assert said.outcome in (Outcome.PARTIAL, Outcome.DAMAGED), said.finished
