"""Files that a person names: plain ones are read, and nothing else holds anybody up."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from unburnt.base.errors import UsageError
from unburnt.base.files import open_plain, read_small


def test_a_plain_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_small(path, 5) == b"12345"
    with pytest.raises(UsageError, match="too large"):
        read_small(path, 4)
    with pytest.raises(UsageError, match="No such file"):
        read_small(tmp_path / "none")


def test_pipes_folders_and_devices_are_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for odd in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(UsageError), open_plain(odd):
            pass


def test_a_passphrase_may_come_through_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b"secret",))
    writer.start()
    assert read_small(tmp_path / "pipe", pipe=True) == b"secret"
    writer.join()
    with pytest.raises(UsageError):
        read_small(Path("/dev/zero"), pipe=True)
