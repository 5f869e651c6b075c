"""Readers where they really work: in locked children of a zygote that loaded everything before."""

from __future__ import annotations

import contextlib
import io
import tempfile
import zipfile
from collections.abc import Iterator

import docx
import msgspec
import openpyxl
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from tests.read_by_child import task
from unburnt.base.limits import Limits
from unburnt.model import frames
from unburnt.read.nests import EVERYTHING, SAFE, nest_of
from unburnt.read.sniff import sniff
from unburnt.read.source import Source
from unburnt.sandbox.runner import Ended, Sandbox

ZH = "关于加强户籍登记管理工作的通知"
_answers = msgspec.msgpack.Decoder(tuple[int, frames.Frame])


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("unburnt.read.child:main") as running:
        yield running


def run(sandbox: Sandbox, *documents: tuple[str, bytes], shared: bool = False) -> tuple[Ended, list[tuple[int, frames.Frame]]]:
    said: list[tuple[int, frames.Frame]] = []
    payload = msgspec.msgpack.encode([task(name, shared=shared) for name, _ in documents])
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in documents]
        for file, (_, data) in zip(files, documents, strict=True):
            file.write(data)
            file.flush()
        descriptors = [file.fileno() for file in files]
        own = nest_of(sniff(Source(files[0], len(documents[0][1])))) if len(documents) == 1 else EVERYTHING
        nest = SAFE if shared else own
        ended = sandbox.run(payload, descriptors, Limits(), lambda raw: said.append(_answers.decode(raw)), nest=nest)
    return ended, said


def samples() -> dict[str, bytes]:
    word, book, page, picture, archive = (io.BytesIO() for _ in range(5))
    document = docx.Document()
    document.add_paragraph(ZH)
    document.save(word)
    workbook = openpyxl.Workbook()
    workbook.active["B2"] = ZH
    workbook.save(book)
    canvas = Canvas(page)
    canvas.drawString(50, 500, "Some words")
    canvas.save()
    Image.new("RGB", (40, 30)).save(picture, "TIFF")
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("a.txt", ZH)
    mail = f"From: a@example.org\nTo: b@example.org\nSubject: s\nContent-Type: text/plain; charset=utf-8\n\n{ZH}"
    return {
        "a.txt": ZH.encode("gbk"), "a.html": f"<html><p>{ZH}</p></html>".encode(), "a.xml": f"<?xml version='1.0'?><a>{ZH}</a>".encode(),
        "a.json": b'{"a": 1}', "a.csv": "姓名,村\n张三,东\n".encode(), "a.md": f"# {ZH}".encode(), "a.docx": word.getvalue(),
        "a.xlsx": book.getvalue(), "a.pdf": page.getvalue(), "a.tiff": picture.getvalue(), "a.zip": archive.getvalue(),
        "a.eml": mail.encode(), "a.rtf": b"{\\rtf1 words}",
    }  # fmt: skip


@pytest.mark.parametrize("name", list(samples()))
def test_every_kind_is_read_in_a_locked_child(sandbox: Sandbox, name: str) -> None:
    ended, said = run(sandbox, (name, samples()[name]))
    assert (ended.kind, ended.detail) == ("done", "")
    finished = [frame for _, frame in said if isinstance(frame, frames.Finished)]
    assert [one.outcome for one in finished] == ["needs-ocr" if name == "a.tiff" else "read"]


def test_many_share_a_child_and_native_readers_wait_for_their_own(sandbox: Sandbox) -> None:
    documents = samples()
    ended, said = run(sandbox, *documents.items(), shared=True)
    assert ended.kind == "done"
    names = list(documents)
    alone = {names[number] for number, frame in said if isinstance(frame, frames.NeedsOwnChild)}
    done = {names[number] for number, frame in said if isinstance(frame, frames.Finished)}
    assert done | alone == set(names)
    assert {"a.pdf", "a.docx", "a.xlsx", "a.tiff", "a.html"} <= alone
    assert {"a.txt", "a.csv", "a.json", "a.md", "a.zip"} <= done
