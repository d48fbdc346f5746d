"""What criteria name, on invented ones: mentions in running text, each once, with the words that name it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.linking.criteria import CriterionLinker
from kg.linking.index_files import load_index
from kg.linking.linker import Linker, load_linker
from kg.linking.mentionable import beginnings


@pytest.fixture(scope="module")
def linker() -> Linker:
    return load_linker()


def named(linker: Linker, text: str) -> list[tuple[str, str]]:
    """Last parts of the IRIs of what a criterion names, with the words that name it."""
    return [(link.concept.iri.rpartition("/")[2], link.text) for link in linker.criteria([text])[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Prior anti-PD-1 therapy", [("PD1Inhibitor", "anti-PD-1 therapy")]),
        ("Prior treatment with an anti-PD-1/PD-L1 antibody", [("PD1PathwayInhibitor", "anti-PD-1/PD-L1 antibody")]),
        ("Had pembrolizumab (MK-3475) before", [("pembrolizumab", "pembrolizumab")]),
        ("MK3475 at any time", [("pembrolizumab", "MK3475")]),
        ("Anti-PD-(L)1 or anti-PD-L1", [("PD1PathwayInhibitor", "Anti-PD-(L)1"), ("PDL1Inhibitor", "anti-PD-L1")]),
        ("Any immune checkpoint inhibitors", [("ImmuneCheckpointInhibitor", "immune checkpoint inhibitors")]),
        ("Anti\u2011PD\u20111 \u2265 2 cycles", [("PD1Inhibitor", "Anti\u2011PD\u20111")]),
        ("Takes metformin or Coumadin", [("D008687", "metformin"), ("D014859", "Coumadin")]),
        ("No diabetes mellitus, type 2", [("D003920", "diabetes mellitus")]),
        ("Type 2 diabetes mellitus", [("D003924", "Type 2 diabetes mellitus")]),
        ("Leukaemia; heart failure", [("D007938", "Leukaemia"), ("D006333", "heart failure")]),
        ("Heart failure and again HEART FAILURE", [("D006333", "Heart failure")]),
        ("Pregnant women", [("D011247", "Pregnant")]),
        ("HIV-positive", [("D015658", "HIV-positive")]),
    ],
)
def test_what_a_criterion_names(linker: Linker, text: str, expected: list[tuple[str, str]]) -> None:
    assert named(linker, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Signed consent",
        "PD-L1 expression of 1 % or more",
        "Tumor is PD-1 positive by antibody",
        "Serum creatinine below 2 mg/dL, bilirubin normal",
        "Testosterone level of 300 ng/dL",
        "Negative pregnancy test",
        "Non-diabetes mellitus",
        "Hepatitis B surface antigen",
        "Stroke volume",
        "ASA class III",
        "Under an ICI",
        "Can use the monitor",
        "Combined score",
        "Hearing aids",
        "liver. Failure of the",
    ],
)
def test_what_is_no_mention(linker: Linker, text: str) -> None:
    assert named(linker, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Uses testosterone therapy", ["D013739"]),
        ("Requires insulin", ["D007328"]),
        ("Insulin resistance", ["D007333"]),
        ("Inhibitors of immune regulation (CTLA-4, PD-1, PD-L1)", ["CTLA4Inhibitor", "PD1Inhibitor", "PDL1Inhibitor"]),
    ],
)
def test_words_around_decide(linker: Linker, text: str, expected: list[str]) -> None:
    assert [concept for concept, _ in named(linker, text)] == expected


def test_a_denied_name_is_a_mention_too(linker: Linker) -> None:
    assert named(linker, "No prior nivolumab") == named(linker, "Prior nivolumab")


def test_criteria_do_not_run_into_each_other(linker: Linker) -> None:
    found = linker.criteria(["Heart", "failure", "Heart failure", "", "Asthma"])
    assert [[link.text for link in links] for links in found] == [[], [], ["Heart failure"], [], ["Asthma"]]
    assert linker.criteria([]) == []


def test_a_break_in_a_text_parts_nothing(linker: Linker) -> None:
    found = linker.criteria(["Asthma\0gout", "Gout"])
    assert [[link.text for link in links] for links in found] == [["Asthma", "gout"], ["Gout"]]


def test_the_first_words_of_names_in_their_forms() -> None:
    assert beginnings("leukemia", is_drug=False) >= {"leukemia", "leukemias", "leukaemia"}
    assert beginnings("PD-L1 inhibitor", is_drug=False) >= {"pd", "pdl1"}
    assert "diabetes" in beginnings("Diabetes Mellitus", is_drug=False)
    assert "metformins" not in beginnings("metformin", is_drug=True)


@given(st.lists(st.text() | st.text(alphabet="PD-1 L\u00b5\u0130heart failure,;()\n\0"), max_size=5))
def test_every_link_quotes_its_criterion(texts: list[str]) -> None:
    found = CriterionLinker(load_index()).links(texts) if not texts else load_linker().criteria(texts)
    assert len(found) == len(texts)
    for text, links in zip(texts, found, strict=True):
        assert len({link.concept.iri for link in links}) == len(links)
        for link in links:
            assert link.text
            assert link.text in text.replace("\0", " ")


@pytest.mark.parametrize(
    "words",
    [
        "anti ",
        "heart ",
        "pd 1 ",
        "type 2 ",
        "\u0130",
        "heart , failure ",
        "pd 1, pd l1 ",
        "\u00e9 heart , failure ",
        "PD-(L)1 ",
    ],
)
def test_hostile_criteria_are_read(linker: Linker, words: str) -> None:
    assert len(linker.criteria([words * 20_000])[0]) <= 2
