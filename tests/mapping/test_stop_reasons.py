"""The classes of reasons that a text on why a study stopped states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping.texts.stop_reasons import stop_reasons
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
        ("Recruitement was difficult", "accrual"),
        ("Patients were unwilling to take part", "accrual"),
        ("Sample size could not be reached", "accrual"),
        ("Low prevalence of the disease", "accrual"),
        ("We couldn't enrol anyone", "accrual"),
        ("The control group did not show any benefit", "efficacy"),
        ("Lack of efficacy in these patients", "efficacy"),
        ("Interim analysis demonstrated superiority", "success"),
        ("Enough data for analysis", "success"),
        ("Accrual goal was not achieved", "accrual"),
        ("Higher mortality in one arm", "safety"),
        ("Poorly tolerated", "safety"),
        ("The investigator died", "staff"),
        ("No patients died", ""),
        ("Safety: no concerns; funding ended", "funding"),
        ("Product was withdrawn by the company", "business"),
        ("Grant received", ""),
        ("The grant was not awarded", "funding"),
        ("Withdrawal of sponsor support", "funding"),
        ("New evidence made the question obsolete", "study-design"),
        ("The event rate was lower than expected", "study-design"),
        ("IRB did not approve", "regulator"),
        ("PI took a new job", "staff"),
        ("Shortage of research nurses", "staff"),
        ("The study diet was no longer available", "supply"),
        ("Unable to obtain the device", "supply"),
        ("Lack of cooperation among centers", "logistics"),
        ("Not feasible", "logistics"),
        ("Slow enrollment, so that it was not feasible", "accrual"),
        ("Lockdown", "epidemic"),
        ("High drop-out rate", "other"),
        ("Registered twice", "other"),
        ("Not only due to safety but also to cost", "safety funding"),
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
