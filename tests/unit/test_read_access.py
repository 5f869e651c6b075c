"""Access databases, written here page by page after the description that the mdbtools project publishes."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, field

import pytest

from tests.read_by_child import Said, read

BOOLEAN, LONG, MONEY, DOUBLE, DATE, TEXT, OBJECT, MEMO, GUID, NUMERIC = 1, 4, 5, 7, 8, 10, 11, 12, 15, 16
FIXED = {BOOLEAN: 0, 3: 2, LONG: 4, MONEY: 8, DOUBLE: 8, DATE: 8, GUID: 16, NUMERIC: 17}
BMP = b"BM" + struct.pack("<IIIIiiHH", 70, 0, 54, 40, 1, 1, 1, 24) + bytes(40)


@dataclass
class Writer:
    """Jet 4 (4,096 bytes a page) or Jet 3 (2,048): page 1 holds the usage maps, page 2 defines the list of tables."""

    jet3: bool = False
    key: bytes = bytes(4)
    pages: dict[int, bytes] = field(default_factory=dict)
    maps: list[bytes] = field(default_factory=list)

    @property
    def size(self) -> int:
        return 2048 if self.jet3 else 4096

    def number(self) -> int:
        return max([2, *self.pages]) + 1

    def data_page(self, owner: bytes, rows: list[bytes], flags: dict[int, int] | None = None) -> bytes:
        head = b"\x01\x01\0\0" + owner + (b"" if self.jet3 else bytes(4)) + struct.pack("<H", len(rows))
        end, body, places = self.size, b"", b""
        for number, row in enumerate(rows):
            end -= len(row)
            body = row + body
            places += struct.pack("<H", end | (flags or {}).get(number, 0))
        return (head + places).ljust(end, b"\0") + body

    def row(self, columns: list[tuple[str, int]], values: list[object]) -> bytes:
        mask = bytearray((len(columns) + 7) // 8)
        fixed, variable = b"", list[bytes]()
        for number, ((_, kind), value) in enumerate(zip(columns, values, strict=True)):
            if value is not None and value is not False:
                mask[number // 8] |= 1 << number % 8
            if kind in FIXED:
                fixed += value if isinstance(value, bytes) else bytes(FIXED[kind])
            else:
                variable.append(value if isinstance(value, bytes) else b"")
        width = 1 if self.jet3 else 2
        starts = [width + len(fixed) + sum(map(len, variable[:count])) for count in range(len(variable) + 1)]
        body = len(columns).to_bytes(width, "little") + fixed + b"".join(variable)
        if self.jet3:
            jumps = (len(body) + len(starts) + 1 + len(mask)) // 256
            jumped = bytes([next((n for n, start in enumerate(starts) if start >= 256 * (jump + 1)), 255) for jump in range(jumps)][::-1])
            return body + bytes(start % 256 for start in reversed(starts)) + jumped + bytes([len(variable)]) + mask
        return body + b"".join(struct.pack("<H", start) for start in reversed(starts)) + struct.pack("<H", len(variable)) + mask

    def define(self, page: int, columns: list[tuple[str, int]], count: int, data: list[int]) -> None:
        self.maps.append(b"\0" + struct.pack("<I", 0) + sum(1 << number for number in data).to_bytes(64, "little"))
        usage = struct.pack("<I", 1 << 8 | len(self.maps) - 1)
        described, offset, variable = b"", 0, 0
        for number, (_, kind) in enumerate(columns):
            is_fixed = kind in FIXED
            numbers = struct.pack("<3H", number, variable, number)
            flags = bytes([is_fixed])
            places = struct.pack("<2H", offset if is_fixed else 0, FIXED.get(kind, 100))
            scale = bytes([18, 2])
            described += bytes([kind]) + (numbers + bytes(2) + b"\0" + scale[1:] + bytes(2) + flags + places if self.jet3 else
                                          bytes(4) + numbers + scale + bytes(2) + flags + b"\0" + bytes(4) + places)  # fmt: skip
            offset += FIXED.get(kind, 0)
            variable += not is_fixed
        names = b""
        for name, _ in columns:
            raw = name.encode("cp1251") if self.jet3 else name.encode("utf-16-le")
            names += (bytes([len(raw)]) if self.jet3 else struct.pack("<H", len(raw))) + raw
        counts = struct.pack("<B3H2I", 0x4E, len(columns), variable, len(columns), 0, 0) + usage + bytes(4)
        head = struct.pack("<2I", 0, count) + bytes(4) if self.jet3 else struct.pack("<3I", 0, 0, count) + bytes(20)
        self.pages[page] = (b"\x02\x01\0\0" + bytes(4) + head + counts + described + names).ljust(self.size, b"\0")

    def table(self, columns: list[tuple[str, int]], rows: list[list[object]], *, deleted: tuple[int, ...] = (), stated: int | None = None) -> int:
        page = self.number()
        self.pages[page] = b""
        data = self.number()
        self.pages[data] = self.data_page(struct.pack("<I", page), [self.row(columns, row) for row in rows], dict.fromkeys(deleted, 0x8000))
        self.define(page, columns, len(rows) - len(deleted) if stated is None else stated, [data])
        return page

    def memo(self, data: bytes, piece: int = 1500) -> bytes:
        """A chain of pages, the last written first."""
        pointer = 0
        for start in range((len(data) - 1) // piece * piece, -1, -piece):
            page = self.number()
            self.pages[page] = self.data_page(b"LVAL", [struct.pack("<I", pointer) + data[start : start + piece]])
            pointer = page << 8
        return struct.pack("<3I", len(data), pointer, 0)

    def text(self, text: str) -> bytes:
        return text.encode("cp1251") if self.jet3 else text.encode("utf-16-le")

    def file(self, tables: dict[str, int]) -> bytes:
        columns = [("Id", LONG), ("Type", 3), ("Name", TEXT)]
        listed = [[struct.pack("<I", page), struct.pack("<H", 1), self.text(name)] for name, page in tables.items()]
        listed.append([struct.pack("<I", 9), struct.pack("<H", 5), self.text("a query")])
        page = self.number()
        self.pages[page] = self.data_page(struct.pack("<I", 2), [self.row(columns, row) for row in listed])  # type: ignore[arg-type]
        self.define(2, columns, len(listed), [page])
        self.pages[1] = self.data_page(bytes(4), self.maps)
        clear = bytearray(b"\0\1\0\0" + (b"Standard Jet DB\0") + struct.pack("<I", 0 if self.jet3 else 1)).ljust(self.size, b"\0")
        clear[0x3C:0x3E] = struct.pack("<H", 1251)
        clear[0x3E:0x42] = self.key
        length = 126 if self.jet3 else 128
        first = bytes(clear[:0x18]) + rc4(b"\xc7\xda\x39\x6b", bytes(clear[0x18 : 0x18 + length])) + bytes(clear[0x18 + length :])
        hidden = int.from_bytes(self.key, "little")
        coded = [rc4((hidden ^ n).to_bytes(4, "little"), self.pages[n]) if hidden else self.pages[n] for n in sorted(self.pages)]
        return first + b"".join(coded)


def rc4(key: bytes, data: bytes) -> bytes:
    from Cryptodome.Cipher import ARC4

    return bytes(ARC4.new(key).encrypt(data)) if len(key) >= 5 else bytes(ARC4.new(key * 2).encrypt(data))


def reason(said: Said) -> str:
    assert said.finished is not None
    return said.finished.reason


COLUMNS = [("ID", LONG), ("Имя", TEXT), ("Held", BOOLEAN), ("Born", DATE), ("Pay", MONEY), ("Note", MEMO), ("Key", GUID), ("Sum", NUMERIC)]


def rows(writer: Writer) -> list[list[object]]:
    born, paid = struct.pack("<d", 26329.5), struct.pack("<q", 1234500)
    number = b"\x80" + struct.pack("<4I", 0, 0, 0, 1250)
    return [
        [struct.pack("<i", 1), writer.text("Иванов"), True, born, paid, writer.memo(writer.text("длинный " * 900)), bytes(range(16)), number],
        [struct.pack("<i", -2), None, False, None, None, struct.pack("<3I", 8 | 0x80000000, 0, 0) + writer.text("нота")[:8], None, None],
    ]


@pytest.mark.parametrize("jet3", [False, True])
@pytest.mark.parametrize("key", [bytes(4), b"\x11\x22\x33\x44"])
def test_tables_are_sheets_with_every_type_of_column(jet3: bool, key: bytes) -> None:
    writer = Writer(jet3, key)
    said = read(writer.file({"people": writer.table(COLUMNS, rows(writer))}), "a.mdb")
    assert (said.outcome, reason(said)) == ("read", "")
    assert said.parts[0].text.startswith("ID\tИмя\tHeld\t")
    first, second = said.parts[0].text.split("\n")[1:]
    assert first == "1\tИванов\tTRUE\t1972-01-31 12:00:00\t123.4500\t" + "длинный " * 900 + "\t{03020100-0504-0706-0809-0A0B0C0D0E0F}\t-12.50"
    assert second == "-2\t\tFALSE\t\t\tнота"
    assert ("encoded" in dict(said.notes)) == bool(key.strip(b"\0"))


def test_compressed_text_changes_between_narrow_and_wide_runs() -> None:
    writer = Writer()
    mixed = b"\xff\xfe" + b"ab\0" + "张三".encode("utf-16-le") + b"\0" + b"cd"
    page = writer.table([("t", TEXT)], [[mixed], [b"\xff\xfeplain"], ["居留".encode("utf-16-le")]])
    assert read(writer.file({"t": page}), "a.mdb").text == "t\nab张三cd\nplain\n居留"


def test_deleted_rows_are_counted_and_missing_ones_told() -> None:
    writer = Writer()
    page = writer.table([("n", LONG)], [[struct.pack("<i", n)] for n in range(5)], deleted=(1, 3), stated=9)
    said = read(writer.file({"t": page}), "a.mdb")
    assert said.text == "n\n0\n2\n4"
    assert "2 deleted rows" in dict(said.notes)["deleted-rows"]
    assert (said.outcome, "Of the 9 records" in reason(said)) == ("partial", True)


def test_pictures_are_members_also_where_access_wrapped_them() -> None:
    wrapped = b"\x15\x1c" + struct.pack("<H", 20) + bytes(16) + struct.pack("<2I", 1281, 2) + b"".join(
        struct.pack("<I", len(one)) + one for one in (b"PBrush\0", b"", b"")
    ) + struct.pack("<I", len(BMP)) + BMP + bytes(20)  # fmt: skip
    writer = Writer()
    values: list[list[object]] = [[struct.pack("<3I", len(one) | 0x80000000, 0, 0) + one] for one in (BMP, wrapped, b"\1\2")]
    said = read(writer.file({"t": writer.table([("o", OBJECT)], values)}), "a.mdb")
    assert (said.members, said.bytes) == ([b"t/o/1.bmp"], BMP)
    assert [cell.comment for cell in said.parts[0].cells if cell.row] == ["Kept as the member t/o/1.bmp (image/bmp)."] * 2 + [None]


def test_a_memo_that_leads_in_circles_or_nowhere_costs_its_row_its_text_only() -> None:
    writer = Writer()
    page = writer.number()
    writer.pages[page] = writer.data_page(b"LVAL", [struct.pack("<I", page << 8) + b"xx"])
    circles, nowhere = struct.pack("<3I", 5000, page << 8, 0), struct.pack("<3I", 50, 99 << 8, 0)
    table = writer.table([("n", LONG), ("m", MEMO)], [[struct.pack("<i", n), memo] for n, memo in enumerate([circles, nowhere])])
    said = read(writer.file({"t": table}), "a.mdb")
    assert (said.outcome, said.text) == ("partial", "n\tm\n0\n1")


def test_encrypted_pages_are_locked_and_a_cut_file_is_partial() -> None:
    writer = Writer()
    data = bytearray(writer.file({"t": writer.table([("n", LONG)], [[struct.pack("<i", n)] for n in range(9)])}))
    cut = read(bytes(data[: 4096 * 4]), "a.mdb")
    assert cut.outcome in ("partial", "damaged")
    data[0x14] = 2
    data[4096:] = random.Random(1).randbytes(len(data) - 4096)
    assert read(bytes(data), "a.accdb").outcome == "locked"


@pytest.mark.parametrize("jet3", [False, True])
def test_random_damage_is_an_outcome(jet3: bool) -> None:
    writer, chance = Writer(jet3), random.Random(3)
    columns = [(f"c{number}", kind) for number, (_, kind) in enumerate(COLUMNS)]
    whole = writer.file({"people": writer.table(columns, rows(writer))})
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(chance.choice((3, 40))):
            damaged[chance.randrange(writer.size, len(damaged))] = chance.randrange(256)
        assert read(bytes(damaged), "a.mdb").finished is not None
