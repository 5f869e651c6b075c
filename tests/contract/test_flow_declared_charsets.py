"""What a mail, a saved page or a capture declares of a file within goes with that file, and is believed only where it fits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.material import zipped
from tests.unit.test_read_warc import record
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.digests import digest_of
from unburnt.flow.rederiving import Rederiving
from unburnt.model.audit import Check
from unburnt.model.events import ReadingMade
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout

OPTIONS = Options(ocr=False)


def page(text: str, charset: str, number: int) -> bytes:
    """A page that does not say which charset it is in; the *number* makes it one of its own."""
    return f"<p>{text}</p><!-- {number} -->\n".encode(charset)


def mailed(content: bytes, charset: str, media_type: str = "text/html", name: str = "a.html") -> bytes:
    head = f'Content-Type: {media_type}; charset="{charset}"\nContent-Disposition: attachment; filename="{name}"\n\n'
    return (
        b"From: office@county.example\nSubject: Order\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        b"--b\nContent-Type: text/plain\n\nSee the file.\n--b\n" + head.encode() + content + b"\n--b--\n"
    )


def saved(frame: bytes, charset: str) -> bytes:
    return (
        b"From: <Saved by a browser>\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=b; type=\"text/html\"\n\n"
        b"--b\nContent-Type: text/html\nContent-Location: http://a.example/\n\n<iframe src=frame.html></iframe>\n"
        b"--b\nContent-Type: text/html; charset=" + charset.encode() + b"\nContent-Location: http://a.example/frame.html\n\n" + frame + b"\n--b--\n"
    )


def captured(body: bytes, charset: str) -> bytes:
    return record(b"response", f"HTTP/1.1 200 OK\r\nContent-Type: text/html;charset={charset}\r\n\r\n".encode() + body, b"http://a.example/1")


ATTACHED, FRAME, BODY = page("Приказ", "mac-cyrillic", 1), page("서울", "cp949", 2), page("Ελλάδα", "cp1253", 3)
LISTED, DATED = "Имя,Район\nПётр,Џ\n".encode("mac-cyrillic"), "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Приказ\nEND:VEVENT\nEND:VCALENDAR".encode("mac-cyrillic")
UTF8, GBK = page("通知：关于转移的命令", "utf-8", 4), page("通知：关于转移的命令", "gb18030", 5)
HELD = "<p>Απόρρητο έγγραφο</p>".encode()
HOLDER = page(f'<iframe src="data:text/html,{HELD.decode()}"></iframe>', "cp1253", 11)
CRASHED = page("Приказ", "cp1251", 10)
TWICE, LATER, LOOSE = page("Приказ", "mac-cyrillic", 6), page("Ελλάδα", "cp1253", 7), page("Ελλάδα", "cp1253", 8)
STATED = "<meta charset=undefined><p>Приказ</p>".encode("cp1251")
INSIDE = f"<a href='data:text/html;charset=windows-1253,{''.join(f'%{byte:02x}' for byte in page('Ελλάδα', 'cp1253', 9))}'>x</a>".encode()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    first, second = (tmp_path_factory.mktemp("source") / name for name in ("first", "second"))
    files = {
        "1.eml": mailed(ATTACHED, "x-mac-cyrillic"), "2.mht": saved(FRAME, "EUC-KR"), "3.warc": captured(BODY, "windows-1253"),
        "4.eml": mailed(LISTED, "x-mac-cyrillic", "text/csv", "a.csv"), "5.eml": mailed(DATED, "x-mac-cyrillic", "text/calendar", "a.ics"),
        "6.eml": mailed(UTF8, "gb18030"), "7.eml": mailed(GBK, "iso-8859-1"), "8.eml": mailed(GBK, "nonsense"), "9.html": INSIDE,
        "a.eml": mailed(TWICE, "koi8-r"), "b.mht": saved(TWICE, "x-mac-cyrillic"), "c.eml": mailed(LATER, "koi8-r"), "d.html": LOOSE,
        "e.html": CRASHED, "f.html": STATED,
        "g.eml": mailed(HOLDER, "windows-1253"),
    }  # fmt: skip
    for folder, all_of_them in ((first, files), (second, {"c.zip": zipped({"in.mht": saved(LATER, "windows-1253"), "in.eml": mailed(LOOSE, "windows-1253"), "no.eml": mailed(CRASHED, "undefined")})})):
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in all_of_them.items():
            (folder / name).write_bytes(data)
    made = tmp_path_factory.mktemp("archives") / "archive"
    with Archive.create(made) as archive:
        archive.add([first], options=OPTIONS)
        assert "Ελλάδα" not in text(archive, LATER)
        assert "Ελλάδα" not in text(archive, LOOSE)
        archive.add([second], options=OPTIONS)
    return made


@pytest.fixture(scope="module")
def archive(root: Path) -> Iterator[Archive]:
    with Archive.open(root) as opened:
        yield opened


def text(archive: Archive, content: bytes) -> str:
    return "".join(part.text for part in archive.parts(digest_of(content)))


@pytest.mark.parametrize(("content", "expected"), [
    (ATTACHED, "Приказ"), (FRAME, "서울"), (BODY, "Ελλάδα"), (LISTED, "Пётр"), (DATED, "Приказ"), (page("Ελλάδα", "cp1253", 9), "Ελλάδα"),
], ids=["mail", "saved page", "capture", "list", "calendar", "data in a page"])  # fmt: skip
def test_what_is_declared_of_a_member_is_what_it_is_read_in(archive: Archive, content: bytes, expected: str) -> None:
    assert archive.document(digest_of(content)).outcome == "read"
    assert expected in text(archive, content)


@pytest.mark.parametrize("content", [UTF8, GBK])
def test_a_wrong_declaration_ruins_nothing(archive: Archive, content: bytes) -> None:
    assert "通知：关于转移的命令" in text(archive, content)


@pytest.mark.parametrize("content", [CRASHED, STATED])
def test_a_name_that_is_no_charset_takes_no_reading_away(archive: Archive, content: bytes) -> None:
    assert archive.document(digest_of(content)).outcome == "read"
    assert "Приказ" in text(archive, content)


def test_one_content_in_two_containers_is_read_in_the_likelier_of_their_charsets(archive: Archive) -> None:
    assert "Приказ" in text(archive, TWICE)


def test_a_container_that_comes_later_has_its_say_too(archive: Archive) -> None:
    assert "Ελλάδα" in text(archive, LATER)
    assert "Ελλάδα" in text(archive, LOOSE)
    assert not archive.status().outcomes.get("waiting")


def test_the_reading_names_the_charsets_that_it_was_made_with_and_comes_out_the_same_again(archive: Archive, root: Path) -> None:
    made = archive._derived.describe(archive.key_of(digest_of(LATER)) or "")
    assert made.parameters == {"charsets": ["koi8-r", "windows-1253"]}
    assert archive._derived.describe(archive.key_of(digest_of(UTF8)) or "").parameters == {"charsets": ["gb18030"]}
    keys = {archive.key_of(digest_of(one)) for one in (ATTACHED, FRAME, BODY, LISTED, DATED, UTF8, GBK, TWICE, LATER, LOOSE)}
    check = made_again(archive, root, keys)
    assert (check.looked_at, check.findings) == (len(keys), ())


def made_again(archive: Archive, root: Path, keys: set[str | None]) -> Check:
    layout = Layout.open(root)
    readings = [event for _, event in Events(layout, write=False).replay() if isinstance(event, ReadingMade) and event.key in keys]
    rederiving = Rederiving(layout, archive._derived, archive._catalog, OPTIONS)
    try:
        rederiving.run(readings)
        return rederiving.check()
    finally:
        rederiving.close()


def test_what_a_text_holds_is_taken_out_again_with_the_charsets_that_it_was_read_with(root: Path) -> None:
    shutil.rmtree(root / "derived" / "members")
    with Archive.open(root) as opened:
        assert opened.export_original(digest_of(HELD)).read_bytes() == HELD
        check = made_again(opened, root, {opened.key_of(digest_of(HELD))})
    assert (check.looked_at, check.findings, check.notes) == (1, (), ())


def test_a_catalogue_made_again_says_the_same(root: Path) -> None:
    with Archive.open(root) as before:
        expected = list(before.dump())
    with Archive.rebuild(root) as again:
        assert list(again.dump()) == expected
        assert "Ελλάδα" in text(again, LATER)
