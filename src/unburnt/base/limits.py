"""How much one untrusted thing may cost before it is stopped; the ledger names the limit that was hit."""

from __future__ import annotations

import msgspec

MIB = 1 << 20
GIB = 1 << 30

PART_BYTES = MIB
"""The most UTF-8 bytes of text one part may hold; longer text is cut at line ends."""
LONGEST_PASSWORD = 1_000
"""Code points; what is longer is a key, and no archive's password."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one sandboxed reading may use. Sizes in bytes, times in seconds."""

    memory: int = GIB
    cpu_seconds: float = 25.0
    wall_seconds: float = 30.0
    frame: int = 8 * MIB
    """The longest single answer frame."""
    output: int = 8 * GIB
    """All that one child may send back, members' bytes included."""
    text: int = 512 * MIB
    """All the text of one reading (UTF-8 bytes)."""
    members: int = 1_000_000
    member_bytes: int = 4 * GIB
    """The largest single member."""
    members_bytes: int = 8 * GIB
    """All members of one container together; as much as the container itself holds is always taken out."""
    ratio: int = 200
    """Members' bytes per container byte, beyond the first 64 MiB."""
    ratio_free: int = 64 * MIB
    depth: int = 16
    """Containers within containers."""
    pages: int = 50_000
    pixels: int = 60_000_000
    """The largest picture that is decoded or rendered."""
    slice_members: int = 20_000
    """After so many members a container is left to another child; what it gave so far is then on disk."""
    slice_bytes: int = 256 * MIB
    slice_seconds: float = 8.0
    """Of processor time; well below ``cpu_seconds``."""
