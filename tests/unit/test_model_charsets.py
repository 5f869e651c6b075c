"""Of the charsets that containers declare, those are tried that are some."""

from __future__ import annotations

from unburnt.model.charsets import MOST, charset_of, charsets_of


def test_names_that_mean_nothing_do_not_crowd_out_the_one_that_is_true() -> None:
    junk = [f"text/html; charset=a-{number}" for number in range(2 * MOST)]
    assert charsets_of([*junk, "text/html; charset=windows-1253", "text/html; charset=undefined"]) == ("windows-1253",)


def test_only_a_charset_can_tell_more_than_the_bytes_do() -> None:
    names = ("undefined", "idna", "unicode_escape", "utf-8", "x-unknown", "none", "X-Mac-Cyrillic", "GB2312")
    assert [charset_of(f"text/plain; charset={name}") for name in names] == [*[None] * 6, "x-mac-cyrillic", "gb2312"]
