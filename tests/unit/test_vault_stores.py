"""Layout, objects, derived records, members and keyring on a real disk."""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from unburnt.base.digests import digest_of
from unburnt.base.errors import DamagedArchive, FormatVersionError, NotFound, UnburntError, WrongPassphrase
from unburnt.vault.derived import Derived
from unburnt.vault.keyring import Keyring
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects, SourceUnreadable

KEY, INPUT = "a" * 64, "b" * 64


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout.create(tmp_path / "archive", "test")


def raw_bytes(layout: Layout) -> bytes:
    return b"".join(path.read_bytes() for path in layout.root.rglob("*") if path.is_file())


def test_everything_is_private_and_objects_are_read_only(layout: Layout) -> None:
    objects, derived = Objects(layout), Derived(layout)
    objects.commit([objects.stage(io.BytesIO(b"bytes"))])
    derived.put(KEY, "read", 1, {}, [INPUT], [b"output"])
    derived.flush()
    for path in layout.root.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        expected = 0o700 if path.is_dir() else 0o400 if layout.objects in path.parents else 0o600
        assert mode == expected, path.name
    derived.close()


def test_an_unknown_format_version_is_refused(layout: Layout) -> None:
    layout.config.write_text('format = 2\narchive = "test"\n')
    with pytest.raises(FormatVersionError, match="version 2"):
        Layout.find(layout.objects)


def test_an_archive_is_never_made_among_other_things(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(UnburntError, match="folder of its own"):
        Layout.create(tmp_path, "test")


def test_equal_content_is_kept_once_within_and_across_batches(layout: Layout) -> None:
    objects = Objects(layout)
    objects.commit([objects.stage(io.BytesIO(b"same")), objects.stage(io.BytesIO(b"same"))])
    again = objects.stage(io.BytesIO(b"same"))
    assert again.temporary is None
    assert list(objects.digests()) == [digest_of(b"same")]
    assert list(layout.tmp.iterdir()) == []


@pytest.mark.parametrize("size", [20, 200_000])
def test_other_bytes_under_an_object_s_name_are_replaced_by_the_true_ones(layout: Layout, size: int) -> None:
    true = os.urandom(size)
    objects = Objects(layout)
    place = objects.path(digest_of(true))
    place.parent.mkdir(parents=True)
    place.write_bytes(b"x" * size)
    for _ in range(2):
        objects.commit([objects.stage(io.BytesIO(true))])
        assert place.read_bytes() == true
    assert not list(layout.tmp.iterdir())


def test_what_was_read_of_a_changing_source_is_what_is_kept(layout: Layout, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"a" * (5 << 20))
    objects = Objects(layout)
    with source.open("rb") as file:
        file.read(1 << 20)
        os.truncate(source, 3 << 20)
        staged = objects.stage(file)
    objects.commit([staged])
    assert staged.size == 2 << 20
    with objects.open(staged.digest) as kept:
        assert kept.read() == b"a" * (2 << 20)


def test_a_source_that_fails_leaves_nothing_behind(layout: Layout) -> None:
    with os.fdopen(os.open(os.devnull, os.O_WRONLY), "wb", buffering=0) as unreadable, pytest.raises(SourceUnreadable):
        Objects(layout).stage(unreadable)  # type: ignore[arg-type]
    assert list(layout.tmp.iterdir()) == []


@pytest.mark.parametrize("untrusted_name", ["../unburnt.toml", "", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_a_name_that_is_no_digest_opens_nothing(layout: Layout, untrusted_name: str) -> None:
    with pytest.raises(NotFound):
        Objects(layout).open(untrusted_name)
    assert Derived(layout).open_member(untrusted_name) is None


def test_orphans_are_told_and_only_tmp_is_cleaned(layout: Layout) -> None:
    objects = Objects(layout)
    objects.commit([objects.stage(io.BytesIO(b"known")), objects.stage(io.BytesIO(b"orphan"))])
    objects.stage(io.BytesIO(b"left over"))
    assert layout.clean_tmp() == 1
    assert list(objects.orphans({digest_of(b"known")})) == [digest_of(b"orphan")]


@pytest.mark.parametrize("large_chunk", [1, 1 << 20])
def test_an_erased_record_is_gone_from_the_raw_bytes(layout: Layout, large_chunk: int) -> None:
    derived = Derived(layout, large_chunk=large_chunk)
    secret = os.urandom(5000)
    derived.put(KEY, "read", 1, {}, [INPUT], [b"record", secret])
    derived.put("c" * 64, "read", 1, {}, [INPUT], [b"record"])
    derived.flush()
    assert secret[100:200] in raw_bytes(layout)
    derived.erase(KEY)
    assert secret[100:200] not in raw_bytes(layout)
    assert KEY.encode() not in raw_bytes(layout)
    assert list(derived.chunks("c" * 64)) == [b"record"]
    assert derived.keys_of(INPUT) == ["c" * 64]
    derived.close()


def test_putting_twice_keeps_the_first_and_databases_rotate(layout: Layout) -> None:
    derived = Derived(layout, database_bytes=1)
    for number in range(3):
        for output in (b"first", b"second"):
            assert derived.put(f"{number:064}", "read", 1, {}, [INPUT], [output]) == digest_of(b"first")
        derived.flush()
    assert len(list(layout.derived.glob("*.sqlite"))) == 3
    assert all(derived.chunk(f"{number:064}", 0) == b"first" for number in range(3))
    derived.close()


def test_a_reader_in_another_thread_never_stops_the_writer(layout: Layout) -> None:
    derived = Derived(layout)
    derived.put(KEY, "read", 1, {}, [INPUT], [b"flushed"])
    derived.flush()
    derived.put("c" * 64, "read", 1, {}, [INPUT], [b"not yet"])
    seen: list[bytes | None] = []
    reader = threading.Thread(target=lambda: seen.extend([derived.chunk(KEY, 0), derived.chunk("c" * 64, 0)]))
    reader.start()
    reader.join()
    derived.flush()
    assert seen == [b"flushed", None]
    derived.close()


def test_a_flipped_byte_of_an_output_is_found(layout: Layout) -> None:
    derived = Derived(layout, large_chunk=1)
    derived.put(KEY, "read", 1, {}, [INPUT], [os.urandom(500)])
    derived.flush()
    path = next(layout.derived.glob("*/*.zst"))
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedArchive):
        derived.chunk(KEY, 0)
    derived.close()


def test_members_are_there_before_and_after_a_flush_until_dropped(layout: Layout) -> None:
    derived = Derived(layout)
    for _ in range(2):
        sink = derived.stage_member()
        sink.write(b"mem")
        sink.write(b"ber")
        assert sink.finish() == (digest_of(b"member"), 6)
        file = derived.open_member(digest_of(b"member"))
        assert file is not None
        with file:
            assert file.read() == b"member"
        assert derived.member_bytes() == 6
        derived.flush()
    derived.drop_member(digest_of(b"member"))
    assert derived.open_member(digest_of(b"member")) is None
    assert derived.member_bytes() == 0


def test_a_keyring_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "folder" / "keyring.age")
    keyring.add("right", ["密码", "second"])
    keyring.add("right", ["second", "third"])
    assert keyring.unlock("right") == ["密码", "second", "third"]
    assert stat.S_IMODE(keyring.path.stat().st_mode) == 0o600
    assert b"second" not in keyring.path.read_bytes()
    with pytest.raises(WrongPassphrase):
        keyring.add("wrong", ["fourth"])


class _Unreadable(list[bytes]):
    """Chunks of another archive, of which the last is damaged."""

    def __iter__(self) -> Iterator[bytes]:
        yield from super().__iter__()
        raise DamagedArchive("no")


def test_a_record_whose_chunks_cannot_be_had_takes_no_other_with_it(layout: Layout) -> None:
    derived = Derived(layout)
    derived.put(KEY, "read", 1, {}, [INPUT], [b"kept"])
    with pytest.raises(DamagedArchive):
        derived.put("c" * 64, "read", 1, {}, [INPUT], _Unreadable([b"first"]))
    derived.put("d" * 64, "read", 1, {}, [INPUT], [b"kept too"])
    derived.flush()
    derived.close()
    assert [key for key in (KEY, "c" * 64, "d" * 64) if Derived(layout).has(key)] == [KEY, "d" * 64]
    assert Derived(layout).keys_of(INPUT) == [KEY, "d" * 64]
@pytest.mark.parametrize("written", [
    'format = 1\narchive = "{id}"\n', '# mine\r\narchive = "{id}"\r\nformat=1', "archive = '{id}'\nformat = 0x1\nmore = [1]\n",
])
def test_an_archive_s_settings_may_be_written_by_hand(layout: Layout, written: str) -> None:
    identity = layout.archive_id
    layout.config.write_text(written.replace("{id}", identity), newline="")
    assert Layout.open(layout.root).archive_id == identity


@pytest.mark.parametrize("untrusted_id", ["", "a\nb", "a" * 65, 'a"b', "é"])
def test_settings_that_hold_no_id_are_damaged(layout: Layout, untrusted_id: str) -> None:
    text = layout.config.read_text()
    layout.config.write_text(text.replace(layout.archive_id, untrusted_id))
    with pytest.raises(DamagedArchive):
        assert Layout.open(layout.root).archive_id is None
