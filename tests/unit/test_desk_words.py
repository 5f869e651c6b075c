"""The desk's words: every one can be translated, reasons of readers too, and labels say nothing twice."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import click
import jinja2
import pytest
from jinja2.ext import extract_from_ast

from unburnt.base.errors import QuerySyntaxError
from unburnt.cli.main import unburnt
from unburnt.desk import language, names, reasons, words
from unburnt.desk.desk import template_environment
from unburnt.desk.labels import moment, rest_of_label
from unburnt.read.known import FORMATS
from unburnt.search.query import parse

TEMPLATES = Path(language.LOCALE).parent / "templates"


def _words_on_screen() -> set[str]:
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)
    found: set[str] = {*reasons.SENTENCES, *reasons.CLAUSES, *reasons.LABELS, reasons.BETWEEN, reasons.COMMA}
    for template in TEMPLATES.glob("*.html"):
        for _, _, message in extract_from_ast(environment.parse(template.read_text())):
            found.add(message if isinstance(message, str) else str(message[0]))
    for table in (words.OUTCOMES, words.TYPES, words.LANGUAGES, words.PARTS, words.MARKS, words.MEMBERS, words.DATES,
                  words.FACETS, words.SORTS, words.FLAGS):
        found.update(table.values())
    return found


NAMES = {"PDF", "OFD", "XPS", "UOF", "HWP", "HWPX", "OneNote", "CAJ", "RTF", "EPUB", "Markdown", "JSON", "XML"}
"""The same in every language."""


def test_every_word_on_screen_is_in_the_catalogues() -> None:
    with (language.LOCALE / "en" / "LC_MESSAGES" / "desk.mo").open("rb") as file:
        known = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    assert _words_on_screen() - NAMES <= {key[0] if isinstance(key, tuple) else key for key in known}


@pytest.mark.parametrize(("reason", "chinese"), [
    ("The file has no bytes.", "文件没有任何字节。"),
    ("Its members are more than 200 times as large as it is: it may be a bomb.",
     "内含文件比它本身大 200 倍以上：可能是压缩炸弹。"),
    ("The name ends in .doc, but the content is of the type image/png.",
     "文件名以 \u2068.doc\u2069 结尾，但内容类型为 \u2068image/png\u2069。"),
    ("Some was lost: page 3. The file has no bytes.", "部分内容丢失：第 3 页。 文件没有任何字节。"),
])
def test_a_reason_is_told_in_the_readers_language(reason: str, chinese: str) -> None:
    told = reasons.told(language.translations("zh-Hans"), reason)
    assert told == reasons.Told(chinese, translated=True)


@pytest.mark.parametrize("reason", [
    "A sentence nobody foresaw.", "The file has no bytes. A sentence nobody foresaw.", "", "The file has no bytes. " * 200])
def test_a_reason_that_is_not_known_whole_stays_english(reason: str) -> None:
    told = reasons.told(language.translations("ru"), reason)
    assert not told.translated
    assert told.text == reason


@pytest.mark.parametrize("query", [
    'good "bad', "a)", "(a", "a AND", "AND a", "colour:red", "type:(", "word~3", '"a b"~999', "a " * 9000, "(" * 99])
def test_what_is_wrong_with_a_query_is_told_in_the_readers_language(query: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(query)
    assert reasons.told(language.translations("zh-Hans"), str(caught.value)).translated


def test_a_name_within_a_reason_cannot_reorder_it() -> None:
    told = reasons.told(language.translations("ug"), "Some was lost: \u202egpj.exe.")
    assert "\u202e" not in told.text
    assert "\u2068⟦RLO⟧gpj.exe\u2069" in told.text


@pytest.mark.parametrize(("kind", "label", "rest"), [
    ("text", "text", ""), ("header", "header 1", "1"), ("message", "body", ""), ("message", "html", "html"),
    ("page", "3", "3"), ("sheet", "名册", "名册"), ("sheet", "CSV", ""), ("section", "", "")])
def test_a_label_does_not_repeat_the_kind_of_its_part(kind: str, label: str, rest: str) -> None:
    assert rest_of_label(kind, label) == rest


@pytest.mark.parametrize(("stored", "shown"), [
    ("2017-05-04T09:12:00+08:00", "2017-05-04 09:12:00 +08:00"), ("2017-05-02T03:00:00Z", "2017-05-02 03:00:00 UTC"),
    ("2017-05-02T03:00:00", "2017-05-02 03:00:00"), ("2017-05-02", "2017-05-02"), ("last Tuesday", "last Tuesday")])
def test_times_lose_nothing_when_they_are_made_readable(stored: str, shown: str) -> None:
    assert moment(stored) == shown


@pytest.mark.parametrize("line", re.findall(r'"(unburnt [^"]+)"', (TEMPLATES / "seal.html").read_text()))
def test_every_command_that_the_seal_page_names_can_be_typed_so(line: str) -> None:
    words = line.split()[1:]
    command: click.Command | None = unburnt
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0))
    assert command is not None
    options = [one for one in command.params if isinstance(one, click.Option)]
    given = {word for word in words if word.startswith("-")}
    assert given <= {name for one in options for name in one.opts}
    assert all(given & set(one.opts) for one in options if one.required)


def test_every_type_that_a_reader_reads_has_a_word_on_screen() -> None:
    assert not [media_type for row in FORMATS for media_type in row.types if media_type not in words.TYPES]


@pytest.mark.parametrize(("kind", "rest", "shown"), [
    ("section", "schema", "表结构"), ("sheet", "schema", "schema"), ("section", "macro Module1", "宏 \u2068Module1\u2069"),
    ("header", "masters", "母版"), ("section", "第三章", "第三章"), ("properties", "links", "链接"),
    ("properties", "名册 (formulas)", "\u2068名册\u2069（公式）"), ("header", "footer 1", "页脚 \u20681\u2069")])
def test_what_a_reader_calls_a_part_is_told_and_what_the_file_calls_it_stays(kind: str, rest: str, shown: str) -> None:
    assert reasons.label_told(language.translations("zh-Hans"), kind, rest) == shown


@pytest.mark.parametrize(("script", "text", "direction"), [
    ("Arab", "بۇ بىر مەخپىي ھۆججەت PDF", "rtl"), ("Arab", 'def main():\n    print("مەكتەپ")', "ltr"), ("Latn", "text", "ltr"), (None, "1", "auto")])
def test_a_part_runs_as_most_of_its_letters_do(script: str | None, text: str, direction: str) -> None:
    assert language.base_direction(script, text) == direction


@pytest.mark.parametrize(("path", "kind", "folder"), [
    ("名册/墨玉县.xls", "entry", "名册"), ("1.2/letter.pdf", "attachment", ""), ("2017/letter.pdf", "entry", "2017"), ("alone.txt", None, ""),
    ("a/b/c.txt", None, "a/b")])
def test_the_folder_of_a_file_is_told_and_the_place_in_a_mail_is_not(path: str, kind: str | None, folder: str) -> None:
    assert names.folder_of(path, kind) == folder


def test_a_language_without_a_word_is_told_by_its_code() -> None:
    render = template_environment("zh-Hans", str).globals["language_word"]
    assert callable(render)
    assert (render("la"), render("xx-qaax")) == ("拉丁语", "语言 \u2068xx-qaax\u2069")
