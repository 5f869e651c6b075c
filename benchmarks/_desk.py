"""The desk on a loopback socket, asked as a browser asks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from http.client import HTTPConnection
from types import TracebackType
from typing import Any

import uvicorn

from unburnt.api import Archive
from unburnt.desk.app import create_app
from unburnt.desk.memory import StoredSearch

_TOKEN = "benchmark"


class Browser:
    """One connection that is kept open, with the session's cookie."""

    def __init__(self, archive: Archive) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # as the desk does
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        self._app = create_app(archive, token=_TOKEN, port=port)
        self._server = uvicorn.Server(uvicorn.Config(self._app, log_level="error", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        self._connection = HTTPConnection("127.0.0.1", port)

    def __enter__(self) -> Browser:
        self._thread.start()
        self._connection.request("GET", f"/open/{_TOKEN}")
        answer = self._connection.getresponse()
        answer.read()
        self._cookie = answer.headers["Set-Cookie"].split(";")[0]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._server.should_exit = True
        self._thread.join()

    def search(self, query: str, *, filters: Mapping[str, list[str]], sort: str) -> bytes:
        """The page that shows what *query* found."""
        chosen = tuple((name, value) for name, values in filters.items() for value in values)
        desk: Any = self._app.state.desk
        key = desk.searches.put(StoredSearch(query, chosen, sort))
        self._connection.request("GET", f"/search/{key}", headers={"Cookie": self._cookie})
        answer = self._connection.getresponse()
        page = answer.read()
        if answer.status != 200:
            raise SystemExit(f"The desk answered {answer.status}.")
        return page
