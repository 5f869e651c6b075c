"""The folder tree that the leak consists of, and the file of truth beside it."""

from __future__ import annotations

import base64
import json
import os
import shutil
from pathlib import Path
from typing import Any

from leak_maker.truth import Made, plain

MODIFIED = 1_496_822_400
"""7 June 2017, 08:00 UTC; every file a minute after the one before."""


class Tree:
    """Received paths (bytes, ``/`` between folders) and what lies there."""

    def __init__(self) -> None:
        self.files: dict[bytes, Made] = {}
        self.stories: dict[str, Any] = {}

    def add(self, path: str | bytes, made: Made) -> Made:
        """Put a file at a path; gives it back, so that it can be used again elsewhere."""
        raw = path.encode() if isinstance(path, str) else path
        if raw in self.files:
            raise ValueError("A path is used twice.")
        self.files[raw] = made
        return made

    def write(self, folder: Path) -> None:
        """Write all files below an empty *folder*, replacing what was there."""
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        for number, (path, made) in enumerate(sorted(self.files.items())):
            target = os.path.join(os.fsencode(folder), path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(made.data)
            moment = MODIFIED + 60 * number
            os.utime(target, (moment, moment))

    def truth(self) -> dict[str, Any]:
        """All that is known, ready for JSON: files by path, documents by digest, stories for the tests."""
        documents: dict[str, Any] = {}
        for made in self.files.values():
            _collect(made, documents)
        files = [
            {
                "path": base64.b64encode(path).decode(),
                "shown": path.decode("utf-8", "backslashreplace"),
                "sha256": made.digest,
                "size": len(made.data),
            }
            for path, made in sorted(self.files.items())
        ]
        return {"schema": 1, "files": files, "documents": documents, "stories": self.stories}

    def write_truth(self, path: Path) -> None:
        text = json.dumps(self.truth(), ensure_ascii=False, indent=1, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")


def _collect(made: Made, documents: dict[str, Any]) -> None:
    documents.setdefault(made.digest, plain(made.truth))
    for inner in made.inside:
        _collect(inner, documents)
