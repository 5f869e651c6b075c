"""Who may use the desk: a launch token that works once becomes a session cookie."""

from __future__ import annotations

import hmac
import re
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Session:
    """One browser that opened the desk. Kept in memory only."""

    secret: str
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Stands in every form; a post without it is refused."""
    language: str | None = None
    """Chosen by the reader; else the browser's wish counts."""
    shortcuts: bool = True
    """Single-key shortcuts can be switched off (WCAG 2.2, 2.1.4)."""


class Access:
    """The launch token and the sessions of one running desk."""

    def __init__(self, archive_id: str, *, token: str, host: str, port: int) -> None:
        self.authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.origin = f"http://{self.authority}"
        # Cookies ignore ports: two desks on one host would overwrite each other's under one name.
        self.cookie = "unburnt-" + re.sub(r"[^A-Za-z0-9_-]", "-", archive_id)
        self._token: str | None = token
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def link(self, token: str) -> str:
        """The address that opens the desk with *token*."""
        return f"{self.origin}/open/{token}"

    def redeem(self, untrusted_token: str) -> Session | None:
        """A new session for the launch token, once."""
        given = untrusted_token.encode("utf-8", "surrogatepass")
        with self._lock:
            if self._token is None or not hmac.compare_digest(self._token.encode(), given):
                return None
            self._token = None
            session = Session(secrets.token_urlsafe(32))
            self._sessions[session.secret] = session
            return session

    def session_of(self, untrusted_cookies: Sequence[str]) -> Session | None:
        """The session that a request's ``Cookie`` headers prove."""
        for header in untrusted_cookies:
            for pair in header.split(";"):
                name, _, value = pair.strip().partition("=")
                if name == self.cookie and value in self._sessions:
                    return self._sessions[value]
        return None
