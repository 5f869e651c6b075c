"""Coming in, choosing a language, switching shortcuts, and the desk's own files."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from unburnt.desk.desk import Form, desk_of, one, posted, redirect, session_of
from unburnt.desk.language import LANGUAGES

STATIC = Path(__file__).parent.parent / "static"


def enter(request: Request) -> Response:
    """Turn a launch token into a session cookie, once."""
    access = desk_of(request).access
    if request.method != "GET":  # a previewer that only looks must not use the link up
        return PlainTextResponse("", 405, {"Allow": "GET"})
    session = access.redeem(request.path_params["token"])
    if session is None:
        return PlainTextResponse(
            "This link was used already or is not of this desk. Run the command again for a new one.\n", 403
        )
    answer = redirect("/")
    answer.set_cookie(access.cookie, session.secret, path="/", httponly=True, samesite="strict")
    return answer


def choose_language(request: Request, form: Form) -> Response:
    """Keep the reader's language for this session."""
    wanted = one(form, "language")
    if wanted in LANGUAGES:
        session_of(request).language = wanted
    return redirect(_back(form))


def switch_shortcuts(request: Request, form: Form) -> Response:
    """Switch single-key shortcuts on or off for this session."""
    session_of(request).shortcuts = one(form, "shortcuts") == "on"
    return redirect(_back(form))


def _back(form: Form) -> str:
    """Where the form stood; only ever a page of ours."""
    untrusted_back = one(form, "back")
    ours = untrusted_back.startswith("/") and not untrusted_back.startswith(("//", "/\\"))
    plain = untrusted_back.isascii() and untrusted_back.isprintable()
    return untrusted_back if ours and plain and len(untrusted_back) < 2000 else "/"


ROUTES = [
    Route("/open/{token}", enter),
    Route("/language", posted(choose_language), methods=["POST"]),
    Route("/shortcuts", posted(switch_shortcuts), methods=["POST"]),
    Mount("/static", StaticFiles(directory=STATIC)),
]
