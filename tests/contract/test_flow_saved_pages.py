"""Saved pages: from a page to the received files of the folders beside it, and from each of these back to the page."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.material import zipped
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.digests import digest_of
from unburnt.model.saved_pages import SavedPage

OPTIONS = Options(ocr=False)


def page(*addresses: str, words: str = "Notice", charset: str = "utf-8", also: str = "") -> bytes:
    pictures = "".join(f'<img src="{address}">' for address in addresses)
    return f'<html><head><meta charset="{charset}"><title>{words}</title></head><body>{words}{pictures}{also}</body></html>'.encode(charset)


def backslashed(files: dict[str, bytes]) -> bytes:
    """A ZIP whose entries are called with backslashes, as some programs on Windows write them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo("x")
            entry.filename = name
            archive.writestr(entry, data)
    return out.getvalue()


def text(name: str) -> bytes:
    return f"what stands in {name}".encode()


FIREFOX = page("Notice%20of%20May_files/seal.txt", "Notice%20of%20May_files/gone.css", "http://w.example/Notice%20of%20May_files/far.txt",
               also='<a href="Notice%20of%20May_files/frame.html">Seal: the frame</a>')  # fmt: skip
FRAME = page("./seal.txt", words="A frame of the page")
GERMAN, WORD = page("Seite-Dateien/bild.txt", words="Seite"), page("brief.files\\image001.txt", words="Brief")
RENAMED = page("./原来的页面_files/印章.txt", words="改名的页面")
LEGACY = page("".join(f"%{byte:02X}" for byte in "通知_files".encode("gb18030")) + "/a.txt", words="旧网页的通知，请各单位认真执行有关规定", charset="gb18030")
CHINESE = page("通知.files/章.txt", words="压缩包里的通知")
WINDOWS = page("网页_files/章.txt", words="用反斜线打包的通知")
HOSTILE = page("../secret/key.txt", "hostile_files/../../secret/key.txt", "/secret/key.txt", "%2e%2e/secret/key.txt", "hostile_files/%2fetc%2fpasswd",
               "//host/secret/key.txt", "C:\\secret\\key.txt", "hostile_files/" + "9" * 400 + ".txt", "hostile_files/b%00.txt",
               "hostile_files/\u202egnp.txt", words="Hostile")  # fmt: skip
TWICE = page("twice_files/a.txt", "twice_files/b.txt", words="Twice")
FILES = {
    "ff/Notice of May.html": FIREFOX, "ff/Notice of May_files/seal.txt": text("seal"), "ff/Notice of May_files/frame.html": FRAME,
    "ff/Notice of May_files/unasked.txt": text("unasked"), "ff/other/seal2.txt": text("seal2"),
    "de/Seite.htm": GERMAN, "de/Seite-Dateien/bild.txt": text("bild"), "word/brief.htm": WORD, "word/brief.files/IMAGE001.TXT": text("image"),
    "zh/1.html": RENAMED, "zh/原来的页面_files/印章.txt": text("印章"), "old/p.htm": LEGACY, "old/通知_files/a.txt": text("old a"),
    "h/hostile.html": HOSTILE, "h/hostile_files/fine.txt": text("fine"), "secret/key.txt": text("key"), "h/secret/key.txt": text("inner key"),
    "x/twice.html": TWICE, "x/twice_files/a.txt": text("twice a"), "y/twice.html": TWICE, "y/twice_files/b.txt": text("twice b"),
    "z/deep.html": page("s/img/icons/dot.txt", words="Deep"), "z/s/img/icons/dot.txt": text("dot"),
    "windows.zip": backslashed({"in\\网页.html": WINDOWS, "in\\网页_files\\章.txt": text("windows"), "网页_files\\章.txt": text("elsewhere")}),
    "leak.zip": zipped({"in/通知.html": CHINESE, "in/通知.files/章.txt": text("zipped"), "通知.files/章.txt": text("not beside")}),
}  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("source") / "in"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    with Archive.create(tmp_path_factory.mktemp("archives") / "archive") as made:
        made.add([folder], options=OPTIONS)
        yield made


def of(archive: Archive, content: bytes) -> SavedPage:
    return archive.saved_page(digest_of(content))


def files(archive: Archive, content: bytes) -> list[tuple[str, str | None]]:
    return [(one.reference, one.document) for one in of(archive, content).files]


def pages(archive: Archive, content: bytes) -> list[str]:
    return [one.document for one in of(archive, content).pages]


def test_a_page_names_its_files_received_or_missing_and_each_of_them_the_page(archive: Archive) -> None:
    assert files(archive, FIREFOX) == [
        ("Notice of May_files/seal.txt", digest_of(text("seal"))), ("Notice of May_files/gone.css", None),
        ("Notice of May_files/frame.html", digest_of(FRAME))]  # fmt: skip
    assert of(archive, FIREFOX).missing == 1
    for content in (text("seal"), FRAME):
        (found,) = of(archive, content).pages
        assert (found.document, found.title, found.shown) == (digest_of(FIREFOX), "Notice", "ff/Notice of May.html")


@pytest.mark.parametrize(("content", "reference", "file"), [
    (GERMAN, "Seite-Dateien/bild.txt", text("bild")), (WORD, "brief.files/image001.txt", text("image")),
    (RENAMED, "原来的页面_files/印章.txt", text("印章")), (LEGACY, "通知_files/a.txt", text("old a")), (CHINESE, "通知.files/章.txt", text("zipped")),
    (WINDOWS, "网页_files/章.txt", text("windows")), (FILES["z/deep.html"], "s/img/icons/dot.txt", text("dot")),
], ids=["german", "capitals and backslash", "renamed page", "escaped in GBK", "in a zip", "in a zip of Windows", "three folders down"])  # fmt: skip
def test_the_page_itself_says_which_folder_is_its_own(archive: Archive, content: bytes, reference: str, file: bytes) -> None:
    assert files(archive, content) == [(reference, digest_of(file))]
    assert pages(archive, file) == [digest_of(content)]


def test_what_the_page_does_not_refer_to_belongs_to_none(archive: Archive) -> None:
    for name in ("unasked", "seal2", "fine", "key", "not beside"):
        assert not of(archive, text(name))
    assert not archive.saved_page(digest_of(FILES["leak.zip"]))


def test_a_hostile_page_reaches_nothing_outside_the_folders_beside_it(archive: Archive) -> None:
    assert files(archive, HOSTILE) == [("hostile_files/" + "9" * 400 + ".txt", None), ("hostile_files/\u202egnp.txt", None)]
    assert pages(archive, text("key")) == [] == pages(archive, text("inner key"))


def test_a_page_that_lies_in_two_places_has_the_files_of_both(archive: Archive) -> None:
    assert files(archive, TWICE) == [("twice_files/a.txt", digest_of(text("twice a"))), ("twice_files/b.txt", digest_of(text("twice b")))]
    assert pages(archive, text("twice b")) == [digest_of(TWICE)]


def test_show_tells_both_ways(archive: Archive) -> None:
    def show(content: bytes, *options: str) -> str:
        command = [sys.executable, "-m", "unburnt", "-a", str(archive.root), "show", digest_of(content), *options]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert f"page's file: Notice of May_files/seal.txt ({digest_of(text('seal'))[:12]})\n" in show(FIREFOX)
    assert "page's file: Notice of May_files/gone.css (not received)\n" in show(FIREFOX)
    assert "page's file: hostile_files/⟦RLO⟧gnp.txt (not received)\n" in show(HOSTILE)
    assert f"belongs to the page: ff/Notice of May.html ({digest_of(FIREFOX)[:12]})\n" in show(text("seal"))
    assert json.loads(show(FIREFOX, "--json"))["saved_page"]["files"][1] == {"reference": "Notice of May_files/gone.css", "document": None}


def test_of_very_many_pages_beside_one_folder_only_some_are_asked_and_that_is_said(tmp_path: Path) -> None:
    for number in range(120):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"n{number:03}.html").write_bytes(page("shared/a.txt", words=f"Number {number}"))
    (tmp_path / "in" / "shared").mkdir()
    (tmp_path / "in" / "shared" / "a.txt").write_bytes(text("shared"))
    with Archive.create(tmp_path / "archive") as made:
        made.add([tmp_path / "in"], options=OPTIONS)
        found = of(made, text("shared"))
    assert (len(found.pages), found.is_cut) == (50, True)
