"""SQLite databases that are encrypted as a whole (SQLCipher, which WeChat and Signal use): random from the first byte."""

from __future__ import annotations

from unburnt.read.emitter import Emitter
from unburnt.read.errors import Locked
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_WECHAT = ("enmicromsg.db", "message_", "msg_")


def read(source: Source, emitter: Emitter) -> Ending:
    """Raises :class:`Locked`."""
    name = source.name.lower().rpartition("/")[2]
    whose = " Its name is that of WeChat's messages." if name.startswith(_WECHAT) else ""
    raise Locked(f"It looks like a database that is encrypted as a whole (SQLCipher).{whose} No given password is tried on it.")


FORMATS = (
    Format(
        "sqlite-locked", read, memory_safe=True,
        title="Encrypted databases (SQLCipher)",
        gives="that it is locked: whole random pages under a database's name",
        lacks="no password is tried",
    ),
)
