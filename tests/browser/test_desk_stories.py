"""What a reporter does at the desk."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import MANY, Desk, search

AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"


def _open(page: Page, desk: Desk, path: str) -> None:
    page.goto(desk.address(path))


def test_a_word_is_found_and_its_look_alike_is_not(page: Page) -> None:
    search(page, "拘留")
    hits = page.locator(".hits").inner_text()
    assert "notice.txt" in hits
    assert "residence" not in hits


def test_a_hit_in_a_sheet_leads_to_its_cell_with_headings_and_the_hidden_row(page: Page) -> None:
    search(page, "张三")
    assert page.locator(".sheet-hit th").all_inner_texts()[:3] == ["序号", "姓名", "备注"]
    page.click(".sheet-hit caption a")
    page.wait_for_selector("td.chosen")
    assert page.locator("td.chosen").inner_text().startswith("张　三")
    assert page.locator("td.chosen mark").count() == 1
    assert page.locator("tr:has(td.chosen) .hidden-badge").is_visible()


def test_where_no_further_part_holds_a_hit_the_page_says_so(page: Page) -> None:
    search(page, "张三")
    page.click(".sheet-hit caption a")
    expect(page.locator(".notice")).to_have_count(0)
    page.locator(".turn a", has_text="Next part with a hit").first.click()
    expect(page.locator(".notice")).to_contain_text("No other part with a hit")
    expect(page.locator(".turn label").first).to_contain_text("Part")  # two sheets and what the file says of itself


def test_an_attachment_of_three_mails_lists_all_three(page: Page, desk: Desk) -> None:
    search(page, "共同附件")
    page.click(".hit h3 a")
    places = page.locator(".places").inner_text()
    assert all(f"{name}.eml" in places.replace("\u2068", "") for name in "abc")


def test_hostile_html_sends_no_request_and_its_name_shows_the_true_extension(
    context: BrowserContext, page: Page, desk: Desk
) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    search(page, "type:html 拘留")
    page.click(".hit h3 a")
    assert page.title() == "Document · unburnt"
    assert page.locator("h1 .extension").inner_text() == ".html"
    assert "⟦RLO⟧" in page.locator("h1").inner_text()
    assert all(address.startswith(desk.base) for address in asked)


def test_a_container_lists_all_its_members_page_by_page(page: Page, desk: Desk) -> None:
    _open(page, desk, "many.zip")
    assert page.locator("#members").inner_text() == f"{MANY} files inside this one"
    listed = page.locator(".members .subject").all_inner_texts()
    page.click(".members .pager a[rel=next]")
    expect(page.locator(".members .pager")).to_contain_text("Page 2 of 2")
    listed += page.locator(".members .subject").all_inner_texts()
    assert sorted(listed) == [f"list-{number:03}.txt" for number in range(MANY)]


def test_a_reason_is_read_in_the_language_of_the_desk(page: Page, desk: Desk) -> None:
    page.click("button[value=ru]")
    _open(page, desk, "empty.txt")
    expect(page.locator(".heading .reason")).to_have_text("В файле нет ни одного байта.")
    page.click("button[value=en]")


def test_folders_lead_down_and_back_up_again(page: Page, desk: Desk) -> None:
    page.goto(desk.base + "/folders")
    page.click(".folders a:has-text('attic')")
    page.click(".folders a:has-text('box')")
    expect(page.locator(".files .subject")).to_have_text("letter.txt")
    assert page.locator(".crumbs li").all_inner_texts() == ["delivery 1", "attic", "box"]
    page.click(".crumbs a:has-text('attic')")
    expect(page.locator(".folders")).to_contain_text("box")


def test_words_stand_in_no_address_or_title(page: Page) -> None:
    seen: list[str] = []
    page.on("framenavigated", lambda frame: seen.append(frame.url))
    search(page, "plantedname")
    assert "plantedname" not in "".join(seen) + page.title()


def test_no_address_that_the_desk_gives_holds_a_digest_or_a_name(page: Page, desk: Desk) -> None:
    search(page, "共同附件")
    result = desk.base + str(page.locator(".hit h3 a").first.get_attribute("href"))
    given: set[str] = {page.url}
    for address in (page.url, result, *map(desk.address, ("a.eml", "directive.pdf", "many.zip", "roster.xlsx")), *(
            desk.base + path for path in ("/", "/folders", "/report"))):
        page.goto(address)
        given |= set(page.evaluate(
            "[...document.querySelectorAll('[href], [src], [action], [hx-get]')].flatMap(one => "
            "['href', 'src', 'action', 'hx-get'].map(name => one.getAttribute(name) || ''))"))
    assert sum("/d/" in one for one in given) > 30
    digests = {row.digest for row in desk.archive.ledger(limit=1000).rows if row.digest}
    assert len(digests) > MANY
    for one in given:
        assert not any(digest[:12] in one for digest in digests), one
        assert not any(name in one for name in ("directive", "many", "roster", "attic")), one


def test_a_wrong_query_shows_where(page: Page) -> None:
    search(page, 'good "bad')
    assert page.locator(".caret .at").is_visible()


def test_the_report_adds_up(page: Page, desk: Desk) -> None:
    page.goto(desk.base + "/report")
    parts = page.locator(".totals tbody .figure").all_inner_texts()
    assert sum(map(int, parts)) == int(page.locator("#total").inner_text())


def test_a_member_in_the_report_names_the_file_that_holds_it(page: Page, desk: Desk) -> None:
    page.goto(desk.base + "/report")
    page.fill("#text", "list-007")
    page.click(".narrow button")
    container = page.locator(".files .subject a", has_text="many.zip")
    expect(container).to_be_visible()
    container.click()
    expect(page.locator("h1")).to_have_text("many.zip")


def test_an_original_leaves_only_after_a_tick(page: Page, desk: Desk) -> None:
    _open(page, desk, desk.archive.search("居留").hits[0].document)
    page.click(".danger summary")
    page.click(".danger button")
    assert "Nothing was written" in page.locator("#notice").inner_text()
    page.click(".danger summary")
    page.check(".danger input[type=checkbox]")
    page.click(".danger button")
    written = Path(page.locator("#notice code").inner_text())
    assert written.parent == desk.archive.root / "out"
    assert "residence" not in written.name
    assert written.read_text() == "居留许可办理指南\n"


@pytest.mark.parametrize("language", ["en", "zh-Hans", "ru", "ug"])
def test_every_page_passes_axe(browser: Browser, cookies: list[dict[str, object]], desk: Desk, language: str) -> None:
    context = browser.new_context(bypass_csp=True)  # only so that the checker itself may run
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(desk.base + "/help")
    page.click(f"button[value={language}]")
    assert page.get_attribute("html", "dir") == ("rtl" if language == "ug" else "ltr")
    search(page, "拘留")
    results = page.url
    search(page, "张三")
    sheet = desk.base + str(page.get_attribute(".sheet-hit caption a", "href"))
    search(page, '"')
    wrong = page.url
    documents = map(desk.address, ("a.eml", "directive.pdf", "locked.zip", "many.zip"))
    for address in (results, sheet, wrong, *documents, *(desk.base + path for path in (
            "/", "/search", "/folders", "/report", "/help", "/nowhere", "/report?outcome=locked"))):
        page.goto(address)
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))")
        assert found == [], address
    page.goto(desk.base + "/help")
    page.click("button[value=en]")
    context.close()
