"""docs/copies.md keeps its word: its commands are run in order, and each does what it should."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "copies.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_every_command_of_the_page_works_and_leaves_what_it_promises(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, start in (("unburnt", "-m unburnt"), ("python3", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {start} "$@"\n')
        (programs / name).chmod(0o700)
    place = tmp_path / "place"
    (place / "delivery").mkdir(parents=True)
    (place / "delivery" / "notice.txt").write_text("关于拘留工作的通知\n")
    (place / "stick").mkdir()
    path = f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    lines = ["set -eu", "unburnt init case", "unburnt -a case add delivery --no-ocr", *BLOCKS]
    done = subprocess.run(["bash", "-c", "\n".join(lines)], cwd=place, capture_output=True, text=True, timeout=900,
                          env={**os.environ, "PATH": path}, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(BLOCKS) == 5
    for archive in ("case", "stick/copy", "other"):
        (original,) = (path for path in (place / archive / "objects").rglob("*") if path.is_file())
        assert original.read_text() == "关于拘留工作的通知\n"
    assert "1 proofs hold" in done.stderr
