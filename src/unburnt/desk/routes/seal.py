"""The seal: how far the archive is sealed and who vouched for that; and proofs to give away."""

from __future__ import annotations

import hashlib

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from unburnt.base.errors import KeeperBusy, KeeperGone, OutOfSpace, UnburntError
from unburnt.desk.desk import Desk, Form, Notice, desk_of, document_of, one, posted, redirect
from unburnt.model.seal import SealState
from unburnt.model.unvouched import HELD_BACK, Unvouched

_NOT_SEALED = "Not sealed: "
_WHAT = {"bytes": "proof", "text": "text.proof"}
"""What may be proven, and how the file's name ends."""


def show_seal(request: Request) -> Response:
    """The last checkpoint, everybody's statements about it, what is wrong, and what to do next."""
    desk = desk_of(request)
    state = desk.seals.state()
    last = max((one.size for one in state.vouched), default=0)
    held_back = desk.archive.unvouched()
    return desk.render(
        request, "seal.html", state=state, problems=_problems(desk, state, held_back), held_back=held_back,
        unvouched=state.events - last,
        timestamped=any(one.kind == "timestamped" for one in state.vouched),
    )


def _problems(desk: Desk, state: SealState, held_back: Unvouched) -> list[str]:
    """What is wrong with the seal, and what keeps the keeper from sealing on: it says so last, after all else."""
    _, found, hindrance = desk.archive.progress().message.partition(_NOT_SEALED)
    told = found and not (held_back and hindrance.startswith(HELD_BACK))  # what the page says itself, in the reader's language
    return list(dict.fromkeys([*state.problems, *([hindrance] if told else [])]))


def give_proof(request: Request, form: Form) -> Response:
    """The proof as a download; or back to the document with the reason why there is none."""
    desk = desk_of(request)
    document, what = document_of(request), one(form, "what")
    if what not in _WHAT:
        raise HTTPException(400)
    try:
        made = desk.seals.prove(document, text=what == "text")
    except (KeeperBusy, KeeperGone, OutOfSpace):
        raise  # each has a page of its own
    except UnburntError as error:
        back = request.url.path.removesuffix("/proof")
        return redirect(f"{back}?done={desk.notices.put(Notice('no-proof', str(error)))}")
    return Response(
        made.proof, media_type="application/octet-stream",
        headers={"content-disposition": f'attachment; filename="{_name(request, what)}"', "cache-control": "no-store"},
    )


def _name(request: Request, what: str) -> str:
    """A neutral name, the same for the same document; the browser's list of downloads keeps it, so no digest is in it."""
    return f"document-{hashlib.sha256(request.url.path.encode()).hexdigest()[:16]}.{_WHAT[what]}"


ROUTES = [
    Route("/seal", show_seal),
    Route("/d/{document}/proof", posted(give_proof), methods=["POST"]),
]
