"""How reading an archive ended, from what became of its members."""

from __future__ import annotations

from dataclasses import dataclass, field

from unburnt.model.outcome import Outcome
from unburnt.read.registry import Ending


@dataclass
class Tally:
    """What became of the members so far."""

    emitted: int = 0
    failed: list[Outcome] = field(default_factory=list)
    loss: str = ""
    secret: bool = False

    def ending(self) -> Ending:
        """The outcome of the whole archive."""
        if self.failed and not self.emitted and set(self.failed) == {Outcome.LOCKED}:
            return Ending(Outcome.LOCKED, "Every member is encrypted and no given password opens it.")
        if self.failed or self.loss:
            count = len(self.failed)
            reason = self.loss or f"{count} of {count + self.emitted} members could not be had."
            outcome = Outcome.PARTIAL if self.emitted or self.failed else Outcome.DAMAGED
            return Ending(outcome, reason, self.secret)
        if not self.emitted:
            return Ending(Outcome.EMPTY, "The archive holds no files.", self.secret)
        return Ending(Outcome.READ, "", self.secret)
