"""Checking an archive. It opens no catalogue, since verifying must work, and change nothing, where views are damaged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from unburnt.base.errors import UnburntError
from unburnt.base.files import read_small
from unburnt.flow.originals import Tell
from unburnt.flow.verifying import Verifying
from unburnt.model.audit import Check, Verification
from unburnt.publish.verification import as_html, as_text
from unburnt.vault.audit.trusted import Trusted
from unburnt.vault.layout import Layout
from unburnt.vault.log.keys import Keys
from unburnt.vault.log.note import Verifier

if TYPE_CHECKING:
    from unburnt.api.archive import Archive
    from unburnt.flow.options import Options
    from unburnt.vault.log.roots import Roots

__all__ = ["Trusted", "as_html", "as_text", "trusted", "verify"]


def trusted(
    *, keys: Sequence[str] = (), witnesses: Sequence[str] = (), roots: Sequence[Path] = ()
) -> Trusted:
    """Whom the checking person trusts: vkeys of the archive and of witnesses, and files of authorities' roots (PEM).

    Raises :class:`BadNote`, :class:`BadRoot`.
    """
    given: Roots | None = None
    for path in roots:
        from unburnt.vault.log.roots import Roots, read_roots  # X.509 is loaded only where there is any

        more = read_roots(read_small(path))
        given = more if given is None else Roots(given.anchors + more.anchors, given.intermediates + more.intermediates)
    return Trusted(
        keys=tuple(Verifier.parse(one) for one in keys), witnesses=tuple(Verifier.parse(one) for one in witnesses),
        roots=given,
    )


def verify(
    root: Path | None, *, whom: Trusted | None = None, sample: float = 1.0, resume: bool = False,
    rederive: int | None = 0, passwords: Sequence[str] = (), options: Options | None = None,
    tell: Tell = lambda what, done, total: None,
) -> Verification:
    """Check everything in the archive at *root*, else in the one that the working folder lies in. Changes nothing.

    *rederive* readings are made again, None for all. Raises :class:`NotFound`, :class:`FormatVersionError`.
    """
    layout = Layout.open(root) if root is not None else Layout.find(Path.cwd())
    whom = whom or Trusted()
    with suppress(UnburntError):
        whom = replace(whom, remembered=Keys().last_signed(layout.archive_id))
    with suppress(UnburntError):
        whom = replace(whom, own=Keys().public(layout.archive_id))

    def again() -> Check:
        from unburnt.api.archive import Archive

        with Archive.open(layout.root) as archive:
            return _rederived(archive, layout, rederive, options, tell)
    return Verifying(layout, trusted=whom, tell=tell).run(
        sample=sample, resume=resume, rederived=None if rederive == 0 else again)


def _rederived(archive: Archive, layout: Layout, count: int | None, options: Options | None, tell: Tell) -> Check:
    from random import SystemRandom

    from unburnt.flow.options import Options
    from unburnt.flow.rederiving import Rederiving  # with the sandbox: only where something is read again
    from unburnt.model.events import ReadingMade
    from unburnt.vault.events import Events

    made = [event for _, event in Events(layout, write=False).replay() if isinstance(event, ReadingMade)]
    if count is not None and count < len(made):
        made = SystemRandom().sample(made, count)
    again = Rederiving(layout, archive._derived, archive._catalog, options or Options())
    try:
        again.run(made, _counter(tell, len(made)))
        return again.check()
    finally:
        again.close()


def _counter(tell: Tell, total: int) -> Callable[[object], None]:
    done = 0

    def count(_: object) -> None:
        nonlocal done
        done += 1
        tell("readings", done, total)
    return count
