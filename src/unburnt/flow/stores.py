"""An archive's stores, open for writing: what a keeper opens first and closes last."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from unburnt.base.digests import Digest, digest_of_file
from unburnt.base.errors import DamagedArchive, NotFound, UnburntError
from unburnt.catalog.catalog import Catalog
from unburnt.catalog.errors import RebuildNeeded
from unburnt.flow.misnumbered import Misnumbered
from unburnt.flow.own_records import OwnRecords
from unburnt.flow.recorder import Recorder
from unburnt.flow.sealing import Sealing
from unburnt.flow.vouching import Vouching
from unburnt.model.events import LineSetAside, ObjectAdopted
from unburnt.search.index import Index
from unburnt.vault.derived import Derived
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout
from unburnt.vault.log.catalogues import Catalogues
from unburnt.vault.log.keys import Keys
from unburnt.vault.objects import Objects


class Stores:
    """Objects, events, derived records, catalogue, index, and the recorder over them; for one keeper's thread.

    With *rebuild* catalogue and index are thrown away first, with *set_aside* also every unsealed event that nobody
    vouches for is moved out of the history. *was_interrupted* says that the last keeper ended
    without a farewell: then objects are looked for that no event names.
    """

    def __init__(self, layout: Layout, *, rebuild: bool = False, set_aside: bool = False, was_interrupted: bool = False) -> None:
        self.layout = layout
        self.messages: list[str] = []
        """What a person should know of how these were found."""
        self.index_is_behind = True
        """Whether the index may lack readings that the catalogue has."""
        self.aside: list[Path] = []
        """Where lines of events were set aside just now."""
        self.index: Index
        self.recorder: Recorder
        self._known_catalogues: Catalogues | None = None
        self._index_before: str | None = None
        self._stack = contextlib.ExitStack()
        try:
            self._open(rebuild=rebuild, set_aside=set_aside, was_interrupted=was_interrupted)
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """Let go of every file."""
        self._stack.close()

    def renew_index(self) -> None:
        """Throw the index away and fill a new one, so that nothing that was deleted stays in its files."""
        self.index.close()
        empty_folder(self.layout.index)
        self.index = Index(self.layout.index, write=True)
        self.recorder.use_index(self.index)
        self.catalog.meet_index("", self.index.epoch)
        self.index_is_behind = True

    def _open(self, *, rebuild: bool, set_aside: bool, was_interrupted: bool) -> None:
        layout = self.layout
        layout.clean_tmp()
        self.objects = Objects(layout)
        taken_out = self._open_events(set_aside=set_aside)
        self._stack.callback(self.events.close)
        if self.events.recovered:
            self.messages.append(self.events.recovered)
        vouching = Vouching(layout, self.events, Keys(), set_aside_all=set_aside)
        self.messages += vouching.reports
        self.aside += [vouching.aside] if vouching.aside else []
        self.derived = Derived(layout)
        self._stack.callback(self.derived.close)
        known = Keys().catalogues(layout.archive_id)
        is_new = self._open_views(known, rebuild=rebuild)
        self.own = OwnRecords(layout, self.events, vouching.admits)
        self.recorder = Recorder(self.objects, self.events, self.derived, self.catalog, self.index, self.own)
        self.recorder.catch_up()
        if self._index_before is not None:
            self.catalog.take_up_index(self._index_before)
        if is_new:
            self._await_lost_readings()
        self._drop_readings(vouching.dropped)
        self.sealing = Sealing(layout, self.events, Keys(), self.recorder.happened, vouching=vouching)
        self.recorder.happened(*(LineSetAside(line=one) for one in taken_out))
        if self.catalog.meet_index(self.index.found_epoch, self.index.epoch):
            self.messages.append("The search index was gone or is another one; it is made again.")
        if was_interrupted or rebuild:
            self._adopt_objects()
        self._known_catalogues = known  # at last: what was begun anew and not finished is begun anew again

    def _open_events(self, *, set_aside: bool) -> list[Digest]:
        """Open the events; gives the SHA-256 of lines that kept them from being opened and, with *set_aside*, were taken out."""
        try:
            self.events = Events(self.layout)
            return []
        except DamagedArchive as error:
            wrong = Misnumbered(self.layout, Keys(), error)
            if not set_aside:
                raise wrong.refused() from error
        folder, taken_out = wrong.take_out()
        self.aside.append(folder)
        self.events = Events(self.layout)
        self.messages.append(
            f"{len(taken_out)} lines that this machine's keeper did not write bore wrong numbers. They were moved to "
            f"{folder.relative_to(self.layout.root)}, and events at the end say so.")
        return taken_out

    def _open_views(self, known: Catalogues | None, *, rebuild: bool) -> bool:
        """Open catalogue and index; gives whether the catalogue is made anew."""
        is_new = rebuild or not self.layout.catalog.exists()
        is_own = is_new or known is None or known.is_known(self.layout.catalog)  # where no key is, nothing false can be sealed
        if rebuild:
            self._drop_views()
        try:
            self.catalog = Catalog(self.layout.catalog, write=True)
        except RebuildNeeded:
            is_new = True
            self._drop_views()
            self.catalog = Catalog(self.layout.catalog, write=True)
            self.messages.append("The catalogue was made again from the events.")
        self._stack.callback(self._leave_catalogue)
        if self.catalog.applied > self.events.last:
            raise DamagedArchive(
                "The catalogue knows events that the archive does not have: events/ was put back to an earlier state.",
                remedy="Look for the copy that holds the later events; to go on with this one, run unburnt rebuild.",
            )
        if not (is_own or is_new):
            is_new = True
            self._index_before = self.catalog.empty()
            if self._index_before is None:
                empty_folder(self.layout.index)
            self.messages.append("The catalogue was not as this machine's keeper left it (it was killed, another machine wrote, or "
                                 "somebody else): it was made again from the events.")
        self.index = Index(self.layout.index, write=True)
        self._stack.callback(lambda: self.index.close())
        return is_new

    def _leave_catalogue(self) -> None:
        """Close the catalogue, and note how it was left where this keeper made or knew it."""
        self.catalog.close()
        if self._known_catalogues is not None:
            with contextlib.suppress(UnburntError):  # a full disk: the next keeper makes the catalogue again
                self._known_catalogues.remember(self.layout.catalog)

    def _drop_views(self) -> None:
        """Catalogue and index are views: they are thrown away and made again."""
        for path in self.layout.root.glob("catalog.sqlite*"):
            path.unlink()
        empty_folder(self.layout.index)

    def _await_lost_readings(self) -> None:
        """Readings whose records are gone from ``derived/`` are made again by the next keeper that reads."""
        lost = self.catalog.await_lost_readings()
        if lost:
            self.messages.append(f"{lost} readings were lost from derived/; 'unburnt add' makes them again.")

    def _drop_readings(self, slipped: Mapping[Digest, Digest]) -> None:
        """Records that an event named which was set aside go too, and what they were made of is read again."""
        if slipped:
            made_of = set(slipped.values())
            for key in slipped:  # the event may have named the record of another content
                with contextlib.suppress(NotFound, DamagedArchive):
                    made_of.update(self.derived.describe(key).inputs)
            self.derived.erase(*slipped)
            count = self.catalog.wait_again(made_of)
            self.messages.append(f"{count} contents are read again, since anybody may have put those readings there.")

    def _adopt_objects(self) -> None:
        """Objects that no event names were flushed before a crash, or put there by hand: kept and said."""
        # What was erased is no orphan: it goes, when the interrupted erasing is finished.
        orphans = list(self.objects.orphans(self.catalog.known_objects() | set(self.catalog.erased())))
        adopted = [(digest, size) for digest in orphans if (size := self._size_of_true(digest)) is not None]
        self.recorder.happened(*(ObjectAdopted(digest=digest, size=str(size)) for digest, size in adopted))
        if adopted:
            self.messages.append(f"{len(adopted)} objects that no event named were kept.")
        if lies := len(orphans) - len(adopted):
            self.messages.append(f"{lies} files in objects/ that no event names are not what their names say. They were left there "
                                 "and are no part of the archive; 'unburnt verify' lists them.")

    def _size_of_true(self, digest: Digest) -> int | None:
        """The size of an object whose bytes are those of its name; None of any other file."""
        with contextlib.suppress(UnburntError, OSError), self.objects.open(digest) as file:
            found, size = digest_of_file(file)
            return size if found == digest else None
        return None


def empty_folder(folder: Path) -> None:
    """Remove everything in *folder*, not the folder."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
