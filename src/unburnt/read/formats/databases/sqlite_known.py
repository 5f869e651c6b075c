"""Databases of well-known programs, told by their tables, and which of their columns are times for certain.

Times are shown as stored with the readable time beside. Only columns whose meaning is documented or fixed by the
framework that writes them stand here; a column that merely looks like a time is left alone. What the rows say about
persons is shown row by row, and never joined.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

_UNIX: Final = datetime(1970, 1, 1, tzinfo=UTC)
_APPLE: Final = datetime(2001, 1, 1, tzinfo=UTC)
_WEBKIT: Final = datetime(1601, 1, 1, tzinfo=UTC)
_NANOSECONDS_FROM: Final = 10**11
"""Apple's messages count seconds up to iOS 10 and nanoseconds after it; 10^11 seconds are the year 5169."""


class Clock(msgspec.Struct, frozen=True):
    """A way to store a time: *per_second* ticks since *start*; with *grows*, nanoseconds where the number is too large."""

    start: datetime
    per_second: int = 1
    grows: bool = False

    def shown(self, value: Any) -> str | None:
        """The time in UTC, None where the value is no time of this clock; 0 is how programs say "never"."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not value:
            return None
        ticks = 10**9 if self.grows and abs(value) >= _NANOSECONDS_FROM else self.per_second
        try:
            moment = self.start + timedelta(seconds=value // ticks if ticks > 1 else int(value))
        except (OverflowError, ValueError):
            return None
        return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if 1970 <= moment.year < 2200 else None


UNIX = Clock(_UNIX)
UNIX_MS = Clock(_UNIX, 1000)
UNIX_US = Clock(_UNIX, 10**6)
APPLE = Clock(_APPLE)
APPLE_GROWN = Clock(_APPLE, grows=True)
WEBKIT_US = Clock(_WEBKIT, 10**6)


class Program(msgspec.Struct, frozen=True):
    """*tables* must all be there; *times* are columns as ``table.column`` in small letters."""

    name: str
    tables: frozenset[str]
    times: dict[str, Clock] = {}


def _program(name: str, tables: str, **times: tuple[Clock, str]) -> Program:
    columns = {f"{table}.{column}": clock for table, (clock, names) in times.items() for column in names.split()}
    return Program(name, frozenset(tables.split()), columns)


PROGRAMS: Final = (
    _program("Apple Messages (sms.db, chat.db)", "message chat handle chat_message_join",
             message=(APPLE_GROWN, "date date_read date_delivered"), chat_message_join=(APPLE_GROWN, "message_date"),
             attachment=(APPLE, "created_date start_date")),
    _program("Apple Contacts (AddressBook.sqlitedb)", "abperson abmultivalue",
             abperson=(APPLE, "creationdate modificationdate")),
    _program("Apple call history", "zcallrecord z_primarykey"),
    _program("Apple Notes", "ziccloudsyncingobject z_primarykey"),
    _program("WhatsApp on iOS (ChatStorage.sqlite)", "zwamessage zwachatsession z_primarykey"),
    _program("WhatsApp on Android (msgstore.db)", "message jid chat",
             message=(UNIX_MS, "timestamp received_timestamp"), chat=(UNIX_MS, "sort_timestamp created_timestamp")),
    _program("WhatsApp on Android (msgstore.db, before 2022)", "messages chat_list",
             messages=(UNIX_MS, "timestamp received_timestamp receipt_server_timestamp receipt_device_timestamp")),
    _program("WeChat on Android (EnMicroMsg.db)", "message rcontact rconversation", message=(UNIX_MS, "createtime")),
    _program("Android messages (mmssms.db)", "sms threads canonical_addresses",
             sms=(UNIX_MS, "date date_sent"), threads=(UNIX_MS, "date"), pdu=(UNIX, "date date_sent")),
    _program("Android call log", "calls android_metadata", calls=(UNIX_MS, "date last_modified")),
    _program("Chrome history", "urls visits keyword_search_terms", urls=(WEBKIT_US, "last_visit_time"),
             visits=(WEBKIT_US, "visit_time"), downloads=(WEBKIT_US, "start_time end_time last_access_time")),
    _program("Firefox places", "moz_places moz_historyvisits", moz_places=(UNIX_US, "last_visit_date"),
             moz_historyvisits=(UNIX_US, "visit_date"), moz_bookmarks=(UNIX_US, "dateadded lastmodified")),
    _program("Safari history", "history_items history_visits", history_visits=(APPLE, "visit_time")),
)  # fmt: skip


def program_of(tables: set[str]) -> Program | None:
    """The program whose tables (small letters) these are; the most demanding description counts."""
    fitting = [one for one in PROGRAMS if one.tables <= tables]
    return max(fitting, key=lambda one: len(one.tables), default=None)


def clocks_of(program: Program | None, tables: set[str], table: str, columns: tuple[str, ...], types: tuple[str, ...]) -> dict[int, Clock]:
    """The clock of each column that is a time for certain, by its position.

    Apple's Core Data declares times as TIMESTAMP and stores all of them as seconds since 2001.
    """
    is_core_data = {"z_primarykey", "z_metadata"} <= tables
    found: dict[int, Clock] = {}
    for position, (column, declared) in enumerate(zip(columns, types, strict=True)):
        clock = program.times.get(f"{table}.{column}".lower()) if program else None
        if clock is None and is_core_data and declared == "TIMESTAMP":
            clock = APPLE
        if clock is not None:
            found[position] = clock
    return found
