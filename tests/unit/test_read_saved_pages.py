"""Pages as browsers and crawlers save them: MHTML, WACZ, shortcuts; each step gives what the next one reads."""

from __future__ import annotations

import gzip
import io
import zipfile
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from tests.read_by_child import Said, read

WARC = (
    b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://w.example/p\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
    b"WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
)
PAGE = '<html><head><title>通知</title></head><body><a href="https://l.example/">名单</a><!-- 草稿 --></body></html>'.encode()


def test_a_page_in_mhtml_keeps_title_links_and_frames() -> None:
    saved = MIMEMultipart("related", type="text/html")
    saved["From"], saved["Snapshot-Content-Location"] = "<Saved by Blink>", "https://w.example/"
    for location, page in (("https://w.example/", PAGE.decode()), ("https://w.example/frame", "<p>frame words</p>")):
        part = MIMEText(page, "html", "utf-8")
        part["Content-Location"] = location
        saved.attach(part)
    said = read(saved.as_bytes(), "a.mhtml")
    assert said.began is not None and said.began.reader == "mhtml" and said.text == "名单\n"
    for line in ("title: 通知", "link: https://l.example/", "comment: 草稿"):
        assert line in said.properties
    assert said.members == [b"2/https://w.example/frame"] and said.bytes == b"<p>frame words</p>"


def test_a_page_in_a_wacz_is_reached_step_by_step() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("archive/data.warc.gz", gzip.compress(WARC % (len(answer), answer)))
    step: Said = read(package.getvalue(), "a.wacz")
    for name in ("data.warc.gz", "data.warc", "p"):
        assert step.outcome == "read"
        step = read(step.bytes, name)
    assert step.text == "名单\n" and "https://l.example/" in step.properties


def test_shortcuts_say_where_they_lead() -> None:
    target = "https://dump.example/list?id=7"
    windows = f"[InternetShortcut]\r\nURL={target}\r\n".encode()
    apple = f'<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>URL</key><string>{target}</string></dict></plist>'.encode()
    for data, name in ((windows, "a.url"), (apple, "a.webloc")):
        assert target in read(data, name).text


def test_a_mail_about_a_page_is_no_saved_page() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@x.example", "b@x.example", "s"
    mail.set_content(PAGE.decode(), subtype="html")
    mail.add_related(b"\x89PNG", "image", "png", cid="<i>")
    said = read(bytes(mail), "a.eml")
    assert said.began is not None and said.began.reader == "mail"
