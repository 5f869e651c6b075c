"""Asking a timestamp authority over the network (RFC 3161, section 3.4), only when somebody says so.

The authority, and whoever watches the line, learn that somebody at this address asked, and when; of the archive
they see one random-looking number. What comes back is checked like a file from a stranger.
"""

from __future__ import annotations

from http.client import HTTPException
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from unburnt.base.errors import UnburntError, UsageError
from unburnt.vault.log.outside import MAX_TOKEN
from unburnt.vault.log.timestamp_token import BadTimestamp

TIMEOUT = 30.0


class AuthorityUnreachable(UnburntError):
    """The authority could not be asked, or answered with something else than a timestamp response."""


class _NoRedirect(HTTPRedirectHandler):
    """A redirected request would be sent again as another one, to somebody who was not named."""

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> None:
        return None


def ask(url: str, query: bytes, *, timeout: float = TIMEOUT) -> bytes:
    """Send a request (.tsq, DER) to the authority at *url*; gives its answer, unchecked. *timeout* in seconds.

    Raises :class:`AuthorityUnreachable`, :class:`UsageError` for an address that is not http or https, and
    :class:`BadTimestamp` for an answer that is too large.
    """
    if not url.lower().startswith(("http://", "https://")):  # urllib would open files, too
        raise UsageError("A timestamp authority's address begins with http:// or https://.")
    try:
        request = Request(url, data=query, headers={"Content-Type": "application/timestamp-query"}, method="POST")
        with build_opener(_NoRedirect).open(request, timeout=timeout) as answer:
            kind = answer.headers.get_content_type()
            untrusted: bytes = answer.read(MAX_TOKEN + 1)
    except HTTPError as error:
        with error:
            raise AuthorityUnreachable(f"The timestamp authority answered with error {error.code}.") from error
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise AuthorityUnreachable(
            "The timestamp authority could not be reached.",
            remedy="Check the address and the connection, or carry the request by file.",
        ) from error
    if kind != "application/timestamp-reply":
        raise AuthorityUnreachable("What is at this address is not a timestamp authority.")
    if len(untrusted) > MAX_TOKEN:
        raise BadTimestamp("The authority's answer is larger than any timestamp.")
    return untrusted
