"""Split archives of what was stored and not packed: a volume from the middle looks like a text, and is none."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import py7zr
import pytest

from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.digests import digest_of

LINES = [f"第{number}号指示：关于加强户籍登记管理工作的通知。" for number in range(900)]
TEXT = "\n".join(LINES).encode()
MIDDLE = "\"第450号指示\""
OPTIONS = Options(ocr=False)


def stored_seven(text: bytes) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", filters=[{"id": py7zr.FILTER_COPY}]) as archive:
        archive.writestr(text, "order.txt")
    return out.getvalue()


def stored_zip(text: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("order.txt", text)
    return out.getvalue()


def cut(whole: bytes, name: str) -> dict[str, bytes]:
    size = len(whole) // 3 + 1
    return {f"{name}.{number:03}": whole[start : start + size] for number, start in enumerate(range(0, len(whole), size), 1)}


SEVEN, ZIP = cut(stored_seven(TEXT), "leak.7z"), cut(stored_zip(TEXT), "leak.zip")


def add(archive: Archive, folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    archive.add([folder], options=OPTIONS)


def found(archive: Archive, query: str = MIDDLE) -> set[str]:
    return {shown for hit in archive.search(query).hits for shown in hit.shown}


@pytest.mark.parametrize("parts", [SEVEN, ZIP], ids=["7z", "zip"])
def test_a_middle_volume_that_looks_like_text_is_read_with_its_set_only(tmp_path: Path, parts: dict[str, bytes]) -> None:
    first, middle, _ = parts
    with Archive.create(tmp_path / "archive") as archive:
        add(archive, tmp_path / "in", parts)
        assert archive.document(first).outcome == "read" and len(archive.document(first).volumes) == 3
        assert archive.document(middle).reason == "It is part 2 of a split archive, and was read together with the others."
        assert found(archive) == {f"{first}!/order.txt"}
        dumped = list(archive.dump())
    shutil.copytree(tmp_path / "archive", tmp_path / "copy", ignore=shutil.ignore_patterns("*.sock"))
    with Archive.rebuild(tmp_path / "copy") as rebuilt:
        assert list(rebuilt.dump()) == dumped
        assert found(rebuilt) == {f"{first}!/order.txt"}


def test_its_text_is_found_as_long_as_the_set_is_not_whole(tmp_path: Path) -> None:
    last = {"leak.7z.003": SEVEN["leak.7z.003"]}
    with Archive.create(tmp_path / "archive") as archive:
        add(archive, tmp_path / "in", {name: data for name, data in SEVEN.items() if name not in last})
        assert found(archive) == {"leak.7z.002"}
        add(archive, tmp_path / "later", last)
        assert found(archive) == {"leak.7z.001!/order.txt"}


def test_numbered_texts_stay_what_they_are(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        add(archive, tmp_path / "in", cut(TEXT, "server.log"))
        assert found(archive) == {"server.log.002"}
        assert [archive.document(f"server.log.00{number}").volumes for number in (1, 2, 3)] == [(), (), ()]


def test_a_volume_that_lies_elsewhere_as_a_text_stays_one(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        add(archive, tmp_path / "in", SEVEN | {"notes.txt": SEVEN["leak.7z.002"]})
        assert found(archive) == {"leak.7z.002", "notes.txt", "leak.7z.001!/order.txt"}
        assert archive.document("leak.7z.001").outcome == "read"


def test_a_text_called_like_a_volume_behind_the_end_of_the_archive_is_none(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        behind = {"leak.7z.004": "第一份证词".encode() * 300, "leak.7z.005": "第二份证词".encode() * 300}
        add(archive, tmp_path / "in", SEVEN | behind)
        assert archive.document("leak.7z.001").outcome == "read"
        assert found(archive, "证词") == set(behind)
        assert archive.document(digest_of(behind["leak.7z.004"])).reason == ""
