"""A link or a pipe where an archive has a file is refused by its name: never followed, never waited for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.material import make_delivery
from unburnt.api import Archive
from unburnt.api.copies import copy_archive, repair_archive
from unburnt.api.options import Options
from unburnt.base.errors import UnburntError


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("pair")
    with Archive.create(base / "archive") as archive:
        archive.add([make_delivery(base / "delivery", texts=1)], options=Options(ocr=False))
    copy_archive(base / "archive", base / "copy")
    return base


def link(path: Path) -> None:
    """The same bytes, by another way."""
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def pipe(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    os.mkfifo(path)


PLACES = ["unburnt.toml", "events/000001.jsonl", "log/checkpoint", "log/tile", "objects", "derived/001.sqlite"]


@pytest.mark.parametrize("odd", [link, pipe])
@pytest.mark.parametrize("side", ["archive", "copy"])
@pytest.mark.parametrize("place", PLACES)
def test_a_link_or_a_pipe_is_refused_by_name(
    pair: Path, tmp_path: Path, place: str, side: str, odd: Callable[[Path], None]
) -> None:
    for name in ("archive", "copy"):
        shutil.copytree(pair / name, tmp_path / name, ignore=shutil.ignore_patterns("*.sock"))
    odd(tmp_path / side / place)
    for act in (copy_archive, repair_archive):
        with pytest.raises(UnburntError) as refused:
            act(tmp_path / "archive", tmp_path / "copy")
        assert place in refused.value.message or "links" in refused.value.message
    assert (tmp_path / side / place).is_symlink() or (tmp_path / side / place).is_fifo()
