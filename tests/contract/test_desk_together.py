"""The desk shows what belongs together: a saved page and its files, a table and its memo file, in every language."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from html import unescape
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.unit.test_read_dbf_long_texts import dbt3, table
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.digests import digest_of
from unburnt.desk.addresses import Addresses
from unburnt.desk.server import serve

PAGE = b'<title>Notice</title><img src="p_files/seal.txt"><img src="p_files/gone.css"><img src="p_files/%3Cb%3E%E2%80%AEgnp.txt">'
SEAL, TABLE, MEMO = b"what stands on the seal", table({"row": 1}), dbt3([b"the long order"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Addresses]]:
    base = tmp_path_factory.mktemp("desk")
    (base / "in" / "p_files").mkdir(parents=True)
    for name, data in {"p.html": PAGE, "p_files/seal.txt": SEAL, "t.dbf": TABLE, "t.dbt": MEMO}.items():
        (base / "in" / name).write_bytes(data)
    links: list[str] = []
    ready, stop = threading.Event(), threading.Event()

    def opened(link: str) -> None:
        links.append(link)
        ready.set()

    with Archive.create(base / "a") as archive:
        archive.add([base / "in"], options=Options(ocr=False))
        thread = threading.Thread(target=serve, args=(archive, 0, opened), kwargs={"stop": stop})
        thread.start()
        try:
            assert ready.wait(60)
            link = urlsplit(links[0])
            line = HTTPConnection(link.netloc, timeout=60)
            line.request("GET", link.path)
            cookie = str(line.getresponse().headers["Set-Cookie"]).split(";")[0]
            line.close()
            yield link.netloc, cookie, Addresses(base / "a" / "desk.sqlite")
        finally:
            stop.set()
            thread.join(20)


def section(desk: tuple[str, str, Addresses], content: bytes, of: str, lang: str = "en") -> str:
    """What one section beside a document holds, as it is sent."""
    netloc, cookie, addresses = desk
    line = HTTPConnection(netloc, timeout=60)
    line.request("GET", f"/d/{addresses.name_of(digest_of(content))}", headers={"Cookie": cookie, "Accept-Language": lang})
    answer = line.getresponse()
    page = answer.read().decode()
    line.close()
    assert answer.status == 200
    found = re.search(f'<section aria-labelledby="{of}">.*?</section>', page, re.DOTALL)
    return "" if found is None else found[0]


def words(markup: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", markup)).split())


def link_to(desk: tuple[str, str, Addresses], content: bytes) -> str:
    return f'href="/d/{desk[2].name_of(digest_of(content))}"'


def test_a_page_links_its_files_and_names_those_that_were_not_received(desk: tuple[str, str, Addresses]) -> None:
    shown = section(desk, PAGE, "page-files")
    assert "1 of the 3 files that the page refers to in folders beside it are here." in words(shown)
    assert link_to(desk, SEAL) in shown and shown.count('data-outcome="not-received"') == 2
    assert "<b>" not in shown and "\u202e" not in shown and "⟦RLO⟧" in shown
    assert section(desk, PAGE, "page-of") == ""


def test_a_file_leads_back_to_its_page(desk: tuple[str, str, Addresses]) -> None:
    shown = section(desk, SEAL, "page-of")
    assert link_to(desk, PAGE) in shown and words(shown).startswith("Belongs to the page") and words(shown).endswith("Notice")
    assert section(desk, SEAL, "page-files") == "" == section(desk, TABLE, "page-of")


def test_a_table_and_its_memo_file_lead_to_each_other(desk: tuple[str, str, Addresses]) -> None:
    for content in (TABLE, MEMO):
        shown = section(desk, content, "volumes")
        assert link_to(desk, TABLE) in shown and link_to(desk, MEMO) in shown
        assert "Table and memo file, read together" in words(shown) and "the long texts stand in its rows" in words(shown)


@pytest.mark.parametrize(("lang", "heading", "back", "pair"), [
    ("zh-Hans", "此网页的文件", "所属网页", "一起读取的表和备注文件"), ("ru", "Файлы этой страницы", "Относится к странице", "Таблица и файл memo"),
    ("ug", "بۇ بەتنىڭ ھۆججەتلىرى", "تەۋە بولغان بەت", "بىللە ئوقۇلغان جەدۋەل"),
])  # fmt: skip
def test_it_is_told_in_every_language(desk: tuple[str, str, Addresses], lang: str, heading: str, back: str, pair: str) -> None:
    assert heading in section(desk, PAGE, "page-files", lang) and "files that the page" not in section(desk, PAGE, "page-files", lang)
    assert back in section(desk, SEAL, "page-of", lang) and pair in section(desk, TABLE, "volumes", lang)
