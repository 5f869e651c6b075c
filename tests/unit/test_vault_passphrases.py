"""A passphrase opens what it closed, and a file that asks for hours of work is told from a wrong passphrase."""

from __future__ import annotations

import re

import pytest

from unburnt.base.errors import UnburntError, WrongPassphrase
from unburnt.vault import passphrases


@pytest.mark.parametrize("armored", [False, True])
def test_a_passphrase_opens_what_it_closed_and_another_does_not(armored: bool) -> None:
    closed = passphrases.close(b"secret", "long and good", armored=armored)
    assert b"secret" not in closed and passphrases.unlock(closed, "long and good", "the key") == b"secret"
    with pytest.raises(WrongPassphrase, match="does not open the key"):
        passphrases.unlock(closed, "bad and short", "the key")
    with pytest.raises(WrongPassphrase, match="or its file is damaged"):
        passphrases.unlock(closed[:-9], "long and good", "the key")


def test_a_file_that_asks_for_hours_of_work_is_not_called_a_wrong_passphrase() -> None:
    closed = passphrases.close(b"secret", "long and good")
    endless = re.sub(rb"(-> scrypt \S+) \d+\n", rb"\1 30\n", closed)
    assert endless != closed
    with pytest.raises(UnburntError, match="more work than this machine can do now") as refused:
        passphrases.unlock(endless, "long and good", "the key")
    assert not isinstance(refused.value, WrongPassphrase) and "Try again" in (refused.value.remedy or "")
