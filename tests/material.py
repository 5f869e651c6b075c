"""Small deliveries made on the spot, for tests of the flow."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from email.message import EmailMessage
from pathlib import Path

ATTACHMENT = "第三号指示：各村须于月底前上报名册。\n".encode()


def mail(subject: str, body: str, *, attachment: bytes | None = ATTACHMENT) -> bytes:
    """A mail with one attachment."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "office@county.example", "villages@county.example", subject
    message["Date"], message["Message-ID"] = "Mon, 06 Feb 2017 10:00:00 +0800", f"<{subject}@county.example>"
    message.set_content(body)
    if attachment is not None:
        message.add_attachment(attachment, maintype="text", subtype="plain", filename="指示.txt")
    return bytes(message)


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip with a fixed time in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2017, 2, 6, 10, 0, 0)), data)
    return out.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    """A plain tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def make_delivery(root: Path, *, texts: int = 40) -> Path:
    """A folder of texts, mails with one and the same attachment, containers in containers, odd names, no bytes."""
    root.mkdir(parents=True)
    for number in range(texts):
        folder = root / f"village-{number % 7}"
        folder.mkdir(exist_ok=True)
        (folder / f"notice-{number}.txt").write_text(f"Notice {number}: 通知 拘留 的规定。\nHousehold list {number}.\n")
    for number in range(3):
        (root / f"mail-{number}.eml").write_bytes(mail(f"Order {number}", f"See the order, reminder {number}."))
    inner = zipped({"inner.txt": "里面的文件".encode(), "note.md": b"# inside\n"})
    (root / "outer.zip").write_bytes(zipped({"a/inner.zip": inner, "b.txt": b"beside it", "../up.txt": b"no path"}))
    (root / "bundle.tar").write_bytes(tarred({"one.txt": b"first", "two.txt": b"second"}))
    (root / "empty.txt").write_bytes(b"")
    (root / "copy of notice.txt").write_bytes((root / "village-0" / "notice-0.txt").read_bytes())
    (root / "link").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe")
    with open(os.fsencode(root) + b"/\xff\xfe-name.txt", "wb") as file:
        file.write(b"a name that is no UTF-8")
    return root
