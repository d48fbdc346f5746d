"""Words, runs without marks, and abbreviations: what linking does to text before it looks anything up."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.linking.abbreviations import LongForms, abbreviations, is_abbreviation, spelled_by, spells
from kg.linking.index_files import load_index
from kg.linking.normalize import bag, fold, stem, tokens, words
from kg.linking.segment import asserted_terms, segment, segment_mesh

NAMES = {"IL-2", "Interleukin-2", "Solid Tumors", "Tumors", "ALKS 4230", "Keytruda", "Head and Neck Cancer"}


@pytest.mark.parametrize(
    ("run", "parts"),
    [
        ("", []),
        ("IL-2", ["IL-2"]),
        ("IL-2 Interleukin-2", ["IL-2", "Interleukin-2"]),
        ("Alkermes IL-2 Solid Tumors", ["Alkermes", "IL-2", "Solid Tumors"]),
        ("ALKS 4230 Keytruda PD-L1 Solid Tumors", ["ALKS 4230", "Keytruda", "PD-L1", "Solid Tumors"]),
        ("Head and Neck Cancer Head and Neck", ["Head and Neck Cancer", "Head", "and", "Neck"]),
        ("none of these", ["none", "of", "these"]),
        ("  IL-2   Keytruda ", ["IL-2", "Keytruda"]),
    ],
)
def test_segment(run: str, parts: list[str]) -> None:
    assert segment(run, NAMES.__contains__) == parts


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12), st.sets(st.sampled_from(["a b", "c", "b c d", "d a"]))
)
def test_segment_loses_no_word(run: list[str], names: set[str]) -> None:
    parts = segment(" ".join(run), names.__contains__)
    assert " ".join(parts).split() == run
    assert all(" " not in part or part in names for part in parts)


def test_terms_of_a_page() -> None:
    mesh = load_index()
    run = (
        "Squamous Cell Carcinoma of Head and Neck Carcinoma, Squamous Cell Carcinoma Neoplasms, Glandular and "
        "Epithelial Neoplasms by Histologic Type Neoplasms Head and Neck Neoplasms Neoplasms by Site Pembrolizumab "
        "Antineoplastic Agents, Immunological Antineoplastic Agents Zzyzx"
    )
    records, unknown = segment_mesh(run, mesh)
    assert unknown == ["Zzyzx"]
    assert [record.label for record in records] == [
        "Squamous Cell Carcinoma of Head and Neck",
        "Carcinoma, Squamous Cell",
        "Carcinoma",
        "Neoplasms, Glandular and Epithelial",
        "Neoplasms by Histologic Type",
        "Neoplasms",
        "Head and Neck Neoplasms",
        "Neoplasms by Site",
        "pembrolizumab",
        "Antineoplastic Agents, Immunological",
        "Antineoplastic Agents",
    ]
    # The ancestors and the pharmacological action are what the page adds, not what it says.
    asserted = [record.label for record in asserted_terms(records, mesh)]
    assert asserted == ["Squamous Cell Carcinoma of Head and Neck", "pembrolizumab"]


def test_an_action_without_a_substance_is_asserted() -> None:
    mesh = load_index()
    records, _ = segment_mesh("Antineoplastic Agents, Immunological", mesh)
    assert asserted_terms(records, mesh) == records


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Patients with nasopharyngeal carcinoma (NPC) who", {"NPC": "nasopharyngeal carcinoma"}),
        ("head and neck squamous cell carcinoma (HNSCC)", {"HNSCC": "head and neck squamous cell carcinoma"}),
        ("type 2 diabetes mellitus (T2DM)", {"T2DM": "type 2 diabetes mellitus"}),
        (
            "heart failure with preserved ejection fraction (HFpEF)",
            {"HFpEF": "heart failure with preserved ejection fraction"},
        ),
        ("first (FC) and second choice (SC)", {"SC": "second choice"}),
        ("a drug (100 mg)", {}),
        ("(NPC) first", {}),
        ("one word melanoma (MEL)", {}),
        ("alkaptonuria (AKU)", {"AKU": "alkaptonuria"}),
        ("in myotonic dystrophy (DM)", {"DM": "myotonic dystrophy"}),
        ("ataxia-telangiectasia (A-T)", {"A-T": "ataxia-telangiectasia"}),
        ("NPC (nasopharyngeal carcinoma) is", {"NPC": "nasopharyngeal carcinoma"}),
        ("lung cancer (NSCLC; stage II)", {}),
        ("non-small cell lung cancer (NSCLC; stage II)", {"NSCLC": "non-small cell lung cancer"}),
        ("no brackets NPC", {}),
        ("", {}),
    ],
)
def test_abbreviations(text: str, found: dict[str, str]) -> None:
    assert abbreviations([text]) == found


def test_the_first_definition_stands() -> None:
    texts = ["nasopharyngeal carcinoma (NPC)", "neural progenitor cells (NPC)"]
    assert abbreviations(texts) == {"NPC": "nasopharyngeal carcinoma"}


@given(st.lists(st.sampled_from(["lung cancer (LC)", "LC (low count)", "no", "acute pain (AP)"]), max_size=4))
def test_long_forms_are_found_when_asked_for(texts: list[str]) -> None:
    assert dict(LongForms(texts)) == abbreviations(texts)
    assert len(LongForms(texts)) == len(abbreviations(texts))
    assert LongForms(texts).get("ZZ", "") == ""


@pytest.mark.parametrize(
    ("short", "text", "does"),
    [
        ("HD", "Huntington disease", True),
        ("HD", "Huntington's disease", False),
        ("T2DM", "type 2 diabetes mellitus", True),
        ("NPC", "nasopharyngeal", False),
        ("", "anything", False),
    ],
)
def test_spells(short: str, text: str, does: bool) -> None:
    assert spells(short, text) is does


@given(st.text(alphabet=st.sampled_from("abcdABCD ()-/")) | st.text())
def test_a_long_form_stands_before_its_abbreviation(text: str) -> None:
    for short, long in abbreviations([text]).items():
        assert f"({short})" in text
        assert " ".join(long.split()) in " ".join(text.split())
        assert long[0].lower() == short[0].lower()


@pytest.mark.parametrize(
    ("short", "text", "runs"),
    [
        ("NPC", "Toripalimab for Recurrent or Metastatic Nasopharyngeal Cancer", ["Nasopharyngeal Cancer"]),
        ("NPC", "no part of this", []),
        ("AML", "Acute Myeloid Leukemia in Adults", ["Acute Myeloid Leukemia"]),
        ("RA", "rheumatoid arthritis", []),
        ("HER2", "human epidermal receptor", []),
        ("GBM", "glioblastoma multiforme.", ["glioblastoma multiforme"]),
    ],
)
def test_spelled_by(short: str, text: str, runs: list[str]) -> None:
    assert list(spelled_by(short, text)) == runs


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("HNSCC", True), ("HFpEF", True), ("COVID-19", True), ("Melanoma", False), ("A", False), ("TWO WORDS", False)],
)
def test_is_abbreviation(text: str, is_one: bool) -> None:
    assert is_abbreviation(text) is is_one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MK-3475", "mk3475"),
        ("TransCon IL-2 β/γ", "transcon IL2 beta gamma"),
        ("Tumours of the oesophagus", "esophagus tumor"),
        ("Carcinoma, Squamous Cell", "squamous cell carcinomas"),
        ("Sjögren's syndrome", "Sjogren syndrome"),
        ("Leukaemia", "leukemias"),
    ],
)
def test_same_bag_of_words(one: str, other: str) -> None:
    assert bag(words(one)) == bag(words(other))


@pytest.mark.parametrize(
    ("one", "other"), [("virus", "viru"), ("diagnosis", "diagnosi"), ("IL-2", "IL-15"), ("type 1", "type 2")]
)
def test_different_bag_of_words(one: str, other: str) -> None:
    assert bag(words(one)) != bag(words(other))


@given(st.text())
def test_words_stand_where_they_are_said_to_be(text: str) -> None:
    found = tokens(text)
    assert [token.word for token in found] == words(text)
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert all(one.start <= other.start for one, other in pairwise(found))


@given(st.text(alphabet=st.characters(categories=["Ll", "Lu"]), min_size=1, max_size=12))
def test_a_normal_form_is_its_own_in_a_list_of_names(word: str) -> None:
    assert stem(word) == stem(word.upper()) or word.upper().lower() != word
    assert fold(word) == fold(f"  {word} ")
