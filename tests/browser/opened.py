"""The command itself in a process of its own, its log kept, its temporary files in a folder of their own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Opened:
    """A running ``unburnt open`` or ``unburnt serve``."""

    link: str
    archive: Path
    log: Path
    temporary: Path

    @property
    def base(self) -> str:
        """Where its desk is."""
        return self.link.partition("/open/")[0]


@contextlib.contextmanager
def running(folder: Path, archive: Path, *command: str) -> Iterator[Opened]:
    """Run ``unburnt COMMAND`` on *archive* until the block ends; log and temporary files go into *folder*."""
    temporary, log = folder / "tmp", folder / "log"
    temporary.mkdir(parents=True)
    environment = {**os.environ, "TMPDIR": str(temporary), "HOME": str(folder), "UNBURNT_ARCHIVE": str(archive)}
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "unburnt", "-a", str(archive), *command, "--no-browser"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment,
        )
        try:
            assert process.stdout is not None
            link = process.stdout.readline().strip()
            assert "/open/" in link, log.read_text()
            yield Opened(link, archive, log, temporary)
        finally:
            process.terminate()
            rest, _ = process.communicate(timeout=60)
            errors.write(rest.encode())
