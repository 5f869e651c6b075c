"""How long a reader may go on, so that it ends by itself and what it read is kept."""

from __future__ import annotations

import time

from unburnt.read.errors import Stopped

SECONDS = 18.0
"""Of processor time, less than a reading has. Not by the clock: what was read must not depend on who works beside."""


class Deadline:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._ends = time.process_time() + SECONDS

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.process_time() > self._ends

    def check(self) -> None:
        """Raises :class:`Stopped` where the time is up."""
        if self.is_over:
            raise Stopped("reader's time", f"It was not read to its end within {SECONDS:.0f} seconds of processor time.")
