"""What a made-up document says, apart from the format it is written in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """One text: a title and lines short enough that no format has to break them."""

    name: str
    lang: str
    """``zh ug ru kk en``."""
    title: str
    body: tuple[str, ...]
    script: str = ""
    """Set where the language has several: ``Latn`` or ``Cyrl`` for Uyghur."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The title, then the body."""
        return (self.title, *self.body)

    @property
    def right_to_left(self) -> bool:
        return self.lang == "ug" and not self.script


def collected(*papers: Paper) -> dict[str, Paper]:
    """Papers by name; a name given twice is a mistake of ours."""
    found = {paper.name: paper for paper in papers}
    if len(found) != len(papers):
        raise ValueError("Two papers have the same name.")
    return found
