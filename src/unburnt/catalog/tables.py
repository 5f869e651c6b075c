"""The catalogue's tables (docs/format.md, section ``catalog.sqlite``)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text

SCHEMA = 2
"""Raised whenever a table changes: an older catalogue is then rebuilt, never migrated."""

metadata = MetaData()

Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

Table(
    "accession", metadata,
    Column("id", Text, primary_key=True),
    Column("source", LargeBinary),
    Column("note", Text, nullable=False),
    Column("time", Text),
    Column("sequence", Integer, nullable=False),
    Column("complete", Integer),
)

Table(
    "folder", metadata,
    Column("id", Integer, primary_key=True),
    Column("accession", Text, nullable=False),
    Column("parent", Integer, ForeignKey("folder.id"), index=True),
    Column("name", LargeBinary, nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("items", Integer, nullable=False, server_default=text("0")),
    Index("folder_path", "accession", "path", unique=True),
)

Table(
    "blob", metadata,
    Column("number", Integer, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("places", Integer, nullable=False, server_default=text("0")),
    Column("outcome", Text, nullable=False, server_default=text("'waiting'")),
    Column("promoted", Integer, nullable=False, server_default=text("0")),
    Column("indexed", Integer),
    Column("changed", Integer, nullable=False, server_default=text("-1")),
    Index("blob_changed", "changed"),
    Index("blob_totals", "outcome", "places", "size"),
    Index("blob_waiting", "rank", "size", "number", sqlite_where=text("outcome = 'waiting'")),
    Index("blob_unindexed", "number", sqlite_where=text("indexed IS NULL")),
)

Table(
    "item", metadata,
    Column("id", Integer, primary_key=True),
    Column("accession", Text),
    Column("container", Integer, ForeignKey("blob.number")),
    Column("folder", Integer, ForeignKey("folder.id")),
    Column("path", LargeBinary),
    Column("words", Text),
    Column("ordinal", Integer),
    Column("kind", Text),
    Column("blob", Integer, ForeignKey("blob.number")),
    Column("size", Integer),
    Column("modified", Text),
    Column("declared", Text),
    Column("outcome", Text),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("sequence", Integer),
    Index("item_received", "accession", "path", unique=True, sqlite_where=text("container IS NULL")),
    Index("item_member", "container", "ordinal", sqlite_where=text("container IS NOT NULL")),
    Index("item_folder", "folder", "path", sqlite_where=text("folder IS NOT NULL")),
    Index("item_blob", "blob", "container"),
    Index("item_without_blob", "outcome", sqlite_where=text("blob IS NULL")),
    Index("item_sequence", "sequence", sqlite_where=text("sequence IS NOT NULL")),
)

Table(
    "document", metadata,
    Column("blob", Integer, ForeignKey("blob.number"), primary_key=True),
    Column("key", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("missing", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("title", Text),
    Column("author", Text),
    Column("lang", Text),
    Column("date", Text),
    Column("year", Integer),
    Column("sender", Text),
    Column("recipients", Text),
    Column("subject", Text),
    Column("message_id", Text),
    Column("expected", Integer, nullable=False),
    Column("emitted", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("reading", LargeBinary),
    Index("document_members", "expected", "emitted", "failed", sqlite_where=text("expected + emitted + failed > 0")),
    Index("document_step", "step", "version"),
    Index("document_attempt", "blob", sqlite_where=text("attempt = 1")),
    Index("document_type", "type"),
    Index("document_lang", "lang"),
    Index("document_year", "year"),
)

Table("erased", metadata, Column("digest", Text, primary_key=True), Column("sequence", Integer, nullable=False))

Table("unlocked", metadata, Column("sequence", Integer, primary_key=True), Column("time", Text))

Table("gone", metadata, Column("digest", Text, primary_key=True))

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
