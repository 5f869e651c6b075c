"""Making a new archive: its folder, its first event, an empty catalogue and an empty index."""

from __future__ import annotations

import uuid
from pathlib import Path

from unburnt import __version__
from unburnt.catalog.catalog import Catalog
from unburnt.flow.sealing import Sealing
from unburnt.model.events import AnyEvent, ArchiveCreated
from unburnt.search.index import Index
from unburnt.vault.events import Events
from unburnt.vault.layout import FORMAT_VERSION, Layout
from unburnt.vault.log.keys import Keys


def found(root: Path, key_passphrase: str | None = None) -> Layout:
    """A new archive at *root*, under a random id that says nothing; its key is outside it."""
    archive = uuid.uuid4().hex[:16]
    layout = Layout.create(root, archive)
    events = Events(layout)
    try:
        created = ArchiveCreated(archive=archive, format=FORMAT_VERSION, software=f"unburnt {__version__}")
        sequence = events.append(created)
        events.flush()
        catalog = Catalog(layout.catalog, write=True)
        with catalog.batch():
            catalog.apply(sequence, created)
        _seal(layout, events, catalog, key_passphrase)
        catalog.close()
        if (known := Keys().catalogues(archive)) is not None:
            known.remember(layout.catalog)
    finally:
        events.close()
    Index(layout.index, write=True).close()
    return layout


def _seal(layout: Layout, events: Events, catalog: Catalog, passphrase: str | None) -> None:
    """Make the archive's key and seal its first events; where no key can be made, the archive does without."""

    def happened(*told: AnyEvent) -> None:
        numbers = [events.append(event) for event in told]
        events.flush()
        with catalog.batch():
            for number, event in zip(numbers, told, strict=True):
                catalog.apply(number, event)

    Sealing(layout, events, Keys(), happened, passphrase).seal()
