"""Calendars and address cards: every field as it stands, however it is folded and encoded."""

from __future__ import annotations

from tests.read_by_child import read

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//made here//EN
X-WR-CALNAME:工作
BEGIN:VTIMEZONE
TZID:Asia/Urumqi
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0600
TZOFFSETTO:+0600
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1
SUMMARY:会议\\, 第一次
DTSTART;TZID=Asia/Urumqi:20240102T090000
DTEND:20240102T040000Z
DESCRIPTION:Line one\\nline two; "quoted"
ATTENDEE;CN="Ann; of X";ROLE=CHAIR:mailto:ann@example.org
ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=a.txt:aGVsbG8=
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT15M
END:VALARM
END:VEVENT
BEGIN:VTODO
SUMMARY:Second
DUE;TZID=Europe/Nowhere:20240105T120000
END:VTODO
END:VCALENDAR
"""


def folded(text: str) -> bytes:
    """Lines of at most 75 bytes, folded without regard for characters, as old programs do."""
    lines = []
    for line in text.encode().split(b"\n"):
        lines += [line[:20]] + [b" " + line[at : at + 20] for at in range(20, len(line), 20)]
    return b"\r\n".join(lines)


def test_each_component_is_a_part_with_its_fields_unfolded() -> None:
    said = read(folded(CALENDAR), "work.ics")
    assert said.outcome == "read" and said.metadata.title == "工作"
    assert [part.label for part in said.parts] == ["VCALENDAR", "VTIMEZONE Asia/Urumqi", "VEVENT 会议, 第一次", "VTODO Second"]
    event = said.parts[2].text
    assert "SUMMARY: 会议, 第一次\n" in event and "DESCRIPTION: Line one\n  line two; \"quoted\"\n" in event
    assert "ATTENDEE (CN=Ann; of X; ROLE=CHAIR): mailto:ann@example.org\n" in event and "[VALARM]\n  ACTION: DISPLAY\n" in event


def test_times_keep_their_zones_and_an_unknown_zone_stays_unknown() -> None:
    dates = {(date.kind, date.value, date.zone) for date in read(folded(CALENDAR), "work.ics").metadata.dates}
    assert dates == {
        ("starts", "2024-01-02T09:00:00+06:00", "+06:00"), ("ends", "2024-01-02T04:00:00Z", "UTC"), ("due", "2024-01-05T12:00:00", "unknown"),
    }  # fmt: skip


def test_a_file_inside_is_a_member() -> None:
    said = read(folded(CALENDAR), "work.ics")
    assert said.members == [b"3/a.txt"] and said.bytes == b"hello"


def test_old_cards_in_quoted_printable_and_another_charset_are_read() -> None:
    name = "".join(f"={byte:02X}" for byte in "Иван Петров".encode("cp1251"))
    card = f"BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=windows-1251;ENCODING=QUOTED-PRINTABLE:{name[:18]}=\r\n{name[18:]}\r\nTEL;CELL:+7 1\r\nEND:VCARD\r\n"
    said = read((card * 2).encode(), "people.vcf")
    assert [part.label for part in said.parts] == ["VCARD Иван Петров"] * 2
    assert said.parts[0].text == "VERSION: 2.1\nFN: Иван Петров\nTEL (CELL): +7 1\n"


def test_cards_in_gbk_without_a_word_about_it_are_read() -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:张三\nitem1.ORG:新疆日报社;编辑部\nNOTE:负责乌鲁木齐地区的新闻报道和编辑工作\nEND:VCARD\n".encode("gbk")
    assert "ORG: 新疆日报社;编辑部\n" in read(card, "a.vcf").text


def test_what_is_broken_is_told_and_the_rest_is_read() -> None:
    said = read(b"BEGIN:VCALENDAR\nno property here\nBEGIN:VEVENT\nSUMMARY:kept\n", "a.ics")
    assert said.outcome == "partial" and "SUMMARY: kept" in said.text


def test_nesting_and_folding_without_end_cost_no_more_than_their_size() -> None:
    deep = b"BEGIN:VCALENDAR\n" + b"BEGIN:A\n" * 50_000
    assert read(deep, "a.ics").outcome == "partial"
    assert read(b"BEGIN:VCARD\nNOTE:" + b"\n x" * 300_000 + b"\nEND:VCARD\n", "a.vcf").outcome == "read"
    assert read(b"BEGIN:VCARD\nNOTE;" + b'A="' * 100_000 + b":x\nEND:VCARD\n", "a.vcf").outcome in ("partial", "read")
