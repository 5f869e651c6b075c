"""A command that is interrupted ends soon, in order, says so, and goes on when it is run again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.material import make_delivery
from unburnt.api import Archive

SENTENCE = "Interrupted. What was received and read is kept; the same command goes on with the rest."


def begin(root: Path, *words: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "unburnt", "-a", str(root), *map(str, words)]
    # A test run in the background hands SIGINT down as ignored, and Python would leave it so.
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def wait_for_first_reading(root: Path, process: subprocess.Popen[str]) -> None:
    """Until something was read and something still waits."""
    for _ in range(2_000):
        if process.poll() is not None:
            raise AssertionError(process.communicate())
        with Archive.open(root) as archive:
            if archive.status().documents:
                return
        time.sleep(0.01)
    raise AssertionError("nothing was read")


def is_clean(root: Path) -> bool:
    return bool(json.loads((root / "keeper.lock").read_text())["clean"])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_delivery(tmp_path_factory.mktemp("source") / "delivery", texts=600)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("verb", ["add", "open"])
def test_an_interrupted_import_ends_in_order_with_130_and_goes_on_next_time(
    verb: str, number: signal.Signals, source: Path, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    Archive.create(root).close()
    words = ["add", source] if verb == "add" else ["open", source, "--no-browser"]
    process = begin(root, *words)
    wait_for_first_reading(root, process)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert SENTENCE in told
    assert "Traceback" not in told
    assert is_clean(root)
    assert not os.path.exists(root / "keeper.sock")
    with Archive.open(root) as archive:
        archive.add([source])
        status = archive.status()
        assert status.outcomes["waiting"] == 0
        assert archive.count("拘留") == 600
        assert [one.complete for one in archive.accessions()] == [True]


def test_a_desk_that_is_closed_says_so(source: Path, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    Archive.create(root).close()
    process = begin(root, "serve", "--no-browser")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert SENTENCE in told and is_clean(root)


def test_stopping_does_not_wait_for_a_reader_that_takes_its_time(tmp_path: Path) -> None:
    delivery = tmp_path / "delivery"
    delivery.mkdir()
    (delivery / "first.txt").write_text("read at once")
    # Minutes of OCR: a child that is asked to end in the middle of a page.
    (delivery / "slow.pdf").write_bytes(slow_pdf())
    root = tmp_path / "archive"
    Archive.create(root).close()
    process = begin(root, "add", delivery)
    wait_for_first_reading(root, process)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=25)
    assert process.returncode == 130, told
    with Archive.open(root) as archive:
        status = archive.status()
        assert status.outcomes["crashed"] == 0, "a child that was ended is not one that crashed"


def slow_pdf() -> bytes:
    """One page with a content stream that is drawn for a long time."""
    drawing = b"q 1 0 0 1 0 0 cm 0 0 600 800 re f Q\n" * 400_000
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(drawing), drawing),
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % one for one in offsets)
    return out + b"xref\n0 5\n0000000000 65535 f \n%strailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (table, len(out))
