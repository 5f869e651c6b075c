"""The first page: what is here, and how far a running import is."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from unburnt.desk.desk import desk_of
from unburnt.model.unvouched import HELD_BACK

BUSY = ("receiving", "reading")


def show_overview(request: Request) -> Response:
    """Counts, types, languages, years, deliveries."""
    desk = desk_of(request)
    overview = desk.archive.overview()
    still = "still" in request.query_params
    unvouched, progress = desk.archive.unvouched(), overview.progress
    if unvouched:  # the page says it itself, in the reader's language
        progress = msgspec.structs.replace(progress, message=progress.message.partition(f"Not sealed: {HELD_BACK}")[0].strip())
    return desk.render(
        request, "overview.html", overview=overview, status=overview.status, progress=progress,
        busy=progress.state in BUSY, still=still, seal=desk.seals.state(), unvouched=unvouched,
    )


def show_progress(request: Request) -> Response:
    """The part of the overview that moves; fetched again and again while an import runs."""
    desk = desk_of(request)
    progress = desk.archive.progress()
    answer = desk.render(
        request, "progress.html", status=desk.archive.status(), progress=progress,
        busy=progress.state in BUSY, still=False,
    )
    if progress.state not in BUSY and request.query_params.get("was") == "busy":
        answer.headers["HX-Refresh"] = "true"  # the charts have changed as well
    return answer


ROUTES = [Route("/", show_overview), Route("/progress", show_progress)]
