"""Which readers are loaded together: a child is forked from a process that holds the readers of one nest and no others.

A fork copies the page tables of all that is loaded, and its end takes them down again: readers that a document does not
need cost each child milliseconds. The keeper guesses the nest by name; a child that finds another type says so.
"""

from __future__ import annotations

from typing import Final

from unburnt.read.known import BY_EXTENSION, BY_TYPE, MODULES, SAFE

EVERYTHING: Final = ""
"""All readers at once, for what no single nest can read."""
ENCRYPTED_OFFICE: Final = "application/encrypted"
"""An encrypted package whose name does not tell its kind; what is in it will, once it is opened."""

__all__ = ["ENCRYPTED_OFFICE", "EVERYTHING", "MODULES", "SAFE", "nest_of", "nest_of_name"]


def nest_of(media_type: str) -> str:
    """The nest whose readers read *media_type*, or say that nobody does."""
    if media_type == ENCRYPTED_OFFICE:
        return "office"
    row = BY_TYPE.get(media_type)
    return row.nest if row else SAFE


def nest_of_name(name: str) -> str:
    """The nest that a received name promises; a hint, no more."""
    row = BY_EXTENSION.get(name.rpartition(".")[2].lower())
    return row.nest if row else SAFE
