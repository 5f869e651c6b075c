"""What `pip install .` and `uv tool install .` bring."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """The wheel, made by the backend that pip and uv call too."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    [made] = folder.glob("unburnt-*.whl")
    return zipfile.Path(made)


def names(wheel: zipfile.Path) -> set[str]:
    return {name for name in wheel.root.namelist() if not name.endswith("/")}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_file_of_the_package_is_in_the_wheel(wheel: zipfile.Path) -> None:
    source = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src" / "unburnt").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names(wheel) if name.startswith("unburnt/")} == source


@pytest.mark.parametrize("ending", [".html", ".css", ".js", ".woff2", "py.typed", "-LICENSE.txt"])
def test_the_desk_comes_with_its_assets(wheel: zipfile.Path, ending: str) -> None:
    assert any(name.endswith(ending) for name in names(wheel))


def test_the_wheel_carries_its_licence_and_the_notices(wheel: zipfile.Path) -> None:
    for name in ("LICENSE", "NOTICE"):
        [inside] = [entry for entry in names(wheel) if entry.endswith(f"licenses/{name}")]
        assert (wheel / inside).read_bytes() == (ROOT / name).read_bytes()


def test_nothing_but_the_package_is_in_the_wheel(wheel: zipfile.Path) -> None:
    assert {name.split("/")[0].split("-")[0] for name in names(wheel)} == {"unburnt"}


def test_the_command_is_declared(wheel: zipfile.Path) -> None:
    [inside] = [name for name in names(wheel) if name.endswith("entry_points.txt")]
    assert "unburnt = unburnt.cli.main:main" in (wheel / inside).read_text()


def test_the_version_is_said_once_in_effect() -> None:
    import unburnt

    assert project()["project"]["version"] == unburnt.__version__


def test_every_dependency_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text().splitlines()
    for requirement in project()["project"]["dependencies"]:
        [line] = [line for line in text if f'"{requirement}"' in line]
        assert "#" in line, requirement


def test_the_notice_names_every_library_that_is_installed() -> None:
    notice = (ROOT / "NOTICE").read_text().lower().replace("_", "-").replace(".", "-")
    for name in runtime_libraries():
        assert name in notice, name


def runtime_libraries() -> set[str]:
    """Names of the locked packages that a Linux machine gets, from uv.lock."""
    packages = {entry["name"]: entry for entry in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    found: set[str] = set()
    waiting = ["unburnt"]
    while waiting:
        for dependency in packages[waiting.pop()].get("dependencies", []):
            elsewhere = any(word in dependency.get("marker", "") for word in ("win32", "== 'PyPy'"))
            if dependency["name"] not in found and not elsewhere:
                found.add(dependency["name"])
                waiting.append(dependency["name"])
    return found
