"""Bytecode for the next zygote. A sandboxed one can write none, and compiling every parser takes longer than reading
hundreds of files; so where a start had to compile, its modules are compiled once more, in a process that sees no document.
"""

from __future__ import annotations

import importlib.machinery
import os
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Mapping
from typing import Any, Final

_IMPORT: Final = "import sys; from unburnt.sandbox.zygote import import_named; import_named(sys.argv[1])"
_NICENESS: Final = 10


def watch() -> list[str]:
    """From now on every module that is compiled, because it has no valid bytecode, is named in this list."""
    compiled: list[str] = []
    loader: Any = importlib.machinery.SourceFileLoader
    compile_source = loader.source_to_code

    def source_to_code(self: Any, data: Any, path: Any, **options: Any) -> Any:
        compiled.append(os.fsdecode(path))
        return compile_source(self, data, path, **options)

    loader.source_to_code = source_to_code
    return compiled


def can_be_written() -> bool:
    """Whether this user may write bytecode where the program stands, and wishes to (``PYTHONDONTWRITEBYTECODE``)."""
    folders = (os.path.dirname(os.path.dirname(__file__)), sysconfig.get_path("purelib"))
    return not sys.dont_write_bytecode and all(os.access(folder, os.W_OK) for folder in folders)


def write(entry: str, environment: Mapping[str, str]) -> threading.Thread:
    """Import what a zygote of *entry* imports, with bytecode written; goes on beside the caller, and may fail."""
    told = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run(
            ["nice", "-n", str(_NICENESS), sys.executable, "-s", "-P", "-c", _IMPORT, entry], env=told, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

    thread = threading.Thread(target=run, name="bytecode", daemon=True)
    thread.start()
    return thread
