"""The desk says of every page that shows it what nobody on this machine vouches for, in four languages, once per delivery."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest

from tests.spoiled_archives import append_events
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.desk.addresses import Addresses
from unburnt.desk.server import serve
from unburnt.model.events import AccessionBegan, AccessionEnded, ItemReceived

_READ = Options(ocr=False)
_PLANTED = "拘留 was ordered by telephone\n".encode()
_DIGEST = sha256(_PLANTED).hexdigest()


@dataclass
class Page:
    place: str
    text: str


@dataclass
class Desk:
    netloc: str
    cookie: str
    addresses: Addresses
    true: str

    def get(self, path: str, lang: str = "en") -> Page:
        return self._ask("GET", path, lang, None)

    def search(self, words: str) -> Page:
        token = re.search(r'name="form_token" value="([^"]+)"', self.get("/search").text)
        assert token is not None
        return self._ask("POST", "/search", "en", urlencode({"form_token": token[1], "query": words}))

    def document(self, digest: str, lang: str = "en") -> str:
        return self.get(f"/d/{self.addresses.name_of(digest)}", lang).text

    def _ask(self, method: str, path: str, lang: str, body: str | None) -> Page:
        line = HTTPConnection(self.netloc, timeout=60)
        headers = {"Cookie": self.cookie, "Accept-Language": lang, "Origin": f"http://{self.netloc}", "Sec-Fetch-Site": "same-origin"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line.request(method, path, body, headers)
        answer = line.getresponse()
        text = " ".join(unescape(re.sub("<bdi[^>]*>|</bdi>", "", answer.read().decode())).split())
        line.close()
        if answer.status == 303:
            return self._ask("GET", answer.headers["Location"], lang, None)
        assert answer.status == 200, text
        return Page(path, text)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    base = tmp_path_factory.mktemp("desk")
    (base / "m").mkdir()
    (base / "m" / "notice.txt").write_text("关于拘留工作的通知\n")
    with Archive.create(base / "a") as archive:
        archive.add([base / "m"], options=_READ)
        true = archive.document("notice.txt").document
    place = base / "a" / "objects" / _DIGEST[:2] / _DIGEST
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(_PLANTED)
    append_events(
        base / "a", AccessionBegan(accession="d9", source=b"/stick", note="", time="2026-01-01T00:00:00Z"),
        ItemReceived(accession="d9", path=b"order.txt", digest=_DIGEST, size=str(len(_PLANTED))),
        AccessionEnded(accession="d9", items=1, complete=True),
    )
    links: list[str] = []
    ready, stop = threading.Event(), threading.Event()

    def opened(link: str) -> None:
        links.append(link)
        ready.set()

    with Archive.open(base / "a") as archive, archive.keeper(_READ) as keeper:
        keeper.wait_until_idle()
        thread = threading.Thread(target=serve, args=(archive, 0, opened), kwargs={"stop": stop})
        thread.start()
        try:
            assert ready.wait(60)
            link = urlsplit(links[0])
            line = HTTPConnection(link.netloc, timeout=60)
            line.request("GET", link.path)
            cookie = line.getresponse().headers["Set-Cookie"].partition(";")[0]
            line.close()
            yield Desk(link.netloc, cookie, Addresses(base / "a" / "desk.sqlite"), true)
        finally:
            stop.set()
            thread.join(60)


@pytest.mark.parametrize("path", ["/", "/seal", "/report"])
def test_pages_about_the_archive_name_the_deliveries_once(desk: Desk, path: str) -> None:
    text = desk.get(path).text
    assert text.count("Nobody on this machine vouches for 3 events, which are not sealed.") == 1
    assert "delivery 9: 1 file" in text
    assert text.count("no note of writing") == 1, "what the keeper says in English is not told a second time"


@pytest.mark.parametrize(("path", "links"), [("/", 1), ("/report", 1), ("/seal", 0)])
def test_the_notice_leads_to_the_seal_from_every_page_but_the_seal_s_own(desk: Desk, path: str, links: int) -> None:
    notice = re.search(r'<div class="fault unvouched".*?</div>', desk.get(path).text)
    assert notice is not None and notice[0].count('href="/seal"') == links


def test_lists_of_deliveries_mark_them(desk: Desk) -> None:
    for path in ("/", "/folders"):
        assert desk.get(path).text.count("not vouched for") == 1


def test_the_seal_page_offers_both_ways_on(desk: Desk) -> None:
    text = desk.get("/seal").text
    assert "The rest follows by itself" not in text
    assert "unburnt seal --accept" in text and "unburnt rebuild --set-aside" in text


def test_a_planted_document_s_page_says_so_and_a_true_one_s_does_not(desk: Desk) -> None:
    assert "Nobody on this machine vouches that this came with delivery 9." in desk.document(_DIGEST)
    assert "vouches" not in desk.document(desk.true).replace("has vouched", "")


def test_hits_are_marked_and_their_delivery_named_once(desk: Desk) -> None:
    text = desk.search("拘留").text
    assert text.count("Nobody on this machine vouches for what came with delivery 9 and is marked below.") == 1
    assert text.count("not vouched for") == 1 and text.count("data-hit") == 2


@pytest.mark.parametrize(("lang", "said"), [
    ("zh-Hans", "一事，本机无人作证"), ("ru", "На этой машине никто не ручается"), ("ug", "ھېچكىم گۇۋاھلىق بەرمەيدۇ"),
])
def test_it_is_said_in_the_reader_s_language(desk: Desk, lang: str, said: str) -> None:
    assert said in desk.document(_DIGEST, lang)
    for path in ("/", "/seal", "/report"):
        assert "Nobody on this machine" not in desk.get(path, lang).text
