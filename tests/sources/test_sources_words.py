"""Words and dates of the registry's older forms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.sources.dates import iso_date
from kg.sources.registry_words import enum_list, enum_value, phase_values


@pytest.mark.shared_data
def test_every_word_of_the_registry_has_its_value(shared_data: Path) -> None:
    lists = json.loads((shared_data / "records" / "api" / "enums.json").read_text())
    assert len(lists) > 35
    for one in lists:
        for value in one["values"]:
            words = [value["value"], value["legacyValue"], *(value.get("exceptions") or {}).values()]
            assert {enum_value(one["type"], word) for word in words} == {value["value"]}
        assert {enum_list(piece) for piece in one["pieces"]} == {one["type"]}


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("Phase 1/Phase 2", ["PHASE1", "PHASE2"]),
        ("PHASE2/PHASE3", ["PHASE2", "PHASE3"]),
        ("Early Phase 1", ["EARLY_PHASE1"]),
        ("NA", ["NA"]),
        ("N/A", ["NA"]),
        ("Not Applicable", ["NA"]),
        ("Phase 9", ["Phase 9"]),
    ],
)
def test_phases(words: str, values: list[str]) -> None:
    assert phase_values(words) == values


@pytest.mark.parametrize("text", ["", "11/25/16", "16-Nov", "2015", "September", "2015-02-30", "Unknown"])
def test_what_is_no_date(text: str) -> None:
    assert iso_date(text) is None
