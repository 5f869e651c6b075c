"""Imports with small slices in a process that dies at a named moment; started by test_flow_slices.py.

Usage: slicing.py MOMENT COUNT ARCHIVE SOURCE, as for interrupted.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.hostile.interrupted import arm
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.limits import Limits

OPTIONS = Options(workers=2, isolate_each=True, limits=Limits(slice_members=10))

if __name__ == "__main__":
    moment, count, root, source = sys.argv[1:]
    if moment != "never":
        arm(moment, int(count))
    with Archive.open(Path(root)) as archive:
        archive.add([Path(source)], options=OPTIONS)
