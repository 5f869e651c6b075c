"""The way into a running desk, asked over its real socket."""

from __future__ import annotations

import threading
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from unburnt.api import Archive
from unburnt.desk.server import serve


def test_looking_at_the_launch_link_without_opening_it_does_not_use_it_up(tmp_path: Path) -> None:
    links: list[str] = []
    ready, stop = threading.Event(), threading.Event()

    def opened(link: str) -> None:
        links.append(link)
        ready.set()

    with Archive.create(tmp_path / "a") as archive:
        thread = threading.Thread(target=serve, args=(archive, 0, opened), kwargs={"stop": stop})
        thread.start()
        try:
            assert ready.wait(20)
            link = urlsplit(links[0])
            answers = []
            for method in ("HEAD", "GET", "GET"):
                line = HTTPConnection(link.netloc, timeout=20)
                line.request(method, link.path)
                answers.append(line.getresponse().status)
                line.close()
        finally:
            stop.set()
            thread.join(20)
    assert answers == [405, 303, 403]
