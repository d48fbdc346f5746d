"""The classes of reasons that a text on why a study stopped states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping.stop_reasons import stop_reasons
from kg.vocabularies.codes import load_codes

Build = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("Slow accrual", "accrual"),
        ("Not able to enroll any patients", "accrual"),
        ("No participants were included", "accrual"),
        ("Recruitment", "accrual"),
        ("We could not find eligible volunteers", "accrual"),
        ("Low enrollment and lack of funding", "accrual funding"),
        ("Stopped for futility at the interim analysis", "efficacy"),
        ("The primary endpoint was not met", "efficacy"),
        ("No effect on walking was seen", "efficacy"),
        ("All objectives were achieved ahead of time", "success"),
        ("Enrollment completed", "success"),
        ("Unexpected liver toxicity", "safety"),
        ("Two patients died of bleeding", "safety"),
        ("Business decision", "business"),
        ("Sponsor decision", "business"),
        ("Terminated by the sponsor for lack of efficacy", "efficacy"),
        ("The company was dissolved", "business"),
        ("Change in sponsor", "business"),
        ("No grant was awarded", "funding"),
        ("Recruitment strategy was not funded", "accrual funding"),
        ("The study was redesigned", "study-design"),
        ("A new guideline came out", "study-design"),
        ("Ethics committee approval expired", "regulator"),
        ("FDA requested more data", "regulator"),
        ("PI left the institution", "staff"),
        ("Study coordinator has retired", "staff"),
        ("Study drug is no longer available", "supply"),
        ("Manufacturer stopped production", "supply"),
        ("The clinic was closed", "logistics"),
        ("Lack of resources", "logistics"),
        ("COVID-19", "epidemic"),
        ("A change of public policy", "other"),
        ("Sponsor decision, not related to safety", "business"),
        ("The decision was not due to safety concerns or lack of efficacy", ""),
        ("Not a safety issue", ""),
        ("Slow enrollment; not based on any safety findings", "accrual"),
        ("Not because of safety but because of slow accrual", "accrual"),
        ("Terminated for lack of funds; no safety concerns were identified", "funding"),
        ("Study terminated", ""),
        ("PI decision", ""),
        ("See detailed description", ""),
        ("", ""),
    ],
)
def test_classes(text: str, classes: str) -> None:
    assert list(stop_reasons(text)) == classes.split()


def test_statements(statements: Build) -> None:
    found = statements(statusModule={"overallStatus": "TERMINATED", "whyStopped": "Slow accrual, no funds"})
    assert found.of("", "tkg:whyStopped") == ["Slow accrual, no funds"]
    assert found.of("", "tkg:stopReason") == ["accrual", "funding"]
    assert statements(statusModule={"overallStatus": "COMPLETED"}).of("", "tkg:stopReason") == []


WORDS = st.sampled_from(
    "not no safety concerns but due to enrollment slow patients drug sponsor decided pi left ; . , lack of the".split()
)


@given(st.one_of(st.text(max_size=400), st.lists(WORDS, max_size=80).map(" ".join)))
def test_any_text_gives_codes_of_the_list(text: str) -> None:
    assert set(stop_reasons(text)) <= load_codes()["stop-reason"].keys()


@pytest.mark.parametrize(
    "text", ["no " * 2000, "not due " * 800, "slow, " * 999, "patients " * 700, "a" * 5000, "pi . " * 900]
)
def test_long_repetition_ends(text: str) -> None:
    stop_reasons(text)
