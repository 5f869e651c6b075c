"""An index that was lost is noticed and made again; never does a search of nothing look like a search that found nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.material import make_delivery
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.errors import UnburntError

NO_OCR = Options(ocr=False)


def all_files(index: Path) -> None:
    for path in index.iterdir():
        path.unlink()


def list_of_files(index: Path) -> None:
    (index / "meta.json").unlink()


def one_file(index: Path) -> None:
    next(index.glob("*.idx")).unlink()


def half(index: Path) -> None:
    path = next(index.glob("*.term"))
    path.write_bytes(path.read_bytes()[:10])


LOSSES = [all_files, list_of_files, shutil.rmtree, one_file, half]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([make_delivery(tmp_path / "delivery", texts=3)], options=NO_OCR)
        assert archive.count("拘留") == 3
    return tmp_path / "archive"


@pytest.mark.parametrize("lose", LOSSES)
def test_a_search_says_that_the_index_is_gone_and_makes_no_empty_one(root: Path, lose: Callable[[Path], None]) -> None:
    lose(root / "index")
    for _ in range(2):
        with Archive.open(root) as archive, pytest.raises(UnburntError, match="search index") as caught:
            archive.search("拘留")
        assert "unburnt rebuild" in str(caught.value.remedy)
    told = subprocess.run([sys.executable, "-m", "unburnt", "-a", str(root), "search", "拘留"], capture_output=True, text=True, check=False)
    assert told.returncode == 1 and "unburnt rebuild" in told.stderr
    with Archive.rebuild(root) as archive:
        assert archive.count("拘留") == 3


@pytest.mark.parametrize("lose", LOSSES)
def test_whoever_writes_next_makes_the_index_again_and_says_so(root: Path, tmp_path: Path, lose: Callable[[Path], None]) -> None:
    lose(root / "index")
    (tmp_path / "more.txt").write_text("拘留 once more")
    told = subprocess.run([sys.executable, "-m", "unburnt", "-a", str(root), "add", "--no-ocr", str(tmp_path / "more.txt")],
                          capture_output=True, text=True, check=True)
    assert "search index" in told.stderr
    with Archive.open(root) as archive:
        assert archive.count("拘留") == 4


def test_an_empty_index_in_place_of_the_known_one_is_noticed(root: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "other"):
        pass
    shutil.rmtree(root / "index")
    shutil.copytree(tmp_path / "other" / "index", root / "index")
    (tmp_path / "more.txt").write_text("拘留 once more")
    with Archive.open(root) as archive:
        archive.add([tmp_path / "more.txt"], options=NO_OCR)
        assert archive.count("拘留") == 4


def test_a_sound_index_is_not_made_again(root: Path, tmp_path: Path) -> None:
    before = {path.name for path in (root / "index").glob("*.idx")}
    (tmp_path / "more.txt").write_text("拘留 once more")
    for _ in range(2):
        with Archive.open(root) as archive:
            archive.add([tmp_path / "more.txt"], options=NO_OCR)
            assert archive.count("拘留") == 4
    assert before <= {path.name for path in (root / "index").glob("*.idx")}
