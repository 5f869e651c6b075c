"""What every request must pass before anything is done: address, size, session, origin.

Pure ASGI, so that a refusal costs nothing: a body that is too long is cut off while it streams in, and
nothing behind the guard ever sees it. Answers are fixed sentences; they never repeat what was sent.
"""

from __future__ import annotations

import logging
import traceback

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unburnt.desk.access import Access

MAX_BODY = 1 << 20
"""Bytes of the longest form: a list of passwords; a query is far shorter."""
MAX_TARGET = 4096
"""Bytes of path and query string together."""

SAFE_METHODS = {"GET", "HEAD"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
    "x-robots-tag": "noindex, nofollow",
    "x-dns-prefetch-control": "off",
}
LOG = logging.getLogger("unburnt.desk")


class BodyTooLarge(Exception):
    """Raised into a handler that reads on after the limit."""


class Guard:
    """The outermost layer of the desk."""

    def __init__(self, app: ASGIApp, *, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the body counted and the security headers added."""
        if scope["type"] != "http":
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        await self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0
        begun = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                raise BodyTooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        sender = _with_headers(noted)
        try:
            await self.app(scope, counted, sender)
        except BodyTooLarge:
            if not begun:
                await _refuse(413, "The request is too long.")(scope, receive, sender)
        except Exception as error:  # noqa: BLE001 (nothing of it may reach the browser or, as text, the log)
            frame = traceback.extract_tb(error.__traceback__)[-1]
            LOG.error("%s at %s:%s", type(error).__name__, frame.name, frame.lineno)
            if not begun:
                await _refuse(500, "Something went wrong inside unburnt. The archive is unharmed.")(
                    scope, receive, sender
                )

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = _headers(scope)
        if headers.get("host", []) != [self.access.authority]:
            return _refuse(421, "This address does not belong to the desk.")
        target = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
        if target > MAX_TARGET:
            return _refuse(414, "The address is too long.")
        if _looks_like_traversal(scope):
            return _refuse(400, "There is no such page.")
        if _declared_length(headers) > MAX_BODY:
            return _refuse(413, "The request is too long.")
        if scope["method"] not in SAFE_METHODS | {"POST"}:
            return _refuse(405, "That cannot be done here.")
        return self._stranger(scope, headers)

    def _stranger(self, scope: Scope, headers: dict[str, list[str]]) -> PlainTextResponse | None:
        """Refuse whoever has no session, and pages of other sites acting through the reader's browser."""
        if scope["path"].startswith("/open/"):
            return None
        site = headers.get("sec-fetch-site", ["none"])[-1]
        if site not in ("same-origin", "none"):
            return _refuse(403, "Other pages may not use the desk.")
        session = self.access.session_of(headers.get("cookie", []))
        if session is None:
            return _refuse(403, "Open the desk with the link that the command printed.")
        if scope["method"] == "POST" and not self._same_origin(headers, site):
            return _refuse(403, "Other pages may not use the desk.")
        scope.setdefault("state", {})["session"] = session
        return None

    def _same_origin(self, headers: dict[str, list[str]], site: str) -> bool:
        """Whether a post comes from a page of ours.

        ``Referrer-Policy: no-referrer`` makes browsers write ``Origin: null`` on a form's post (Fetch
        standard, "append a request Origin header"); then ``Sec-Fetch-Site`` must vouch for it.
        """
        origin = headers.get("origin", ["null"])[-1]
        return origin == self.access.origin or (origin == "null" and site == "same-origin")


def _refuse(status: int, sentence: str) -> PlainTextResponse:
    return PlainTextResponse(sentence + "\n", status_code=status, headers={"connection": "close"})


def _headers(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _declared_length(headers: dict[str, list[str]]) -> int:
    untrusted_length = headers.get("content-length", ["0"])[-1]
    return int(untrusted_length) if untrusted_length.isascii() and untrusted_length.isdigit() else MAX_BODY + 1


def _looks_like_traversal(scope: Scope) -> bool:
    """Paths that climb, hold NUL or a backslash, or hide a slash; none of ours does."""
    untrusted_raw = (scope.get("raw_path") or b"").lower()
    untrusted_path = scope["path"]
    hidden = b"%2f" in untrusted_raw or b"%5c" in untrusted_raw or b"%00" in untrusted_raw
    return hidden or "\\" in untrusted_path or "\x00" in untrusted_path or ".." in untrusted_path.split("/")


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message.get("headers", [])}
            extra = [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in present]
            message = {**message, "headers": [*message.get("headers", []), *extra]}
        await send(message)

    return wrapped
