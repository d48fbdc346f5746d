"""The criteria text parted: each criterion once, whole, and on its own side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping.criteria import Criterion, split_criteria
from kg.terms import clean


class Sides(NamedTuple):
    """The texts of the criteria of each side."""

    inclusion: list[str]
    exclusion: list[str]
    unstated: list[str] = []  # noqa: RUF012 - a tuple's default


def sides(text: str) -> Sides:
    found = split_criteria(clean(text))
    return Sides(*([criterion.text for criterion in side] for side in found))


def tree(criterion: Criterion) -> object:
    return (criterion.own, [tree(part) for part in criterion.parts]) if criterion.parts else criterion.own


def walk(criteria: Sequence[Criterion]) -> Iterator[Criterion]:
    for criterion in criteria:
        yield criterion
        yield from walk(criterion.parts)


def test_sides_are_apart() -> None:
    found = sides("Inclusion Criteria:\n\n* One\n* Two\n\nExclusion Criteria:\n\n* Three\n* Four\n* Five")
    assert found == Sides(["One", "Two"], ["Three", "Four", "Five"])


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
    assert sides(text) == Sides(inclusion, [])


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
    found = sides(f"Inclusion Criteria:\n\n* In\n\n{heading}\n\n* Out")
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
    found = sides(f"Inclusion Criteria:\n\n* Before\n{line}\n* After")
    assert found.exclusion == []
    assert found.inclusion[0].startswith("Before")
    assert found.inclusion[-1] == "After"


@pytest.mark.parametrize("heading", ["Exclusion Criteria", "Exclusion Criteria:", "Exclusion"])
def test_a_heading_run_on_to_the_last_criterion(heading: str) -> None:
    text = f"Inclusion Criteria:\n\n* One\n* Reads English {heading}\n* Two"
    assert sides(text) == Sides(["One", "Reads English"], ["Two"])


def test_headings_within_one_line() -> None:
    text = "Inclusion Criteria: - Men - Adults Exclusion Criteria: - Stroke"
    assert sides(text) == Sides(["Men - Adults"], ["Stroke"])


def test_a_second_inclusion_list_is_added() -> None:
    text = "Inclusion Criteria:\n* A\nExclusion Criteria:\n* B\nInclusion Criteria:\n* C"
    assert sides(text) == Sides(["A", "C"], ["B"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Adults of any age.",
        "DISEASE CHARACTERISTICS:\n\n* Melanoma",
        "Adults.\n\nNo pregnant women.",
        "<p>Inclusion Criteria:</p><ul><li>Adults</li></ul>",
    ],
)
def test_text_that_does_not_say_the_side_gives_none(text: str) -> None:
    assert sides(text) == Sides([], [])


def test_what_stands_before_the_first_heading_is_no_criterion() -> None:
    assert sides("Some words first.\n\n* A bullet\n\nExclusion Criteria:\n* B") == Sides([], ["B"])


def test_a_side_may_be_empty() -> None:
    assert sides("Inclusion Criteria:\n\n* A\n\nExclusion Criteria:\n") == Sides(["A"], [])


ITEMS = st.lists(st.from_regex(r"[A-Z][a-z]{2,8}( [a-z]{2,8}){0,4}", fullmatch=True), max_size=6)


@given(ITEMS, ITEMS)
def test_plain_lists_come_back(inclusion: list[str], exclusion: list[str]) -> None:
    text = "Inclusion Criteria:\n\n" + "".join(f"* {item}\n" for item in inclusion)
    text += "\nExclusion Criteria:\n\n" + "".join(f"* {item}\n" for item in exclusion)
    assert sides(text) == Sides(inclusion, exclusion)


@given(
    st.lists(
        st.sampled_from(["a", "E", " ", "\n", "*", "-", "1.", ":", "Inclusion Criteria", "Exclusion criteria:", "  "])
    ).map("".join)
    | st.text()
)
def test_any_text_is_parted_without_adding_a_word(text: str) -> None:
    lines = ["".join(line.split()) for line in clean(text).split("\n")]
    found = split_criteria(clean(text))
    begun: list[int] = []
    for side in found:
        for criterion in walk(side):
            assert criterion.text.strip() == criterion.text
            assert criterion.text
            begun.append(criterion.line)
            for part in criterion.text.split("\n"):
                assert any("".join(part.split()) in line for line in lines)
    # A line begins more than one criterion only where headings within it part it.
    assert all(begun.count(number) == 1 or "clusion" in lines[number].lower() for number in begun)


@pytest.mark.parametrize(
    "text",
    [
        "Inclusion Criteria: " * 2_000,
        "Inclusion" + " " * 20_000 + "x:",
        "Inclusion Criteria:\n" + "* " * 10_000,
        "Inclusion Criteria:\n" + "".join(f"{' ' * depth}* item\n" for depth in range(1_500)),
        "Inclusion Criteria:\n" + "1. a:\n* b\n" * 2_000,
        "crit" * 5_000 + " de inclusion",
        "exclusion criteria " * 1_000 + ":",
        "1.1.1" * 3_000,
        "following criteria " * 2_000 + ":",
        "Part A: " * 2_000 + "Inclusion Criteria",
        "Inclusion Criteria:\n" + "a:\n\n" * 20_000,
        "Inclusion Criteria:\n" + "a\n\n" * 20_000,
    ],
)
def test_hostile_text_is_parted(text: str) -> None:
    assert isinstance(split_criteria(text).inclusion, list)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("* A\n  * a\n    * aa\n  * b\n* B", [("A", [("a", ["aa"]), "b"]), "B"]),
        ("1. One of:\n* a\n* b\n2. B", [("One of:", ["a", "b"]), "B"]),
        ("1. A\n1.1 a\n1.2 b\n2. B", [("A", ["a", "b"]), "B"]),
        ("* A:\n  1. a\n  2. b", [("A:", ["a", "b"])]),
        ("* A\n- B", ["A", "B"]),
        (
            "Adults with one of the following:\n\n* a\n* b\n\nConsent",
            [("Adults with one of the following:", ["a", "b"]), "Consent"],
        ),
        ("* A\n\nOne of the following:\n\n* a\n* b", ["A", ("One of the following:", ["a", "b"])]),
        ("Part A:\n\n* A\n\nPart B:\n\n* B", ["A", "B"]),
        ("* A\n  more of it\n  * a", [("A\nmore of it", ["a"])]),
        ("Subjects who meet all of the following:\n\n* A\n* B", ["A", "B"]),
        ("* Only patients who meet all of these criteria:\n\n  1. A\n  2. B", ["A", "B"]),
        ("* A\n* Other protocol-defined criteria may apply", ["A"]),
        ("* None", []),
    ],
)
def test_nesting(lines: str, expected: list[object]) -> None:
    found = split_criteria(f"Inclusion Criteria:\n\n{lines}")
    assert [tree(criterion) for criterion in found.inclusion] == expected


def test_the_whole_text_of_a_criterion_has_what_is_nested_in_it() -> None:
    (found,) = split_criteria("Exclusion Criteria:\n\n* A:\n  * a\n    * aa").exclusion
    assert (found.text, found.parts[0].text, found.parts[0].own) == ("A:\n* a\n* aa", "a\n* aa", "a")


def test_nesting_has_an_end() -> None:
    text = "Exclusion Criteria:\n" + "".join(f"{' ' * depth}* item {depth}\n" for depth in range(9))
    (found,) = split_criteria(text).exclusion
    deepest = list(walk([found]))[-1]
    assert "item 8" in deepest.own
    assert len(list(walk([found]))) == 4


@pytest.mark.parametrize(
    ("inclusion", "exclusion"),
    [
        ("Include:", "Exclude:"),
        ("Included:", "Excluded:"),
        ("Included will be those with:", "Excluded will be those with:"),
        ("Inculsion", "Exlusion"),
        ("Inclusion Citeria:", "Exclusion Critera:"),
        ("INCLUSIONS CRITERIA", "EXCLUSIONS CRITERIA"),
        ("Inclusion criteria for mothers:", "Exclusion criteria for mothers:"),
        ("* Inclusion criteria:", "* Exclusion criteria:"),
        ("- INCLUSION CRITERIA FOR DONORS", "- EXCLUSION CRITERIA FOR DONORS"),
        ("Part A1: Escalation Inclusion Criteria", "Part A1: Escalation Exclusion Criteria"),
        ("Critères d'inclusion :", "Critères de non-inclusion :"),
        ("Criterios de inclusión:", "Criterios de exclusión:"),
        ("CRITERIOS DE INCLUSION", "CRITERIOS DE EXCLUSION"),
        ("Critérios de inclusão:", "Critérios de exclusão:"),
        ("Criteri di inclusione:", "Criteri di esclusione:"),
        ("Einschlusskriterien:", "Ausschlusskriterien:"),
        ("Einschlußkriterien", "Ausschlußkriterien"),
        ("To be included, patients must meet the following criteria:", "Patients with the following are excluded:"),
    ],
)
def test_forms_of_headings(inclusion: str, exclusion: str) -> None:
    found = sides(f"{inclusion}\n\n* In\n* In too\n\n{exclusion}\n\n* Out\n* Out too")
    assert found == (["In", "In too"], ["Out", "Out too"], [])


@pytest.mark.parametrize(
    "line", ["Including:", "Included: asthma", "* Includes: asthma", "This includes the following:"]
)
def test_what_exclusion_goes_on_to_say_stays_exclusion(line: str) -> None:
    found = sides(f"Inclusion Criteria:\n* In\nExclusion Criteria:\n* Out\n{line}\n* Out too")
    assert found.inclusion == ["In"]
    assert "Out too" in "\n".join(found.exclusion)


def test_who_has_to_leave_is_no_criterion() -> None:
    text = "Inclusion Criteria:\n* A\nExclusion Criteria:\n* B\nWithdrawal criteria:\n* C"
    assert sides(text) == (["A"], ["B"], [])


@pytest.mark.parametrize(
    ("text", "unstated"),
    [
        ("Inclusion/Exclusion Criteria:\n\n* Adults\n* Not pregnant", ["Adults", "Not pregnant"]),
        (
            "DISEASE CHARACTERISTICS:\n\n* Melanoma\n  * Stage IV\n\nPATIENT CHARACTERISTICS:\n\nAge:\n\n* Over 18",
            ["Melanoma\n* Stage IV", "Over 18"],
        ),
        ("* Adults\n* Consent", ["Adults", "Consent"]),
        ("Some words.\n\n1. Adults\n2. Consent\n\nMore words.", ["Adults", "Consent\nMore words."]),
    ],
)
def test_a_list_whose_side_the_text_does_not_say(text: str, unstated: list[str]) -> None:
    assert sides(text) == ([], [], unstated)


def test_a_heading_in_a_very_long_line_begins_its_side() -> None:
    text = "Inclusion Criteria:\n* In\nExclusion Criteria: " + "out " * 500
    found = sides(text)
    assert found.inclusion == ["In"]
    assert found.exclusion[0].startswith("out out")


def test_what_a_criterion_names(statements: Callable[..., Any]) -> None:
    text = "Exclusion Criteria:\n* Prior anti-PD-1 therapy\n* Gout\n  * or asthma"
    found = statements(eligibilityModule={"eligibilityCriteria": text})
    first, second = "eligibility/exclusion/1", "eligibility/exclusion/2"
    assert found.of(first, "tkg:criterionConcept") == ["PD1Inhibitor"]
    assert "PD1PathwayInhibitor" in found.of(first, "tkg:criterionWithin")
    assert found.of(f"{first}/link/1", "tkg:matchedText") == ["anti-PD-1 therapy"]
    # What is nested in a criterion is named by it; a disease's place in its hierarchy the disease has.
    assert found.of(second, "tkg:criterionConcept") == ["D006073", "D001249"]
    assert found.of(second, "tkg:criterionWithin") == []
    assert found.of(f"{second}/part/1", "dcterms:description") == ["or asthma"]
    assert found.of(f"{second}/part/1", "tkg:link") == []


def test_a_line_that_is_no_heading_stays_as_it_is() -> None:
    assert sides("Inclusion Criteria:\n* Met an exclusion criterion elsewhere").inclusion == [
        "Met an exclusion criterion elsewhere"
    ]
