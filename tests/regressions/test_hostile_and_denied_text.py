"""Text that once hung a build, blocked a store, or linked to what it denies."""

from __future__ import annotations

import pytest

from kg.linking.linker import load_linker
from kg.mapping.criteria import split_criteria
from kg.mapping.texts.endpoints import endpoints
from kg.mapping.texts.response_criteria import response_criteria
from kg.terms import web_iri


@pytest.mark.parametrize(
    "url", ["https://example.org/50%", "http://[bad", "http://", "https://example.org/" + "[" * 50_000]
)
def test_a_malformed_address_is_no_iri(url: str) -> None:
    # The store took it and then refused every later change of its study.
    assert web_iri(url) == ""


def test_patterns_end_on_text_made_to_hold_them_up() -> None:
    # Each took minutes or more; the test ends at all only if they do not.
    assert response_criteria("RECIST" + " " * 200_000 + "1.1") == ("recist-1.1",)
    assert endpoints("pathol" * 100_000 + " complete") == ()
    assert not any(split_criteria("following criteria " * 20_000 + ".:"))
    assert not any(split_criteria("a" * 300_000 + " Exclusion"))
    assert not any(split_criteria(" " * 300_000 + "x" * 2_000 + " Inclusion Criteria:"))


@pytest.mark.parametrize(
    "text",
    [
        "No pembrolizumab",
        "Discontinue nivolumab",
        "Withdrawal of nivolumab",
        "non-pembrolizumab regimen",
        "anti-pembrolizumab antibodies",
        "chemotherapy without pembrolizumab",
        "Placebo for pembrolizumab",
        "placebo (nivolumab)",
    ],
)
def test_a_denied_drug_is_not_given(text: str) -> None:
    assert not any(link.concept.is_drug for link in load_linker().intervention(text))


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Nivolumab/Placebo", {"nivolumab"}),
        ("Nemvaleukin with or without pembrolizumab", {"nemvaleukin alfa", "pembrolizumab"}),
        ("Anti-PD-1 antibody pembrolizumab", {"pembrolizumab"}),
        ("pembrolizumab for non-small cell lung cancer", {"pembrolizumab"}),
    ],
)
def test_a_drug_beside_such_words_is_given(text: str, labels: set[str]) -> None:
    assert {link.concept.label for link in load_linker().intervention(text) if link.concept.is_drug} == labels


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("COVID-19 Negative", set()),
        ("Hepatitis B negative", set()),
        ("Risk of stroke", set()),
        ("Melanoma excluding uveal melanoma", set()),
        ("High Risk Melanoma", {"Melanoma"}),
        ("HER2-negative Breast Cancer", {"Breast Neoplasms"}),
        ("Brain metastases from lung cancer", {"Brain Neoplasms"}),
        ("Erectile Dysfunction Following Radical Prostatectomy", {"Erectile Dysfunction"}),
    ],
)
def test_what_is_denied_or_circumstance_is_not_the_condition(text: str, labels: set[str]) -> None:
    assert {link.concept.label for link in load_linker().condition(text)} == labels
