"""Whoever may have to guess an encoding gets a new version when the guess changes: no reader is forgotten."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import unburnt
from unburnt.read.known import _GUESSING, FORMATS

SOURCES = Path(unburnt.__file__).parent.parent
GUESSES = frozenset({("unburnt.read.charset", "decode"), ("unburnt.read.charset_mixed", "decode_lines")})
OTHER_WORK = ("unburnt.read.sniff_text",)
"""Guesses to tell types, which is no reader's work."""
UNPACK_ONLY = {"zstd", "pkcs7"}
"""They share the unpacking of streams with the reader of gzip, which alone reads names in those."""


@cache
def imports(module: str) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """What a module takes from others of the readers, by name, and which of them are modules."""
    tree = ast.parse((SOURCES / Path(*module.split("."))).with_suffix(".py").read_text())
    taken = {(node.module, name.name) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
             and node.module is not None and node.module.startswith("unburnt.read") for name in node.names}
    names = {name for module, one in taken for name in (module, f"{module}.{one}")}
    return frozenset(taken), frozenset(name for name in names if (SOURCES / Path(*name.split("."))).with_suffix(".py").is_file())


def may_guess(module: str) -> bool:
    seen, pending = set(OTHER_WORK), [module]
    while pending:
        one = pending.pop()
        if one not in seen:
            seen.add(one)
            taken, others = imports(one)
            if taken & GUESSES:
                return True
            pending.extend(others)
    return False


def test_every_reader_that_may_guess_an_encoding_gets_a_new_version_with_the_guess() -> None:
    assert {row.name for row in FORMATS if may_guess(f"unburnt.read.formats.{row.module}")} - UNPACK_ONLY == _GUESSING
