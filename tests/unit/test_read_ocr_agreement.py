"""Whether a text layer says what its page shows."""

from __future__ import annotations

import pytest

from tests.scanned import TEXTS
from unburnt.read.ocr.agreement import Agreement, agreement

SEEN = "\n".join(TEXTS["ug"])


def test_a_layer_with_the_words_in_another_order_and_other_yehs_is_right() -> None:
    layer = " ".join(reversed(SEEN.split())).replace("ى", "ی").replace("ە", "ه")
    assert agreement(layer, SEEN).is_right


def test_a_layer_from_behind_is_wrong_and_the_cause_is_known() -> None:
    found = agreement(" ".join(word[::-1] for word in SEEN.split()), SEEN)
    assert found.is_wrong
    assert found.is_reversed


@pytest.mark.parametrize("layer", ["\n".join(TEXTS["ru"]), "".join(one if one.isspace() else chr(ord(one) + 1) for one in SEEN)])
def test_a_layer_of_something_else_is_wrong(layer: str) -> None:
    found = agreement(layer, SEEN)
    assert found.is_wrong
    assert not found.is_reversed


@pytest.mark.parametrize(("layer", "seen"), [("", SEEN), (SEEN, ""), ("ئاي يىل", SEEN), ("12 34 56 78 90 12", SEEN)])
def test_too_few_words_are_not_judged(layer: str, seen: str) -> None:
    found = agreement(layer, seen)
    assert found == Agreement(None)
    assert not found.is_wrong
    assert not found.is_right
