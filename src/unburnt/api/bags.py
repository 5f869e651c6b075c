"""Bags (BagIt, RFC 8493): documents out of an archive, and a stranger's bag into one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from unburnt import __version__
from unburnt.api.archive import Archive
from unburnt.api.bag_sets import with_whole_sets
from unburnt.api.exports import require_no_link
from unburnt.api.proofs import standalone_checker
from unburnt.api.seals import SealRequest, Seals
from unburnt.base.clock import now
from unburnt.base.digests import Digest
from unburnt.base.errors import UnburntError, UsageError
from unburnt.catalog.catalog import Catalog
from unburnt.flow.bag_import import require_taken
from unburnt.flow.options import Options
from unburnt.model.views import Progress
from unburnt.publish.bag_check import BadBag, Bag, check_bag
from unburnt.publish.bag_proofs import ProofsChecked, check_proofs
from unburnt.publish.bag_writing import Contents, Written, write_bag
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout

__all__ = ["BadBag", "Bag", "Imported", "Written", "export_bag", "import_bag"]

_MOST_NAMES = 1_000_000


class Imported(msgspec.Struct, frozen=True):
    """What became of a bag that was good."""

    bag: Bag
    accessions: tuple[str, ...]
    proofs: ProofsChecked
    """What the proofs showed that it carried."""


def export_bag(
    archive: Archive, documents: Sequence[str] = (), *, everything: bool = False, into: Path | None = None,
    names: bool = False,
) -> Written:
    """Write originals into a new bag below *into*, else into the archive's ``out/``; marked internal and unchecked.

    *documents* are digests, prefixes or paths; *everything* means every original. Of a split archive all volumes go
    in, so named that they are read as one again. Only with *names* does the bag tell under which names they were received. A named
    document that stands only inside a container is logged by itself first, so that it has a proof, where the archive can
    be sealed. Raises :class:`DamagedArchive` (then nothing is left behind).
    """
    if everything == bool(documents):
        raise UsageError("Name the documents to export, or give --all.")
    catalog = archive._catalog
    wished = archive._objects.digests() if everything else [catalog.resolve(one) for one in documents]
    chosen, places = with_whole_sets(catalog, wished)
    seals = Seals(archive)
    for digest in chosen:
        if not archive._objects.has(digest):
            with suppress(UnburntError):  # then the bag holds it, and says that it has no proof
                seals.act(SealRequest(act="cite", digest=digest))
    contents = Contents(
        documents=chosen, places=places, open=archive._contents.content.open, names=_names_from(catalog) if names else None,
        proof=seals.prove_many(), checker=standalone_checker().encode(),
        unvouched=frozenset(one for one in chosen if archive._who_vouches.of(one).deliveries),
    )
    return write_bag(_place(archive, into), contents, day=now()[:10], software=f"unburnt {__version__}")


def import_bag(
    archive: Archive, folder: Path, *, tag_files: bool = False, keys: Sequence[str] = (), tell: Callable[[Progress], None] | None = None,
    options: Options | None = None,
) -> Imported:
    """Check a bag whole, then receive its payload as a delivery; with *tag_files* all its other files too.

    Proofs in it must hold, and where *keys* (vkeys) are given, be signed by one of them. Raises :class:`BadBag`
    before anything was taken; it names each thing that is wrong.
    """
    bag = check_bag(folder)
    proofs = check_proofs(bag, tuple(keys))
    note = f"Bag {bag.id} (BagIt {bag.version}, {', '.join(bag.algorithms)}), checked before it was taken in."
    source = folder if tag_files else folder / "data"
    before = archive._catalog.applied
    accessions = archive.add([source], note=note, tell=tell, options=options)
    events = (event for _, event in Events(Layout.open(archive.root), write=False).replay(before)
              if getattr(event, "accession", None) in accessions)
    require_taken(archive._objects, bag, events, erased=set(archive._catalog.erased()), tag_files=tag_files)
    return Imported(bag, tuple(accessions), proofs)


def _place(archive: Archive, into: Path | None) -> Path:
    root = archive.root.resolve()
    if into is None:
        require_no_link(root / "out")
        return root / "out"
    place = into.resolve()
    if place.is_relative_to(root) and not place.is_relative_to(root / "out"):
        raise UsageError("Inside the archive, bags go into its out/ folder only.")
    return into


def _names_from(catalog: Catalog) -> Callable[[Digest], Iterator[tuple[bytes, str]]]:
    def names(digest: Digest) -> Iterator[tuple[bytes, str]]:
        places, _ = catalog.occurrences(digest, _MOST_NAMES)
        return iter(dict.fromkeys((place.path, place.shown) for place in places))
    return names
