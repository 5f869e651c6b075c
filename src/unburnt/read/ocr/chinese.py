"""The Chinese engine, from the keeper's side: a locked service that loads its models once.

Neither rapidocr nor the runtime it needs is ever imported in the keeper.
"""

from __future__ import annotations

import math

import msgspec

from unburnt.base.errors import BadAnswer, SandboxUnavailable
from unburnt.base.limits import GIB, MIB, Limits
from unburnt.model.outcome import Outcome
from unburnt.read.ocr.picture import Picture
from unburnt.read.ocr.recognised import RecognisedLine, RecognitionFailed
from unburnt.sandbox.rungs import UNSAFE
from unburnt.sandbox.service import Service, ServiceFailed

NAME = "rapidocr"
LANGUAGES = ("ch", "en")
"""As the engine calls what its models were trained for."""
ENTRY = "unburnt.read.ocr.chinese_worker:main"
LIMITS = Limits(memory=2 * GIB, wall_seconds=120.0, output=16 * MIB)
"""For one page, which takes 2-7 s of a processor; memory counts from what the loaded models take."""
_MOST_LINES = 10_000
_LONGEST_LINE = 10_000

_answer = msgspec.msgpack.Decoder(list[tuple[str, tuple[float, float, float, float], float]])


class ChineseEngine:
    """Recognises pictures one at a time; any thread may ask. The worker starts with the first picture."""

    def __init__(self, rung: str, limits: Limits = LIMITS) -> None:
        self._service = Service(ENTRY, limits=limits, rung=rung, unsafe=rung == UNSAFE)

    def recognise(self, picture: Picture) -> tuple[RecognisedLine, ...]:
        """The lines from top to bottom; raises :class:`RecognitionFailed`, :class:`BadAnswer`."""
        try:
            untrusted_answer = self._service.ask(picture.untrusted_png)
        except ServiceFailed as error:
            if error.limit:
                raise RecognitionFailed(
                    f"The Chinese engine was stopped at the limit on {error.limit}.", Outcome.REFUSED
                ) from error
            raise RecognitionFailed("The Chinese engine crashed.") from error
        except SandboxUnavailable as error:
            raise RecognitionFailed("The Chinese engine does not start here.") from error
        return lines_of(untrusted_answer, picture)

    def close(self) -> None:
        """End the worker."""
        self._service.close()


def lines_of(untrusted_answer: bytes, picture: Picture) -> tuple[RecognisedLine, ...]:
    """The worker's answer, checked; raises :class:`BadAnswer`."""
    try:
        found = _answer.decode(untrusted_answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadAnswer("The Chinese engine's answer is not of the agreed form.") from error
    if len(found) > _MOST_LINES or any(len(text) > _LONGEST_LINE for text, _, _ in found):
        raise BadAnswer("The Chinese engine answered more than a page can hold.")
    if not all(math.isfinite(number) for _, rectangle, confidence in found for number in (*rectangle, confidence)):
        raise BadAnswer("The Chinese engine's positions are no numbers.")
    return tuple(
        RecognisedLine(" ".join(text.split()), picture.clipped(rectangle), min(max(confidence, 0.0), 1.0))
        for text, rectangle, confidence in found
        if text.strip()
    )
