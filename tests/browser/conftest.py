"""One small messy archive, one running desk, one Chromium. Without Chromium these tests fail; they never skip."""

from __future__ import annotations

import contextlib
import shutil
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from unburnt.api import Archive
from unburnt.desk.addresses import Addresses
from unburnt.desk.server import serve

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 60_000
"""Milliseconds to wait for what is expected: a busy machine is slow, and waiting costs nothing where it is not."""
expect.set_options(timeout=PATIENCE)
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]

EXAMPLES = Path(__file__).parents[2] / "examples"
MANY = 230
"""Members of a container, more than one page of them."""
_TOWN = Path("叶希塔格州/阿依库木县")
FROM_THE_LEAK = {
    "directive.pdf": _TOWN.parent / "公安管理处/2017/05/叶公管〔2017〕7号.pdf",
    "locked.zip": _TOWN / "孙都克乡/备份/2017/密.zip",
    "locked.xlsx": _TOWN / "综合办公室/督查/四十一处不符（加密）.xlsx",
}


def search(page: Page, words: str) -> None:
    """Ask, and wait for the whole page that answers: a key pressed before its script runs would be lost."""
    page.fill("#query", words)
    with page.expect_navigation(wait_until="load"):
        page.press("#query", "Enter")
    page.wait_for_selector("#results-title, .fault")


def address_of(archive: Path, digest: str) -> str:
    """Where a desk of the archive in that folder shows a document."""
    return f"/d/{Addresses(archive / 'desk.sqlite').name_of(digest)}"


@dataclass
class Desk:
    """A running desk and the links that open it."""

    archive: Archive
    base: str
    link: str

    def address(self, path: str) -> str:
        """Where the document received under *path*, or of that digest, is shown."""
        return self.base + address_of(self.archive.root, self.archive.document(path).document)


@contextlib.contextmanager
def served(archive: Archive) -> Iterator[Desk]:
    """A desk of *archive* until the block ends."""
    links: list[str] = []
    ready, stop = threading.Event(), threading.Event()

    def opened(link: str) -> None:
        links.append(link)
        ready.set()

    thread = threading.Thread(target=serve, args=(archive, 0, opened), kwargs={"stop": stop})
    thread.start()
    assert ready.wait(PATIENCE / 1000)
    try:
        yield Desk(archive, links[0].split("/open/")[0], links[0])
    finally:
        stop.set()
        thread.join(20)


def cookies_of(desk: Desk, browser: Browser) -> list[dict[str, object]]:
    """The session that the launch link gives; it works once, so every test of a desk shares what it gave."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(desk.link)
    assert page.url == desk.base + "/"
    kept = [dict(cookie) for cookie in context.cookies()]
    context.close()
    return kept


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the stories need."""
    folder = tmp_path_factory.mktemp("material")
    (folder / "notice.txt").write_text("关于拘留工作的通知\n请执行。\n")
    (folder / "residence.txt").write_text("居留许可办理指南\n")
    (folder / "uyghur.txt").write_text("بۇ بىر مەخپىي ھۆججەت. ئۇيغۇر رايونى\n" * 3)
    hostile = '<p>拘留 <img src="http://example.invalid/x.png"><script>document.title="owned"</script>'
    (folder / "hostile\u202efdp.html").write_text(hostile)
    (folder / "roster.xlsx").write_bytes(_roster(folder))
    for name in "abc":
        (folder / f"{name}.eml").write_bytes(_mail(name))
    (folder / "empty.txt").touch()
    (folder / "attic" / "box").mkdir(parents=True)
    (folder / "attic" / "box" / "letter.txt").write_text("A letter from the attic.\n")
    for number in range(1, 31):
        (folder / f"diary-{number:02}.txt").write_text(f"The county office wrote page {number} of its diary.\n")
    with zipfile.ZipFile(folder / "many.zip", "w") as many:
        for number in range(MANY):
            many.writestr(f"list-{number:03}.txt", f"Entry {number}.\n")
    for name, path in FROM_THE_LEAK.items():
        shutil.copyfile(EXAMPLES / "leak" / path, folder / name)
    return folder


def _roster(folder: Path) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "花名册"
    sheet.append(["村民花名册"])
    sheet.append(["序号", "姓名", "备注"])
    for number in range(1, 30):
        sheet.append([number, "张　三" if number == 5 else f"李{number}", "无"])
    sheet.row_dimensions[7].hidden = True
    book.create_sheet("说明").append(["没有名字"])
    path = folder / "roster.xlsx"
    book.save(path)
    return path.read_bytes()


def _mail(name: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "office@example.org", "county@example.org", f"Directive {name}"
    mail["Date"] = "Sat, 04 Mar 2017 10:00:00 +0800"
    mail.set_content(f"See the directive. {name}\n")
    mail.add_attachment("共同附件\n".encode(), maintype="text", subtype="plain", filename="directive.txt")
    return bytes(mail)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, material: Path) -> Iterator[Desk]:
    with Archive.create(tmp_path_factory.mktemp("archives") / "archive") as archive:
        archive.add([material])
        with served(archive) as running:
            yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def cookies(desk: Desk, browser: Browser) -> list[dict[str, object]]:
    return cookies_of(desk, browser)


@pytest.fixture
def context(browser: Browser, cookies: list[dict[str, object]]) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="en-GB")
    made.add_cookies(cookies)  # type: ignore[arg-type]
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, desk: Desk) -> Page:
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.goto(desk.base + "/")
    return opened
