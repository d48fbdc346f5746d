"""The criteria text parted: each criterion once, whole, and on its own side."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping.criteria import Criteria, split_criteria


def test_sides_are_apart() -> None:
    found = split_criteria("Inclusion Criteria:\n\n* One\n* Two\n\nExclusion Criteria:\n\n* Three\n* Four\n* Five")
    assert found == Criteria(["One", "Two"], ["Three", "Four", "Five"])


@pytest.mark.parametrize(
    ("text", "inclusion"),
    [
        ("Inclusion Criteria:\n\n* A\n\n  * a1\n  * a2\n* B", ["A\n* a1\n* a2", "B"]),
        ("Inclusion Criteria:\n\n* A\n* B\n  continued", ["A", "B\ncontinued"]),
        ("Inclusion Criteria:\n\n1. A\n2. B\n10. C", ["A", "B", "C"]),
        ("Inclusion Criteria:\n\n1\\. A\n2\\. B", ["A", "B"]),
        ("Inclusion Criteria:\n\n\\- A\n\\- B", ["A", "B"]),
        ("Inclusion Criteria:\n\n(a) A\n(b) B", ["A", "B"]),
        ("Inclusion Criteria:\n\n• A\n• B", ["A", "B"]),
        ("Inclusion Criteria:\n\nA paragraph.\n\nAnother\nin two lines.", ["A paragraph.", "Another\nin two lines."]),
        ("Inclusion Criteria: Adults", ["Adults"]),
        ("Inclusion Criteria\n\n* A", ["A"]),
        ("**Inclusion Criteria:**\n\n* A", ["A"]),
        ("INCLUSION CRITERIA:\n* A", ["A"]),
        ("Inclusion\n\n* A", ["A"]),
        ("Key Inclusion Criteria:\n\n* A", ["A"]),
        ("1. Inclusion criteria for cases:\n\n* A\n\n2. Inclusion criteria for controls:\n\n* B", ["A", "B"]),
        ("Donor Inclusion Criteria\n\n* A", ["A"]),
        ("Inclusion criteria for part B\n\n* A", ["A"]),
        ("Inclusion Criteria Age of 60 or more.", ["Age of 60 or more."]),
        ("Patients must meet all of the following criteria:\n\n* A", ["A"]),
        ("Inclusion Criteria:\r\n\r\n* A\r\n* B", ["A", "B"]),
    ],
)
def test_forms_of_inclusion(text: str, inclusion: list[str]) -> None:
    assert split_criteria(text) == Criteria(inclusion, [])


@pytest.mark.parametrize(
    "heading",
    [
        "Exclusion Criteria:",
        "Exclusion Criteria",
        "EXCLUSION CRITERIA :",
        "Exclusion",
        "Key exclusion criteria:",
        "Subject Exclusion Criteria",
        "Exclusion Criteri",
        "Exclusion criteria for the registry",
        "Exclusion criteria-Specific to part B",
        "Angiographic exclusion criteria",
        "* Exclusion Criteria:",
        "* Part 1: Exclusion Criteria:",
        "2\\. Exclusion Criteria:",
        "Part 1: Exclusion Criteria:",
        "Eye-Related Exclusion Criteria: (of the one eye)",
        "Non-inclusion criteria:",
        "Non inclusion criteria :",
        "Some Important Exclusion Criteria:",
        "Exclusion criteria A patient who meets any of these is not included:",
        "Patients should not enter the study if any of the following exclusion criteria are fulfilled:",
        "A subject will not be eligible for inclusion in this study if any of the following criteria apply:",
        "Patients who meet any of the following criteria are not to be enrolled:",
    ],
)
def test_every_heading_of_exclusion_ends_inclusion(heading: str) -> None:
    found = split_criteria(f"Inclusion Criteria:\n\n* In\n\n{heading}\n\n* Out")
    assert found.inclusion == ["In"]
    assert found.exclusion[-1] == "Out"
    assert "In" not in found.exclusion


@pytest.mark.parametrize(
    "line",
    [
        "* Meets none of the exclusion criteria",
        "* No exclusion by age",
        "* Total occlusion of an artery",
        "* Two weeks between exclusion from another study and inclusion in this one",
        "  Other protocol-defined inclusion/exclusion criteria may apply",
        "* Patients not meeting all of the inclusion criteria: see above",
    ],
)
def test_criteria_may_speak_of_exclusion(line: str) -> None:
    found = split_criteria(f"Inclusion Criteria:\n\n* Before\n{line}\n* After")
    assert found.exclusion == []
    assert found.inclusion[0].startswith("Before")
    assert found.inclusion[-1] == "After"


@pytest.mark.parametrize("heading", ["Exclusion Criteria", "Exclusion Criteria:", "Exclusion"])
def test_a_heading_run_on_to_the_last_criterion(heading: str) -> None:
    text = f"Inclusion Criteria:\n\n* One\n* Reads English {heading}\n* Two"
    assert split_criteria(text) == Criteria(["One", "Reads English"], ["Two"])


def test_headings_within_one_line() -> None:
    text = "Inclusion Criteria: - Men - Adults Exclusion Criteria: - Stroke"
    assert split_criteria(text) == Criteria(["Men - Adults"], ["Stroke"])


def test_a_second_inclusion_list_is_added() -> None:
    text = "Inclusion Criteria:\n* A\nExclusion Criteria:\n* B\nInclusion Criteria:\n* C"
    assert split_criteria(text) == Criteria(["A", "C"], ["B"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Adults of any age.",
        "DISEASE CHARACTERISTICS:\n\n* Melanoma",
        "Inclusion/Exclusion Criteria:\n\n* Adults\n* Not pregnant",
        "<p>Inclusion Criteria:</p><ul><li>Adults</li></ul>",
    ],
)
def test_text_that_does_not_say_the_side_gives_none(text: str) -> None:
    assert split_criteria(text) == Criteria([], [])


def test_what_stands_before_the_first_heading_is_no_criterion() -> None:
    assert split_criteria("Some words first.\n\n* A bullet\n\nExclusion Criteria:\n* B") == Criteria([], ["B"])


def test_a_side_may_be_empty() -> None:
    assert split_criteria("Inclusion Criteria:\n\n* A\n\nExclusion Criteria:\n") == Criteria(["A"], [])


ITEMS = st.lists(st.from_regex(r"[A-Z][a-z]{2,8}( [a-z]{2,8}){0,4}", fullmatch=True), max_size=6)


@given(ITEMS, ITEMS)
def test_plain_lists_come_back(inclusion: list[str], exclusion: list[str]) -> None:
    text = "Inclusion Criteria:\n\n" + "".join(f"* {item}\n" for item in inclusion)
    text += "\nExclusion Criteria:\n\n" + "".join(f"* {item}\n" for item in exclusion)
    assert split_criteria(text) == Criteria(inclusion, exclusion)


@given(st.text(alphabet=st.sampled_from("aE \n*-1.:clusion Criteria")) | st.text())
def test_any_text_is_parted_without_adding_a_word(text: str) -> None:
    found = split_criteria(text)
    words = re.findall(r"\w+", text)
    assert all(item.strip() for side in found for item in side)
    for item in (item for side in found for item in side):
        assert len(re.findall(r"\w+", item)) <= len(words)
