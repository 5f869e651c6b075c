"""The desk's application: routes behind the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from unburnt.base.errors import (
    Ambiguous,
    KeeperBusy,
    KeeperGone,
    NotFound,
    OutOfSpace,
    UnburntError,
    UsageError,
)
from unburnt.desk.access import Access
from unburnt.desk.addresses import Addresses
from unburnt.desk.desk import Desk, desk_of
from unburnt.desk.guard import Guard
from unburnt.desk.routes import (
    document,
    entry,
    exports,
    folders,
    help_page,
    images,
    overview,
    report,
    seal,
    search,
)

if TYPE_CHECKING:  # the desk is handed an open archive; it never opens one
    from unburnt.api import Archive

_STATUSES: tuple[tuple[type[UnburntError], int, str], ...] = (
    (NotFound, 404, "missing"),
    (Ambiguous, 404, "missing"),
    (UsageError, 400, "missing"),
    (KeeperBusy, 503, "busy"),
    (KeeperGone, 503, "busy"),
    (OutOfSpace, 507, "space"),
)


def create_app(archive: Archive, *, token: str, host: str = "127.0.0.1", port: int) -> Starlette:
    """The desk of *archive*, to be reached at ``http://host:port`` and opened once with *token*."""
    access = Access(archive.id, token=token, host=host, port=port)
    rooms = (entry, overview, search, folders, document, images, exports, report, seal, help_page)
    app = Starlette(
        routes=[route for room in rooms for route in room.ROUTES],
        middleware=[Middleware(Guard, access=access)],
        exception_handlers={HTTPException: _http_error, UnburntError: _error},
    )
    app.router.redirect_slashes = False
    app.state.desk = Desk(archive, access, Addresses(archive.root / "desk.sqlite"))
    return app


def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _page(request, status, "missing" if status < 500 else "other")


def _error(request: Request, error: Exception) -> Response:
    for kind, status, sentence in _STATUSES:
        if isinstance(error, kind):
            return _page(request, status, sentence)
    return _page(request, 500, "other")


def _page(request: Request, status: int, sentence: str) -> Response:
    if not hasattr(request.state, "session"):  # only under /open/, where nobody is known yet
        return Response("There is no such page.\n", status, media_type="text/plain")
    return desk_of(request).render(request, "error.html", code=status, sentence=sentence)
