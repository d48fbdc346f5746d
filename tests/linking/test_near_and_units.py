"""Words that mean the same, words that only qualify, and words that are misspelled."""

from __future__ import annotations

import marisa_trie
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.linking.near import near, same
from kg.linking.normalize import tokens, words
from kg.linking.spelling import Spelling
from kg.linking.units import choices, content, denies, parts, units
from kg.linking.words import CONNECTORS, DENIALS, PEOPLE, QUALIFIERS, THESAURUS, TROUBLE

KNOWN = Spelling(marisa_trie.Trie(["dysfunction", "erectile", "kidney", "failure", "arrhythmia", "sclerosis"]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hepatic tumours", "liver neoplasm"),
        ("ischemic", "ischemia"),
        ("atherosclerotic", "atherosclerosis"),
        ("type II diabetes mellitus", "diabetes 2"),
        ("prediabetes", "pre-diabetes"),
        ("non-obstructive", "nonobstructive"),
        ("mitral stenosis", "stenosis of the mitral valve"),
        ("acute lymphoid leukaemia", "lymphoblastic leukemia"),
        ("LV hypertrophy", "left ventricular hypertrophy"),
    ],
)
def test_the_same_in_other_words(one: str, other: str) -> None:
    assert near(words(one)) == near(words(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("metastatic", "metastasis"),
        ("type 1 diabetes", "type 2 diabetes"),
        ("aortic valve disease", "aortic disease"),
        ("lymphoblastic lymphoma", "lymphocytic lymphoma"),
        ("Cushing syndrome", "Cushing disease"),
        ("myocardial", "cardiac"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert near(words(one)) != near(words(other))


@given(st.lists(st.text(max_size=12), max_size=6))
def test_order_does_not_matter(some: list[str]) -> None:
    assert near(some) == near(some[::-1])


def test_the_thesaurus_is_written_in_words_that_stand_for_others() -> None:
    for said in THESAURUS:
        assert [same(word) for word in words(said)] == said.split(), said
    for meant in THESAURUS.values():
        assert meant == meant.lower().strip()


def test_word_lists_are_in_normal_form_and_do_not_contradict_each_other() -> None:
    for word in (*QUALIFIERS, *PEOPLE, *TROUBLE):
        assert words(word) == [word], word
    assert not QUALIFIERS & TROUBLE
    assert not QUALIFIERS & PEOPLE
    assert not QUALIFIERS & CONNECTORS.keys()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Stage IIIB Lung Cancer AJCC v8", ["lung", "cancer"]),
        ("Heart Failure NYHA Class II-III", ["heart", "failure"]),
        ("Non-ischemic Cardiomyopathy", ["cardiomyopathy"]),
        ("Nonischemic Cardiomyopathy", ["cardiomyopathy"]),
        ("High Risk Melanoma", ["melanoma"]),
        ("High Cholesterol", ["high", "cholesterol"]),
        ("Pre-Eclampsia", ["pre", "eclampsia"]),
        ("Pulmonary Hypertension WHO Group 2", ["pulmonary", "hypertension"]),
        ("Sarcoma, Not Otherwise Specified", ["sarcoma"]),
        ("Melanoma of Unknown Primary", ["melanoma", "unknown", "primary"]),
        ("KRAS G12C", ["kras", "g", "12", "c"]),
        ("Hepatitis B Negative", ["hepatitis", "b", "negative"]),
        ("Severe", []),
    ],
)
def test_what_a_name_must_have(text: str, named: list[str]) -> None:
    assert [token.word for unit in content(units(tokens(text))) for token in unit.tokens] == named


def test_less_and_less_is_kept() -> None:
    kept = [[token.word for token in chosen] for chosen in choices(units(tokens("severe chronic asthma")))]
    assert kept == [["severe", "chronic", "asthma"], ["severe", "asthma"], ["chronic", "asthma"], ["asthma"]]


@given(st.lists(st.sampled_from(sorted(QUALIFIERS)), max_size=30))
def test_many_qualifiers_make_few_choices(some: list[str]) -> None:
    assert len(list(choices(units(tokens(" ".join([*some, "asthma"])))))) <= 32


@given(st.text())
def test_units_and_parts_lose_no_word(text: str) -> None:
    found = tokens(text)
    assert [token for unit in units(found) for token in unit.tokens] == list(found)
    kept = [token for part in parts(found) for token in part.tokens]
    assert set(kept) <= set(found)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Ataxia due to stroke", [("Ataxia", True), ("stroke", True)]),
        ("Pain after surgery", [("Pain", True), ("surgery", False)]),
        ("Anemia associated with cancer", [("Anemia", True), ("cancer", True)]),
        ("Asthma", [("Asthma", True)]),
        ("with", []),
    ],
)
def test_parts(text: str, made: list[tuple[str, bool]]) -> None:
    found = [(text[part.tokens[0].start : part.tokens[-1].end], part.is_studied) for part in parts(tokens(text))]
    assert found == made


@pytest.mark.parametrize(
    ("text", "is_denied"),
    [("risk of asthma", True), ("high risk asthma", False), ("hepatitis negative", True), ("asthma", False)],
)
def test_denials(text: str, is_denied: bool) -> None:
    assert denies(tokens(text), DENIALS) is is_denied


@pytest.mark.parametrize(
    ("word", "readings"),
    [
        ("dysfuntion", ("dysfunction",)),
        ("dysfunctoin", ("dysfunction",)),
        ("eretcile", ("erectile",)),
        ("arrythmia", ("arrhythmia",)),
        ("kidneyfailure", ("kidney failure",)),
        ("ysfunction", ()),
        ("kidney", ()),
        ("kdny", ()),
        ("melanoma", ()),
        ("g12345", ()),
    ],
)
def test_readings_of_a_word(word: str, readings: tuple[str, ...]) -> None:
    assert KNOWN.readings(word) == readings


@given(st.text(max_size=30))
def test_any_word_has_readings_that_are_known(word: str) -> None:
    for reading in KNOWN.readings(word):
        assert all(KNOWN.is_known(one) for one in reading.split())
