"""A text with zeros, bells and escapes: kept as it is, found by its words, harmless on a terminal and after a rebuild."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from unburnt.api import Archive

NULLED = "abc\0def nulltext\0\0"
COLOURED = "\x1b]0;window title\x07\x1b[31mred\x1b[0m and coloured words\x07\n"
TITLED = "# A\0 title\n\nwords below it\0\n"


def command(root: Path, *arguments: str) -> str:
    return subprocess.run([sys.executable, "-m", "unburnt", "-a", str(root), *arguments], capture_output=True, check=True,
                          text=True, encoding="utf-8").stdout


def texts(archive: Archive) -> dict[str, str]:
    found = {}
    for word in ("nulltext", "coloured", "below"):
        (hit,) = archive.search(word).hits
        (part,) = archive.parts(hit.document)
        found[word] = part.text
    return found


def test_controls_in_a_text_are_kept_and_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, text in (("n.txt", NULLED), ("c.txt", COLOURED), ("t.md", TITLED)):
        (tmp_path / "in" / name).write_bytes(text.encode())
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([tmp_path / "in"])
        assert archive.status().outcomes["read"] == 3
        assert texts(archive) == {"nulltext": NULLED, "coloured": COLOURED, "below": TITLED}
    with Archive.rebuild(tmp_path / "archive") as archive:
        assert texts(archive) == {"nulltext": NULLED, "coloured": COLOURED, "below": TITLED}
    for shown in (command(tmp_path / "archive", "search", "words OR nulltext"), command(tmp_path / "archive", "show", "c.txt"),
                  command(tmp_path / "archive", "show", "t.md", "--json")):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", shown)


def test_a_part_whose_name_is_its_kind_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words of the text\n")
    (tmp_path / "b.html").write_text("<title>A title</title><p>words of the page</p>")
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([tmp_path / "a.txt", tmp_path / "b.html"])
    assert "--- text\nwords of the text\n" in command(tmp_path / "archive", "show", "a.txt")
    assert "--- properties\ntitle: A title" in command(tmp_path / "archive", "show", "b.html")
