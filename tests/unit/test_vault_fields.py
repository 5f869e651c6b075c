"""Opening all disclosures of a line at once gives what opening each by itself gives, whatever stands in them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unburnt.vault.fields import BadLine, Line, base64url, opened, values_of

SPLIT = ('["s","path",[1', '2]],["s","size",3]')
TWO_IN_ONE = ('["s","path",1],["t","size",2]', " ")
texts = st.sampled_from((
    *SPLIT, *TWO_IN_ONE, '["s","path",[1,', '2]]', '["s","kind","x"]', '["s","kind", "x"]', ' ["s","kind","x"]', '["s","kind","x"]\n',
    '["s","kind","\\u0061"]', '["\\u0061","kind",1]', '["s","k\\u0069nd",1]', '["s","不","是"]', '["s","not a name",1]', '["s","",1]',
    '["s","new_field",{"a":[1,2]}]', '["s","time",null]', "", "\n", "\x00", '["s","time"]', '["s","time",1,2]', "[]", "{}", '["s","time",1',
    '["s","time",' + "[" * 2000 + "]" * 2000 + "]", '["s","size","1"],',
))
written = st.one_of(
    texts.map(lambda text: base64url(text.encode()).decode()),
    st.binary(max_size=12).map(lambda data: base64url(data).decode()),
    st.builds(lambda text, sign: base64url(text.encode()).decode() + sign, texts, st.sampled_from("=AK?+\n é\ud800")),
    st.sampled_from((base64url(b'["s","size",12]')[:-1].decode() + "9", "WyJz+/", "-_-_")),
)


def _one_by_one(disclosures: list[str]) -> dict[str, bytes] | None:
    try:
        return dict(map(opened, disclosures))
    except BadLine:
        return None


def _at_once(disclosures: list[str]) -> dict[str, bytes] | None:
    try:
        return {name: bytes(value) for name, value in values_of(Line(0, [], disclosures)).items()}
    except BadLine:
        return None


@given(st.lists(written, max_size=5))
@example([base64url(one.encode()).decode() for one in SPLIT])
@example([base64url(one.encode()).decode() for one in TWO_IN_ONE])
def test_it_makes_no_difference_whether_disclosures_are_opened_together(disclosures: list[str]) -> None:
    assert _at_once(disclosures) == _one_by_one(disclosures)


@pytest.mark.parametrize("text", ['["s","size","12"]', '["sa","size","12"]', '["sal","size","12"]'])
def test_disclosures_of_every_length_are_opened_together(text: str) -> None:
    line = Line(0, [], [base64url(text.encode()).decode(), base64url(b'["s","kind","x"]').decode()])
    values = values_of(line)
    assert {name: msgspec.json.decode(value) for name, value in values.items()} == {"size": "12", "kind": "x"}
