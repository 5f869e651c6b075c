"""Asking an authority over HTTP: a local one that runs ``openssl ts -reply``, and others that misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.seal_authority import Authority
from unburnt.base.errors import UsageError
from unburnt.vault.log import timestamp as ts
from unburnt.vault.log.outside import MAX_TOKEN
from unburnt.vault.log.timestamp_online import AuthorityUnreachable, ask

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self, self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self) -> None:
            answer(self, b"")

        def log_message(self, *args: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/tsr"
        finally:
            server.shutdown()
            thread.join()


def sent(handler: BaseHTTPRequestHandler, body: bytes, kind: str = "application/timestamp-reply") -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_the_answer_of_a_real_authority_verifies(tmp_path: Path) -> None:
    authority = Authority(tmp_path)

    def answer(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        assert handler.command == "POST" and handler.headers["Content-Type"] == "application/timestamp-query"
        sent(handler, authority.reply(query))

    query, nonce = ts.request("text\n")
    with served(answer) as url:
        response = ask(url, query)
    assert ts.verify(response, "text\n", [authority.root.certificate], nonce=nonce).authority == "CN=Tests' Time"


def redirect(handler: BaseHTTPRequestHandler, query: bytes) -> None:
    handler.send_response(302)
    handler.send_header("Location", "/elsewhere")
    handler.end_headers()


@pytest.mark.parametrize(("answer", "error"), [
    (lambda handler, query: sent(handler, b"<html>", "text/html"), AuthorityUnreachable),
    (lambda handler, query: handler.send_error(500), AuthorityUnreachable),
    (lambda handler, query: handler.wfile.write(b"no http\r\n"), AuthorityUnreachable),
    (lambda handler, query: sent(handler, b"0" * (MAX_TOKEN + 1)), ts.BadTimestamp),
    (redirect, AuthorityUnreachable),
])
def test_whoever_is_no_authority_gets_a_named_error(answer: Answer, error: type[Exception]) -> None:
    with served(answer) as url, pytest.raises(error):
        ask(url, b"query")


def test_silence_ends_after_the_time_allowed() -> None:
    release = threading.Event()

    def silence(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        release.wait(10)

    with served(silence) as url:
        with pytest.raises(AuthorityUnreachable):
            ask(url, b"query", timeout=0.2)
        release.set()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "", "freetsa.example/tsr"])
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(UsageError):
        ask(url, b"query")


def test_an_address_where_nobody_listens_gets_a_named_error() -> None:
    with pytest.raises(AuthorityUnreachable):
        ask("http://127.0.0.1:1/", b"query")
    with pytest.raises(AuthorityUnreachable):
        ask("http://[::1", b"query")
