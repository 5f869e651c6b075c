"""Facts that can change, for search: which documents they let through, how often each occurs, what a hit shows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping

import numpy
from numpy.typing import NDArray

from unburnt.base.digests import Digest
from unburnt.base.errors import UsageError
from unburnt.catalog.columns import Columns, Mask, Numbers
from unburnt.catalog.connection import Connection
from unburnt.catalog.documents import document_facts, keys_of
from unburnt.catalog.folders import folder_names
from unburnt.catalog.occurrences import FOLDER_REACH, PATH_REACH
from unburnt.catalog.records import DocumentFacts

FILTERS = ("type", "lang", "outcome", "folder", "year", "delivery", "path")
_REMEMBERED = 32


class Facts:
    """The catalogue at one moment, as a search needs it; made by ``Catalog.facts()``."""

    def __init__(self, connection: Connection, remembered: Remembered) -> None:
        self._connection, self._columns, self._masks = connection, remembered.columns, remembered.masks
        self._columns.refresh(connection)
        self.version = self._columns.version
        """Rises whenever something changed."""
        self.era = self._columns.era
        """Rises when a number may mean another document than before."""

    def numbers(self, shorts: NDArray[numpy.uint64]) -> Numbers:
        """The documents' numbers for digests shortened by ``short_of``, -1 for unknown ones."""
        return self._columns.numbers(shorts)

    def counts(self, numbers: Numbers) -> dict[str, list[tuple[str, int]]]:
        """Per ``type lang outcome folder year delivery`` the values of these documents, commonest first."""
        return self._columns.counts(self._connection, numbers)

    def matching(self, filters: Mapping[str, Collection[str]]) -> Mask | None:
        """By number the documents that every filter lets through (any of its values); None when there is no filter.

        Keys: ``type lang outcome folder year delivery path``. A folder (by id), delivery or path (part of a
        received path, case ignored) lets members through as well. Raises :class:`UsageError` for other keys.
        """
        result: Mask | None = None
        for name, untrusted_values in filters.items():
            if not untrusted_values:
                continue
            if name not in FILTERS:
                raise UsageError("There is no such filter.", remedy=f"Filters are: {', '.join(FILTERS)}.")
            found = self._columns.mask(())
            for untrusted_value in untrusted_values:
                value = untrusted_value.encode("utf-8", "replace").decode()
                found = found | self._masks.get(self.version, name, value, self._having)
            result = found if result is None else result & found
        return result

    def documents(self, numbers: list[int], paths: int) -> list[DocumentFacts]:
        """What hits show, in the order given, with up to *paths* places each; unknown numbers are left out."""
        return document_facts(self._connection, numbers, paths)

    def keys(self, numbers: list[int]) -> dict[int, Digest]:
        """By number the derivation of a document's current reading."""
        return keys_of(self._connection, numbers)

    def path_ranks(self) -> Numbers:
        """By number the place of a document in the order of first paths."""
        return self._columns.path_ranks(self._connection)

    def folder_names(self, ids: Collection[int]) -> dict[str, str]:
        """The last names of folders, by id as text; a delivery's root is named by its delivery."""
        return folder_names(self._connection, ids)

    def _having(self, name: str, value: str) -> Mask:
        if name in ("folder", "year") and not (value.isascii() and value.isdigit()):
            return self._columns.mask(())
        if name == "path":
            return self._columns.mask(self._reached(PATH_REACH, value.casefold()))
        found = self._columns.having(self._connection, name, value)
        return self._columns.mask(self._reached(FOLDER_REACH, int(value))) if found is None else found

    def _reached(self, reach: str, value: str | int) -> list[int]:
        try:
            return list(self._connection.ask(f"{reach} SELECT number FROM reach", (value,)).scalars())
        except OverflowError:  # no folder has so large a number
            return []


class Remembered:
    """What outlives one search."""

    def __init__(self) -> None:
        self.columns, self.masks = Columns(), Masks()


class Masks:
    """The last few conditions' documents: the pages of one search ask for the same ones again and again."""

    def __init__(self) -> None:
        self._version = -1
        self._kept: OrderedDict[tuple[str, str], Mask] = OrderedDict()

    def get(self, version: int, name: str, value: str, make: Callable[[str, str], Mask]) -> Mask:
        """The mask for a condition, made when it is not at hand for this *version* of the catalogue."""
        if version != self._version:
            self._kept.clear()
            self._version = version
        if (name, value) not in self._kept:
            self._kept[name, value] = make(name, value)
            if len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
        self._kept.move_to_end((name, value))
        return self._kept[name, value]
