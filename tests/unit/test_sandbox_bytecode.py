"""What a zygote had to compile is known, and is not compiled again next time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from unburnt.sandbox import bytecode, rungs

_COUNT = (
    "import sys; from unburnt.sandbox import bytecode; compiled = bytecode.watch(); import unburnt.sandbox.zygote; "
    "print(sum(path.endswith('zygote.py') for path in compiled))"
)


def _compiled(prefix: Path) -> int:
    told = rungs.environment() | {"PYTHONPYCACHEPREFIX": str(prefix)}
    done = subprocess.run([sys.executable, "-s", "-P", "-c", _COUNT], env=told, capture_output=True, check=True)
    return int(done.stdout)


def test_a_start_counts_what_it_compiles_and_the_next_one_need_not(tmp_path: Path) -> None:
    assert _compiled(tmp_path) == 1
    entry = "unburnt.sandbox.zygote:main"
    bytecode.write(entry, rungs.environment() | {"PYTHONPYCACHEPREFIX": str(tmp_path)}).join(60)
    assert _compiled(tmp_path) == 0
