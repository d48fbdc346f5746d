"""The vocabulary: every term is named, defined and used as declared, and a reasoner can read it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, VANN, XSD, BNode, Graph, Literal, Namespace, URIRef

from kg.namespaces import PREFIXES

ROOT = Path(__file__).resolve().parents[2]
VOCABULARY = ROOT / "ontology" / "trialkg.ttl"
ONTOLOGY = URIRef("https://w3id.org/trialkg/vocab")
TKG = Namespace(PREFIXES["tkg"])
SCHEMA = Namespace(PREFIXES["schema"])
BIBO_STATUS = URIRef("http://purl.org/ontology/bibo/status")

CLASSES = [
    "Action",
    "AdverseEvent",
    "AdverseEventReport",
    "Agent",
    "Analysis",
    "Arm",
    "AvailableData",
    "BaselineMeasure",
    "BaselinePopulation",
    "ConceptLink",
    "Condition",
    "Criterion",
    "DataSharing",
    "Denominator",
    "Document",
    "Eligibility",
    "EventCount",
    "ExpandedAccess",
    "FlowPeriod",
    "Intervention",
    "InterventionUse",
    "Measurement",
    "Milestone",
    "Official",
    "OutcomeMeasure",
    "OutcomeResult",
    "ParticipantCount",
    "ParticipantFlow",
    "PublicationAgreement",
    "Reference",
    "ResponsibleParty",
    "ResultGroup",
    "ResultsSubmission",
    "Retraction",
    "SecondaryIdentifier",
    "Site",
    "Study",
    "UnpostedEvent",
    "ViolationEvent",
    "WebPage",
    "WithdrawalReason",
]
KINDS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty}
# What a reasoner that knows only the OWL 2 datatype map takes; xsd:date and its like are left to the shapes.
RANGES = {XSD.string, XSD.integer, XSD.decimal, XSD.boolean}
SUPER_PROPERTIES = {
    "collaborator": SCHEMA.sponsor,
    "conditionConcept": TKG.conditionWithin,
    "drug": TKG.drugWithin,
    "drugClass": TKG.drugWithin,
    "exclusionCriterion": TKG.criterion,
    "inclusionCriterion": TKG.criterion,
    "leadSponsor": SCHEMA.sponsor,
    "otherOutcome": TKG.outcome,
    "primaryOutcome": TKG.outcome,
    "secondaryOutcome": TKG.outcome,
}
NO_OWL_DATATYPE = [
    "startDate",
    "primaryCompletionDate",
    "completionDate",
    "firstPosted",
    "resultsFirstPosted",
    "lastUpdatePosted",
    "dataDate",
    "minimumAge",
    "maximumAge",
    "statusVerified",
    "firstSubmitted",
    "firstSubmittedQc",
    "resultsFirstSubmitted",
    "resultsFirstSubmittedQc",
    "dispositionFirstSubmitted",
    "dispositionFirstSubmittedQc",
    "dispositionFirstPosted",
    "lastUpdateSubmitted",
    "documentDate",
    "estimatedResultsFirstSubmitted",
    "qualityCommentsFirstPosted",
    "released",
    "unreleased",
    "reset",
    "eventDate",
    "noticeCreated",
    "noticeIssued",
    "noticeReleased",
    "noticePosted",
    "anticipatedPosting",
    "timeFrameDuration",
]


@pytest.fixture(scope="module")
def vocabulary() -> Graph:
    return Graph().parse(VOCABULARY)


@pytest.fixture(scope="module")
def terms(vocabulary: Graph) -> list[URIRef]:
    found = {s for s in vocabulary.subjects() if isinstance(s, URIRef) and s.startswith(TKG)}
    assert len(found) > 100
    return sorted(found)


def local(term: Any) -> str:
    return str(term).removeprefix(TKG)


def term_names(text: str) -> set[str]:
    return set(re.findall(r"\btkg:([A-Za-z0-9]+)", text))


# --- the terms


def test_classes_are_those_of_the_model(vocabulary: Graph) -> None:
    assert sorted(local(c) for c in vocabulary.subjects(RDF.type, OWL.Class) if str(c) in TKG) == CLASSES


def test_every_term_is_a_class_or_one_kind_of_property(vocabulary: Graph, terms: list[URIRef]) -> None:
    for term in terms:
        kinds = set(vocabulary.objects(term, RDF.type)) & KINDS
        assert len(kinds) == 1, term


def test_names_say_what_a_term_is(vocabulary: Graph, terms: list[URIRef]) -> None:
    for term in terms:
        pattern = "[A-Z][A-Za-z]*" if (term, RDF.type, OWL.Class) in vocabulary else "[a-z][A-Za-z0-9]*"
        assert re.fullmatch(pattern, local(term)), term


@pytest.mark.parametrize("predicate", [RDFS.label, SKOS.definition])
def test_every_term_has_one_label_and_one_definition_in_english(
    vocabulary: Graph, terms: list[URIRef], predicate: URIRef
) -> None:
    for term in terms:
        (text,) = vocabulary.objects(term, predicate)
        assert isinstance(text, Literal)
        assert text.language == "en", term
        assert str(text) == " ".join(text.split()) != "", term


def test_every_term_says_where_it_is_defined(vocabulary: Graph, terms: list[URIRef]) -> None:
    for term in terms:
        assert list(vocabulary.objects(term, RDFS.isDefinedBy)) == [ONTOLOGY], term


def test_definitions_are_one_sentence(vocabulary: Graph, terms: list[URIRef]) -> None:
    for term in terms:
        definition = str(vocabulary.value(term, SKOS.definition)).replace("U.S.", "US")
        assert re.fullmatch(r"[A-Z].*\.", definition), term
        assert not re.search(r"\. [A-Z]", definition), term


@pytest.mark.parametrize("predicate", [RDFS.label, SKOS.definition])
def test_no_two_terms_share_a_label_or_definition(vocabulary: Graph, terms: list[URIRef], predicate: URIRef) -> None:
    texts = [str(vocabulary.value(term, predicate)).casefold() for term in terms]
    assert sorted(texts) == sorted(set(texts))


# --- the axioms


def test_domains_and_ranges_are_declared(vocabulary: Graph) -> None:
    classes = set(vocabulary.subjects(RDF.type, OWL.Class))
    for predicate in (RDFS.domain, SCHEMA.domainIncludes):
        for property_, domain in vocabulary.subject_objects(predicate):
            assert domain in classes, property_
    for property_, range_ in vocabulary.subject_objects(RDFS.range):
        allowed = RANGES if (property_, RDF.type, OWL.DatatypeProperty) in vocabulary else classes
        assert range_ in allowed, property_


def test_a_property_has_one_domain_or_lists_several_classes(vocabulary: Graph, terms: list[URIRef]) -> None:
    for term in terms:
        domains = list(vocabulary.objects(term, RDFS.domain))
        assert len(domains) <= 1, f"{term}: two domains mean both at once"
        assert not (domains and list(vocabulary.objects(term, SCHEMA.domainIncludes))), term


def test_super_properties(vocabulary: Graph) -> None:
    found = {local(s): o for s, o in vocabulary.subject_objects(RDFS.subPropertyOf)}
    assert found == SUPER_PROPERTIES


def test_a_property_and_its_super_property_are_of_one_kind(vocabulary: Graph) -> None:
    for lower, upper in vocabulary.subject_objects(RDFS.subPropertyOf):
        lower_kind = set(vocabulary.objects(lower, RDF.type)) & KINDS
        assert lower_kind == set(vocabulary.objects(upper, RDF.type)) & KINDS, lower


def test_values_without_an_owl_datatype_have_no_range_and_say_so(vocabulary: Graph) -> None:
    for name in NO_OWL_DATATYPE:
        assert vocabulary.value(TKG[name], RDFS.range) is None, name
        assert re.search(r"xsd:(date|gYearMonth|duration)", str(vocabulary.value(TKG[name], RDFS.comment))), name


def test_every_other_datatype_property_has_a_range(vocabulary: Graph) -> None:
    without = {
        local(p) for p in vocabulary.subjects(RDF.type, OWL.DatatypeProperty) if vocabulary.value(p, RDFS.range) is None
    }
    assert without == set(NO_OWL_DATATYPE)


def test_within_is_stated_and_not_inferred(vocabulary: Graph) -> None:
    # MeSH descriptors stand in several trees: what holds above one place does not hold below another.
    assert (TKG.within, RDF.type, OWL.TransitiveProperty) not in vocabulary
    # Reflexive in OWL would relate every site and sponsor to itself.
    assert (TKG.within, RDF.type, OWL.ReflexiveProperty) not in vocabulary
    assert "eflexive" in str(vocabulary.value(TKG.within, RDFS.comment))


@pytest.mark.parametrize(
    ("name", "domain", "range_"),
    [
        ("actsOn", TKG.Agent, TKG.Action),
        ("action", TKG.Action, SKOS.Concept),
        ("target", TKG.Action, None),
        ("derivedFrom", TKG.Agent, None),
        ("modality", TKG.Agent, SKOS.Concept),
    ],
)
def test_properties_of_the_drug_ontology_link_individuals(
    vocabulary: Graph, name: str, domain: URIRef, range_: URIRef | None
) -> None:
    assert (TKG[name], RDF.type, OWL.ObjectProperty) in vocabulary
    assert vocabulary.value(TKG[name], RDFS.domain) == domain
    assert vocabulary.value(TKG[name], RDFS.range) == range_


def test_every_foreign_property_and_class_is_declared(vocabulary: Graph) -> None:
    builtin = (str(RDF), str(RDFS), str(OWL), str(XSD))
    for predicate in set(vocabulary.predicates()):
        assert str(predicate).startswith(builtin) or (predicate, RDF.type, None) in vocabulary, predicate
    for _, super_class in vocabulary.subject_objects(RDFS.subClassOf):
        assert (super_class, RDF.type, OWL.Class) in vocabulary


def test_no_blank_nodes(vocabulary: Graph) -> None:
    assert not [t for triple in vocabulary for t in triple if isinstance(t, BNode)]


def test_every_tkg_term_that_is_mentioned_is_defined(vocabulary: Graph, terms: list[URIRef]) -> None:
    mentioned = {o for o in vocabulary.objects() if isinstance(o, URIRef) and o.startswith(TKG)}
    in_text = {TKG[name] for o in vocabulary.objects() if isinstance(o, Literal) for name in term_names(str(o))}
    assert mentioned | in_text <= set(terms)


# --- the header


@pytest.mark.parametrize(
    "predicate",
    [
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.creator,
        DCTERMS.publisher,
        DCTERMS.created,
        DCTERMS.issued,
        DCTERMS.source,
        DCTERMS.identifier,
        DCTERMS.bibliographicCitation,
        BIBO_STATUS,
        OWL.versionInfo,
    ],
)
def test_the_ontology_describes_itself(vocabulary: Graph, predicate: URIRef) -> None:
    (value,) = vocabulary.objects(ONTOLOGY, predicate)
    assert str(value).strip()


def test_licence(vocabulary: Graph) -> None:
    licence = URIRef("https://creativecommons.org/licenses/by/4.0/")
    assert list(vocabulary.objects(ONTOLOGY, DCTERMS.license)) == [licence]


def test_version_iri_is_the_ontology_at_its_version(vocabulary: Graph) -> None:
    version = vocabulary.value(ONTOLOGY, OWL.versionInfo)
    version_iri = vocabulary.value(ONTOLOGY, OWL.versionIRI)
    assert version_iri == URIRef(f"{ONTOLOGY}/{version}") != ONTOLOGY
    assert str(version_iri) in str(vocabulary.value(ONTOLOGY, DCTERMS.bibliographicCitation))


def test_preferred_prefix_is_that_of_the_prefix_map(vocabulary: Graph) -> None:
    prefix = str(vocabulary.value(ONTOLOGY, VANN.preferredNamespacePrefix))
    assert PREFIXES[prefix] == str(vocabulary.value(ONTOLOGY, VANN.preferredNamespaceUri)) == f"{ONTOLOGY}#"


# --- the text of the files


@pytest.mark.parametrize("path", sorted((ROOT / "ontology").glob("*.ttl")), ids=lambda path: path.name)
def test_prefixes_are_those_of_the_prefix_map(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    declared = dict(re.findall(r"(?im)^@?prefix\s+(\S*):\s+<([^>]*)>", text))
    assert declared
    assert {prefix: PREFIXES.get(prefix) for prefix in declared} == declared


@pytest.mark.parametrize("name", ["trialkg.ttl", "codes.ttl"])
def test_every_declared_prefix_is_used(name: str) -> None:
    text = (ROOT / "ontology" / name).read_text(encoding="utf-8")
    body = re.sub(r"(?m)^(@prefix|#).*$|\"[^\"\n]*\"(?!\^)", "", text)
    for prefix in re.findall(r"(?m)^@prefix\s+(\S+):", text):
        assert re.search(rf"(?<![\w-]){re.escape(prefix)}:\w", body), prefix


# --- the vocabulary against what uses it


USERS = [
    path for pattern in ("ontology/*.ttl", "shapes/*.ttl", "queries/**/*.rq") for path in sorted(ROOT.glob(pattern))
]


@pytest.mark.parametrize("path", USERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_shapes_queries_and_ontologies_use_only_defined_terms(path: Path, terms: list[URIRef]) -> None:
    assert term_names(path.read_text(encoding="utf-8")) <= {local(term) for term in terms}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["model.md", "example.ttl"])
def test_every_term_of_the_design_is_defined(shared_data: Path, terms: list[URIRef], name: str) -> None:
    design = shared_data.parent / "design" / name
    if not design.is_file():
        pytest.skip(f"no design document at {design}")
    names = term_names(design.read_text(encoding="utf-8"))
    # "startDate, … + `…DateType`" in the model stands for three names.
    names |= {f"{date}DateType" for date in ("start", "primaryCompletion", "completion")}
    assert len(names) > 30
    assert names - {local(term) for term in terms} == set()


# --- other readers


def as_ntriples(graph: Graph, folder: Path) -> str:
    # Owlready2 reads no Turtle, and takes some of it silently for an empty file.
    path = folder / "vocabulary.nt"
    graph.serialize(path, format="nt", encoding="utf-8")
    return path.as_uri()


def test_owlready2_finds_every_term(vocabulary: Graph, tmp_path: Path) -> None:
    import owlready2

    world = owlready2.World()
    world.get_ontology(as_ntriples(vocabulary, tmp_path)).load()
    for kind, found in (
        (OWL.Class, world.classes()),
        (OWL.ObjectProperty, world.object_properties()),
        (OWL.DatatypeProperty, world.data_properties()),
    ):
        assert {entity.iri for entity in found} == {str(s) for s in vocabulary.subjects(RDF.type, kind)}
    world.close()


AGENT_WITH_CLASS = """
PREFIX ex: <https://example.org/>
ex:agent a tkg:Agent , owl:NamedIndividual ; tkg:actsOn ex:action ; tkg:modality ex:antibody .
ex:action a tkg:Action , owl:NamedIndividual ; tkg:action ex:blocker ; tkg:target uniprot:Q15116 .
ex:blocker a skos:Concept , owl:NamedIndividual .
ex:antibody a skos:Concept , owl:NamedIndividual .
uniprot:Q15116 a owl:NamedIndividual .
ex:Inhibitor a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( tkg:Agent
    [ a owl:Restriction ; owl:onProperty tkg:actsOn ; owl:someValuesFrom [ a owl:Class ; owl:intersectionOf (
        [ a owl:Restriction ; owl:onProperty tkg:action ; owl:hasValue ex:blocker ]
        [ a owl:Restriction ; owl:onProperty tkg:target ; owl:hasValue uniprot:Q15116 ] ) ] ] ) ] .
"""


def reason(vocabulary: Graph, turtle: str, folder: Path) -> Any:
    import owlready2

    from kg.namespaces import sparql_prologue

    graph = vocabulary + Graph().parse(data=sparql_prologue() + turtle, format="turtle")
    world = owlready2.World()
    ontology = world.get_ontology(as_ntriples(graph, folder)).load()
    with ontology:
        owlready2.sync_reasoner_hermit(world, debug=0)
    return world


@pytest.mark.java
def test_hermit_places_an_agent_by_what_it_does(vocabulary: Graph, tmp_path: Path) -> None:
    world = reason(vocabulary, AGENT_WITH_CLASS, tmp_path)
    assert "https://example.org/Inhibitor" in {c.iri for c in world["https://example.org/agent"].is_a}
    assert list(world.inconsistent_classes()) == []
    world.close()


@pytest.mark.java
def test_hermit_refuses_an_action_that_is_an_agent(vocabulary: Graph, tmp_path: Path) -> None:
    import owlready2

    turtle = "tkg:x a tkg:Agent , owl:NamedIndividual ; tkg:actsOn tkg:x ."
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        reason(vocabulary, turtle, tmp_path)
