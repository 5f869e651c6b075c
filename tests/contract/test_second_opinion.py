"""Another engine reads the same bytes, locked in; what our reading lacks is found, and its text is kept nowhere."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner, Result

from unburnt.api import Archive
from unburnt.cli.main import unburnt
from unburnt.flow.second_opinion import _as_headers, words_of
from unburnt.read.second import engine
from unburnt.read.second.engine import GaveUp, SecondEngine

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = "关于登记的通知：各村须于月底前上报名册。 The list is due on Friday."


def written(text: str) -> bytes:
    document, file = docx.Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(file)
    return file.getvalue()


@pytest.fixture(scope="module")
def other() -> Iterator[SecondEngine]:
    made = SecondEngine()
    yield made
    made.close()


def asked(other: SecondEngine, folder: Path, data: bytes, media_type: str) -> str:
    path = folder / "asked"
    path.write_bytes(data)
    with open(path, "rb") as file:
        return other.text(file, media_type)


def test_the_other_engine_reads_in_the_sandbox(other: SecondEngine, tmp_path: Path) -> None:
    assert words_of(asked(other, tmp_path, written(TEXT), WORD)) == words_of(TEXT)


@pytest.mark.parametrize(("data", "media_type", "words"), [
    (b"a,b\n1,2\n\n3,4\n", "text/csv", "a b 1 2 3 4"),
    (b"<list><name>name</name><x:name>Li</x:name><name>Wu</name></list>", "application/xml", "name Li Wu"),
    (b"From: a@b.example\nContent-Type: text/html\n\n<p>x &lt; y &copy; z</p>", "message/rfc822", "From: a@b.example x y z"),
])  # fmt: skip
def test_what_the_other_engine_adds_is_no_word_of_the_file(
    other: SecondEngine, tmp_path: Path, data: bytes, media_type: str, words: str
) -> None:
    assert words_of(asked(other, tmp_path, data, media_type)) == words_of(words)


def test_a_mails_time_in_any_common_form_is_not_called_lost() -> None:
    assert words_of("2009-04-22T14:36:33.734+00:00") <= words_of(" ".join(_as_headers("2009-04-22T14:36:33.734375Z")))
    assert words_of("Wed, 22 Apr 2009 14:36:33 +0000") <= words_of(" ".join(_as_headers("2009-04-22T14:36:33Z")))
    assert _as_headers("2009-04") == ()


def test_a_damaged_file_is_given_up_and_the_next_is_read(other: SecondEngine, tmp_path: Path) -> None:
    for broken, media_type in ((written(TEXT)[:300], WORD), (b"%PDF-1.7\n1 0 obj <<", "application/pdf")):
        with pytest.raises(GaveUp):
            asked(other, tmp_path, broken, media_type)
    assert asked(other, tmp_path, TEXT.encode(), "text/plain").strip() == TEXT


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    material = tmp_path_factory.mktemp("m")
    (material / "order.docx").write_bytes(written(TEXT))
    (material / "note.txt").write_text(TEXT, encoding="utf-8")
    (material / "scan.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (material / "page.html").write_text(f"<p>{TEXT}</p>", encoding="utf-8")
    place = tmp_path_factory.mktemp("a") / "archive"
    with Archive.create(place) as made:
        made.add([material])
    return place


def reread(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(unburnt, ["-a", str(archive), "reread", "--with", "kreuzberg", *arguments])


def test_readings_that_agree_are_not_listed(archive: Path) -> None:
    lines = [json.loads(line) for line in reread(archive, "--compare", "--json").stdout.splitlines()]
    assert lines[-1]["compared"] == 3
    assert lines[-1]["passed_over"] == {"the other engine does not read its type": 2}  # the scan, and the thumbnail in the document
    assert lines[-1]["versions"].keys() == {"kreuzberg", "pypdf"}
    assert not [line for line in lines[:-1] if line["type"] in (WORD, "text/plain")]


def test_words_that_a_reading_lost_are_listed(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unburnt.flow.second_opinion.SecondOpinion._parts", lambda opinion, key: iter(()))
    lines = [json.loads(line) for line in reread(archive, "note.txt", "--compare", "--json").stdout.splitlines()]
    assert [line["lacking_here"] for line in lines[:-1]] == [words_of(TEXT).total()]
    assert "list" in lines[0]["examples_here"] or "通" in lines[0]["examples_here"]
    said = reread(archive, "note.txt", "--compare")
    assert "note.txt" in said.stdout and "lacking here (100.0%)" in said.stdout


def test_nothing_of_the_other_text_is_kept(archive: Path) -> None:
    before = sorted((path, path.stat().st_size) for path in archive.rglob("*") if path.is_file())
    assert reread(archive, "--compare").exit_code == 0
    assert sorted((path, path.stat().st_size) for path in archive.rglob("*") if path.is_file()) == before


def test_the_other_engine_is_for_comparing_only(archive: Path) -> None:
    refused = reread(archive)
    assert refused.exit_code != 0
    assert "--compare" in str(refused.exception)


def test_a_missing_engine_is_named_with_its_remedy(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "NAME", "no_such_engine")
    refused = reread(archive, "--compare")
    assert "unburnt[second-opinion]" in str(refused.exception)


def test_the_keeper_never_loads_the_other_engine() -> None:
    code = "import sys, unburnt.api.second; sys.exit('kreuzberg' in sys.modules or 'pypdf' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
