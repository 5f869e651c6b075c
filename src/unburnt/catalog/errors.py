"""What can go wrong with a view that can always be made again."""

from __future__ import annotations

from unburnt.base.errors import UnburntError


class RebuildNeeded(UnburntError):
    """The catalogue is of another version, or damaged; nothing is lost, it has to be made again."""

    def __init__(self, finding: str) -> None:
        super().__init__(finding, remedy="Run 'unburnt rebuild': the catalogue is a view and is made from the events.")
