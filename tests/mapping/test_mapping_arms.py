"""Arms, their uses, and the drugs that follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Build = Callable[..., Any]


def drug(name: str, kind: str = "DRUG", **more: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, **more}


def arm(label: str, *names: str, kind: str = "EXPERIMENTAL") -> dict[str, Any]:
    return {"label": label, "type": kind, "interventionNames": list(names)}


def uses(found: Any, number: int) -> list[str]:
    return [found.of(use, "tkg:intervention")[0] for use in found.of(f"arm/{number}", "tkg:use")]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Drug: Part 1: aspirin", "Part 1: aspirin"),
        ("Drug: aspirin: 100 mg", "aspirin: 100 mg"),
        ("DRUG:  Aspirin ", "aspirin"),
        ("aspirin", "aspirin"),
        ("Dietary Supplement: aspirin", "aspirin"),
    ],
)
def test_an_arm_names_its_interventions(statements: Build, name: str, given: str) -> None:
    found = statements(
        armsInterventionsModule={"armGroups": [arm("A", name)], "interventions": [drug("other"), drug(given)]}
    )
    assert uses(found, 1) == ["intervention/2"]
    assert found.notes == []


def test_the_type_tells_apart_interventions_of_one_name(statements: Build) -> None:
    found = statements(
        armsInterventionsModule={
            "armGroups": [arm("A", "Device: lamp"), arm("B", "Drug: lamp")],
            "interventions": [drug("lamp"), drug("lamp", "DEVICE")],
        }
    )
    assert (uses(found, 1), uses(found, 2)) == (["intervention/2"], ["intervention/1"])


def test_a_name_that_is_not_listed_is_noted(statements: Build) -> None:
    found = statements(
        armsInterventionsModule={
            "armGroups": [arm("A", "Drug: aspirin", "Drug: gone")],
            "interventions": [drug("aspirin")],
        }
    )
    assert uses(found, 1) == ["intervention/1"]
    assert found.notes == ["arm 'A' names an intervention that is not listed: 'Drug: gone'"]


def test_without_names_the_labels_of_the_interventions_say(statements: Build) -> None:
    found = statements(
        armsInterventionsModule={
            "armGroups": [{"label": "A"}, {"label": "B"}],
            "interventions": [drug("aspirin", armGroupLabels=["B"]), drug("ibuprofen", armGroupLabels=["A", "B"])],
        }
    )
    assert uses(found, 1) == ["intervention/2"]
    assert uses(found, 2) == ["intervention/1", "intervention/2"]


def test_an_intervention_used_twice_is_one_use(statements: Build) -> None:
    found = statements(
        armsInterventionsModule={
            "armGroups": [arm("A", "Drug: aspirin", "Drug: aspirin")],
            "interventions": [drug("aspirin")],
        }
    )
    assert found.of("arm/1", "tkg:use") == ["arm/1/use/1"]


def test_drugs_of_arms_are_those_of_their_interventions(statements: Build) -> None:
    found = statements(
        armsInterventionsModule={
            "armGroups": [arm("A", "Drug: NKTR-214", "Drug: nivolumab"), arm("B", "Drug: nivolumab"), arm("C")],
            "interventions": [drug("NKTR-214"), drug("nivolumab")],
        }
    )
    assert found.of("arm/1", "tkg:drug") == ["bempegaldesleukin", "nivolumab"]
    assert found.of("arm/2", "tkg:drug") == ["nivolumab"]
    assert found.of("arm/3", "tkg:drug") == []
    assert found.of("", "tkg:drug") == ["bempegaldesleukin", "nivolumab"]
    assert {"IL2ReceptorAgonist", "PD1Inhibitor"} <= set(found.of("arm/1", "tkg:drugWithin"))
    assert "IL2ReceptorAgonist" not in found.of("arm/2", "tkg:drugWithin")
    assert found.of("", "tkg:drugWithin") == found.of("arm/1", "tkg:drugWithin")


def test_a_class_is_no_drug(statements: Build) -> None:
    found = statements(
        armsInterventionsModule={
            "armGroups": [arm("A", "Drug: MDNA11", "Drug: Checkpoint inhibitor")],
            "interventions": [drug("MDNA11"), drug("Checkpoint inhibitor")],
        }
    )
    assert found.of("arm/1", "tkg:drug") == ["mdna11"]
    assert found.of("arm/1", "tkg:drugClass") == ["ImmuneCheckpointInhibitor"]
    assert found.of("", "tkg:drugClass") == ["ImmuneCheckpointInhibitor"]
    assert "ImmuneCheckpointInhibitor" in found.of("arm/1", "tkg:drugWithin")


@pytest.mark.parametrize("kind", ["DEVICE", "PROCEDURE", "RADIATION", "BEHAVIORAL", "DIAGNOSTIC_TEST"])
def test_what_is_not_given_as_a_drug_gives_none(statements: Build, kind: str) -> None:
    found = statements(armsInterventionsModule={"interventions": [drug("nivolumab", kind)]})
    assert found.of("", "tkg:drug") == []
    assert found.of("intervention/1", "tkg:drug") == []


@pytest.mark.parametrize(
    "name", ["Placebo", "Pembrolizumab Placebo", "Placebo for nivolumab", "Sham infusion of nivolumab"]
)
def test_a_placebo_gives_no_drug(statements: Build, name: str) -> None:
    found = statements(
        armsInterventionsModule={
            "armGroups": [arm("A", name, kind="PLACEBO_COMPARATOR")],
            "interventions": [drug(name)],
        }
    )
    assert found.of("", "tkg:drug") == []
    assert found.of("arm/1/use/1", "tkg:role") == ["placebo"]


def test_a_registry_term_tells_the_drug_only_where_a_name_is_unexplained(statements: Build) -> None:
    terms = {"interventionBrowseModule": {"meshes": [{"id": "D000077594", "term": "Nivolumab"}]}}
    unexplained = statements(armsInterventionsModule={"interventions": [drug("the usual")]}, derived=terms)
    assert unexplained.of("", "tkg:drug") == ["nivolumab"]
    explained = statements(armsInterventionsModule={"interventions": [drug("aspirin")]}, derived=terms)
    assert explained.of("", "tkg:drug") == ["D001241"]
    assert "nivolumab" in explained.of("", "tkg:interventionConcept")
    placebo = statements(armsInterventionsModule={"interventions": [drug("placebo")]}, derived=terms)
    assert placebo.of("", "tkg:drug") == []
    device = statements(armsInterventionsModule={"interventions": [drug("a lamp", "DEVICE")]}, derived=terms)
    assert device.of("", "tkg:drug") == []


def test_other_names_once_each(statements: Build) -> None:
    found = statements(
        armsInterventionsModule={"interventions": [drug("aspirin", otherNames=["ASA", " ASA", "aspirin"])]}
    )
    assert found.of("intervention/1", "skos:altLabel") == ["ASA", "aspirin"]


def test_roles_stand_on_the_uses(statements: Build) -> None:
    found = statements(
        armsInterventionsModule={
            "armGroups": [
                arm("A", "Drug: NKTR-214", "Drug: nivolumab"),
                arm("B", "Drug: nivolumab", kind="ACTIVE_COMPARATOR"),
            ],
            "interventions": [drug("NKTR-214"), drug("nivolumab")],
        }
    )
    role = [found.of(use, "tkg:role")[0] for n in (1, 2) for use in found.of(f"arm/{n}", "tkg:use")]
    assert role == ["investigational", "background", "comparator"]
