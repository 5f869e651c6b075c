"""The index: one tantivy document per document, found by its digest; disposable."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import tantivy

from unburnt.base.digests import Digest, short_of
from unburnt.base.errors import DamagedArchive, UnburntError
from unburnt.base.files import is_write_protected
from unburnt.model.reading import Date, Mail, Part, Reading
from unburnt.search.errors import index_errors
from unburnt.search.normalise import normalise
from unburnt.search.tokens import APART, TOKENIZER, analyzer

_TEXT = ("body", "title", "sender", "recipient", "subject")
_MAIN_DATES = ("sent", "created", "modified", "taken")
_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_HEAP = 64_000_000
_EPOCH = "epoch"
"""A file beside tantivy's: new at each opening for writing, from when on slots may have been given out anew."""
SLOTS_A_BLOCK = 52
"""As many bits as a double holds exactly, see ``slots.py``."""


def schema() -> tantivy.Schema:
    """The fields. ``body`` holds the parts' texts and, apart from them, title and mail headers."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("short", fast=True)
    builder.add_unsigned_field("slot", indexed=True, fast=True)
    builder.add_float_field("bit", fast=True)
    for name in _TEXT:
        builder.add_text_field(name, tokenizer_name=TOKENIZER)
    for name in ("type", "lang"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("date", indexed=True, fast=True)
    return builder.build()


def day_of(dates: Iterable[Date]) -> int | None:
    """The main date as the number YYYYMMDD; missing month or day count as 00."""
    known = {date.kind: date for date in reversed(tuple(dates)) if date.certain}
    for kind in (*_MAIN_DATES, *known):
        if kind in known and (match := _DAY.match(known[kind].value)):
            return int(match[1] + (match[2] or "00") + (match[3] or "00"))
    return None


class Index:
    """One folder. With *write* it is made where absent, and made anew, empty, where unreadable (``recreated``)."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self.recreated = False
        self._schema = schema()
        self._stand_in: tempfile.TemporaryDirectory[str] | None = None
        if not write and path.is_dir() and is_write_protected(path):
            path = self._standing_in_for(path)
        self._tantivy = self._open(path, write)
        self._tantivy.register_tokenizer(TOKENIZER, analyzer())
        self._tantivy.config_reader("manual")
        with index_errors():
            self._writer = self._tantivy.writer(_HEAP, 1) if write else None
        self.generation = 0
        """Rises with each commit that was loaded."""
        self._path, self._loaded = path, b""
        self.reload()
        self.found_epoch = "" if self.recreated else self.epoch
        """What :attr:`epoch` was before this opening: whether this is the index that the catalogue knows."""
        if write:
            with index_errors():
                (path / _EPOCH).write_text(secrets.token_hex(8))
            self._slot = self._first_free_slot()

    def _open(self, path: Path, write: bool) -> tantivy.Index:
        if path.is_symlink():  # tantivy writes beside what it reads
            raise DamagedArchive("index/ of this archive is a link to another place.", remedy="Take the link out.")
        if not write and not tantivy.Index.exists(str(path)):  # opening it would make an empty one, in which nothing is found
            raise UnburntError("The search index of this archive is gone.", remedy="Run 'unburnt rebuild', which makes it again.")
        path.mkdir(mode=0o700, exist_ok=True)
        self.recreated = not tantivy.Index.exists(str(path))
        try:
            return tantivy.Index(self._schema, str(path))
        except (ValueError, OSError) as error:
            if not write:
                raise UnburntError("The search index cannot be read.", remedy="Run 'unburnt rebuild'.") from error
            shutil.rmtree(path)
            path.mkdir(mode=0o700)
            self.recreated = True
            return tantivy.Index(self._schema, str(path))

    def _standing_in_for(self, path: Path) -> Path:
        """Links to the files of an index on a write-protected medium, in memory: tantivy wants to put a lock beside."""
        self._stand_in = tempfile.TemporaryDirectory(prefix="unburnt-", dir="/dev/shm")
        for file in path.iterdir():
            if file.suffix == ".lock":
                continue
            os.symlink(file.absolute(), Path(self._stand_in.name) / file.name)
        return Path(self._stand_in.name)

    def _first_free_slot(self) -> int:
        last = self.searcher().search(tantivy.Query.all_query(), 1, count=False, order_by_field="slot").hits
        return int(last[0][0]) + 1 if last else 0

    @property
    def epoch(self) -> str:
        """As long as it stays, a slot is one document's."""
        path = self._path / _EPOCH
        return path.read_text() if path.exists() else ""

    def _need_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise UnburntError("This index was opened for searching only.", remedy="Ask the archive's keeper to write.")
        return self._writer

    def add(self, reading: Reading, parts: Iterable[Part]) -> None:
        """Put a reading in place of what the index held for its blob. Seen after :meth:`commit`."""
        with index_errors():
            self._add(self._need_writer(), reading, parts)

    def _add(self, writer: tantivy.IndexWriter, reading: Reading, parts: Iterable[Part]) -> None:
        writer.delete_documents_by_term("key", reading.blob)
        document = tantivy.Document()
        document.add_text("key", reading.blob)
        document.add_unsigned("short", short_of(reading.blob))
        langs = {reading.lang} if reading.lang else set()
        document.add_unsigned("slot", self._slot)
        document.add_float("bit", float(1 << self._slot % SLOTS_A_BLOCK))
        self._slot += 1
        begun: set[str] = set()

        def add(name: str, normalised: str) -> None:
            document.add_text(name, APART + normalised if name in begun else normalised)
            begun.add(name)

        for part in parts:
            for text in texts_of(part):
                add("body", normalise(text))
            for lang, script in [(part.lang, part.script), *((one.lang, one.script) for one in part.passages)]:
                langs |= {lang, f"{lang}-{script}".casefold()} if lang else set()
        for name, value in headers(reading):
            normalised = normalise(value)
            add(name, normalised)
            add("body", normalised)
        document.add_text("type", reading.type)
        for lang in sorted(langs):
            document.add_text("lang", lang)
        if (day := day_of(reading.metadata.dates)) is not None:
            document.add_integer("date", day)
        writer.add_document(document)

    def delete(self, digest: Digest) -> None:
        """Forget a document, at once and committed; raises :class:`DamagedArchive` when it stays findable."""
        with index_errors():
            self._need_writer().delete_documents_by_term("key", digest)
        self.commit()
        if self.searcher().doc_freq("key", digest) and self._count(digest):
            raise DamagedArchive("A document could not be removed from the index.", remedy="Run 'unburnt rebuild'.")

    def _count(self, digest: Digest) -> int:
        query = tantivy.Query.term_query(self._schema, "key", digest)
        return len(self.searcher().search(query, 1).hits)

    def commit(self) -> int:
        """Make additions durable and visible; afterwards the caller marks documents as indexed."""
        with index_errors():
            self._need_writer().commit()
            self.reload()
        return self.generation

    def reload(self) -> None:
        """See what was committed, here or by another process; costs next to nothing when nothing was."""
        try:
            latest = (self._path / "meta.json").read_bytes()
        except FileNotFoundError:  # being made anew: what was loaded stays until then
            return
        if latest != self._loaded:
            self._tantivy.reload()
            self._loaded = latest
            self.generation += 1

    def searcher(self) -> tantivy.Searcher:
        """A view of the last commit that was loaded."""
        return self._tantivy.searcher()

    @property
    def schema(self) -> tantivy.Schema:
        """The fields, for making queries."""
        return self._schema

    def close(self) -> None:
        """Let go of the folder; what was not committed is lost."""
        if self._writer is not None:
            # Where even that fails (a full disk), the next opening begins at the last commit all the same.
            with contextlib.suppress(ValueError):
                self._writer.rollback()
            self._writer = None
        if self._stand_in is not None:
            self._stand_in.cleanup()
            self._stand_in = None


def texts_of(part: Part) -> Iterator[str]:
    """What of a part is searched: its text, and texts that marks hold beside it."""
    yield part.text
    yield from (mark.text for mark in part.marks if mark.text)


def headers(reading: Reading) -> Iterator[tuple[str, str]]:
    """(field, value): title and mail headers, each a field of its own, and found like text too."""
    about, mail = reading.metadata, reading.metadata.mail or Mail()
    fields = {"title": (about.title,), "sender": (*mail.sender, about.author),
              "recipient": (*mail.to, *mail.cc, *mail.bcc), "subject": (mail.subject,)}
    return ((name, value) for name, values in fields.items() for value in values if value)
