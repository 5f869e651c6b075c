"""Templates filled with records: the same number stands at every place that tells it."""

from __future__ import annotations

import re

import pytest

from unburnt.desk.access import Session
from unburnt.desk.desk import template_environment
from unburnt.model.seal import SealState, Vouched
from unburnt.model.views import Progress, Status


@pytest.mark.parametrize(("outcomes", "waiting"), [({"read": 40, "waiting": 1234}, "1,234"), ({"read": 7, "needs-ocr": 2}, "0")])
def test_what_waits_is_told_by_the_progress_as_by_the_badge_below_it(outcomes: dict[str, int], waiting: str) -> None:
    items = sum(outcomes.values())
    status = Status(accessions=1, items=items, blobs=items, bytes=1, documents=0, outcomes=outcomes)
    progress = Progress(state="reading", waiting=2, done=3)  # two under way, which are others than what waits
    page = template_environment("en", str).get_template("progress.html").render(
        status=status, progress=progress, busy=True, still=False)
    assert f"{items - outcomes.get('waiting', 0)} done, {waiting} waiting" in page
    badges = re.findall(r'class="count">([\d,]+)</span> <span class="badge outcome" data-outcome="waiting"', page)
    assert badges == ([waiting] if "waiting" in outcomes else [])
    [(most, value)] = re.findall(r'<progress max="(\d+)" value="(\d+)"', page)
    assert int(most) - int(value) == max(outcomes.get("waiting", 0), outcomes.get("needs-ocr", 0))


def test_of_many_statements_the_ten_newest_are_shown_and_the_rest_unfold() -> None:
    vouched = tuple(Vouched(kind="timestamped", by=f"authority {n}", time=f"2026-01-{n:02}T00:00:00Z", size=n) for n in range(1, 15))
    state = SealState(origin="unburnt/a", events=20, sealed=20, vkey="a+b+c", key_is_here=True, vouched=vouched)
    page = template_environment("en", str).get_template("seal.html").render(
        state=state, problems=[], unvouched=6, timestamped=True, held_back=None, session=Session("secret"), here="/seal", search=None)
    shown, _, folded = page.partition("Earlier statements (4)</summary>")
    assert re.findall(r"<bdi>authority (\d+)</bdi>", shown) == [str(n) for n in range(14, 4, -1)]
    assert re.findall(r"<bdi>authority (\d+)</bdi>", folded) == ["4", "3", "2", "1"]
