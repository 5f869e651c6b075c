"""The readers' entry as it is, except that a PDF which names a deed has taken its child over.

Started in the zygote by test_flow_hostile_reader.py; everything here runs in locked children only.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from typing import Any

import msgspec

from unburnt.read import child

Send = Callable[[bytes], None]

INNOCENT = "通知 拘留 的规定"


def main(payload: bytes, files: list[int], send: Send) -> None:
    deed = re.match(rb"%PDF-1.4\n%deed:([a-z-]+)\n", os.pread(files[0], 100, 0))
    if deed is None:
        child.main(payload, files, send)
    elif deed[1] == b"pauses-for-ever":
        pauses(payload, send)
    else:
        DEEDS[deed[1].decode()](send)


warm = child.warm


def say(send: Send, number: Any, frame: str, **fields: Any) -> None:
    send(msgspec.msgpack.encode([number, {"frame": frame, **fields}]))


def began(send: Send, number: Any = 0) -> None:
    say(send, number, "began", type="application/pdf", reader="pdf", versions={})


def part(text: str = INNOCENT, ordinal: int = 0, **more: Any) -> dict[str, Any]:
    return {"ordinal": ordinal, "kind": "page", "label": "1", "text": text, **more}


def whole(*frames: tuple[str, dict[str, Any]]) -> Callable[[Send], None]:
    """A reading that ends in order, with *frames* in it."""

    def deed(send: Send) -> None:
        began(send)
        for frame, fields in frames:
            say(send, 0, frame, **fields)
        say(send, 0, "finished", outcome="read", reason="", opened_with_secret=False)

    return deed


def foreign(number: Any) -> Callable[[Send], None]:
    def deed(send: Send) -> None:
        began(send)
        say(send, number, "part", part=part("these words were put into another document's mouth"))
        say(send, number, "finished", outcome="read", reason="")

    return deed


def raw(*pieces: bytes) -> Callable[[Send], None]:
    def deed(send: Send) -> None:
        began(send)
        for piece in pieces:
            send(piece)

    return deed


def around_the_frames(send: Send) -> None:
    """Past the agreed framing, straight into the pipe."""
    began(send)
    os.write(3, b"\xff" * 4096)
    os._exit(0)


def die(send: Send) -> None:
    began(send)
    os.kill(os.getpid(), signal.SIGKILL)


def after_the_end(send: Send) -> None:
    whole()(send)
    say(send, 0, "part", part=part("an afterthought"))


def member(ordinal: int, data: bytes, *, path: bytes = b"../../etc/passwd") -> list[tuple[str, dict[str, Any]]]:
    return [
        ("member", {"ordinal": ordinal, "path": path, "kind": "entry"}),
        ("bytes", {"ordinal": ordinal, "data": data}),
        ("member-end", {"ordinal": ordinal}),
    ]


NAN, INFINITY = float("nan"), float("inf")
LARGE = 2**63

def pauses(payload: bytes, send: Send) -> None:
    """One member, and then the word that another child is to go on; each time again."""
    task = msgspec.msgpack.decode(payload)[0]
    ordinal = (task["rest"] or {}).get("members", 0)
    began(send)
    say(send, 0, "member", ordinal=ordinal, path=b"a", kind="entry")
    say(send, 0, "bytes", ordinal=ordinal, data=b"a member of no consequence")
    say(send, 0, "member-end", ordinal=ordinal)
    say(send, 0, "paused", cursor=b"here again", opened_with_secret=False)


DEEDS: dict[str, Callable[[Send], None]] = {
    "garbage": raw(b"\xff\x00 this is no frame"),
    "empty-frame": raw(b""),
    "pauses-for-ever": lambda send: None,  # done by main, which sees where it is to go on
    "pauses-at-nothing": lambda send: (began(send), say(send, 0, "paused", cursor=b"")),  # type: ignore[func-returns-value]
    "pauses-with-a-novel": whole(("member", {"ordinal": 0, "path": b"a", "kind": "entry"}), ("member-end", {"ordinal": 0}),
                                 ("paused", {"cursor": bytes(5000)})),
    "deep-nesting": raw(b"\x92\x00" + b"\x91" * 100_000 + b"\x00"),
    "huge-frame": raw(b"x" * (9 << 20)),
    "around-the-frames": around_the_frames,
    "die": die,
    "foreign-one": foreign(1),
    "foreign-negative": foreign(-1),
    "foreign-large": foreign(2**62),
    "foreign-text": foreign("0"),
    "begins-twice": lambda send: (began(send), began(send)),  # type: ignore[func-returns-value]
    "after-the-end": after_the_end,
    "unknown-outcome": lambda send: (began(send), say(send, 0, "finished", outcome="waiting-for-godot", reason="")),
    "outcome-waiting": lambda send: (began(send), say(send, 0, "finished", outcome="waiting", reason="")),
    "parts-out-of-order": whole(("part", {"part": part(ordinal=5)})),
    "part-too-long": whole(("part", {"part": part("x" * (2 << 20))})),
    "places-outside": whole(("part", {"part": part(lines=[[0, 10**9, None, None]])})),
    "places-not-numbers": whole(("part", {"part": part(lines=[[0, 1, [NAN, INFINITY, 0.0, 1.0], NAN]])})),
    "marks-not-numbers": whole(("part", {"part": part(marks=[{"kind": "link", "rectangle": [NAN, 0.0, 0.0, 0.0]}])})),
    "size-not-a-number": whole(("part", {"part": part(page=0, width=NAN, height=INFINITY)})),
    "large-page": whole(("part", {"part": part(page=LARGE)})),
    "large-cell": whole(("part", {"part": part(cells=[[LARGE, LARGE, 0, 1, "text", None, None, None, []]])})),
    "large-expected": whole(("expected", {"expected": {"pages": LARGE, "members": LARGE}})),
    "negative-expected": whole(("expected", {"expected": {"pages": -1, "members": -1}})),
    "large-metadata": whole(("metadata", {"metadata": {"pages": LARGE, "sheets": -LARGE}})),
    "many-fields": whole(("metadata", {"metadata": {"fields": {f"pdf:{i}": "x" * 1_000 for i in range(2_000)}}})),
    "odd-year": whole(("metadata", {"metadata": {"dates": [
        {"kind": "created", "value": "9999999999-99-99", "zone": "\x00", "origin": "\x1b[2J"}]}})),
    "member-digest": whole(("member", {"ordinal": 0, "path": b"a", "kind": "entry", "digest": "00" * 32})),
    "member-of-no-beginning": whole(("bytes", {"ordinal": 0, "data": b"x"})),
    "member-of-another": whole(member(0, b"x")[0], ("bytes", {"ordinal": 3, "data": b"x"})),
    "member-failed-large": whole(("member-failed", {
        "ordinal": 0, "path": b"a", "kind": "entry", "outcome": "damaged", "reason": "", "size": LARGE})),
    "member-failed-read": whole(("member-failed", {
        "ordinal": 0, "path": b"a", "kind": "entry", "outcome": "read", "reason": ""})),
    "member-climbs": whole(*member(0, b"a member of no consequence")),
    "member-is-another-document": whole(*member(0, b"Notice 0: " + INNOCENT.encode())),
    "says-nothing": lambda send: None,
    "claims-a-secret": lambda send: (
        began(send), say(send, 0, "finished", outcome="read", reason="", opened_with_secret=True)),
    "other-reader": lambda send: (
        say(send, 0, "began", type="text/plain\x00<script>", reader="text", versions={"\x00": "\x1b[2J"}),
        say(send, 0, "finished", outcome="read", reason="")),
}
