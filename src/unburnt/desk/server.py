"""Serving the desk on this machine: one socket, no access log, a stop that lets requests finish."""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from unburnt.base.errors import UnburntError
from unburnt.desk.app import create_app

if TYPE_CHECKING:  # the desk is handed an open archive; it never opens one
    from unburnt.api import Archive

HOST = "127.0.0.1"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Server(uvicorn.Server):
    """uvicorn, except that the caller is told when it listens and keeps its own signal handling afterwards."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stop: threading.Event | None) -> None:
        super().__init__(config)
        self._ready = ready
        self._stop = stop
        self.signal: int | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()

    async def on_tick(self, counter: int) -> bool:
        if self._stop is not None and self._stop.is_set():
            self.should_exit = True
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM without raising them again: the archive is closed by whoever opened it."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._caught) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _caught(self, number: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
        self.signal = number


def serve(
    archive: Archive, port: int = 0, on_ready: Callable[[str], None] | None = None, *,
    host: str = HOST, stop: threading.Event | None = None,
) -> int | None:
    """Serve the desk until it is told to stop; runs in the caller's thread.

    *on_ready* gets the link that opens the desk once. Port 0 takes any free one. Returns the signal that ended it,
    or None when *stop* was set. Raises :class:`UnburntError` when the port is taken.
    """
    listener = _listen(host, port)
    token = secrets.token_urlsafe(32)
    app = create_app(archive, token=token, host=host, port=listener.getsockname()[1])
    link = app.state.desk.access.link(token)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, ws="none", lifespan="off", http="h11",
        h11_max_incomplete_event_size=16 << 10, limit_concurrency=100, timeout_graceful_shutdown=5,
        timeout_keep_alive=30, proxy_headers=False,
    )
    server = _Server(config, lambda: on_ready(link) if on_ready else None, stop)
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
    return server.signal


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio sends small writes at once (no Nagle) only where it knows that this is TCP: 40 ms a page.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise UnburntError(
            f"The desk cannot listen on {host}, port {port}: {error.strerror}.",
            remedy="Choose another port with --port, or leave it out.",
        ) from error
    return listener
