"""Web captures: every body that a server sent is a member under its address, and nothing is lost without a word."""

from __future__ import annotations

from tests.read_by_child import read

DATE = b"2017-05-03T08:00:00Z"


def record(kind: bytes, block: bytes, address: bytes = b"", content_type: bytes = b"application/http; msgtype=response") -> bytes:
    target = b"WARC-Target-URI: " + address + b"\r\n" if address else b""
    head = b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Date: %s\r\n%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (kind, DATE, target, content_type, len(block)) + block + b"\r\n\r\n"


PAGE = "<html><title>公告</title><p>居留登记通知</p></html>".encode()
INFO = record(b"warcinfo", b"software: by hand\r\n", content_type=b"application/warc-fields")
PLAIN = record(b"response", b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + PAGE, b"http://a.example/1")
IN_CHUNKS = record(
    b"response",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\n" + PAGE[:5] + b"\r\n%x\r\n" % len(PAGE[5:]) + PAGE[5:] + b"\r\n0\r\n\r\n",
    b"http://a.example/2",
)
RESOURCE = record(b"resource", b"%PDF-1.4", b"file:///a.pdf", b"application/pdf")


def test_bodies_are_members_and_records_are_listed() -> None:
    said = read(INFO + PLAIN + record(b"request", b"GET / HTTP/1.1\r\n\r\n", b"http://a.example/1") + IN_CHUNKS + RESOURCE, "a.warc")
    assert said.outcome == "read"
    assert said.expected is not None
    assert said.expected.members == 3
    assert said.members == [b"http://a.example/1", b"http://a.example/2", b"file:///a.pdf"]
    assert said.bytes == PAGE + PAGE + b"%PDF-1.4"
    assert said.parts[0].text.count("\n") == 5
    assert (said.parts[1].label, said.parts[1].text) == ("warcinfo", "software: by hand\r\n")
    assert f"{DATE.decode()}\trequest\thttp://a.example/1\n" in said.text


def test_a_body_that_only_says_it_is_in_chunks_is_kept_as_it_is() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for body in (b"no chunks\r\nat all", b"5\r\nhe"):
        said = read(record(b"response", head + body, b"http://a.example/"), "a.warc")
        assert said.outcome == "read"
        assert said.bytes in (body, b"he")


def test_chunks_are_joined_wherever_they_are_cut_and_however_many() -> None:
    sizes = [1] * 300_000 + [3 << 20, 1, 70_000]
    body = b"".join(b"%x\r\n" % size + b"ab"[index % 2 : index % 2 + 1] * size + b"\r\n" for index, size in enumerate(sizes))
    joined = b"".join(b"ab"[index % 2 : index % 2 + 1] * size for index, size in enumerate(sizes))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    said = read(record(b"response", head + body + b"0\r\n\r\n", b"http://a.example/"), "a.warc")
    assert (said.outcome, said.bytes == joined) == ("read", True)


def test_an_answer_without_a_head_is_all_body() -> None:
    assert read(record(b"response", b"gone", b"http://a.example/"), "a.warc").bytes == b"gone"


def test_a_capture_that_is_cut_off_keeps_its_whole_records() -> None:
    said = read((PLAIN + RESOURCE)[:-20], "a.warc")
    assert said.outcome == "partial"
    assert said.finished is not None
    assert "after 1 records" in said.finished.reason
    assert said.members == [b"http://a.example/1"]


def test_lies_about_lengths_are_damage() -> None:
    for lie in (b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"Content-Length: x", b"Length: 1"):
        assert read(RESOURCE.replace(b"Content-Length: 8", lie), "a.warc").outcome == "damaged"
    assert read(b"WARC/1.0\r\n" + b"a: b\r\n" * 5000, "a.warc").outcome == "damaged"


def test_ten_thousand_records_are_listed_in_parts_that_go_on() -> None:
    said = read(record(b"request", b"", b"http://a.example/" + b"x" * 100) * 10_000, "a.warc")
    assert said.text.count("\n") == 10_000
    assert [part.continues for part in said.parts] == [False] + [True] * (len(said.parts) - 1)
    assert len(said.parts) > 1
