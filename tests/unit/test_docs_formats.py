"""docs/formats.md is what the readers say of themselves, and ARCHITECTURE.md's example of a reader works."""

from __future__ import annotations

import importlib.util
import io
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.read_by_child import task
from unburnt.model import frames
from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.source import Source

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    found = importlib.util.spec_from_file_location("make_formats", ROOT / "docs" / "make_formats.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_page_is_what_the_readers_say(maker: ModuleType) -> None:
    assert maker.PAGE.read_text(encoding="utf-8") == maker.page(), "Run: python docs/make_formats.py"


def test_no_library_of_a_reader_is_only_to_be_had_under_a_strong_copyleft(maker: ModuleType) -> None:
    stated = re.findall(r"with (.+)", maker.page())
    libraries = [one for line in stated for one in re.split(r"(?<=\)), ", line)]
    assert not [one for one in libraries if "GPL" in one and not re.search(r"LGPL|Lesser| OR |MIT", one)]


def example() -> str:
    found = re.search(r"```python\n(.+?)```", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_of_a_reader_reads() -> None:
    assert example().count("\n") < 60
    module: dict[str, Any] = {}
    exec(compile(example(), "example", "exec"), module)
    data = "1\n00:00:01,500 --> 00:00:03,000\nیاخشىمۇسىز\n\n2\n00:01:00,000 --> 00:01:02,000\n通知\n第二行\n".encode()
    said: list[frames.Frame] = []
    ending = module["FORMATS"][0].read(Source(io.BytesIO(data), len(data)), Emitter(said.append, task("a.srt"), len(data)))
    parts = [one.part for one in said if isinstance(one, frames.PartFrame)]
    assert ending.outcome is Outcome.READ
    assert [(part.label, part.text) for part in parts] == [("00:00:01", "یاخشىمۇسىز\n"), ("00:01:00", "通知\n第二行\n")]
