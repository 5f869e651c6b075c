"""The main way through the desk with no mouse, and with no script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Desk, search

MOST_STOPS = 120
"""More presses of Tab than any page of the desk may need."""


def _tab_to(page: Page, target: Locator) -> None:
    """Press Tab until *target* has the focus, as somebody without a mouse must."""
    expect(target).to_be_visible()
    for _ in range(MOST_STOPS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("The Tab key does not lead there.")


def _press_enter_on(page: Page, target: Locator) -> None:
    _tab_to(page, target)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def _ask(page: Page, words: str) -> None:
    page.keyboard.press("/")
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type(words)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def test_searching_moving_opening_and_going_back_need_no_mouse(page: Page) -> None:
    _ask(page, "拘留")
    hits = page.locator("[data-hit]:is(a)")
    for key, place in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(hits.nth(place)).to_be_focused()
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")
    expect(page.locator(".text mark").first).to_have_text("拘留")
    page.keyboard.press("j")
    expect(page.locator(".text mark").first).to_be_focused()
    _press_enter_on(page, page.locator(".heading a", has_text="Back to the results"))
    expect(page.locator("#query")).to_have_value("拘留")


def test_facets_pages_and_order_need_no_mouse(page: Page) -> None:
    _ask(page, "county")
    _press_enter_on(page, page.locator("button[value='type text/plain']"))
    expect(page.locator(".facets .chosen")).to_be_visible()
    first = page.locator(".hit h3").first.inner_text()
    _press_enter_on(page, page.locator(".pager a[rel=next]").first)
    assert page.locator(".hit h3").first.inner_text() != first
    _press_enter_on(page, page.locator(".sort button[value=path]"))
    expect(page.locator(".sort button[value=path]")).to_have_attribute("aria-pressed", "true")
    _press_enter_on(page, page.locator(".facets .chosen"))
    expect(page.locator(".facets .chosen")).to_have_count(0)


def test_the_report_and_a_password_need_no_mouse(page: Page) -> None:
    _press_enter_on(page, page.locator("nav a", has_text="Reading report"))
    _press_enter_on(page, page.locator(".totals a:has([data-outcome=locked])"))
    _tab_to(page, page.locator("#passwords"))
    page.keyboard.type("örük-5月")
    _press_enter_on(page, page.locator(".passwords button"))
    expect(page.locator("#notice")).to_contain_text("4 files were opened")
    _ask(page, "path:locked.zip")
    page.keyboard.press("j")
    expect(page.locator(".hit a[data-hit]").first).to_be_focused()
    assert page.locator(".hit").count() >= 3


def test_a_page_can_be_skipped_to_its_content_and_keys_can_be_switched_off(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    _press_enter_on(page, page.locator("nav a", has_text="Help"))
    _press_enter_on(page, page.locator("button[name=shortcuts]"))
    page.keyboard.press("/")
    expect(page.locator("#query")).not_to_be_focused()
    _press_enter_on(page, page.locator("button[name=shortcuts]"))


@pytest.fixture
def bare(browser: Browser, cookies: list[dict[str, object]], desk: Desk) -> Iterator[Page]:
    """A page in a browser that runs no script."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(desk.base + "/")
    yield page
    context.close()


def test_hits_and_pictures_are_read_without_a_script(bare: Page, desk: Desk) -> None:
    search(bare, "拘留")
    bare.click(".hit:has-text('directive') h3 a")
    expect(bare.locator(".text mark").first).to_have_text("拘留")
    expect(bare.locator(".canvas rect.spot").first).to_be_attached()
    picture = bare.request.get(desk.base + str(bare.locator(".canvas img").get_attribute("src")))
    assert picture.headers["content-type"] == "image/png"
    box = bare.locator(".canvas img").bounding_box()
    assert box is not None and box["width"] > 200 and box["height"] > box["width"]


def test_facets_pages_and_languages_work_without_a_script(bare: Page) -> None:
    search(bare, "county")
    bare.click("button[value='type text/plain']")
    expect(bare.locator(".facets .chosen")).to_be_visible()
    bare.locator(".pager a[rel=next]").first.click()
    expect(bare.locator(".hit").first).to_be_visible()
    bare.click("button[value=ug]")
    expect(bare.locator("html")).to_have_attribute("dir", "rtl")
    expect(bare.locator("html")).to_have_attribute("lang", "ug")
    bare.click("button[value=en]")


def test_a_password_is_given_without_a_script(bare: Page, desk: Desk) -> None:
    bare.goto(desk.address("locked.xlsx"))
    bare.fill("#passwords", "wrong")
    bare.click(".passwords button")
    expect(bare.locator("#notice")).to_contain_text("None of these passwords")
    bare.fill("#passwords", "Sunduq-2017")
    bare.click(".passwords button")
    expect(bare.locator("#cell-C2")).to_have_text("五月十一日带走，无批件")
