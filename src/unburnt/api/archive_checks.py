"""What the doctor looks at in one archive: who can open it, who keeps it, how it was read, what its cache takes."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import msgspec

from unburnt.api.check import MISSING, OK, WARNING, Check
from unburnt.base.errors import KeeperGone
from unburnt.base.settings import member_cache_bytes
from unburnt.model.audit import Finding
from unburnt.vault.keeper_files import odd_keeper_files


def archive_checks(root: Path) -> list[tuple[str, Callable[[], Check]]]:
    """The checks by name, each to be called."""
    return [
        ("archive's privacy", lambda: _privacy(root)),
        ("archive's keeper", lambda: _keeper(root)),
        ("unlocked parsers", lambda: _unlocked_parsers(root)),
        ("copies of members", lambda: _copies(root)),
    ]


def oddities(root: Path) -> list[Finding]:
    """What stands in the place of the keeper's lock or socket, and no keeper made."""
    return odd_keeper_files(root)


def _privacy(root: Path) -> Check:
    name = "archive's privacy"
    if not stat.S_IMODE(root.stat().st_mode) & 0o077:
        return Check(name, OK, "Only its owner can open the archive's folder.")
    return Check(
        name, WARNING, "Other users of this computer can open the archive's folder.",
        "They can read everything in it. Drives with FAT or exFAT know no owners, and copying can lose them.",
        "Run chmod -R go-rwx on the folder; where that changes nothing, move the archive to another drive.",
    )  # fmt: skip


def _keeper(root: Path) -> Check:
    from unburnt.flow import wire
    from unburnt.flow.lock import holder
    from unburnt.model.views import Progress

    name, record = "archive's keeper", holder(root)
    for odd in odd_keeper_files(root):
        return Check(
            name, WARNING, f"{odd.item} of the archive is odd. {odd.what}",
            "Whether a keeper is at work cannot be told, and none may be able to start.", odd.remedy,
        )  # fmt: skip
    try:
        # Asked, not tried by its lock: a keeper that starts at this moment must not find the lock taken.
        progress = msgspec.convert(wire.ask(root, wire.Request(verb="progress")), Progress)
        return Check(name, OK, f"Process {progress.pid} keeps it, since {progress.since}.")
    except KeeperGone:
        pass
    if record is None or record.clean:
        return Check(name, OK, "Nobody keeps it now, and the last who did ended in order.")
    return Check(
        name, WARNING, f"The last keeper (process {record.pid}) was interrupted.",
        "What it had received and not yet recorded is looked for when a keeper starts, which takes a little longer.",
        "Nothing to repair: run the interrupted command again.",
    )  # fmt: skip


def _unlocked_parsers(root: Path) -> Check:
    from unburnt.catalog.catalog import Catalog

    name, place = "unlocked parsers", root / "catalog.sqlite"
    if not place.is_file():
        return Check(
            name, MISSING, "The archive has no catalogue, which would know.", "Nothing can be searched without one.",
            "Run unburnt rebuild, or open the archive: either makes it again.",
        )  # fmt: skip
    catalog = Catalog(place)
    try:
        runs = catalog.status().unlocked_parsers
    finally:
        catalog.close()
    if not runs:
        return Check(name, OK, "Everything in this archive was read in a sandbox.")
    return Check(
        name, WARNING, f"Parsers ran without a sandbox in {runs} runs (--unsafe-parsers).",
        "A hostile file could have changed anything in this archive, and on this computer.",
        "Keep the originals, and import them again on a machine with a sandbox.",
    )  # fmt: skip


def _copies(root: Path) -> Check:
    from unburnt.vault.layout import Layout
    from unburnt.vault.members import MemberCache

    taken, most = MemberCache(Layout(root)).size(), member_cache_bytes()
    finding = f"Copies of what containers hold take {taken >> 20} MiB, of {most >> 20} MiB that they may."
    return Check("copies of members", OK, finding)
