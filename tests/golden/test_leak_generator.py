"""The committed leak is what its program writes; nothing in it depends on the day it was written."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import pytest
from leak_source import EXAMPLES, LEAK, source_files

NAMES = ("offices", "sheets", "township", "tree")


@pytest.fixture(scope="module")
def made_again() -> dict[bytes, str]:
    """Digests of those files that need no fonts, written again by the program."""
    sys.path.insert(0, str(EXAMPLES))
    try:
        offices, sheets, township, tree = (import_module(f"leak_maker.{name}") for name in NAMES)
    finally:
        sys.path.remove(str(EXAMPLES))
    again = tree.Tree()
    roster = township.fill_villages(again)
    again.add("quota", offices.quota_book())
    again.add("sealed", sheets.locked(sheets.xlsx(offices.sealed_list()), offices.WORKBOOK_PASSWORD))
    township.fill_mailbox(again, roster)
    return {path: made.digest for path, made in again.files.items()}


def test_rosters_mail_and_locked_workbook_are_written_the_same_again(made_again: dict[bytes, str]) -> None:
    assert len(made_again) == 9
    assert set(made_again.values()) <= {file.digest for file in source_files()}


def test_no_file_says_when_it_was_really_written() -> None:
    recent = [year.encode() for year in ("D:2025", "D:2026", "D:2027", "2025-1", "2026-1")]
    for file in source_files():
        with open(os.path.join(bytes(LEAK), file.path), "rb") as opened:
            content = opened.read()
        assert not any(year in content for year in recent), file.digest
