"""Values that no statement can say are noted and counted as rejected, so that the report adds up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kg.linking.linker import load_linker
from kg.mapping.fields import occurrences
from kg.mapping.study import Mapped, map_study
from kg.sources import Form, RawRecord, decode
from kg.study import Conditions, Protocol, Status, Study

ARMS = "armsInterventionsModule.interventions[].armGroupLabels[]"


def mapped(derived: dict[str, Any] | None = None, results: dict[str, Any] | None = None, **modules: Any) -> Mapped:
    identification = {"nctId": "NCT99999999", "briefTitle": "Title"}
    record = {"protocolSection": {"identificationModule": identification, **modules}, "derivedSection": derived or {}}
    record["resultsSection"] = results or {}
    data, linker = json.dumps(record).encode(), load_linker()
    study = decode(RawRecord(data, Form.API_V2, "here"))
    return map_study(study, linker.study(study), linker, data, Form.API_V2)


def arms(label: str, *names: str) -> Mapped:
    module = {
        "armGroups": [{"label": "One", "interventionNames": list(names)}],
        "interventions": [{"type": "DRUG", "name": "Alpha", "armGroupLabels": [label]}, {"type": "DRUG", "name": "B"}],
    }
    return mapped(armsInterventionsModule=module)


@pytest.mark.parametrize(
    ("label", "names", "note"),
    [
        ("Two", ["Drug: Alpha"], "intervention 'Alpha' names an arm that is not listed: 'Two'"),
        ("One", ["Drug: B"], "intervention 'Alpha' names arm 'One', which does not name it"),
    ],
)
def test_a_label_of_an_arm_that_leads_nowhere(label: str, names: list[str], note: str) -> None:
    found = arms(label, *names)
    assert (found.notes, found.rejected) == ([note], {ARMS: 1})


@pytest.mark.parametrize("names", [["Drug: Alpha"], ["alpha"], []])
def test_a_label_of_an_arm_that_uses_the_intervention(names: list[str]) -> None:
    found = arms("One", *names)
    assert (found.notes, found.rejected) == ([], {})


def test_two_interventions_of_one_name_in_an_arm_are_no_loss() -> None:
    entry = {"type": "DRUG", "name": "Alpha", "armGroupLabels": ["One"]}
    module = {"armGroups": [{"label": "One", "interventionNames": ["Drug: Alpha"]}], "interventions": [entry, entry]}
    assert mapped(armsInterventionsModule=module).notes == []


@pytest.mark.parametrize(
    ("date", "notes"),
    [
        ({}, ["'ACTUAL' is the type of a date that is not there"]),
        ({"date": "soon"}, ["'soon' is not a date (expected YYYY-MM-DD or YYYY-MM)"]),
    ],
)
def test_the_type_of_a_date_that_is_none(date: dict[str, str], notes: list[str]) -> None:
    found = mapped(statusModule={"startDateStruct": {**date, "type": "ACTUAL"}})
    assert found.notes == notes
    assert found.rejected["statusModule.startDateStruct.type"] == 1
    assert found.rejected["statusModule.startDateStruct.date"] == len(date)


def test_registered_terms_that_mean_nothing() -> None:
    terms = [{"term": "Invented disease"}, {"term": "Melanoma"}, {"id": "Q1", "term": "Other"}]
    found = mapped({"conditionBrowseModule": {"meshes": terms}})
    field = "derivedSection.conditionBrowseModule.meshes[]"
    assert found.rejected == {f"{field}.term": 2, f"{field}.id": 1}
    assert len(found.notes) == 2


@pytest.mark.parametrize(("counts", "lost"), [([{"groupId": "G", "value": "3"}], 0), ([], 1)])
def test_the_title_of_a_class_that_only_numbers_analyzed_say(counts: list[dict[str, str]], lost: int) -> None:
    part = {"title": "Old", "denoms": [{"units": "Participants", "counts": counts}], "categories": []}
    measure = {"title": "Age", "groups": [{"id": "G", "title": "All"}], "classes": [part]}
    found = mapped(results={"outcomeMeasuresModule": {"outcomeMeasures": [measure]}})
    assert sum(value == '"Old"' for _, _, value in found.statements) == 1 - lost
    assert found.rejected.total() == lost


def test_an_empty_text_is_no_value() -> None:
    conditions = Conditions(conditions=["", "Melanoma"], keywords=[""])
    study = Study(protocol_section=Protocol(conditions_module=conditions, status_module=Status(why_stopped="")))
    assert occurrences([study]) == {"conditionsModule.conditions[]": 1}
