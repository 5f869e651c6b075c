"""A reporter and the example leak: opened by the command, searched while it is read, unlocked, left without a trace."""

from __future__ import annotations

import base64
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM, EXAMPLES, address_of, search
from tests.browser.opened import Opened, running
from tests.browser.traces import files_holding, forms
from unburnt.api import Archive
from unburnt.desk.addresses import Addresses

TRUTH: dict[str, Any] = json.loads((EXAMPLES / "leak.truth.json").read_text(encoding="utf-8"))
STORIES: dict[str, Any] = TRUTH["stories"]
DETENTION = STORIES["detention"]
LOCKED = STORIES["locked"]
WHOLE_IMPORT = 300_000
"""Milliseconds that importing the leak with text recognition may take on a busy machine."""
EVIDENCE = {"objects", "events", "derived", "index"}
"""What an archive is for: it holds the words of its documents. Everything else in it must not."""


@dataclass
class Leak:
    """The opened leak, and what its reader saw while it was still being imported."""

    opened: Opened
    archive: Archive
    cookies: list[Any]
    seen: list[set[str]]
    """The documents that each search found, until the first that found any."""
    state_at_the_hit: str
    told_at_the_hit: bool
    """Whether the page said that more may be found."""


@pytest.fixture(scope="module")
def leak(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Leak]:
    """``unburnt open examples/leak``, and a reader who searches at once and then waits until all is read."""
    folder = tmp_path_factory.mktemp("leak")
    with (
        running(folder, folder / "archive", "open", str(EXAMPLES / "leak")) as opened,
        Archive.open(opened.archive) as archive,
    ):
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(opened.link)
        seen = _search_until_found(page, DETENTION["query"], opened.archive)
        state, told = archive.progress().state, page.locator(".results .notice").is_visible()
        page.goto(opened.base + "/")
        expect(page.locator(".running")).to_have_count(0, timeout=WHOLE_IMPORT)  # it updates by itself
        cookies = context.cookies()
        context.close()
        yield Leak(opened, archive, cookies, seen, state, told)


def _search_until_found(page: Page, words: str, archive: Path) -> list[set[str]]:
    seen: list[set[str]] = []
    search(page, words)
    until = time.monotonic() + WHOLE_IMPORT / 1000
    while time.monotonic() < until:
        seen.append(_found(page, archive))
        if seen[-1]:
            break
        page.reload()
    return seen


def _found(page: Page, archive: Path) -> set[str]:
    """The digests of the documents on a page of results."""
    links = page.locator(".hit h3 a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return {_digest_in(link, archive) for link in links}


def _digest_in(address: str, archive: Path) -> str:
    """The document that an address names, which only the archive can tell."""
    found = Addresses(archive / "desk.sqlite").document(re.split("[/?#]", address.partition("/d/")[2])[0])
    assert found is not None
    return found


@pytest.fixture
def reader(browser: Browser, leak: Leak) -> Iterator[Page]:
    """A page at the leak's desk."""
    context = browser.new_context(locale="en-GB")
    context.add_cookies(leak.cookies)
    page = context.new_page()
    page.goto(leak.opened.base + "/")
    yield page
    context.close()


@pytest.fixture
def profile() -> Iterator[Path]:
    """Where a browser keeps all that browsers keep, its temporary files too; a short path, for it holds a socket."""
    with tempfile.TemporaryDirectory(prefix="ub") as folder:
        yield Path(folder)


def _keeping_browser(playwright: Playwright, profile: Path) -> BrowserContext:
    return playwright.chromium.launch_persistent_context(
        profile / "profile", executable_path=CHROMIUM, args=ARGUMENTS, locale="en-GB",
        env={**os.environ, "TMPDIR": str(profile), "HOME": str(profile)},
    )


def test_while_the_leak_is_imported_a_search_finds_what_is_read_already(leak: Leak) -> None:
    assert leak.state_at_the_hit in ("receiving", "reading")
    assert leak.told_at_the_hit
    expected = {*DETENTION["documents"], *DETENTION["perhaps"]}
    assert leak.seen[-1] and leak.seen[-1] <= expected
    assert all(not found for found in leak.seen[:-1])


def test_in_the_end_detention_is_found_everywhere_and_residence_nowhere(leak: Leak, reader: Page) -> None:
    search(reader, DETENTION["query"])
    found = _found(reader, leak.opened.archive)
    assert set(DETENTION["documents"]) <= found <= {*DETENTION["documents"], *DETENTION["perhaps"]}
    assert not found & set(DETENTION["only_residence"])


def test_in_the_end_the_reports_totals_balance(leak: Leak, reader: Page) -> None:
    reader.goto(leak.opened.base + "/report")
    totals = dict(zip(
        reader.locator(".totals tbody .outcome").evaluate_all("all => all.map(one => one.dataset.outcome)"),
        map(int, reader.locator(".totals tbody .figure").all_inner_texts()), strict=True,
    ))
    assert "waiting" not in totals
    assert sum(totals.values()) == int(reader.locator("#total").inner_text())
    expected, emitted, failed = map(int, re.findall(r"\d+", reader.locator("#members-balance").inner_text()))
    assert expected == emitted + failed


def test_a_password_given_in_the_report_opens_files_and_is_nowhere_on_disk(
    leak: Leak, playwright: Playwright, profile: Path
) -> None:
    browser = _keeping_browser(playwright, profile)
    browser.add_cookies(leak.cookies)
    page = browser.pages[0]
    page.goto(leak.opened.base + "/report")
    page.select_option("#outcome", "locked")
    page.click(".narrow button")
    expect(page.locator("#files-list .outcome").first).to_have_attribute("data-outcome", "locked")
    page.fill("#passwords", "\n".join(LOCKED["passwords"]))
    page.click(".passwords button")
    expect(page.locator("#notice")).to_contain_text("5 files were opened")
    _expect_what_the_workbook_hid(page, leak)
    _expect_the_members_of_the_zip(page, leak)
    assert not files_holding(LOCKED["passwords"], [profile, leak.opened.log, leak.opened.temporary])
    browser.close()
    assert files_holding([leak.opened.base.removeprefix("http://")], [profile])  # the profile does keep addresses
    assert not files_holding(
        LOCKED["passwords"], [profile, leak.opened.archive, leak.opened.log, leak.opened.temporary]
    )
    _expect_in_no_compressed_record(leak)


def _expect_what_the_workbook_hid(page: Page, leak: Leak) -> None:
    digest = _digest_of(LOCKED["workbook"]["path"])
    page.goto(leak.opened.base + address_of(leak.opened.archive, digest))
    sheet = TRUTH["documents"][digest]["opened"]["sheets"][0]
    expect(page.locator(".part-sheet h2")).to_contain_text(sheet["name"])
    for address, cell in sheet["cells"].items():
        expect(page.locator(f"#cell-{address}")).to_contain_text(cell["shown"])


def _expect_the_members_of_the_zip(page: Page, leak: Leak) -> None:
    digest = _digest_of(LOCKED["archive"]["path"])
    page.goto(leak.opened.base + address_of(leak.opened.archive, digest))
    members = TRUTH["documents"][digest]["opened"]["members"]
    links = page.locator(".members .subject a")
    expect(links).to_have_count(len(members))
    for member in members:
        expect(page.locator(f".members a[href='{address_of(leak.opened.archive, member['sha256'])}']")).to_be_visible()


def _digest_of(path: str) -> str:
    return str(next(file["sha256"] for file in TRUTH["files"] if file["path"] == path))


def _expect_in_no_compressed_record(leak: Leak) -> None:
    """Derived records are compressed: their raw bytes alone prove nothing."""
    sought = [form for password in LOCKED["passwords"] for form in forms(password)]
    for digest in {row.digest for row in leak.archive.ledger(limit=1000).rows if row.digest}:
        key = leak.archive.key_of(digest)
        for chunk in leak.archive.cat(key) if key else ():
            assert not any(form in chunk for form in sought)


def test_after_a_search_for_a_name_and_closing_neither_the_name_nor_what_was_opened_is_anywhere(
    leak: Leak, playwright: Playwright, profile: Path, tmp_path: Path
) -> None:
    name = STORIES["planted_name"]
    seen: list[str] = []
    with running(tmp_path / "serve", leak.opened.archive, "serve") as desk:
        browser = _keeping_browser(playwright, profile)
        browser.on("request", lambda request: seen.append(request.url))
        page = browser.pages[0]
        page.on("framenavigated", lambda frame: seen.extend((frame.url, page.title())))
        page.goto(desk.link)
        opened = _digest_in(_use_the_desk_with_a_name(page, desk.base, name), leak.opened.archive)
        assert not files_holding([name, opened], [profile])
        browser.close()
    assert not files_holding([opened], [profile, desk.log, desk.temporary])
    assert opened not in "".join(seen)
    assert not [one for one in seen if any(form in one.encode() for form in forms(name))]
    assert files_holding([desk.base.removeprefix("http://")], [profile])  # the profile does keep addresses
    state = [path for path in leak.opened.archive.iterdir()
             if path.name not in EVIDENCE and not path.name.startswith("catalog.sqlite") and not path.is_socket()]
    assert leak.opened.archive / "tmp" in state
    assert not files_holding([name], [
        profile, *state, desk.log, desk.temporary, leak.opened.log, leak.opened.temporary,
    ])


def _use_the_desk_with_a_name(page: Page, base: str, name: str) -> str:
    """Search, open, read on, go back, narrow, sort, ask the report, change the language; gives what was opened."""
    search(page, name)
    page.locator(".hit:has(.snippet) h3 a").first.click()
    expect(page.locator(".text mark").first).to_have_text(name)
    opened = page.url
    page.go_back()
    expect(page.locator("#results-title")).to_be_visible()
    page.locator(".facets button[name=toggle]").first.click()
    expect(page.locator(".facets .chosen")).to_be_visible()
    page.click(".sort button[value=date]")
    expect(page.locator(".sort button[value=date]")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    page.go_back()
    expect(page.locator("#query")).to_have_value(name)
    page.click(".languages button[value=ru]")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    page.goto(base + "/report")
    page.fill("#text", name)
    page.click(".narrow button")
    expect(page.locator("#text")).to_have_value(name)
    search(page, f'"{name}')  # one that cannot be understood is told of, and kept no more than others
    expect(page.locator(".fault")).to_be_visible()
    return opened


def test_the_directives_three_mails_are_all_listed(leak: Leak, reader: Page) -> None:
    directive = STORIES["directive"]
    reader.goto(leak.opened.base + address_of(leak.opened.archive, directive["sha256"]))
    places = reader.locator(".places li").all_inner_texts()
    assert len(places) >= directive["occurrences"]
    for mail in directive["mails"]:
        path = base64.b64decode(mail).decode().replace("/", "")
        assert any(path in place.replace("/", "") for place in places)


def test_a_name_with_a_space_in_a_hidden_row_leads_to_its_cell(leak: Leak, reader: Page) -> None:
    hidden = STORIES["zhang_san"]["hidden"]
    search(reader, STORIES["zhang_san"]["query"])
    hit = reader.locator(".sheet-hit:has(.hidden-badge)")
    expect(hit.locator("th", has_text=hidden["headings"][-1])).to_be_visible()
    expect(hit.locator("th").first).to_have_text("序号")  # a heading that is merged over two rows
    hit.locator("caption a").click()
    expect(reader.locator(f"#cell-{hidden['cell']}.chosen")).to_contain_text(hidden["shown"])
    expect(reader.locator(f"tr:has(#cell-{hidden['cell']}) .hidden-badge")).to_be_visible()


def test_the_hostile_page_of_the_leak_asks_for_nothing(leak: Leak, reader: Page) -> None:
    asked: list[str] = []
    reader.context.on("request", lambda request: asked.append(request.url))
    for story in ("page", "override"):
        reader.goto(leak.opened.base + address_of(leak.opened.archive, _digest_of(STORIES["hostile"][story])))
        expect(reader.locator(".text").first).to_be_visible()
    expect(reader.locator("h1 .extension")).to_have_text(STORIES["hostile"]["extension"])
    assert asked and all(address.startswith(leak.opened.base) for address in asked)
