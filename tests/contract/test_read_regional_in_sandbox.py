"""Chinese and regional formats in locked children: what is loaded late there is not there, and must not be missed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.charset_texts import SIMPLIFIED, UYGHUR
from tests.ofd_made import Document, Page, make_ofd, text
from tests.ole_made import compound
from tests.read_by_child import read
from tests.read_in_sandbox import read as read_locked
from tests.unit.test_read_caj import caj, objects
from tests.unit.test_read_hwp import hwp, hwpx, p, paragraph, t
from tests.unit.test_read_legacy_uyghur import shaped
from tests.unit.test_read_ofd import certificate
from tests.unit.test_read_uof import TEXT_2, package, run, uof
from tests.unit.test_read_uof import paragraph as uof_paragraph
from tests.unit.test_read_wps import WRITTEN, works
from unburnt.sandbox.runner import Sandbox

SIGNED = Document([Page([text("正文", 20, 20)])], signatures=[("<ofd:SignatureDateTime>2020</ofd:SignatureDateTime>", certificate("某局"))])
SAMPLES = {
    "a.ofd": make_ofd(SIGNED), "cut.ofd": make_ofd(SIGNED)[:-300],
    "a.uot": uof(f"<uof:文字处理><字:主体>{uof_paragraph(run('正文'))}</字:主体></uof:文字处理>"), "a.uof": package(TEXT_2),
    "a.hwp": hwp(paragraph("통지")), "a.hwpx": hwpx(p(t("통지"))), "a.caj": caj(objects(drop=rb"/Type /Catalog")),
    "a.wps": compound({"CONTENTS": works("关于\r")}), "b.wps": WRITTEN["docx"], "a.et": WRITTEN["xls"], "a.dps": WRITTEN["pptx"],
    "hz.txt": "\n".join(SIMPLIFIED).encode("hz", "ignore"), "jp.txt": "会議の議事録".encode("iso2022_jp"),
    "kr.txt": "통지문입니다".encode("iso2022_kr"), "wide.txt": "".join(SIMPLIFIED).encode("utf-16-be"),
    "old.txt": shaped("\n".join(UYGHUR)).encode(),
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("unburnt.read.child:main") as started:
        yield started


@pytest.mark.parametrize("name", SAMPLES)
def test_a_locked_child_says_what_an_unlocked_one_says(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(SAMPLES[name])
    locked, free = read_locked(sandbox, path), read(SAMPLES[name], name)
    assert free.finished is not None and free.finished.outcome.value in ("read", "partial")
    assert (locked.outcome, locked.reason) == (free.outcome, free.finished.reason)
    assert [(part.kind, part.text, part.lang) for part in locked.parts] == [(part.kind, part.text, part.lang) for part in free.parts]
    assert locked.metadata == free.metadata
    assert [(note.code, note.text) for note in locked.notes] == free.notes
