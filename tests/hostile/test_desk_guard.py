"""Hostile requests against the desk's guard, on a real server and a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from unburnt.desk.access import Access
from unburnt.desk.guard import HEADERS, MAX_BODY, Guard


@dataclass
class Running:
    port: int
    access: Access
    done: list[str]
    """What the application behind the guard was made to do."""
    cookie: str = ""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(self, head: str, *, host: str | None = None, cookie: bool = True, extra: str = "") -> tuple[int, str]:
        """Status and the whole answer to a request written by hand."""
        lines = [f"{head} HTTP/1.1", f"Host: {host or self.host}", "Connection: close"]
        if cookie:
            lines.append(f"Cookie: {self.cookie}")
        lines += [extra] if extra else []
        return self.raw("\r\n".join(lines).encode() + b"\r\n\r\n")

    def raw(self, request: bytes) -> tuple[int, str]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            try:
                connection.sendall(request)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before everything was sent: that is the point
            answer = b""
            try:
                while chunk := connection.recv(65536):
                    answer += chunk
            except ConnectionResetError:
                pass
        return int(answer.split(b" ", 2)[1]), answer.decode("latin-1")


@pytest.fixture(scope="module")
def desk() -> Iterator[Running]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port = listener.getsockname()[1]
    access = Access("an-archive", token="first-token", host="127.0.0.1", port=port)
    done: list[str] = []

    async def enter(request: Request) -> Response:
        session = access.redeem(request.path_params["token"])
        if session is None:
            return PlainTextResponse("used", 403)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(access.cookie, session.secret, httponly=True, samesite="strict")
        return answer

    async def act(request: Request) -> Response:
        body = await request.body()
        done.append(request.method)
        return PlainTextResponse(f"{len(body)} bytes")

    async def fail(request: Request) -> Response:
        raise ValueError("a secret name of a person")

    app = Starlette(
        routes=[Route("/open/{token}", enter), Route("/", act, methods=["GET", "POST"]), Route("/fail", fail)],
        middleware=[Middleware(Guard, access=access)],
    )
    server = uvicorn.Server(uvicorn.Config(
        app, log_config=None, lifespan="off", ws="none", h11_max_incomplete_event_size=16 << 10))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    running = Running(port, access, done)
    status, answer = running.ask("GET /open/first-token", cookie=False)
    assert status == 303
    cookie = next(line for line in answer.split("\r\n") if line.lower().startswith("set-cookie"))
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and access.cookie in cookie
    running.cookie = cookie.split(": ", 1)[1].split(";")[0]
    yield running
    server.should_exit = True
    thread.join()
    listener.close()


def _unmoved(desk: Running, answer: tuple[int, str]) -> None:
    status, text = answer
    assert 400 <= status < 500, text[:200]
    assert desk.done == []


@pytest.fixture(autouse=True)
def _forget(desk: Running) -> None:
    desk.done.clear()


def test_a_launch_token_works_once(desk: Running) -> None:
    assert desk.cookie  # it opened the desk above
    assert desk.ask("GET /open/first-token", cookie=False)[0] == 403


def test_the_session_cookie_opens_the_desk_and_nothing_else_does(desk: Running) -> None:
    assert desk.ask("GET /")[0] == 200
    desk.done.clear()
    _unmoved(desk, desk.ask("GET /", cookie=False))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:{port}", "127.0.0.1:{port}.evil.example"])
def test_a_foreign_host_header_is_refused(desk: Running, host: str) -> None:
    _unmoved(desk, desk.ask("GET /", host=host.format(port=desk.port)))


def test_two_host_headers_are_refused(desk: Running) -> None:
    _unmoved(desk, desk.ask("GET /", host=f"{desk.host}\r\nHost: {desk.host}"))


@pytest.mark.parametrize("path", ["/../etc/passwd", "/..%2f..%2fetc/passwd", "/static/%2e%2e/app.py", "/a%00b", "/a%5cb"])
def test_path_traversal_is_refused_without_echo(desk: Running, path: str) -> None:
    answer = desk.ask(f"GET {path}")
    _unmoved(desk, answer)
    assert "passwd" not in answer[1]


def test_an_unknown_page_is_not_echoed(desk: Running) -> None:
    status, text = desk.ask("GET /a-planted-name")
    assert status == 404
    assert "planted" not in text


def test_a_long_address_is_refused(desk: Running) -> None:
    status, _ = desk.ask("GET /?q=" + "a" * 5000)
    assert status == 414
    _unmoved(desk, desk.ask("GET /?q=" + "a" * 1_000_000))


def test_a_hundred_megabytes_are_refused_by_their_declared_length(desk: Running) -> None:
    head = f"POST / HTTP/1.1\r\nHost: {desk.host}\r\nCookie: {desk.cookie}\r\nOrigin: http://{desk.host}\r\n"
    answer = desk.raw(head.encode() + b"Content-Length: 104857600\r\n\r\n" + b"a" * 100_000)
    assert answer[0] == 413
    assert desk.done == []


def test_an_endless_body_is_cut_off_while_it_streams(desk: Running) -> None:
    head = f"POST / HTTP/1.1\r\nHost: {desk.host}\r\nCookie: {desk.cookie}\r\nOrigin: http://{desk.host}\r\n"
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    answer = desk.raw(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * (MAX_BODY // 65536 + 2))
    assert answer[0] == 413
    assert desk.done == []


@pytest.mark.parametrize("headers", [
    "", "Origin: http://evil.example", "Origin: null", "Origin: null\r\nSec-Fetch-Site: cross-site",
    "Origin: http://127.0.0.1:1", "Origin: http://{host}\r\nSec-Fetch-Site: same-site"])
def test_a_post_from_elsewhere_is_refused(desk: Running, headers: str) -> None:
    extra = headers.format(host=desk.host)
    _unmoved(desk, desk.ask("POST /", extra=extra))


def test_a_post_from_the_desk_itself_is_done(desk: Running) -> None:
    head = f"POST / HTTP/1.1\r\nHost: {desk.host}\r\nCookie: {desk.cookie}\r\nConnection: close\r\nContent-Length: 2\r\n"
    for proof in (f"Origin: http://{desk.host}", "Origin: null\r\nSec-Fetch-Site: same-origin"):
        assert desk.raw((head + proof + "\r\n\r\nhi").encode())[0] == 200
    assert desk.done == ["POST", "POST"]


def test_a_page_of_another_site_cannot_even_get(desk: Running) -> None:
    _unmoved(desk, desk.ask("GET /", extra="Sec-Fetch-Site: cross-site"))


def test_other_methods_are_refused(desk: Running) -> None:
    for method in ("PUT", "DELETE", "TRACE", "OPTIONS", "PATCH"):
        assert desk.ask(f"{method} /")[0] == 405


def test_an_error_inside_tells_neither_browser_nor_log_what_it_held(
    desk: Running, caplog: pytest.LogCaptureFixture
) -> None:
    status, text = desk.ask("GET /fail")
    assert status == 500
    assert "secret" not in text and "ValueError" not in text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("path", ["/", "/nowhere", "/open/wrong"])
def test_every_answer_carries_the_security_headers(desk: Running, path: str) -> None:
    text = desk.ask(f"GET {path}")[1].lower()
    for name, value in HEADERS.items():
        assert f"{name}: {value}".lower() in text, name
