"""What the tests search for and open, told by the one who hid it."""

from __future__ import annotations

import base64
from typing import Any

from leak_maker.offices import WORKBOOK_PASSWORD
from leak_maker.township import ARCHIVE_PASSWORD
from leak_maker.tree import Tree
from leak_maker.truth import Made


def stories(tree: Tree, directive: Made, bomb: bytes) -> dict[str, Any]:
    """Documents by digest and paths in base64, for each browser story of the issue."""
    documents: dict[str, Made] = {}
    for made in tree.files.values():
        _walk(made, documents)
    return {
        "detention": {
            "query": "拘留",
            "documents": sorted(key for key, made in documents.items() if says(made, "拘留", scanned=False)),
            "perhaps": sorted(key for key, made in documents.items() if says(made, "拘留", scanned=True)),
            "only_residence": sorted(
                key
                for key, made in documents.items()
                if (says(made, "居留", scanned=False)) and not says(made, "拘留", scanned=False)
            ),
        },
        "zhang_san": {
            "query": "张三",
            "documents": sorted(
                key for key, made in documents.items() if _has_cell(made, {"张三", "张　三", "张\n三"})
            ),
            "hidden": {
                "path": _path(tree, "尤勒图孜布隆村（终稿）.xlsx"),
                "sheet": "尤勒图孜布隆村",
                "cell": "B6",
                "shown": "张　三",
                "headings": ["户主", "姓名"],
            },
            "broken": {
                "path": _path(tree, "库木巴什村.xls"),
                "sheet": "二〇一六年名册",
                "cell": "A4",
                "shown": "张\n三",
            },
        },
        "directive": {
            "sha256": directive.digest,
            "mails": [_path(tree, f"邮件/{number:02}.eml") for number in (1, 2, 3)],
            "occurrences": sum(_times(made, directive.digest) for made in tree.files.values()),
        },
        "locked": {
            "passwords": [WORKBOOK_PASSWORD, ARCHIVE_PASSWORD],
            "archive": {"path": _path(tree, "密.zip"), "password": ARCHIVE_PASSWORD},
            "workbook": {"path": _path(tree, "（加密）.xlsx"), "password": WORKBOOK_PASSWORD},
        },
        "hostile": {
            "page": _path(tree, "onerror=alert(1)>.html"),
            "override": _path(tree, "fdp.exe"),
            "extension": ".exe",
            "host": "collector.invalid",
        },
        "planted_name": "白霁云",
        "bomb": base64.b64encode(bomb).decode(),
    }


def says(made: Made, word: str, *, scanned: bool) -> bool:
    """Whether the source of a document has the word; *scanned* asks only for those that must be recognised first."""
    truth = made.truth
    passages = [*truth.passages]
    found = any(word in line for passage in passages for line in passage.lines if (passage.match == "ocr") == scanned)
    return found or (not scanned and truth.mail is not None and word in truth.mail["subject"])


def _has_cell(made: Made, values: set[str]) -> bool:
    return any(cell.shown in values for sheet in made.truth.sheets or () for cell in sheet.cells.values())


def _walk(made: Made, documents: dict[str, Made]) -> None:
    documents.setdefault(made.digest, made)
    for inner in made.inside:
        _walk(inner, documents)


def _times(made: Made, digest: str) -> int:
    """At how many places a content occurs without any password."""
    inner = () if made.truth.outcomes == ["locked"] else made.inside
    return int(made.digest == digest) + sum(_times(each, digest) for each in inner)


def _path(tree: Tree, ending: str) -> str:
    (path,) = [path for path in tree.files if path.endswith(ending.encode())]
    return base64.b64encode(path).decode()
