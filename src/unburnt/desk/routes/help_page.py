"""How to search, what the words mean, and what unburnt refuses to be."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from unburnt.desk.desk import desk_of


def show_help(request: Request) -> Response:
    """The help page."""
    return desk_of(request).render(request, "help.html")


ROUTES = [Route("/help", show_help)]
