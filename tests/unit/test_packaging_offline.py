"""The offline folder: what install.sh refuses, and the whole way onto a machine without a network."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
OFFLINE = ROOT / "bin" / "lib" / "offline"


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    options = {"capture_output": True, "text": True, "timeout": 600, "check": False} | options
    return subprocess.run([str(word) for word in command], **options)


def without_network(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run *command* in an empty network namespace."""
    own_user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return run("unshare", *own_user, "--net", *command, **options)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder as bin/pack makes it, without libraries."""
    folder = tmp_path / "my stick"
    shutil.copytree(OFFLINE, folder)
    made_for = {
        "system": "none 0", "machine": platform.machine(), "python": ".".join(platform.python_version_tuple()[:2]), "unburnt": "0",
    }  # fmt: skip
    (folder / "made-for").write_text("".join(f"{name}={value}\n" for name, value in made_for.items()))
    return seal(folder)


def seal(folder: Path) -> Path:
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder)}\n"
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))
    return folder


def install(stick: Path, target: Path) -> subprocess.CompletedProcess[str]:
    return run("sh", stick / "install.sh", "--no-system", "--to", target)


def test_a_changed_file_stops_the_installer(stick: Path, tmp_path: Path) -> None:
    (stick / "README.txt").write_text("come closer")
    ended = install(stick, tmp_path / "to")
    assert ended.returncode == 1
    assert "Nothing was installed" in ended.stderr
    assert not (tmp_path / "to").exists()


def test_an_interrupted_folder_is_not_taken_for_a_whole_one(stick: Path, tmp_path: Path) -> None:
    (stick / "SHA256SUMS").unlink()
    ended = install(stick, tmp_path / "to")
    assert ended.returncode == 1
    assert "not complete" in ended.stderr


@pytest.mark.parametrize(("line", "sentence"), [("machine=pdp11", "is for pdp11"), ("python=2.7", "Python 2.7 is needed")])
def test_another_kind_of_machine_is_named(stick: Path, tmp_path: Path, line: str, sentence: str) -> None:
    name = line.partition("=")[0]
    text = re.sub(rf"(?m)^{name}=.*$", line, (stick / "made-for").read_text())
    (stick / "made-for").write_text(text)
    ended = install(seal(stick), tmp_path / "to")
    assert ended.returncode == 1
    assert sentence in ended.stderr


def test_the_installer_knows_its_words(stick: Path) -> None:
    ended = run("sh", stick / "install.sh", "--prefix=/")
    assert ended.returncode == 1
    assert "--no-system" in ended.stderr


def test_packing_leaves_a_folder_with_other_things_alone(tmp_path: Path) -> None:
    (tmp_path / "novel.txt").write_text("chapter one")
    ended = run(ROOT / "bin" / "pack", tmp_path)
    assert ended.returncode == 1
    assert "something else" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["novel.txt"]


def test_packing_asks_for_one_folder() -> None:
    assert run(ROOT / "bin" / "pack").returncode == 2


@pytest.fixture(scope="module")
def _network() -> None:
    """Skips where the first library of the lock file cannot be reached: then nothing can be fetched at all."""
    found = re.search(r'url = "(https:[^"]+\.whl)"', (ROOT / "uv.lock").read_text())
    assert found
    try:
        urllib.request.urlopen(urllib.request.Request(found[1], method="HEAD"), timeout=20).close()
    except urllib.error.HTTPError:
        return
    except OSError as error:
        pytest.skip(f"no network: {error}")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh checkout, nothing set up."""
    place = tmp_path / "fresh"
    place.mkdir()
    for name in ("bin", "src"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("uv.lock", "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, place / name)
    return place


@pytest.mark.pack
@pytest.mark.usefixtures("_network")
def test_two_first_starts_at_once_set_up_once_and_both_start(clone: Path) -> None:
    starts = [
        subprocess.Popen(
            [str(clone / "bin" / "unburnt"), "--version"], cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [one.communicate(timeout=900) for one in starts]
    assert [one.returncode for one in starts] == [0, 0], told
    assert sum("setting up." in errors for _output, errors in told) == 1


@pytest.mark.pack
@pytest.mark.usefixtures("_network")
def test_an_interrupted_set_up_goes_on(clone: Path) -> None:
    first = subprocess.Popen(
        [str(clone / "bin" / "unburnt"), "--version"], start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    libraries = clone / ".venv" / "lib"
    deadline = time.monotonic() + 300
    while first.poll() is None and not any(libraries.glob("*/site-packages/*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    ended = run(clone / "bin" / "unburnt", "--version")
    assert ended.returncode == 0, ended.stderr
    assert "0." in ended.stdout


@pytest.fixture(scope="module")
def packed(_network: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that bin/pack made."""
    stick = tmp_path_factory.mktemp("packed")
    ended = run(ROOT / "bin" / "pack", stick)
    assert ended.returncode == 0, ended.stderr
    return stick


@pytest.mark.pack
def test_the_packed_folder_tells_nothing_about_the_machine_it_was_made_on(packed: Path) -> None:
    for name in ("requirements.txt", "made-for", "SHA256SUMS"):
        assert str(ROOT) not in (packed / name).read_text()
        assert str(packed) not in (packed / name).read_text()


@pytest.mark.pack
def test_the_packed_folder_sets_unburnt_up_and_reads_without_a_network(packed: Path, tmp_path: Path) -> None:
    place, archive, leak = (tmp_path / name for name in ("installed", "archive", "leak"))
    installed = without_network("sh", packed / "install.sh", "--no-system", "--to", place)
    assert installed.returncode == 0, installed.stderr

    leak.mkdir()
    (leak / "通知.txt").write_text("关于拘留的通知\n", encoding="utf-8")
    unburnt = place / "bin" / "unburnt"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    for arguments in (["init", archive], ["-a", archive, "add", leak]):
        ended = without_network(unburnt, *arguments, env=environment)
        assert ended.returncode == 0, ended.stderr
    found = without_network(unburnt, "-a", archive, "search", "--json", "拘留", env=environment)
    [line] = found.stdout.splitlines()
    assert json.loads(line)["lang"] == "zh"


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="only where bin/pack takes system packages along")
@pytest.mark.pack
def test_the_packed_system_packages_need_nothing_more(packed: Path, tmp_path: Path) -> None:
    debs = packed / "debs"
    scratch = tmp_path / "apt"
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (scratch / folder).mkdir(parents=True)
    (scratch / "status").touch()
    (scratch / "sources.list").write_text(f"deb [trusted=yes] file:{debs} ./\n")
    options = {
        "Dir::Etc::sourcelist": scratch / "sources.list", "Dir::Etc::sourceparts": "-", "Dir::State::status": scratch / "status",
        "Dir::State::lists": scratch / "state" / "lists", "Dir::Cache": scratch / "cache", "APT::Sandbox::User": "root",
        "Debug::NoLocking": "1",
    }  # fmt: skip
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
    assert without_network(*apt, "update").returncode == 0
    wanted = (debs / "wanted").read_text().split()
    solved = without_network(*apt, "--simulate", "--no-install-recommends", "install", *wanted)
    assert solved.returncode == 0, solved.stderr
    assert "Inst tesseract-ocr-uig " in solved.stdout
