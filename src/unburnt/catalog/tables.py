"""The catalogue's tables (docs/format.md, section ``catalog.sqlite``)."""

from __future__ import annotations

SCHEMA = 7
"""Raised whenever a table changes: an older catalogue is then rebuilt, never migrated."""

TABLES = (
    "CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE accession (
        id TEXT NOT NULL PRIMARY KEY,
        source BLOB,
        note TEXT NOT NULL,
        time TEXT,
        sequence INTEGER NOT NULL,
        complete INTEGER
    )""",
    """CREATE TABLE folder (
        id INTEGER NOT NULL PRIMARY KEY,
        accession TEXT NOT NULL,
        parent INTEGER REFERENCES folder (id),
        name BLOB NOT NULL,
        path BLOB NOT NULL,
        items INTEGER DEFAULT 0 NOT NULL
    )""",
    """CREATE TABLE blob (
        number INTEGER NOT NULL PRIMARY KEY,
        digest TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        depth INTEGER NOT NULL,
        rank INTEGER NOT NULL,
        places INTEGER DEFAULT 0 NOT NULL,
        outcome TEXT DEFAULT 'waiting' NOT NULL,
        promoted INTEGER DEFAULT 0 NOT NULL,
        indexed INTEGER,
        changed INTEGER DEFAULT -1 NOT NULL
    )""",
    """CREATE TABLE item (
        id INTEGER NOT NULL PRIMARY KEY,
        accession TEXT,
        container INTEGER REFERENCES blob (number),
        folder INTEGER REFERENCES folder (id),
        path BLOB,
        name TEXT,
        words TEXT,
        ordinal INTEGER,
        kind TEXT,
        blob INTEGER REFERENCES blob (number),
        size INTEGER,
        modified TEXT,
        declared TEXT,
        outcome TEXT,
        reason TEXT DEFAULT '' NOT NULL,
        sequence INTEGER
    )""",
    """CREATE TABLE document (
        blob INTEGER NOT NULL PRIMARY KEY REFERENCES blob (number),
        key TEXT NOT NULL,
        step TEXT NOT NULL,
        version INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        missing TEXT NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL,
        type TEXT NOT NULL,
        reader TEXT NOT NULL,
        title TEXT,
        author TEXT,
        lang TEXT,
        date TEXT,
        year INTEGER,
        sender TEXT,
        recipients TEXT,
        subject TEXT,
        message_id TEXT,
        expected INTEGER NOT NULL,
        emitted INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        reading BLOB
    )""",
    """CREATE TABLE slice (
        blob INTEGER NOT NULL REFERENCES blob (number),
        number INTEGER NOT NULL,
        key TEXT NOT NULL,
        members INTEGER NOT NULL,
        expected INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        finished INTEGER NOT NULL,
        PRIMARY KEY (blob, number)
    )""",
    """CREATE TABLE volume (
        lead INTEGER NOT NULL REFERENCES blob (number),
        place INTEGER NOT NULL,
        number INTEGER NOT NULL,
        digest TEXT NOT NULL,
        used INTEGER NOT NULL,
        PRIMARY KEY (lead, place)
    )""",
    """CREATE TABLE joined (
        lead INTEGER NOT NULL REFERENCES blob (number),
        volumes TEXT NOT NULL,
        members INTEGER NOT NULL,
        PRIMARY KEY (lead, volumes)
    )""",
    "CREATE TABLE erased (digest TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL)",
    "CREATE TABLE unlocked (sequence INTEGER NOT NULL PRIMARY KEY, time TEXT)",
    "CREATE TABLE gone (digest TEXT NOT NULL PRIMARY KEY)",
)

INDEXES = (
    "CREATE INDEX ix_folder_parent ON folder (parent)",
    "CREATE UNIQUE INDEX folder_path ON folder (accession, path)",
    "CREATE INDEX blob_changed ON blob (changed)",
    "CREATE INDEX blob_totals ON blob (outcome, places, size)",
    "CREATE INDEX blob_waiting ON blob (rank, size, number) WHERE outcome = 'waiting'",
    "CREATE INDEX blob_unindexed ON blob (number) WHERE indexed IS NULL",
    "CREATE UNIQUE INDEX item_received ON item (accession, path) WHERE container IS NULL",
    "CREATE INDEX item_member ON item (container, ordinal) WHERE container IS NOT NULL",
    "CREATE INDEX item_folder ON item (folder, path) WHERE folder IS NOT NULL",
    "CREATE INDEX item_blob ON item (blob, container)",
    "CREATE INDEX item_without_blob ON item (outcome) WHERE blob IS NULL",
    "CREATE INDEX item_sequence ON item (sequence, accession) WHERE sequence IS NOT NULL",
    "CREATE INDEX document_members ON document (expected, emitted, failed) WHERE expected + emitted + failed > 0",
    "CREATE INDEX volume_digest ON volume (digest)",
    "CREATE INDEX document_step ON document (step, version)",
    "CREATE INDEX document_attempt ON document (blob) WHERE attempt = 1",
    "CREATE INDEX document_sequence ON document (sequence)",
    "CREATE INDEX document_type ON document (type)",
    "CREATE INDEX document_lang ON document (lang)",
    "CREATE INDEX document_year ON document (year)",
)

_NOW = "(SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'applied')"
TRIGGERS = (
    f"""CREATE TRIGGER item_added AFTER INSERT ON item WHEN NEW.blob IS NOT NULL
       BEGIN UPDATE blob SET places = places + 1, changed = {_NOW} WHERE number = NEW.blob; END""",
    f"""CREATE TRIGGER item_removed AFTER DELETE ON item WHEN OLD.blob IS NOT NULL
       BEGIN UPDATE blob SET places = places - 1, changed = {_NOW} WHERE number = OLD.blob; END""",
    f"""CREATE TRIGGER item_changed AFTER UPDATE OF blob ON item WHEN OLD.blob IS NOT NEW.blob
       BEGIN UPDATE blob SET places = places - 1, changed = {_NOW} WHERE number = OLD.blob;
             UPDATE blob SET places = places + 1, changed = {_NOW} WHERE number = NEW.blob; END""",
    f"""CREATE TRIGGER item_moved AFTER UPDATE OF accession, folder, path ON item WHEN NEW.blob IS NOT NULL
       BEGIN UPDATE blob SET changed = {_NOW} WHERE number = NEW.blob; END""",
    f"""CREATE TRIGGER blob_read AFTER UPDATE OF outcome ON blob
       BEGIN UPDATE blob SET changed = {_NOW} WHERE number = NEW.number; END""",
    """CREATE TRIGGER blob_removed AFTER DELETE ON blob
       BEGIN UPDATE meta SET value = value + 1 WHERE name = 'removed'; END""",
    """CREATE TRIGGER folder_removed AFTER DELETE ON folder
       BEGIN UPDATE meta SET value = value + 1 WHERE name = 'removed'; END""",
)
"""Kept by the database itself, so that nothing that writes can forget them: ``blob.places`` for the totals, and what a
search must look at again. ``blob.changed`` is the last event applied before the batch that changed the blob, its reading
or its places; ``meta.removed`` counts blobs and folders that are gone, whose numbers may come again."""
