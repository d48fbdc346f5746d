"""The prefix map against the world, and IRIs that hold for any text."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import TermError
from kg.namespaces import (
    BASE,
    CODE_LISTS,
    PREFIXES,
    agent_class_iri,
    agent_iri,
    code_iri,
    code_slug,
    compress,
    expand,
    mesh_category_iri,
    mesh_iri,
    organization_iri,
    slug,
    sparql_prologue,
    study_iri,
)
from kg.terms import ref

OURS = {prefix for prefix, iri in PREFIXES.items() if iri.startswith(BASE)}
# Bioregistry means something else by the same name: chembl is the site (the RDF is chembl.compound), spdx the licences.
OTHER_IN_BIOREGISTRY = {"chembl": "chembl.compound", "spdx": None}

local_names = st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?", fullmatch=True)
prefixes = st.sampled_from(sorted(PREFIXES))


# --- the prefix map


def test_the_prefix_map_is_one_to_one() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)


def test_namespaces_end_where_a_name_can_begin() -> None:
    for prefix, iri in PREFIXES.items():
        assert re.fullmatch(r"https?://[^\s<>\"{}|^`\\]+[/#:]", iri), prefix


def test_each_code_list_is_a_prefix() -> None:
    assert {name: PREFIXES[name] for name in CODE_LISTS} == {name: f"{BASE}code/{name}/" for name in CODE_LISTS}


def test_schema_is_https_and_mesh_and_wgs_are_http() -> None:
    assert PREFIXES["schema"] == "https://schema.org/"
    assert PREFIXES["mesh"] == "http://id.nlm.nih.gov/mesh/"
    assert PREFIXES["wgs"] == "http://www.w3.org/2003/01/geo/wgs84_pos#"


@pytest.mark.parametrize(
    "prefix", ["dcat", "dcterms", "foaf", "org", "owl", "prov", "rdf", "rdfs", "sh", "skos", "vann", "void", "xsd"]
)
def test_standard_prefixes_agree_with_rdflib(prefix: str) -> None:
    namespace = getattr(rdflib, prefix.upper())
    assert str(namespace) == PREFIXES[prefix]


@pytest.mark.parametrize("prefix", sorted(set(PREFIXES) - OURS))
def test_prefixes_agree_with_bioregistry(prefix: str) -> None:
    bioregistry = pytest.importorskip("bioregistry")
    name = OTHER_IN_BIOREGISTRY.get(prefix, prefix)
    resource = bioregistry.get_resource(name) if name else None
    if resource is None:
        pytest.skip(f"Bioregistry has no such prefix as {prefix}")
    assert PREFIXES[prefix] in resource.get_uri_prefixes()


def test_the_prologue_is_read_by_sparql_and_turtle() -> None:
    graph = rdflib.Graph().parse(
        data=sparql_prologue() + "trial:NCT04144517 tkg:phase phase:phase-2 .", format="turtle"
    )
    assert bool(graph.query(sparql_prologue() + "ASK { trial:NCT04144517 tkg:phase phase:phase-2 }").askAnswer)


# --- expand and compress


@given(prefixes, local_names)
def test_what_is_expanded_and_compressed_expands_to_the_same(prefix: str, local: str) -> None:
    iri = expand(f"{prefix}:{local}")
    assert iri == PREFIXES[prefix] + local
    assert expand(compress(iri)) == iri


@given(prefixes, local_names)
def test_a_compressed_name_is_turtle(prefix: str, local: str) -> None:
    iri = expand(f"{prefix}:{local}")
    name = compress(iri)
    (subject,) = rdflib.Graph().parse(data=f"{sparql_prologue()}{name} a owl:Thing .", format="turtle").subjects()
    assert str(subject) == iri


@pytest.mark.parametrize("rest", ["", "a/b", "a b", "-a", ".a", "a.", "a>b", "ä", "a\n"])
@pytest.mark.parametrize("prefix", ["trial", "mesh"])
def test_what_no_prefixed_name_can_say_stays_an_iri(prefix: str, rest: str) -> None:
    iri = PREFIXES[prefix] + rest
    assert compress(iri) == iri


def test_the_longest_namespace_wins() -> None:
    assert compress(f"{BASE}code/phase/phase-2") == "phase:phase-2"
    assert compress(f"{BASE}code/phase") == "code:phase"
    assert compress("http://id.nlm.nih.gov/mesh/vocab#treeNumber") == "meshv:treeNumber"
    assert compress(f"{BASE}code/response-criteria/recist-1.1") == "response-criteria:recist-1.1"


@pytest.mark.parametrize("curie", ["nobody:x", "x", "", ":x"])
def test_an_unknown_prefix_is_refused(curie: str) -> None:
    with pytest.raises(TermError, match=r"PREFIXES"):
        expand(curie)


# --- IRIs from text


@given(st.text())
def test_slug_is_a_path_segment_or_nothing(text: str) -> None:
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slug(text))


@given(st.text())
def test_slug_of_a_slug_is_itself(text: str) -> None:
    assert slug(slug(text)) == slug(text)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_slug_ignores_case_and_what_stands_around(text: str) -> None:
    assert slug(f"  {text.upper()} /") == slug(text.lower())


@given(st.text())
def test_agent_and_code_iris_hold_no_character_of_the_text_but_letters_digits_and_hyphens(text: str) -> None:
    for iri in (agent_iri(text), code_iri("phase", text), organization_iri(text)):
        assert re.fullmatch(r"https://w3id\.org/trialkg/[a-z0-9/-]*", iri)
        assert ref(iri) == f"<{iri}>"


@given(st.text())
def test_organization_iri_ends_with_eight_hex_digits(name: str) -> None:
    assert re.fullmatch(rf"{BASE}organization/([a-z0-9]+(-[a-z0-9]+)*-)?[0-9a-f]{{8}}", organization_iri(name))


@given(st.text())
def test_organization_names_that_differ_in_case_and_space_are_one(name: str) -> None:
    assert organization_iri(f" {name.casefold()}  ") == organization_iri(name)
    assert organization_iri(name.replace(" ", " \t ")) == organization_iri(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße GmbH", "STRASSE GmbH"), ("Alkermes, Inc.", "ALKERMES,  inc."), ("Ünal Klinik", "ünal klinik")],
)
def test_organization_names_that_are_one(one: str, other: str) -> None:
    assert organization_iri(one) == organization_iri(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Alkermes, Inc.", "Alkermes Inc"), ("☃", "☂"), ("北京大学", "复旦大学"), ("Pfizer", "Pfizer Inc")],
)
def test_organization_names_that_are_two_even_where_the_slug_is_one(one: str, other: str) -> None:
    assert organization_iri(one) != organization_iri(other)


def test_organization_iri_as_published() -> None:
    assert organization_iri("Alkermes, Inc.") == f"{BASE}organization/alkermes-inc-6c532370"


def test_agent_class_iri_keeps_its_capitals() -> None:
    assert agent_class_iri("PD1Inhibitor") == expand("agent:PD1Inhibitor")


# --- studies


@pytest.mark.parametrize(
    "nct_id",
    ["", "NCT", "NCT0414451", "NCT041445170", "nct04144517", " NCT04144517", "NCT04144517\n", "NCT0414451٧", "ISRCTN1"],
)
def test_what_is_no_nct_id_is_refused_with_the_value(nct_id: str) -> None:
    with pytest.raises(TermError) as raised:
        study_iri(nct_id)
    assert repr(nct_id) in str(raised.value)
    assert "eight digits" in raised.value.remedy


@given(st.integers(0, 99_999_999))
def test_study_iri_is_a_prefixed_name(number: int) -> None:
    nct_id = f"NCT{number:08}"
    assert compress(study_iri(nct_id)) == f"trial:{nct_id}"


# --- codes


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("PHASE1", "phase-1"),
        ("EARLY_PHASE1", "early-phase-1"),
        ("NA", "not-applicable"),
        ("CONFIDENCE_975", "confidence-975"),
        ("LTE60", "lte-60"),
        ("NON_RANDOMIZED", "non-randomized"),
    ],
)
def test_code_slug(value: str, expected: str) -> None:
    assert code_slug(value) == expected


# --- MeSH


@given(st.sampled_from("DC"), st.integers(1, 999_999_999), st.integers(0, 6))
def test_mesh_iri_does_not_depend_on_zero_padding(letter: str, number: int, zeros: int) -> None:
    iri = mesh_iri(f"{letter}{number}")
    assert mesh_iri(f"{letter}{'0' * zeros}{number}") == iri
    assert re.fullmatch(r"http://id\.nlm\.nih\.gov/mesh/[DC](\d{6}|\d{9})", iri)
    assert mesh_iri(iri.rpartition("/")[2]) == iri


@pytest.mark.parametrize(
    ("ui", "expected"),
    [
        ("D006258", "D006258"),
        ("D000077195", "D000077195"),
        ("D000017239", "D017239"),
        ("C582435", "C582435"),
        ("C000582435", "C582435"),
        ("C000629390", "C000629390"),
    ],
)
def test_mesh_iri_as_nlm_writes_it(ui: str, expected: str) -> None:
    assert mesh_iri(ui) == PREFIXES["mesh"] + expected


@pytest.mark.parametrize("ui", ["", "D", "T000687", "M0019838", "Q000150", "d006258", "D00625x", "D006258 ", "D٠٠٦٢٥٨"])
def test_what_is_no_mesh_record_is_refused_with_the_value(ui: str) -> None:
    with pytest.raises(TermError) as raised:
        mesh_iri(ui)
    assert repr(ui) in str(raised.value)


@pytest.mark.shared_data
@pytest.mark.parametrize("table", ["descriptors", "supplementary"])
def test_mesh_iri_keeps_every_id_that_nlm_gave(shared_data: Path, table: str) -> None:
    with gzip.open(shared_data / "mesh" / f"{table}.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        ids = [line.partition("\t")[0] for line in lines]
    assert len(ids) > 30_000
    assert [ui for ui in ids if mesh_iri(ui) != PREFIXES["mesh"] + ui] == []


def test_mesh_category_keeps_its_capital() -> None:
    assert compress(mesh_category_iri("C")) == "mesh-category:C"
