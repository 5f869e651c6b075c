"""Every cell of every sheet is at its address, also where rows, columns and sheets are hidden."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from leak_source import name_of, with_fact

from unburnt.model.reading import Cell, Part

Parts = Callable[[str], list[Part]]
SHEETS = [
    pytest.param(digest, sheet, id=f"{name_of(digest)}-{number}")
    for digest, truth in with_fact("sheets")
    for number, sheet in enumerate(truth["sheets"])
]


def place(address: str) -> tuple[int, int]:
    """Row and column from 0 of an A1 address."""
    match = re.fullmatch(r"([A-Z]+)([0-9]+)", address)
    assert match
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def sheet_part(parts: list[Part], sheet: dict[str, Any]) -> Part:
    (part,) = [part for part in parts if part.kind == "sheet" and part.label == sheet["name"]]
    return part


def by_place(part: Part) -> dict[tuple[int, int], Cell]:
    return {(cell.row, cell.column): cell for cell in part.cells}


@pytest.mark.parametrize(("digest", "sheet"), SHEETS)
def test_every_cell_is_at_its_address(parts_of: Parts, digest: str, sheet: dict[str, Any]) -> None:
    part = sheet_part(parts_of(digest), sheet)
    found = {where: part.text[cell.start : cell.end] for where, cell in by_place(part).items()}
    assert found == {place(address): cell["shown"] for address, cell in sheet["cells"].items()}


@pytest.mark.parametrize(("digest", "sheet"), SHEETS)
def test_cells_keep_type_formula_comment_and_doubt(parts_of: Parts, digest: str, sheet: dict[str, Any]) -> None:
    cells = by_place(sheet_part(parts_of(digest), sheet))
    for address, told in sheet["cells"].items():
        cell = cells[place(address)]
        assert cell.type == told["type"], address
        assert cell.formula == told.get("formula"), address
        assert told.get("comment", "") in (cell.comment or ""), address
        assert bool(cell.comment) == ("comment" in told), address
        assert ("imprecise-id" in cell.flags) == ("imprecise-id" in told.get("flags", ())), address


@pytest.mark.parametrize(("digest", "sheet"), SHEETS)
def test_what_is_hidden_says_so(parts_of: Parts, digest: str, sheet: dict[str, Any]) -> None:
    part = sheet_part(parts_of(digest), sheet)
    assert part.hidden == sheet["hidden"]
    assert [row + 1 for row in part.hidden_rows] == sheet.get("hidden_rows", [])
    assert [chr(65 + column) for column in part.hidden_columns] == sheet.get("hidden_columns", [])


@pytest.mark.parametrize(("digest", "sheet"), SHEETS)
def test_merged_ranges_are_kept(parts_of: Parts, digest: str, sheet: dict[str, Any]) -> None:
    expected = {(*place(one.split(":")[0]), *place(one.split(":")[1])) for one in sheet.get("merged", ())}
    assert set(sheet_part(parts_of(digest), sheet).merged) == expected
