"""What an address in a page leads to below the folders beside it; what a sender wrote to lead elsewhere leads nowhere."""

from __future__ import annotations

import time

import pytest

from unburnt.relate.saved_pages import MOST_FILES, referred, relative_path


@pytest.mark.parametrize(("address", "path"), [
    ("page_files/a.png", "page_files/a.png"), ("./page_files/sub/a.png?v=3#x", "page_files/sub/a.png"), (".\\page.files\\image001.png", "page.files/image001.png"),
    ("%D1%84%D0%B0%D0%B9%D0%BB%D1%8B/a%20b.png", "файлы/a b.png"), ("名单_files/印章.png", "名单_files/印章.png"), ("a/b/../c.js", "a/c.js"),
    ("a//c.js", "a/c.js"), ("a/%2e/c.js", "a/c.js"), (" a/\n c.js ", "a/ c.js"), ("a/100%.png", "a/100%.png"), ("a/%zz.png", "a/%zz.png"),
    ("a/%ff.png", "a/\udcff.png"), ("a/%3Fid=7", "a/?id=7"), ("page-Dateien/x.css", "page-Dateien/x.css"), ("a/%5C..%5Cx", "a/\\..\\x"),
])  # fmt: skip
def test_an_address_below_the_page_is_a_path(address: str, path: str) -> None:
    assert relative_path(address) == path


@pytest.mark.parametrize("address", [
    "", "#top", "a.png", "./a.png", "../other/a.png", "a/../../etc/passwd", "%2e%2e/x/y", "a/%2E%2E/%2e%2e/b/c", "..\\x\\y", "/etc/passwd",
    "//host.example/a/b", "\\\\host\\share\\a", "http://x.example/a/b", "HTTPS:a/b", "file:///etc/passwd", "C:\\a\\b", "java\nscript:a/b",
    "data:text/plain,a/b", "cid:a/b", "a/%2fetc%2fpasswd", "a/b%00.png", "a/", "a/b/", "x/" * 65 + "y", "a/" + "b" * 5_000, "?a/b", "a?/b",
])  # fmt: skip
def test_an_address_that_leads_elsewhere_is_none(address: str) -> None:
    assert relative_path(address) is None


def test_only_what_leads_into_a_folder_that_is_here_counts_and_each_once() -> None:
    lines = ["img: page_files/a.png", "link: PAGE_files/b.css", "img: page_files/a.png", "img: elsewhere/c.png", "a: http://x.example/page_files/d", "x"]
    assert list(referred(lines, {"page_files"})) == ["page_files/a.png", "PAGE_files/b.css"]


def test_words_and_names_may_hold_colons() -> None:
    lines = ["See: the list: page_files/a.html", "img: ./Order: 7_files/seal.png", "page_files: x: page_files/b.html"]
    assert list(referred(lines, {"page_files", "Order: 7_files"})) == ["page_files/a.html", "Order: 7_files/seal.png", "page_files/b.html"]


def test_each_address_of_a_set_of_pictures_counts() -> None:
    assert list(referred(["img: p_files/a.png 1x, p_files/b.png 2.5x", "source: p_files/c.png 480w"], {"p_files"})) == [
        "p_files/a.png", "p_files/b.png", "p_files/c.png"]  # fmt: skip


@pytest.mark.parametrize(("encoding", "path"), [("gb18030", "通知_files/a.png"), (None, None), ("idna", None), ("zlib_codec", None), ("x" * 999, None)])
def test_names_escaped_in_the_pages_own_encoding_are_understood(encoding: str | None, path: str | None) -> None:
    escaped = "".join(f"%{byte:02X}" for byte in "通知".encode("gb18030"))
    assert list(referred([f"img: {escaped}_files/a.png"], {"通知_files"}, encoding)) == ([path] if path else [])


def test_composed_and_decomposed_letters_are_one() -> None:
    assert list(referred(["img: p_файлы/i\u0306.png"], {"P_файлы"})) == ["p_файлы/i\u0306.png"]


def test_endless_lines_and_colons_cost_no_time() -> None:
    hostile = [": " * 200_000, "a: " + "../" * 300_000, "img: " + "p_files/a 1x, " * 100_000, "img: p_files/" + "%" * 1_000_000, "img: " + " 1" * 500_000]
    begun = time.process_time()
    assert len(list(referred(hostile * 3, {"p_files"}))) < MOST_FILES
    assert time.process_time() - begun < 3
