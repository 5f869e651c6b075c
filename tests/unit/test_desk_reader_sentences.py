"""No reader says anything that the desk can tell in English only: the readers' own source is gone through."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import unburnt
from unburnt.desk import language, reasons
from unburnt.desk.sentences import CLAUSES, SENTENCES

SOURCE = Path(unburnt.__file__).parent
KEEPER = ("collector.py", "delivery.py", "intake.py", "ocr_reading.py", "ocr_step.py", "reading.py")
ELSEWHERE = {
    "read/ocr/available.py": "told by the doctor", "read/second": "told by reread", "read/language_model": "told to whoever makes it",
    "read/formats/databases/database_cells.py": "stands beside a cell as part of the document",
    "read/formats/mail/mapi_mail.py": "stands in the text of a rebuilt mail", "read/formats/mail/pst_items.py": "likewise",
    "flow/delivery.py": "told by the command",
}
FILLINGS = ("7x", "", "It is cut off.", "It holds no text of its own", "Page 7 was", "volume 1 is")
"""What may stand in a hole of an f-string: a value, nothing, sentences and beginnings that other functions give."""


def literal(node: ast.AST, filling: str) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else filling for part in node.values)
    return None


def strings(tree: ast.Module) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Every string that is no docstring and no piece of a longer one."""
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    inner |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in inner:
            yield node


def files() -> list[Path]:
    found = [*(SOURCE / "read").rglob("*.py"), *(SOURCE / "flow" / name for name in KEEPER)]
    return [path for path in found if not any(str(path.relative_to(SOURCE)).startswith(name) for name in ELSEWHERE)]


def is_sentence(text: str) -> bool:
    return bool(re.match(r"(?:[A-Z]|7x)", text)) and text.endswith(".") and len(re.findall(r"[a-z]{2,}", text)) > 1


def alternatives(node: ast.AST, text: str) -> Iterator[str]:
    """What an f-string may become, the plainest first."""
    yield text
    for filling in FILLINGS:
        yield str(literal(node, filling)).strip()
        yield re.sub(r"7x\.\Z", ".", re.sub("^7x", filling, text))
        yield re.sub(r"7x\.\Z", "7x with languages 7x.", re.sub("^7x", filling, text))
        yield re.sub(r"\.7x ", ". ", text)


def test_every_sentence_of_a_reader_can_be_told_in_every_language() -> None:
    chinese, missing, seen = language.translations("zh-Hans"), [], 0
    for path in files():
        for node in strings(ast.parse(path.read_text())):
            text = literal(node, "7x")
            if text is None or not is_sentence(text.strip()):
                continue
            seen += 1
            tries = alternatives(node, text.strip())
            if not any(reasons.told(chinese, one).translated for one in tries):
                missing.append(f"{path.relative_to(SOURCE)}:{node.lineno}: {text}")
    assert not missing, "add these to desk/sentences and each desk.po:\n" + "\n".join(missing)
    assert seen > 350


def losses(tree: ast.Module) -> Iterator[ast.expr]:
    """What is appended or added to a list of losses, or given by a function that lists them."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.name.endswith("losses"):
            returned = [one.value for one in ast.walk(function) if isinstance(one, ast.Return) and isinstance(one.value, ast.List)]
            yield from (item for one in returned for item in one.elts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append" and node.args:
            if ast.unparse(node.func.value).endswith("losses"):
                yield node.args[0]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "lose":
            said = node.args[0]
            yield from [said.body, said.orelse] if isinstance(said, ast.IfExp) else [said]
        elif isinstance(node, ast.AugAssign) and ast.unparse(node.target).endswith("losses"):
            yield from (one for one in ast.walk(node.value) if isinstance(one, ast.JoinedStr))


def test_every_loss_within_a_sentence_can_be_told_too() -> None:
    chinese, missing, seen = language.translations("zh-Hans"), [], 0
    for path in files():
        for node in losses(ast.parse(path.read_text())):
            text = literal(node, "7x")
            if text is None or is_sentence(text):
                continue
            seen += 1
            tries = {text, re.sub(r" ?7x\Z", "", text)}
            shown = [reasons.told(chinese, f"Some was lost: {one}.").text for one in tries]
            if all(re.search("[a-z]{3}", re.sub("7x|MiB|Index", "", one)) for one in shown):
                missing.append(f"{path.relative_to(SOURCE)}:{node.lineno}: {text}")
    assert not missing, "add these to desk/sentences/clauses.py and each desk.po:\n" + "\n".join(missing)
    assert seen > 40


@pytest.mark.parametrize("tag", ["zh-Hans", "ru", "ug"])
def test_no_sentence_is_left_in_english_and_none_loses_what_fills_it(tag: str) -> None:
    catalogue = language.translations(tag)
    for sentence in (*SENTENCES, *CLAUSES):
        told = catalogue.gettext(sentence)
        assert told != sentence, sentence
        assert sorted(re.findall(r"%\(\w+\)s", told)) == sorted(re.findall(r"%\(\w+\)s", sentence)), sentence


@pytest.mark.parametrize(("reason", "chinese"), [
    ("Some was lost: slide 3 is not well formed or nested too deeply; the file is cut off.",
     "部分内容丢失：幻灯片 3 格式不正确或嵌套过深；文件被截断。"),
    ("5 of 9 members could not be had: 3 locked, 2 damaged.", "9 个内含文件中有 5 个无法取得：3 个已加锁，2 个已损坏。"),
    ("Some was lost: something unforeseen; the file is cut off.", "部分内容丢失：\u2068something unforeseen\u2069；文件被截断。"),
    ("Page 1 was read from pixels by rapidocr 3 with languages ch, en and tesseract 5.3 with languages eng, rus.",
     "第 1 页由 \u2068rapidocr 3\u2069 从图像中识别，语言：\u2068ch, en\u2069；另由 \u2068tesseract 5.3\u2069 识别，语言：英语，俄语。"),
])  # fmt: skip
def test_what_stands_in_a_sentence_is_told_as_far_as_it_is_known(reason: str, chinese: str) -> None:
    assert reasons.told(language.translations("zh-Hans"), reason) == reasons.Told(chinese, translated=True)


def test_a_hostile_reason_costs_no_time() -> None:
    for sentence in SENTENCES:
        pieces = re.split(r"%\(\w+\)s", sentence)
        hostile = (pieces[0] + "".join(piece * 60 for piece in pieces[1:-1]) + "x ")[:1_990]
        reasons.told(language.translations("ru"), hostile)
