"""One archive, as the desk, the command line and other programs see it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from unburnt.api.contents import Contents
from unburnt.api.saved_pages import SavedPages
from unburnt.api.searching import Searching
from unburnt.api.together import Together
from unburnt.api.unvouched import Unvouched, WhoVouches
from unburnt.base.digests import Digest, is_digest
from unburnt.base.errors import KeeperBusy, KeeperGone, NotFound, UsageError
from unburnt.catalog.accessions import AccessionRow
from unburnt.catalog.catalog import Catalog
from unburnt.catalog.errors import RebuildNeeded
from unburnt.flow import wire
from unburnt.flow.options import Options
from unburnt.model.reading import Part, Reading
from unburnt.model.saved_pages import SavedPage
from unburnt.model.threads import Turn
from unburnt.model.unvouched import Spans
from unburnt.model.views import (
    DocumentView,
    FolderView,
    ItemRow,
    LedgerPage,
    Occurrence,
    Overview,
    Progress,
    Results,
    Status,
)
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects

if TYPE_CHECKING:
    from unburnt.flow.keeper import Keeper

_OCCURRENCES = 200
_MEMBERS = 1_000

Tell = Callable[[Progress], None]


class Archive:
    """An archive on disk. All questions may be asked while another process is its keeper.

    Methods that change something (:meth:`add`, :meth:`try_passwords`, :meth:`erase`) go to the keeper: this
    process where :meth:`keeper` is entered, else the one that runs, else one that lives for the call.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.root = layout.root
        self.id = layout.archive_id
        self._objects = Objects(layout)
        self._derived = Derived(layout)
        self._catalog = Catalog(layout.catalog)
        self._lock = threading.RLock()
        self._searching = Searching(layout, self._catalog, self._derived)
        self._keeper: Keeper | None = None
        self._together = Together(self._catalog)
        self._saved_pages = SavedPages(self._catalog, self.reading, self.part)
        self._who_vouches = WhoVouches(layout, self._catalog)
        self.notices: list[str] = []
        """What a person should know of how the keepers began that lived in this process."""
        self.set_aside: list[Path] = []
        """Where :meth:`rebuild` moved lines of events that nobody vouches for."""
        self._contents = Contents(
            layout, self._objects, self._derived, self._catalog, reading=self.reading, parts=self.parts,
            unvouched=lambda document: self._who_vouches.of(document))

    # --- making and opening -----------------------------------------------------------------------

    @classmethod
    def create(cls, root: Path, *, key_passphrase: str | None = None) -> Archive:
        """A new archive in a new or empty folder; raises :class:`UnburntError` for any other.

        Its key is made outside it, protected where a passphrase is given.
        """
        from unburnt.flow.founding import found  # what writes is loaded only by who writes

        return cls(found(Path(root), key_passphrase))

    @classmethod
    def open(cls, root: Path) -> Archive:
        """The archive at *root*; raises :class:`NotFound`, :class:`FormatVersionError`.

        A catalogue that another version wrote, or that is missing, is made again first.
        """
        return cls._with_views(Layout.open(Path(root)))

    @classmethod
    def find(cls, start: Path | None = None) -> Archive:
        """The archive that *start* (else the working folder) lies in."""
        return cls._with_views(Layout.find(Path(start) if start is not None else Path.cwd()))

    @classmethod
    def _with_views(cls, layout: Layout) -> Archive:
        try:
            return cls(layout)
        except RebuildNeeded:
            pass
        except NotFound:
            if layout.catalog.exists():
                raise
        # A keeper that runs has made its catalogue by now, or says that it is busy.
        return cls.rebuild(layout.root)

    def close(self) -> None:
        """Let go of all files and helpers."""
        self._contents.close()
        self._searching.close()
        self._catalog.close()
        self._derived.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- asking ---------------------------------------------------------------------------------------

    def status(self) -> Status:
        """The ledger's totals; they add up at every moment."""
        return self._catalog.status()

    def unvouched(self) -> Unvouched:
        """What stands here by events that are not sealed and that this machine has no note of writing."""
        return self._who_vouches.in_all()

    def unvouched_spans(self) -> Spans:
        """The numbers of those events, from and to."""
        return self._who_vouches.spans()

    def progress(self) -> Progress:
        """What the keeper is doing; *state* is ``none`` where there is no keeper."""
        if self._keeper is not None:
            return self._keeper.progress()
        try:
            return msgspec.convert(wire.ask(self.root, wire.Request(verb="progress")), Progress)
        except KeeperGone:
            return Progress(state="none")

    def overview(self) -> Overview:
        """What is here, for a first look."""
        return Overview(
            status=self.status(), progress=self.progress(), types=self._catalog.types(), langs=self._catalog.langs(),
            years=self._catalog.years(), deliveries=self._catalog.deliveries(),
        )

    def accessions(self) -> list[AccessionRow]:
        """Every delivery, in the order of arrival."""
        return self._catalog.accessions()

    def search(
        self, query: str, *, limit: int = 20, offset: int = 0, sort: str = "relevance",
        filters: Mapping[str, list[str]] | None = None, facets: bool = True,
    ) -> Results:
        """One page of hits with snippets; *sort*: ``relevance date path``. Raises :class:`QuerySyntaxError`."""
        return self._who_vouches.marked(self._searching.search(
            query, limit=limit, offset=offset, sort=sort, filters=filters or {}, facets=facets
        ))

    def count(self, query: str, filters: Mapping[str, list[str]] | None = None) -> int:
        """How many documents a query finds."""
        return self._searching.count(query, filters or {})

    def highlight(self, document: Digest, ordinal: int, query: str) -> list[tuple[int, int]]:
        """Where the query's words stand in a part's text: ``[start, end)`` in code points."""
        return self._searching.highlight(document, ordinal, query)

    def document(self, doc: str) -> DocumentView:
        """A document by digest, unambiguous prefix of one, or path as received. A keeper here reads its pictures first."""
        digest = self._catalog.resolve(doc)
        if (keeper := self._keeper) is not None:
            keeper.prefer(digest)
        row = self._catalog.document(digest)
        occurrences, total = self._catalog.occurrences(digest, _OCCURRENCES)
        reading = self.reading(digest)
        return DocumentView(
            document=digest, size=row.size, outcome=row.outcome, reason=row.reason, reading=reading,
            occurrences=tuple(occurrences), total_occurrences=total,
            members=tuple(self.members(digest)), total_members=self._catalog.count_in_container(digest),
            volumes=tuple(self._together.volumes(reading)), unvouched=self._who_vouches.of(digest),
        )

    def members(self, document: Digest, *, offset: int = 0, limit: int = _MEMBERS) -> list[ItemRow]:
        """One page of what a container holds, in its own order."""
        return self._catalog.items_of_container(document, offset, limit)

    def first_place(self, document: Digest) -> Occurrence | None:
        """The first place where this content occurs."""
        places, _ = self._catalog.occurrences(document, 1)
        return places[0] if places else None

    def reading(self, document: Digest) -> Reading | None:
        """The current reading, None while it waits for its first."""
        key = self._catalog.key_of(document)
        head = self._derived.chunk(key, 0) if key else None
        return None if head is None else msgspec.json.decode(head, type=Reading)

    def part(self, document: Digest, ordinal: int) -> Part:
        """One part with its text; raises :class:`NotFound`."""
        key = self._catalog.key_of(document)
        chunk = self._derived.chunk(key, ordinal + 1) if key and ordinal >= 0 else None
        if chunk is None:
            raise NotFound("This document has no such part.")
        return msgspec.json.decode(chunk, type=Part)

    def parts(self, document: Digest) -> Iterator[Part]:
        """All parts in order, one at a time."""
        reading = self.reading(document)
        for head in reading.parts if reading else ():
            yield self.part(document, head.ordinal)

    def conversation(self, document: Digest) -> list[Turn]:
        """The mails that *document* answers or that answer it, gaps included; empty where it stands alone or is no mail."""
        reading = self.reading(document)
        if reading is None or reading.metadata.mail is None:
            return []
        with self._lock:
            return self._together.conversation(document)

    def saved_page(self, document: Digest) -> SavedPage:
        """The files that *document* refers to as a page in folders beside it, and the pages that refer to it so."""
        return self._saved_pages.of(document)

    def folder(
        self, folder_id: int | None = None, *, accession: str | None = None, offset: int = 0, limit: int = 200
    ) -> FolderView:
        """One page of a folder as received."""
        return self._catalog.folder(folder_id, accession, offset, limit)

    def ledger(
        self, *, outcome: str | None = None, type: str | None = None, text: str | None = None, offset: int = 0,
        limit: int = 100,
    ) -> LedgerPage:
        """One page of the reading report."""
        return self._catalog.ledger(outcome=outcome, type=type, text=text, offset=offset, limit=limit)

    def dump(self) -> Iterator[str]:
        """Canonical lines without times, salts and ids: equal archives give equal dumps."""
        return self._catalog.dump()

    def cat(self, key: Digest) -> Iterator[bytes]:
        """The chunks of a derived record, JSON each; raises :class:`NotFound`."""
        return self._derived.chunks(key)

    def key_of(self, document: Digest) -> Digest | None:
        """The derivation that gave the current reading."""
        return self._catalog.key_of(document)

    # --- pictures and exports ---------------------------------------------------------------------------

    def page_image(self, document: Digest, page: int, *, width: int) -> bytes:
        """A page (0-based) as PNG, rendered in the sandbox; raises :class:`NotFound`."""
        return self._contents.picture(document, page, width)

    def safe_pdf(self, document: Digest) -> Path:
        """A PDF made of pixels only, under a neutral name in ``out/``."""
        return self._contents.exports.safe_pdf(document)

    def export_text(self, document: Digest) -> Path:
        """The text of record, UTF-8, in ``out/``."""
        return self._contents.exports.text(document)

    def export_original(self, document: Digest) -> Path:
        """The original bytes, under a neutral name in ``out/``. They may be dangerous: warn before."""
        return self._contents.exports.original(document)

    # --- changing -----------------------------------------------------------------------------------------

    @contextmanager
    def keeper(self, options: Options | None = None) -> Iterator[Keeper]:
        """Make this process the keeper while inside; raises :class:`KeeperBusy`, naming the first one."""
        from unburnt.flow.door import Door
        from unburnt.flow.keeper import Keeper

        keeper = Keeper(self._layout, options or Options())
        self.notices += keeper.messages
        keeper.start()
        door = Door(keeper)
        self._keeper = keeper
        try:
            yield keeper
        finally:
            self._keeper = None
            door.close()
            keeper.stop()

    def add(
        self, paths: Sequence[Path], *, passwords: Sequence[str] = (), note: str = "", tell: Tell | None = None,
        options: Options | None = None, wait: bool = True, readmit: bool = False,
    ) -> list[str]:
        """Receive files or folders and read them; gives the deliveries' ids, when all is read (with *wait*).

        What was erased is taken in again only with *readmit*.
        """
        for path in paths:
            if not path.exists() and not path.is_symlink():
                raise NotFound(f"There is nothing at the path given as number {list(paths).index(path) + 1}.")
            if path.resolve().is_relative_to(self.root.resolve()):
                raise UsageError("An archive never receives what lies in its own folder.",
                                 remedy="Name the material itself; what is exported to out/ can be moved first.")
        resolved = tuple(bytes(path.absolute()) for path in paths)
        request = wire.Request(verb="add", paths=resolved, passwords=tuple(passwords), note=note, wait=wait,
                               readmit=readmit)
        return [str(one) for one in self._ask(request, tell, options)]

    def retry(self) -> None:
        """Let the keeper try again what an older step made, or what lacked something that is there now."""
        self._ask(wire.Request(verb="add", wait=False))

    def try_passwords(
        self, passwords: Sequence[str], *, tell: Tell | None = None, wait: bool = False,
        options: Options | None = None,
    ) -> int:
        """Try passwords on all that is locked; gives how many documents are read again. None is ever stored."""
        return int(self._ask(wire.Request(verb="passwords", passwords=tuple(passwords), wait=wait), tell, options))

    def erase(
        self, doc: str, *, fields: Sequence[str] = (), why: str = "", with_containers: bool = False
    ) -> list[Digest]:
        """Erase content with all that was made from it, or with *fields* only what events say of it."""
        digest = doc if is_digest(doc) else self._catalog.resolve(doc)
        request = wire.Request(
            verb="erase", digest=digest, fields=tuple(fields), why=why, with_containers=with_containers
        )
        with self._searching.resting():
            self._contents.forget()
            gone = self._ask(request, options=Options(reads=False))
        return [digest] if isinstance(gone, int) else [str(one) for one in gone]

    @classmethod
    def rebuild(cls, root: Path, *, set_aside: bool = False) -> Archive:
        """Throw catalogue and index away and make them again from events and derived records; reads nothing.

        With *set_aside* unsealed events that nobody vouches for are first moved into ``out/``, see :attr:`set_aside`.
        """
        from unburnt.flow.keeper import Keeper

        layout = Layout.open(Path(root))
        keeper = Keeper(layout, Options(reads=False), rebuild=True, set_aside=set_aside)
        keeper.start()
        try:
            keeper.wait_until_idle()
        finally:
            keeper.stop()
        archive = cls(layout)
        archive.notices, archive.set_aside = keeper.messages, keeper.stores.aside
        return archive

    # --- inside ---------------------------------------------------------------------------------------------

    def _ask(self, request: wire.Request, tell: Tell | None = None, options: Options | None = None) -> Any:
        tell = tell or (lambda progress: None)
        if self._keeper is not None:
            from unburnt.flow.door import perform

            return perform(self._keeper, request, tell)
        try:
            with self.keeper(options) as keeper:
                from unburnt.flow.door import perform

                if not request.wait:
                    request = msgspec.structs.replace(request, wait=True)
                return perform(keeper, request, tell)
        except KeeperBusy:
            try:
                return wire.ask(self.root, request, tell)
            except KeeperGone as error:
                raise KeeperGone(
                    "The keeper of this archive did not answer; it may just be starting or ending.",
                    remedy="Run the command again in a moment.",
                ) from error
