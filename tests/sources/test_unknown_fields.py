"""Fields that nobody declared: named by their paths and left out, one or many of them, wherever they stand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kg.errors import RecordError
from kg.sources import Form, RawRecord, decode
from kg.study import Study
from tests.records import combination


def decoded(**fields: Any) -> Study:
    return decode(RawRecord(json.dumps({**json.loads(combination()), **fields}).encode(), Form.API_V2, "here"))


def test_a_record_without_any_names_none() -> None:
    assert decoded().unknown_fields == []


def test_fields_at_the_top_and_below() -> None:
    record = json.loads(combination())
    record["protocolSection"]["armsInterventionsModule"]["interventions"][1]["mapped"] = "x"
    record["protocolSection"]["newModule"] = {"a": [1]}
    study = decoded(**record, score=1)
    assert sorted(study.unknown_fields) == [
        "protocolSection.armsInterventionsModule.interventions[].mapped",
        "protocolSection.newModule",
        "score",
    ]
    assert study.protocol_section == decoded().protocol_section


def test_many_are_found_as_a_few_are() -> None:
    record = json.loads(combination())
    for number in range(30):
        record["protocolSection"]["statusModule"][f"new{number}"] = number
    study = decoded(**record)
    assert sorted(study.unknown_fields) == sorted(f"protocolSection.statusModule.new{n}" for n in range(30))
    assert study.protocol_section == decoded().protocol_section


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a`b",
        "x` - at `$.protocolSection",
        "x` - at `$.no",
        "x` - at `$[3]",
        "x` - at `$.hasResults",
        "\u202e",
        "a.b[0]",
    ],
)
def test_odd_names_cost_nothing_else(name: str) -> None:
    study = decoded(**{name: 1})
    assert len(study.unknown_fields) == 1
    assert study.protocol_section == decoded().protocol_section


@pytest.mark.parametrize("name", ["page", "readingNotes", "unknownFields"])
def test_our_own_fields_are_unknown_in_a_record(name: str) -> None:
    study = decoded(**{name: ["x"] if name != "page" else {"keywordRuns": ["x"]}})
    assert study.unknown_fields == [name]
    assert study.page is None
    assert study.reading_notes == []


def test_a_wrong_type_beside_an_unknown_field_is_still_an_error() -> None:
    with pytest.raises(RecordError, match="hasResults"):
        decoded(score=1, hasResults="perhaps")
