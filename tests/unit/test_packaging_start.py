"""bin/unburnt: started again it only starts; where it cannot set up it says what to do."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "dirname", "readlink", "sha256sum", "id", "flock", "mkdir", "mv", "rm")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout at a place with spaces, nothing set up."""
    place = tmp_path / "my un burnt"
    place.mkdir()
    shutil.copytree(ROOT / "bin", place / "bin")
    for name in ("uv.lock", "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, place / name)
    shutil.copytree(ROOT / "src", place / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return place


@pytest.fixture
def ready(checkout: Path) -> Path:
    """The same, set up: an environment whose libraries are this one's, and the stamp that says so."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(checkout / ".venv")], check=True)
    [packages] = (checkout / ".venv" / "lib").glob("python*/site-packages")
    (packages / "libraries.pth").write_text(f"{checkout / 'src'}\n{sysconfig.get_path('purelib')}\n")
    stamps = checkout / ".venv" / ".unburnt"
    stamps.mkdir()
    lock = hashlib.sha256((checkout / "uv.lock").read_bytes()).hexdigest()
    (stamps / "runtime").write_text(f"{lock}  - {checkout}\n")
    return checkout


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment with the most common programs only: no uv, no apt, no HOME."""
    folder = tmp_path / "bare"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    return {"PATH": str(folder)}


def start(
    command: Path, *arguments: str, environment: dict[str, str], cwd: Path = Path("/")
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(command), *arguments], env=environment, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_later_start_needs_neither_uv_nor_a_home_nor_a_certain_folder(ready: Path, bare: dict[str, str]) -> None:
    ended = start(ready / "bin" / "unburnt", "--version", environment=bare)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "0." in ended.stdout


def test_it_starts_through_a_link(ready: Path, bare: dict[str, str], tmp_path: Path) -> None:
    link = tmp_path / "elsewhere"
    link.symlink_to(ready / "bin" / "unburnt")
    assert start(link, "--version", environment=bare).returncode == 0


def test_no_module_of_the_leaks_folder_is_ever_imported(ready: Path, bare: dict[str, str], tmp_path: Path) -> None:
    leak = tmp_path / "leak"
    leak.mkdir()
    for name in ("json", "click", "unburnt", "sitecustomize", "usercustomize"):
        (leak / f"{name}.py").write_text("raise SystemExit('taken over')")
    environment = bare | {"PYTHONPATH": str(leak), "HOME": str(leak)}
    ended = start(ready / "bin" / "unburnt", "--version", environment=environment, cwd=leak)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_new_lock_file_is_noticed(ready: Path, bare: dict[str, str]) -> None:
    with (ready / "uv.lock").open("a") as lock:
        lock.write("# changed\n")
    ended = start(ready / "bin" / "unburnt", "--version", environment=offline(bare))
    assert ended.returncode != 0
    assert "setting up" in ended.stderr


def test_a_moved_checkout_is_set_up_again(ready: Path, bare: dict[str, str]) -> None:
    moved = ready.with_name("moved")
    ready.rename(moved)
    assert "setting up" in start(moved / "bin" / "unburnt", "--version", environment=offline(bare)).stderr


def test_a_set_up_that_fails_says_what_to_do_and_names_lacking_packages_once(checkout: Path, bare: dict[str, str]) -> None:
    environment = offline(bare)
    first, second = (start(checkout / "bin" / "unburnt", "--version", environment=environment) for _ in range(2))
    for ended in (first, second):
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "Python environment could not be made" in ended.stderr
    assert "tesseract-ocr-uig" in first.stderr
    assert "tesseract-ocr-uig" not in second.stderr
    assert not (checkout / ".venv" / ".unburnt" / "runtime").exists()


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="only where packages are Debian's")
def test_somebody_who_is_not_root_gets_one_command_for_all_packages(
    checkout: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    environment = offline(bare) | {"DPKG_ADMINDIR": str(tmp_path / "dpkg")}
    (tmp_path / "dpkg").mkdir()
    (tmp_path / "dpkg" / "status").touch()
    for tool in ("apt-get", "dpkg-query"):
        (Path(bare["PATH"]) / tool).symlink_to(shutil.which(tool) or tool)
    ended = subprocess.run(
        ["unshare", "--user", "--map-user=1000", str(checkout / "bin" / "unburnt")],
        env=environment, executable=shutil.which("unshare"), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    [command] = [line for line in ended.stderr.splitlines() if "apt-get install" in line]
    assert command.startswith("To have them:  sudo apt-get install -y --no-install-recommends tesseract-ocr ")
    assert "scanned pages in this language stay without text" in ended.stderr
    assert "unbound" not in ended.stderr


def test_setting_up_imports_nothing_from_the_leaks_folder_either(
    checkout: Path, bare: dict[str, str], tmp_path: Path
) -> None:
    leak = tmp_path / "leak"
    leak.mkdir()
    for name in ("pip", "venv", "json", "ensurepip"):
        (leak / f"{name}.py").write_text("open('taken over', 'w')")
    start(checkout / "bin" / "unburnt", "--version", environment=offline(bare), cwd=leak)
    assert not (leak / "taken over").exists()


def offline(environment: dict[str, str]) -> dict[str, str]:
    """*environment* plus a Python whose pip may ask no index."""
    (Path(environment["PATH"]) / "python3").symlink_to(os.path.realpath(sys.executable))
    return environment | {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "UV_OFFLINE": "1"}
