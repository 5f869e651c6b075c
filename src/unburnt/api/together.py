"""Which documents belong together: the volumes of a split archive, a table and its memo file, the mails of a conversation."""

from __future__ import annotations

from collections.abc import Iterator

from unburnt.base.digests import Digest
from unburnt.catalog.catalog import Catalog
from unburnt.model.reading import Reading
from unburnt.model.threads import Mailed, Turn
from unburnt.model.views import VolumeView

_MOST_SETS = 20
"""So many tables are named beside a memo file that each was read with."""


class Together:
    """Asks the catalogue; not for several threads at once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._mails: tuple[int, list[Mailed]] | None = None

    def volumes(self, reading: Reading | None) -> Iterator[VolumeView]:
        """The set that the content of *reading* is a volume of, in order; of a memo file each table that was read with it."""
        if reading is None:
            return
        is_alone = not (reading.volumes or reading.read_with)
        leads = self._catalog.tables_of_memo(reading.blob) if is_alone else [reading.read_with or reading.blob]
        for lead in leads[:_MOST_SETS]:
            for one in self._catalog.volumes_of(lead):
                places, _ = self._catalog.occurrences(one.digest, 1)
                yield VolumeView(number=one.number, document=one.digest, shown=places[0].shown if places else "",
                                 is_lead=one.digest == lead)

    def conversation(self, document: Digest) -> list[Turn]:
        """The mails that *document* answers or that answer it, gaps included."""
        if self._mails is None or self._mails[0] != self._catalog.applied:
            self._mails = self._catalog.applied, self._catalog.mails()
        from unburnt.relate.threads import conversation  # only where a mail is looked at

        return conversation(self._mails[1], document)
