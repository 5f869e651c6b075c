"""Outlook stores: every message is there, in its folder, with all it holds; and what is not there is told."""

from __future__ import annotations

import email
import email.policy
import io
import struct
from email.message import EmailMessage

import pypff
import pytest

from tests.pst_made import BYTES, KEYWORDS, NUMBER, PLACE, Attached, Dir, Item, moment, store, text
from tests.read_by_child import Said, read

LETTER = Item(
    {0x1A: text("IPM.Note"), 0x37: text("\x01\x05回复: 合同"), 0x1000: text("第一行\r\nsecond line\r\n"), 0x39: moment(1_600_000_000),
     0xC1A: text("Ann"), 0xC1F: text("ann@example.org"), 0x1035: text("<1@example.org>"), 0x1039: text("<0@example.org>")},
    [{0xC15: (NUMBER, 1), 0x3001: text("Боб, младший"), 0x39FE: text("bob@example.org")},
     {0xC15: (NUMBER, 3), 0x3001: text("Eve"), 0x39FE: text("eve@example.org")}],
)  # fmt: skip
BINARY = bytes(range(256)) * 200


def note(subject: str) -> Item:
    return Item({0x1A: text("IPM.Note"), 0x37: text(subject), 0x1000: text(f"Text of {subject}")})


def mails(said: Said) -> list[EmailMessage]:
    """The members, taken apart by the standard library."""
    pieces = said.bytes.split(b"X-Unburnt-Rebuilt")
    assert len(pieces) > 1
    return [email.message_from_bytes(data, policy=email.policy.default) for data in members(said)]  # type: ignore[misc]


def members(said: Said) -> list[bytes]:
    """Each member's bytes."""
    found: dict[int, bytes] = {}
    for frame in said.frames:
        if type(frame).__name__ == "MemberBytes":
            found[frame.ordinal] = found.get(frame.ordinal, b"") + frame.data  # type: ignore[union-attr]
    return [found[one] for one in sorted(found)]


def test_a_message_keeps_people_subject_time_and_text() -> None:
    said = read(store(Dir("", [LETTER])), "mail.pst")
    (mail,) = mails(said)
    assert said.outcome == "read" and said.expected.members == 1
    assert (mail["from"], mail["subject"], mail["message-id"]) == ("Ann <ann@example.org>", "回复: 合同", "<1@example.org>")
    assert mail["to"].addresses[0].display_name == "Боб, младший" and mail["bcc"].addresses[0].addr_spec == "eve@example.org"
    assert mail["date"].datetime.timestamp() == 1_600_000_000 and mail["references"] == "<0@example.org>"
    assert mail.get_body(("plain",)).get_content() == "第一行\r\nsecond line\r\n"  # type: ignore[union-attr]
    assert "Outlook store" in mail["x-unburnt-rebuilt"]


def test_a_transport_header_stays_as_stored_but_for_a_structure_that_is_gone() -> None:
    header = "Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0800\r\nFrom: x@y.org\r\nSubject: as sent\r\nContent-Type: text/html;\r\n\tcharset=gbk\r\n\r\n"
    (mail,) = mails(read(store(Dir("", [Item({**LETTER.properties, 0x7D: text(header)}, LETTER.recipients)])), "mail.pst"))
    assert mail["subject"] == "as sent" and mail["from"] == "x@y.org" and mail["received"].endswith("+0800")
    assert "charset=gbk" in mail["x-original-content-type"] and mail.get_content_type() == "multipart/mixed"
    assert mail["bcc"] == "Eve <eve@example.org>"


def test_attachments_keep_every_byte_and_messages_within_stay_messages() -> None:
    inner = Item({0x37: text("inside"), 0x1000: text("inner text")}, attachments=[Attached({0x3705: (NUMBER, 1), 0x3707: text("b"), 0x3701: (BYTES, b"deep")})])
    outer = Item(dict(LETTER.properties), attachments=[
        Attached({0x3705: (NUMBER, 1), 0x3707: text("表.bin"), 0x3701: (BYTES, BINARY)}),
        Attached({0x3705: (NUMBER, 5), 0x3001: text("inside")}, inner),
        Attached({0x3705: (NUMBER, 4), 0x3707: text("elsewhere.doc")}),
    ])  # fmt: skip
    said = read(store(Dir("", [outer])), "mail.pst")
    (mail,) = mails(said)
    parts = list(mail.iter_attachments())
    assert parts[0].get_filename() == "表.bin" and parts[0].get_content() == BINARY
    within = parts[1].get_content()
    assert within["subject"] == "inside" and [one.get_content() for one in within.iter_attachments()] == [b"deep"]
    assert said.outcome == "partial" and "elsewhere.doc" in list(mail.walk())[-1].get_content()


def test_folders_make_the_paths_and_their_own_counts_are_compared() -> None:
    said = read(store(Dir("", [], [Dir("顶", [note("a")], [Dir("Inbox/2020", [note("b")], hidden=[note("rule")], stated=3)])])), "mail.ost")
    paths = [path.decode().rsplit("/", 1)[0] for path in said.members]
    assert paths == ["顶", "顶/Inbox∕2020", "顶/Inbox∕2020/[hidden]"]
    assert said.expected.members == 5 and said.outcome == "partial"
    assert ("pst-differing", "Folders that state another number of messages than is found: 顶/Inbox∕2020: 3 stated, 1 found.") in said.notes


def test_what_lies_in_no_folder_is_kept_apart_and_counted_apart() -> None:
    said = read(store(Dir("", [note("a")]), orphans=(note("lost child"),)), "mail.pst")
    assert said.members[1].startswith(b"[in no folder]/") and said.expected.members == 2
    assert any("1 in no folder" in told for _, told in said.notes)


def test_contacts_and_appointments_keep_their_properties_as_text() -> None:
    meeting = Item({0x1A: text("IPM.Appointment"), 0x37: text("会议"), 0x60: moment(1_600_000_000), PLACE: text("三号楼"), KEYWORDS: text("urgent")})
    (mail,) = mails(read(store(Dir("", [meeting])), "mail.pst"))
    said = next(one for one in mail.walk() if not one.is_multipart()).get_content()
    assert "Start: 2020-09-13T12:26:40Z" in said and "Place: 三号楼" in said and "Keywords: urgent" in said


def test_a_password_protects_nothing_and_is_told() -> None:
    said = read(store(Dir("", [note("a")]), password=0x1234), "mail.pst")
    assert said.outcome == "read" and [code for code, _ in said.notes] == ["pst-password", "pst-counts"]


def test_a_store_cut_off_before_its_index_gives_what_older_pages_tell() -> None:
    whole = store(Dir("", [note(f"mail {number}") for number in range(60)]))
    for part in (len(whole) - 1, len(whole) - 600, len(whole) // 2, 10_000, 100):
        said = read(whole[:part], "mail.pst")
        assert said.outcome in ("partial", "damaged"), part
    said = read(whole[:-512], "mail.pst")
    assert said.outcome == "partial" and len(said.members) == 60


@pytest.mark.parametrize("part", [0.3, 0.7, 0.95])
def test_a_store_cut_off_before_its_index_gives_every_message_that_is_whole(part: float) -> None:
    def item(number: int) -> Item:
        found = note(f"mail {number}")
        found.properties |= {0x1000: text(f"Text of {number}. " + "Long. " * (400 if number % 3 == 0 else 1))}
        found.recipients.append({0xC15: (NUMBER, 1), 0x3001: text(f"To {number}"), 0x39FE: text(f"to{number}@example.org")})
        if number % 4 == 0:
            data = f"data {number} ".encode() * 3_000
            found.attachments.append(Attached({0x3705: (NUMBER, 1), 0x3707: text(f"{number}.bin"), 0x3701: (BYTES, data)}))
        if number % 5 == 0:
            found.attachments.append(Attached({0x3705: (NUMBER, 5), 0x3001: text("inside")}, note(f"inside {number}")))
        return found

    whole = store(Dir("", [item(number) for number in range(40)], [Dir("In", [item(number) for number in range(40, 60)])]))
    at = int(len(whole) * part)
    said = read(whole[:at], "mail.pst")
    told = [mail for mail in mails(said) if str(mail["subject"]).startswith("mail ")]
    assert said.outcome == "partial" and said.finished is not None and f"{len(said.members)} messages were found" in said.finished.reason
    assert len(told) >= 60 * part * 0.8 and said.expected.members == len(said.members) == len({str(mail["subject"]) for mail in mails(said)})  # type: ignore[union-attr]
    for mail in told[:-1]:
        number = int(str(mail["subject"]).split()[-1])
        assert mail.get_body(("plain",)).get_content().startswith(f"Text of {number}. ")  # type: ignore[union-attr]
        assert mail["to"].addresses[0].addr_spec == f"to{number}@example.org"
        files = [one.get_content() for one in mail.iter_attachments() if one.get_filename() == f"{number}.bin"]
        assert files == ([f"data {number} ".encode() * 3_000] if number % 4 == 0 else [])
        inside = [one.get_content()["subject"] for one in mail.iter_attachments() if one.get_content_type() == "message/rfc822"]
        assert inside == ([f"inside {number}"] if number % 5 == 0 else [])
        assert "likely and not certain" in list(mail.walk())[-1].get_content()


def test_what_lies_beside_a_message_is_never_given_where_it_does_not_fit() -> None:
    whole = store(Dir("", [note(f"mail {number}") for number in range(20)]))
    said = read(whole[: len(whole) - 3_000], "mail.pst")
    assert len(said.members) == 20
    for mail in mails(said):
        assert not mail["to"] and not list(mail.iter_attachments())
        assert "Lost when" not in list(mail.walk())[-1].get_content()


def test_a_store_that_ends_before_its_own_end_is_never_called_whole() -> None:
    """Its index and messages may stand before the cut; what else there was nobody can tell."""
    whole = bytearray(store(Dir("", [note("a")])))
    assert read(bytes(whole), "mail.pst").outcome == "read"
    struct.pack_into("<Q", whole, 184, len(whole))
    assert read(bytes(whole), "mail.pst").outcome == "read"
    struct.pack_into("<Q", whole, 184, len(whole) + 5000)
    said = read(bytes(whole), "mail.pst")
    assert said.outcome == "partial" and len(mails(said)) == 1
    assert f"the store is cut off: {len(whole)} of its {len(whole) + 5000} bytes are here" in said.finished.reason  # type: ignore[union-attr]


def test_a_message_deleted_but_not_overwritten_is_recovered() -> None:
    before = store(Dir("", [note("kept"), note("deleted")]))
    # A later session writes a new index that lists all nodes but the last, as Outlook does.
    after = store(Dir("", [note("kept"), note("deleted")]), forget_last=True)
    assert len(after) > len(before)
    said = read(after, "mail.pst")
    assert [path.split(b"/")[0] for path in said.members][1] == b"[recovered]"
    assert mails(said)[1]["subject"] == "deleted" and said.outcome == "read"


@pytest.mark.parametrize("step", [7, 31, 97])
def test_a_store_with_changed_bytes_never_ends_in_an_error_of_ours(step: int) -> None:
    whole = bytearray(store(Dir("", [LETTER, note("b")])))
    for at in range(step, len(whole), max(1, len(whole) // 40)):
        changed = bytearray(whole)
        changed[at : at + 8] = b"\xff" * 8
        assert read(bytes(changed), "mail.pst").outcome in ("read", "partial", "damaged", "unsupported", "empty", "locked")


def test_a_block_said_to_lie_beyond_any_file_costs_its_message_only() -> None:
    whole = store(Dir("", [note("first"), note("second")]))
    words = whole.index("first".encode("utf-16-le"))
    place = next(raw for at in range(words // 64 * 64, 0, -64) if (raw := at.to_bytes(8, "little")) in whole)
    said = read(whole.replace(place, b"\xff" * 8), "mail.pst")
    assert said.outcome == "partial" and len(said.failed) == 1 and b"second" in said.bytes


def test_libpff_reads_the_same_properties_from_the_stores_written_here() -> None:
    """The writer is no friend of our reader: what it writes is what another reader finds."""
    data = store(Dir("", [LETTER]))
    file = pypff.file()
    file.open_file_object(io.BytesIO(data))
    folder = next(one for one in file.root_item.sub_items if one.identifier == 0x122)
    found = {entry.entry_type: entry.data for entry in folder.get_sub_item(0).get_record_set(0).entries}
    assert found[0x1035].decode("utf-16-le") == "<1@example.org>" and found[0x1000].decode("utf-16-le") == "第一行\r\nsecond line\r\n"
    file.close()
