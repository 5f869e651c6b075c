"""The reading report: every file and how reading it ended; and passwords for the locked ones."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from unburnt.desk.desk import Form, Notice, desk_of, one, posted, redirect, whole
from unburnt.desk.memory import StoredFilter
from unburnt.desk.pager import pager
from unburnt.desk.words import OUTCOMES
from unburnt.model.outcome import Outcome

if TYPE_CHECKING:  # the desk is handed an open archive; it never opens one
    from unburnt.api import Archive

SIZE = 100
MOST_PASSWORDS = 10_000
PATIENCE = 30.0
"""Seconds that trying passwords may keep its reader waiting, where nothing else is being read."""


def show_report(request: Request) -> Response:
    """Totals that add up, and the files behind them, page by page."""
    desk = desk_of(request)
    chosen = desk.filters.get(request.query_params.get("f")) or StoredFilter(outcome=_outcome(request))
    page = max(1, whole(request, "page"))
    ledger = desk.archive.ledger(
        outcome=Outcome(chosen.outcome) if chosen.outcome else None, type=chosen.type or None,
        text=chosen.text or None, offset=(page - 1) * SIZE, limit=SIZE,
    )
    overview = desk.archive.overview()
    return desk.render(
        request, "report.html", status=overview.status, types=overview.types, ledger=ledger, chosen=chosen,
        containers={digest: desk.archive.first_place(digest) for digest in {row.container for row in ledger.rows} if digest},
        key=desk.filters.put(chosen), pager=pager(page, ledger.total, SIZE),
        unvouched=desk.archive.unvouched(), notice=desk.notices.get(request.query_params.get("done")),
    )


def _outcome(request: Request) -> str:
    untrusted_outcome = request.query_params.get("outcome", "")
    return untrusted_outcome if untrusted_outcome in OUTCOMES else ""


def narrow(request: Request, form: Form) -> Response:
    """Keep the filter and go to where it is shown."""
    outcome = one(form, "outcome")
    chosen = StoredFilter(
        outcome if outcome in OUTCOMES else "", one(form, "type")[:200], one(form, "text").strip()[:500]
    )
    return redirect(f"/report?f={desk_of(request).filters.put(chosen)}")


def try_passwords(request: Request, form: Form) -> Response:
    """Hand passwords on to the archive, which tries them on all that is locked and keeps none; nor does the desk."""
    desk = desk_of(request)
    archive = desk.archive
    document = desk.addresses.document(one(form, "document").removeprefix("/d/"))
    passwords = [line for line in one(form, "passwords").splitlines() if line][:MOST_PASSWORDS]
    notice = Notice("no-passwords")
    if passwords:
        locked, busy = _locked(archive), _waiting(archive)
        tried = archive.try_passwords(passwords)
        still = tried and (busy or not _read_again(archive))
        notice = Notice("trying", count=tried) if still else Notice("opened", str(tried), locked - _locked(archive))
    done = desk.notices.put(notice)
    back = f"{desk.address(document)}?" if document else "/report?outcome=locked&"
    return redirect(f"{back}done={done}")


def _locked(archive: Archive) -> int:
    return archive.status().outcomes.get(Outcome.LOCKED, 0)


def _waiting(archive: Archive) -> int:
    return archive.status().outcomes.get(Outcome.WAITING, 0)


def _read_again(archive: Archive) -> bool:
    """Whether nothing waits any more, after a while at most: the reader wants to know what a password opened."""
    until = time.monotonic() + PATIENCE
    while _waiting(archive):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


ROUTES = [
    Route("/report", show_report, methods=["GET"]),
    Route("/report", posted(narrow), methods=["POST"]),
    Route("/report/passwords", posted(try_passwords), methods=["POST"]),
]
