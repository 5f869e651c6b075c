"""What is installed on a reporter's machine is what the program imports."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Loaded by a library of ours and not by name: what rapidocr computes with.
INDIRECT = {"onnxruntime"}


def imported() -> set[str]:
    """The top-level names that any module of the program imports, wherever in it."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def test_every_library_that_is_installed_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    modules: dict[str, set[str]] = {}
    for module, distributions in importlib.metadata.packages_distributions().items():
        for distribution in distributions:
            modules.setdefault(normal(distribution), set()).add(module)
    used = imported()
    wanted = {normal(re.split(r"[<>=!~\[; ]", line)[0]) for line in project["dependencies"]}
    unused = {name for name in wanted - INDIRECT if not modules.get(name, set()) & used}
    assert unused == set()


def normal(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
