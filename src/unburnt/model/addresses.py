"""Places in sheets as people write them: A1 addresses."""

from __future__ import annotations


def column_name(column: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    name = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(65 + digit) + name
    return name


def address_of(row: int, column: int) -> str:
    """The A1 address of a place counted from 0."""
    return f"{column_name(column)}{row + 1}"


def range_name(top: int, left: int, bottom: int, right: int) -> str:
    """``B2:B9``, or ``B2`` where it is one place."""
    first, last = address_of(top, left), address_of(bottom, right)
    return first if first == last else f"{first}:{last}"
