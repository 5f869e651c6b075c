"""Files that are read together with others: asking which, not oftener than anything was written."""

from __future__ import annotations

from abc import ABC, abstractmethod

from unburnt.catalog.catalog import Catalog
from unburnt.catalog.records import Waiting


class Together(ABC):
    """Asks the catalogue, when everything else was read, for what is to be read together with other files than before."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._looked_at = -2

    def to_read(self) -> list[Waiting]:
        """What is to be read now; none while nothing was written since there was none."""
        applied = self._catalog.applied
        if applied == self._looked_at:
            return []
        found = self._found()
        if not found:
            self._looked_at = applied
        return found

    @abstractmethod
    def _found(self) -> list[Waiting]: ...
