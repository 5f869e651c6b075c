"""Making a new archive: its folder, its first event, an empty catalogue and an empty index."""

from __future__ import annotations

import uuid
from pathlib import Path

from unburnt import __version__
from unburnt.catalog.catalog import Catalog
from unburnt.model.events import ArchiveCreated
from unburnt.search.index import Index
from unburnt.vault.events import Events
from unburnt.vault.layout import FORMAT_VERSION, Layout


def found(root: Path) -> Layout:
    """A new archive at *root*, under a random id that says nothing."""
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
        catalog.close()
    finally:
        events.close()
    Index(layout.index, write=True).close()
    return layout
