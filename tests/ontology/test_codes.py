"""The code lists: complete against the registry's enumerations, with IRIs that follow from the values."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, BNode, Graph, Literal, URIRef

from kg.namespaces import BASE, CODE_LISTS, PREFIXES, code_iri, mesh_category_iri

ROOT = Path(__file__).resolve().parents[2]
CODES = ROOT / "ontology" / "codes.ttl"
LICENCE = URIRef("https://creativecommons.org/licenses/by/4.0/")

# List → the registry's enumerations in it, each with its number of values (API v2, version 2.0.5).
REGISTRY_LISTS = {
    "agency-class": {"AgencyClass": 9},
    "agreement-restriction-type": {"AgreementRestrictionType": 3},
    "allocation": {"DesignAllocation": 3},
    "analysis-dispersion-type": {"AnalysisDispersionType": 2},
    "arm-type": {"ArmGroupType": 6},
    "bio-spec-retention": {"BioSpecRetention": 3},
    "browse-leaf-relevance": {"BrowseLeafRelevance": 2},
    "confidence-interval-num-sides": {"ConfidenceIntervalNumSides": 2},
    "contact-role": {"ContactRole": 5},
    "date-type": {"DateType": 2, "EnrollmentType": 2},
    "event-assessment": {"EventAssessment": 2},
    "expanded-access-status": {"ExpandedAccessStatus": 4},
    "identifier-type": {"OrgStudyIdType": 6, "SecondaryIdType": 11},
    "intervention-model": {"InterventionalAssignment": 5},
    "intervention-type": {"InterventionType": 11},
    "ipd-sharing": {"IpdSharing": 3},
    "ipd-sharing-info-type": {"IpdSharingInfoType": 5},
    "masked-party": {"WhoMasked": 4},
    "masking": {"DesignMasking": 5},
    "measure-dispersion-type": {"MeasureDispersionType": 12},
    "measure-param": {"MeasureParam": 9},
    "non-inferiority-type": {"NonInferiorityType": 8},
    "observational-model": {"ObservationalModel": 9},
    "official-role": {"OfficialRole": 4},
    "outcome-measure-type": {"OutcomeMeasureType": 4},
    "phase": {"Phase": 6},
    "primary-purpose": {"PrimaryPurpose": 10},
    "reference-type": {"ReferenceType": 3},
    "reporting-status": {"ReportingStatus": 2},
    "responsible-party-type": {"ResponsiblePartyType": 3},
    "sampling-method": {"SamplingMethod": 2},
    "sex": {"Sex": 3},
    "site-status": {"RecruitmentStatus": 9},
    "standard-age": {"StandardAge": 3},
    "status": {"Status": 14},
    "study-type": {"StudyType": 3},
    "time-perspective": {"DesignTimePerspective": 4},
    "unposted-event-type": {"UnpostedEventType": 3},
    "violation-event-type": {"ViolationEventType": 4},
}
OWN_LISTS = [
    "action",
    "drug-group",
    "endpoint",
    "expanded-access-type",
    "mesh-category",
    "method",
    "modality",
    "response-criteria",
    "role",
    "selectivity",
    "seriousness",
    "stop-reason",
]
# Codes that the model, the drug ontology and the role rule name.
NAMED_CODES = {
    "action": "agonist antagonist blocker inhibitor degrader binder other",
    "endpoint": (
        "progression-free-survival overall-survival objective-response-rate duration-of-response disease-free-survival "
        "event-free-survival complete-response pathological-complete-response disease-control-rate time-to-progression "
        "adverse-events dose-limiting-toxicity maximum-tolerated-dose pharmacokinetics immunogenicity quality-of-life "
        "overall-mortality relapse-free-survival major-adverse-cardiac-events blood-pressure biomarker-level "
        "imaging-measure"
    ),
    "drug-group": "platinum-compound taxane antimetabolite alkylating-agent topoisomerase-inhibitor interferon-alpha",
    "method": "registry exact synonym normalized abbreviation component fuzzy manual",
    "modality": (
        "antibody antibody-drug-conjugate bispecific-antibody fusion-protein cytokine pegylated-protein small-molecule "
        "cell-therapy vaccine other"
    ),
    "response-criteria": (
        "recist-1.0 recist-1.1 irecist mrecist immune-related-response-criteria lugano rano imwg pcwg3 gcig-ca-125 "
        "choi percist"
    ),
    "role": "placebo comparator background investigational unknown",
    "selectivity": "alpha beta-gamma regulatory-t-cells",
    "stop-reason": (
        "accrual efficacy success safety business funding study-design regulator staff supply logistics epidemic other"
    ),
}


@pytest.fixture(scope="module")
def codes() -> Graph:
    return Graph().parse(CODES)


def scheme_iri(name: str) -> URIRef:
    return URIRef(f"{BASE}code/{name}")


def members(codes: Graph, name: str) -> dict[str, URIRef]:
    """Notation → concept of a list."""
    found = {}
    for concept in codes.subjects(SKOS.inScheme, scheme_iri(name)):
        assert isinstance(concept, URIRef)
        (notation,) = codes.objects(concept, SKOS.notation)
        assert str(notation) not in found, f"{name}: {notation} twice"
        found[str(notation)] = concept
    return found


def schemes(codes: Graph) -> list[str]:
    return sorted(str(s).removeprefix(f"{BASE}code/") for s in codes.subjects(RDF.type, SKOS.ConceptScheme))


# --- the lists


def test_the_lists_are_those_of_the_registry_and_our_own(codes: Graph) -> None:
    assert schemes(codes) == sorted([*REGISTRY_LISTS, *OWN_LISTS])


def test_every_list_with_a_prefix_exists(codes: Graph) -> None:
    assert set(CODE_LISTS) <= set(schemes(codes))


def test_every_list_has_title_definition_and_licence(codes: Graph) -> None:
    for name in schemes(codes):
        scheme = scheme_iri(name)
        for predicate in (DCTERMS.title, SKOS.definition):
            (text,) = codes.objects(scheme, predicate)
            assert isinstance(text, Literal)
            assert text.language == "en", name
        assert list(codes.objects(scheme, DCTERMS.license)) == [LICENCE], name


def test_titles_of_lists_are_unique(codes: Graph) -> None:
    titles = [str(codes.value(scheme_iri(name), DCTERMS.title)).casefold() for name in schemes(codes)]
    assert len(set(titles)) == len(titles)


def test_lists_and_codes_point_at_each_other(codes: Graph) -> None:
    for name in schemes(codes):
        scheme = scheme_iri(name)
        down = set(codes.objects(scheme, SKOS.hasTopConcept))
        assert down == set(codes.subjects(SKOS.topConceptOf, scheme)) == set(codes.subjects(SKOS.inScheme, scheme))
        assert down, name


def test_every_concept_is_in_the_one_list_that_its_iri_says(codes: Graph) -> None:
    concepts = set(codes.subjects(RDF.type, SKOS.Concept))
    assert concepts == set(codes.subjects(SKOS.inScheme))
    for concept in concepts:
        assert list(codes.objects(concept, SKOS.inScheme)) == [URIRef(str(concept).rpartition("/")[0])], concept


# --- the codes


@pytest.mark.parametrize("name", sorted(REGISTRY_LISTS))
def test_number_of_registry_codes(codes: Graph, name: str) -> None:
    # The enumerations that share a list are, here, each a part of the largest.
    assert len(members(codes, name)) == max(REGISTRY_LISTS[name].values())


@pytest.mark.parametrize("name", sorted(REGISTRY_LISTS))
def test_a_registry_list_names_its_enumerations(codes: Graph, name: str) -> None:
    notes = {str(note) for note in codes.objects(scheme_iri(name), SKOS.note)}
    assert notes == {f"API v2 enumeration {enumeration}" for enumeration in REGISTRY_LISTS[name]}


@pytest.mark.shared_data
def test_every_enumeration_of_the_registry_is_whole(codes: Graph, shared_data: Path) -> None:
    published = json.loads((shared_data / "records" / "api" / "enums.json").read_text(encoding="utf-8"))
    values = {enumeration["type"]: {v["value"] for v in enumeration["values"]} for enumeration in published}
    for name, enumerations in REGISTRY_LISTS.items():
        assert {e: len(values[e]) for e in enumerations} == enumerations
        assert set(members(codes, name)) == set().union(*(values[e] for e in enumerations)), name
    assert {e for enumerations in REGISTRY_LISTS.values() for e in enumerations} == set(values)


@pytest.mark.parametrize("name", sorted(REGISTRY_LISTS))
def test_iri_of_a_registry_code_follows_from_its_value(codes: Graph, name: str) -> None:
    for notation, concept in members(codes, name).items():
        assert str(concept) == code_iri(name, notation)


def test_notations_of_phases_are_the_values_of_the_registry(codes: Graph) -> None:
    # PHASE_2 would give the same IRI as PHASE2, so that only this sees the difference.
    assert set(members(codes, "phase")) == {"NA", "EARLY_PHASE1", "PHASE1", "PHASE2", "PHASE3", "PHASE4"}


@pytest.mark.parametrize("name", OWN_LISTS)
def test_iri_of_our_own_code_ends_with_its_notation(codes: Graph, name: str) -> None:
    for notation, concept in members(codes, name).items():
        assert str(concept) == f"{PREFIXES[name]}{notation}"
        pattern = "[A-Z]" if name == "mesh-category" else r"[a-z0-9]+([-.][a-z0-9]+)*"
        assert re.fullmatch(pattern, notation), notation


@pytest.mark.parametrize("name", sorted(NAMED_CODES))
def test_codes_that_others_name_exist(codes: Graph, name: str) -> None:
    assert set(NAMED_CODES[name].split()) <= set(members(codes, name))


def test_every_code_has_one_label_unique_in_its_list(codes: Graph) -> None:
    for name in schemes(codes):
        labels = []
        for concept in members(codes, name).values():
            (label,) = codes.objects(concept, SKOS.prefLabel)
            assert isinstance(label, Literal)
            assert label.language == "en"
            assert str(label) == " ".join(label.split()) != "", concept
            others = [str(other).casefold() for other in codes.objects(concept, SKOS.altLabel)]
            labels += [label.casefold(), *others]
        assert sorted(labels) == sorted(set(labels)), name


def test_labels_are_for_people(codes: Graph) -> None:
    for concept, label in codes.subject_objects(SKOS.prefLabel):
        assert "_" not in label, concept  # type: ignore[operator]


def test_our_own_codes_are_defined(codes: Graph) -> None:
    for name in OWN_LISTS:
        if name == "mesh-category":  # the names are NLM's, and so is what they mean
            continue
        for concept in members(codes, name).values():
            (definition,) = codes.objects(concept, SKOS.definition)
            assert re.fullmatch(r"[A-Z].*\.", str(definition)), concept


def test_every_method_says_its_typical_score(codes: Graph) -> None:
    for concept in members(codes, "method").values():
        note = str(codes.value(concept, SKOS.scopeNote))
        scores = re.findall(r"(?:score: |to )(\d(?:\.\d+)?)", note)
        assert scores, concept
        assert all(0 < float(score) <= 1 for score in scores), concept


def test_typical_scores_are_those_that_links_get(codes: Graph) -> None:
    link = pytest.importorskip("kg.linking.link")
    for notation, score in link.METHODS.items():
        note = str(codes.value(members(codes, "method")[notation], SKOS.scopeNote))
        assert re.match(rf"Typical score: {re.escape(score)}[.;] ?", note), notation


def test_mesh_categories_keep_their_letters(codes: Graph) -> None:
    categories = members(codes, "mesh-category")
    assert "".join(sorted(categories)) == "ABCDEFGHIJKLMNVZ"
    assert {str(iri) for iri in categories.values()} == {mesh_category_iri(letter) for letter in categories}


@pytest.mark.shared_data
def test_every_tree_number_falls_under_a_category(codes: Graph, shared_data: Path) -> None:
    categories = set(members(codes, "mesh-category"))
    with gzip.open(shared_data / "mesh" / "descriptors.tsv.gz", "rt", encoding="utf-8") as table:
        column = next(table).rstrip("\n").split("\t").index("tree_numbers")
        letters = {tree[0] for line in table for tree in line.rstrip("\n").split("\t")[column].split("|") if tree}
    # V, publication characteristics, has descriptors of its own; the rest of the alphabet has none.
    assert {"A", "C", "D", "Z"} <= letters <= categories


# --- mappings


def test_statuses_match_schema_org(codes: Graph) -> None:
    matched = {
        str(code).removeprefix(PREFIXES["status"]): str(value).removeprefix(PREFIXES["schema"])
        for code, value in codes.subject_objects(SKOS.exactMatch)
        if code in members(codes, "status").values()
    }
    assert matched == {
        "active-not-recruiting": "ActiveNotRecruiting",
        "completed": "Completed",
        "enrolling-by-invitation": "EnrollingByInvitation",
        "not-yet-recruiting": "NotYetRecruiting",
        "recruiting": "Recruiting",
        "suspended": "Suspended",
        "terminated": "Terminated",
        "withdrawn": "Withdrawn",
    }


def test_matches_go_to_codes_that_exist_or_to_known_vocabularies(codes: Graph) -> None:
    foreign = re.compile(
        rf"{PREFIXES['schema']}[A-Z]\w+|{PREFIXES['obo']}(CTO|NCIT|OBI)_C?\d+|{PREFIXES['mesh']}D\d{{6,9}}"
    )
    for predicate in (SKOS.exactMatch, SKOS.closeMatch):
        for concept, match in codes.subject_objects(predicate):
            assert match != concept
            if str(match).startswith(BASE):
                assert (match, RDF.type, SKOS.Concept) in codes, concept
            else:
                assert foreign.fullmatch(str(match)), match


def test_no_two_codes_claim_the_same_exact_match(codes: Graph) -> None:
    matches = [str(m) for m in codes.objects(None, SKOS.exactMatch) if not str(m).startswith(BASE)]
    assert sorted(matches) == sorted(set(matches))


def test_a_code_is_not_both_exact_and_close(codes: Graph) -> None:
    assert not set(codes.subject_objects(SKOS.exactMatch)) & set(codes.subject_objects(SKOS.closeMatch))


# --- the lists and what uses them

USERS = [
    path for pattern in ("ontology/*.ttl", "shapes/*.ttl", "queries/**/*.rq") for path in sorted(ROOT.glob(pattern))
]


@pytest.mark.parametrize("path", USERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_code_that_is_used_exists(codes: Graph, path: Path) -> None:
    text = re.sub(r'"[^"\n]*"', "", path.read_text(encoding="utf-8"))
    used = re.findall(rf"(?<![\w-])({'|'.join(CODE_LISTS)}):([A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*)", text)
    assert [f"{name}:{code}" for name, code in used if (URIRef(PREFIXES[name] + code), None, None) not in codes] == []


def test_every_property_with_codes_names_lists_that_exist_and_every_list_with_a_prefix_is_used(codes: Graph) -> None:
    vocabulary = Graph().parse(ROOT / "ontology" / "trialkg.ttl")
    used = set()
    for term in vocabulary.subjects(RDFS.range, SKOS.Concept):
        lists = {str(o).removeprefix(f"{BASE}code/") for o in vocabulary.objects(term, RDFS.seeAlso)}
        assert lists, term
        assert lists <= set(schemes(codes)), term
        used |= lists
    # MeSH categories are concepts of tkg:within, which has no list.
    assert used == set(CODE_LISTS) - {"mesh-category"}


def test_codes_and_vocabulary_have_one_version(codes: Graph) -> None:
    vocabulary = Graph().parse(ROOT / "ontology" / "trialkg.ttl")
    assert codes.value(URIRef(f"{BASE}code"), OWL.versionInfo) == vocabulary.value(
        URIRef(f"{BASE}vocab"), OWL.versionInfo
    )


def test_no_blank_nodes(codes: Graph) -> None:
    assert not [term for triple in codes for term in triple if isinstance(term, BNode)]
