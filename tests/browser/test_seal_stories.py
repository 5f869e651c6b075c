"""What the desk tells of the seal, on an archive that a witness and an authority really vouched for."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, Desk, cookies_of, served
from tests.browser.test_desk_bare_hands import _tab_to
from tests.browser.test_desk_stories import AXE
from tests.seal_authority import Authority
from tests.sealed_archive import NOTICE, material, sealed_archive
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.proofs import check_proof, standalone_checker
from unburnt.api.seals import Seals
from unburnt.api.verification import trusted
from unburnt.model.seal import SealState

NAMES = ("notice.txt", "case.zip", "case.zip!/inside.txt")


@dataclass
class Sealed:
    """A desk of an archive with a seal, and what the outside knows of it."""

    desk: Desk
    cookies: list[dict[str, object]]
    root: Path
    """The authority's root certificate."""
    folder: Path

    @property
    def state(self) -> SealState:
        """What the archive itself says of its seal now."""
        return Seals(self.desk.archive).state()


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Sealed]:
    folder = tmp_path_factory.mktemp("seal")
    (folder / "material").mkdir()
    authority = Authority(folder / "authority")
    root = sealed_archive(folder / "archive", material(folder / "material"), authority)
    pem = folder / "root.pem"
    pem.write_bytes(authority.root.pem)
    with Archive.open(root) as archive, archive.keeper(Options(ocr=False)), served(archive) as desk:
        yield Sealed(desk, cookies_of(desk, browser), pem, folder)


@contextlib.contextmanager
def _page(sealed: Sealed, browser: Browser, *, scripts: bool) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=scripts, locale="en-GB", accept_downloads=True)
    context.add_cookies(sealed.cookies)  # type: ignore[arg-type]
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.goto(sealed.desk.base + "/")
    yield opened
    context.close()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(sealed: Sealed, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page at the sealed archive's desk; every story is told without a script, too."""
    with _page(sealed, browser, scripts=request.param) as opened:
        yield opened


@pytest.fixture
def bare(sealed: Sealed, browser: Browser) -> Iterator[Page]:
    """A page in a browser that runs no script."""
    with _page(sealed, browser, scripts=False) as opened:
        yield opened


def _open(page: Page, sealed: Sealed, path: str) -> None:
    page.goto(sealed.desk.address(path))


def _downloaded(page: Page, sealed: Sealed, button: str = "bytes") -> Path:
    if not page.locator(".proof form").is_visible():
        page.click(".proof summary")
    with page.expect_download() as waiting:
        page.click(f".proof button[value={button}]")
    name = waiting.value.suggested_filename
    path = sealed.folder / "downloads" / name
    waiting.value.save_as(path)
    return path


def test_the_seal_page_shows_who_vouched_and_the_key_to_publish(page: Page, sealed: Sealed) -> None:
    page.click("nav a:has-text('Seal')")
    expect(page.locator("#sealed")).to_contain_text(f"{sealed.state.sealed} of {sealed.state.events} events are sealed")
    expect(page.locator("#public-key")).to_have_value(str(sealed.state.vkey))
    expect(page.locator("dd", has_text="on this machine, outside the archive")).to_be_visible()
    rows = page.locator(".vouched tbody tr")
    expect(rows).to_have_count(2)
    for one in sealed.state.vouched:
        row = rows.filter(has_text=one.by)
        expect(row).to_contain_text("timestamp" if one.kind == "timestamped" else "countersignature")
        expect(row.locator("time")).to_have_attribute("datetime", one.time)
        expect(row.locator(".figure")).to_have_text(str(one.size))
    expect(page.locator(".fault")).to_have_count(0)


def test_the_overview_says_in_one_line_how_the_seal_stands(page: Page, sealed: Sealed) -> None:
    line = page.locator(".seal-line")
    expect(line).to_contain_text(f"{sealed.state.sealed} of {sealed.state.events} events are sealed")
    expect(line).to_contain_text("no later than")
    line.locator("a").click()
    expect(page.locator("h1")).to_have_text("Seal")


def test_a_document_says_since_when_according_to_whom_and_what_the_seal_cannot_show(page: Page, sealed: Sealed) -> None:
    _open(page, sealed, "notice.txt")
    panel = page.locator("#seal")
    for one in sealed.state.vouched:
        expect(panel.locator(".notes > li", has_text=one.by).first).to_contain_text("no later than")
    expect(panel).to_contain_text("It cannot show who wrote the document")
    panel.locator("a", has_text="What the seal shows, and what it cannot").click()
    expect(page.locator("#shows")).to_contain_text("No time that this computer's own clock states is offered as proof")


def test_no_time_of_our_own_clock_is_told_of_the_seal(page: Page, sealed: Sealed) -> None:
    stated = {one.time for one in sealed.state.vouched}
    for name in NAMES:
        _open(page, sealed, name)
        times = page.locator("#seal time").evaluate_all("all => all.map(one => one.getAttribute('datetime'))")
        assert set(times) <= stated
    page.goto(sealed.desk.base + "/seal")
    assert set(page.locator("main time").evaluate_all("all => all.map(one => one.getAttribute('datetime'))")) == stated


@pytest.mark.parametrize("button", ["bytes", "text"])
def test_a_downloaded_proof_is_accepted_by_both_checkers_and_tells_no_name(
    page: Page, sealed: Sealed, button: str
) -> None:
    _open(page, sealed, "notice.txt")
    proof = _downloaded(page, sealed, button)
    assert re.fullmatch(r"document-[0-9a-f]{16}(\.text)?\.proof", proof.name)
    digest = sealed.desk.archive.document("notice.txt").document
    assert proof.name[9:25] != digest[:16]
    original = sealed.folder / "material" / "notice.txt"
    assert original.read_text() == NOTICE
    _expect_both_checkers_accept(sealed, proof, original)
    assert b"notice" not in proof.read_bytes()


def _expect_both_checkers_accept(sealed: Sealed, proof: Path, original: Path) -> None:
    assert sealed.state.vkey is not None
    report = check_proof(proof, original, trusted(keys=[sealed.state.vkey], roots=[sealed.root]))
    assert len(report.timestamped) == len(report.countersigned) == 1
    checker = sealed.folder / "check_proof.py"
    checker.write_text(standalone_checker())
    run = subprocess.run(
        [sys.executable, "-I", checker, proof, original, "--key", sealed.state.vkey, "--tsa-root", sealed.root],
        capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_proof_is_downloaded_by_keyboard(page: Page, sealed: Sealed) -> None:
    _open(page, sealed, "notice.txt")
    _tab_to(page, page.locator(".proof summary"))
    page.keyboard.press("Enter")
    _tab_to(page, page.locator(".proof button[value=bytes]"))
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename.endswith(".proof")


def test_a_member_that_was_never_cited_is_said_to_become_an_object_and_does(bare: Page, sealed: Sealed) -> None:
    digest = sealed.desk.archive.document("case.zip!/inside.txt").document
    kept = sealed.desk.archive.root / "objects" / digest[:2] / digest
    _open(bare, sealed, "case.zip!/inside.txt")
    expect(bare.locator("#seal")).to_contain_text("These bytes lie inside another file")
    bare.click(".proof summary")
    expect(bare.locator(".proof")).to_contain_text("its bytes become an object of the archive")
    assert not kept.exists()
    proof = _downloaded(bare, sealed)
    assert kept.exists()
    original = sealed.folder / "inside.txt"
    original.write_text("a member\n")
    assert sealed.state.vkey is not None
    check_proof(proof, original, trusted(keys=[sealed.state.vkey]))
    bare.reload()
    expect(bare.locator("#seal")).to_contain_text("Since when, only this archive's own word says")
    expect(bare.locator(".proof")).not_to_contain_text("never cited")


def test_the_answer_with_a_proof_is_an_attachment_that_no_cache_keeps(page: Page, sealed: Sealed) -> None:
    _open(page, sealed, "notice.txt")
    form = page.locator(".proof form")
    address = sealed.desk.base + str(form.get_attribute("action"))
    token = str(form.locator("input[name=form_token]").get_attribute("value"))
    answer = page.request.post(
        address, form={"form_token": token, "what": "bytes"}, headers={"origin": sealed.desk.base})
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert page.request.post(
        address, form={"form_token": token, "what": "path"}, headers={"origin": sealed.desk.base}).status == 400
    assert page.request.post(address, form={"what": "bytes"}, headers={"origin": sealed.desk.base}).status == 403


def test_a_damaged_seal_is_told_and_documents_are_read_all_the_same(
    tmp_path: Path, browser: Browser
) -> None:
    (tmp_path / "material").mkdir()
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([material(tmp_path / "material")], options=Options(ocr=False))
        (archive.root / "log" / "checkpoint").write_text("no checkpoint\n")
        with served(archive) as desk:
            damaged = Sealed(desk, cookies_of(desk, browser), tmp_path, tmp_path)
            with _page(damaged, browser, scripts=False) as page:
                expect(page.locator(".seal-line")).to_contain_text("Something is wrong with the seal.")
                page.goto(desk.base + "/seal")
                expect(page.locator(".fault .reason").first).to_be_visible()
                _open(page, damaged, "notice.txt")
                expect(page.locator(".text")).to_have_text(NOTICE)
                expect(page.locator("#seal")).to_contain_text("The seal of this archive cannot be read.")


def test_where_the_key_is_not_the_desk_says_so_and_why_a_proof_cannot_be_made(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "material").mkdir()
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([material(tmp_path / "material")], options=Options(ocr=False))
        monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "another machine"))
        with archive.keeper(Options(ocr=False)), served(archive) as desk:
            keyless = Sealed(desk, cookies_of(desk, browser), tmp_path, tmp_path)
            with _page(keyless, browser, scripts=False) as page:
                page.goto(desk.base + "/seal")
                expect(page.locator("dl.pairs").first).to_contain_text("not on this machine")
                expect(page.locator(".fault .reason")).to_contain_text("The key that seals this archive is not on this machine")
                page.click("button[value=ru]")
                expect(page.locator(".fault .reason")).to_contain_text("Ключа, которым запечатывается этот архив, на этой машине нет")
                page.click("button[value=en]")
                _open(page, keyless, "case.zip!/inside.txt")  # its proof would need a new event to be sealed
                page.click(".proof summary")
                page.click(".proof button[value=bytes]")
                expect(page.locator("#notice")).to_contain_text("No proof could be made")
                expect(page.locator("#notice .reason")).to_contain_text("not on this machine")


@pytest.mark.parametrize("language", ["en", "zh-Hans", "ru", "ug"])
def test_what_is_told_of_the_seal_passes_axe(browser: Browser, sealed: Sealed, language: str) -> None:
    context = browser.new_context(bypass_csp=True)  # only so that the checker itself may run
    context.add_cookies(sealed.cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(sealed.desk.base + "/seal")
    page.click(f"button[value={language}]")
    assert page.get_attribute("html", "lang") == language
    for address in (sealed.desk.base + "/seal", sealed.desk.base + "/", *map(sealed.desk.address, NAMES)):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))")
        assert found == [], address
    page.click("button[value=en]")
    context.close()
