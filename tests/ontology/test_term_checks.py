"""The checks of terms and headers: each catches the faults it is made for, and the rules they go after are known."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
import pytest
from rdflib import VANN, Graph, URIRef

from kg.namespaces import expand, sparql_prologue
from kg.vocabularies.check_document import UNCHECKED
from kg.vocabularies.checks import as_written, load_checks, run

CHECKS = {check.name: check for check in load_checks() if check.over != "agents"}

ROOT = Path(__file__).resolve().parents[2]
FILES = ("ontology/trialkg.ttl", "ontology/codes.ttl", "ontology/agents.ttl")

VOCABULARY = "https://w3id.org/trialkg/vocab"
CODES = "https://w3id.org/trialkg/code"
DRUGS = "https://w3id.org/trialkg/agent/"
SHAPES = "https://w3id.org/trialkg/shapes"
BIBO = "http://purl.org/ontology/bibo/status"


def without(subject: str, predicate: str) -> str:
    return f"DELETE WHERE {{ GRAPH ?file {{ {subject} {predicate} ?value }} }}"


def instead(subject: str, predicate: str, value: str) -> str:
    return f"{without(subject, predicate)} ; INSERT DATA {{ {subject} {predicate} {value} }}"


# Check, a fault as an update of the sound files, and the subject that must be found.
FAULTS = [
    ("term-without-label", without("tkg:Arm", "rdfs:label"), "tkg:Arm"),
    ("term-without-label", without("agent:Taxane", "skos:prefLabel"), "agent:Taxane"),
    ("term-without-label", without("agent:nivolumab", "skos:prefLabel"), "agent:nivolumab"),
    ("term-without-label", without("code:phase", "dcterms:title"), "code:phase"),
    ("term-without-label", instead("phase:phase-1", "skos:prefLabel", '"Phase 1"'), "phase:phase-1"),
    ("term-without-label", instead("phase:phase-1", "skos:prefLabel", '" "@en'), "phase:phase-1"),
    ("term-with-two-labels", 'INSERT DATA { tkg:Arm rdfs:label "group of a study"@en }', "tkg:Arm"),
    ("term-with-two-labels", 'INSERT DATA { tkg:Arm skos:prefLabel "Arm"@en }', "tkg:Arm"),
    ("label-of-two-terms", instead("tkg:arm", "rdfs:label", '"Arm"@en'), "tkg:Arm"),
    ("label-of-two-terms", instead("phase:phase-1", "skos:prefLabel", '"Phase 2"@en'), "phase:phase-2"),
    ("label-of-two-terms", instead("code:phase", "dcterms:title", '"sex"@en'), "code:sex"),
    ("label-unclean", instead("tkg:Arm", "rdfs:label", '"arm "@en'), "tkg:Arm"),
    ("label-unclean", instead("tkg:Arm", "rdfs:label", '"study  arm"@en'), "tkg:Arm"),
    ("label-unclean", 'INSERT DATA { phase:phase-1 skos:altLabel "Phase\\n1" }', "phase:phase-1"),
    ("label-unclean", 'INSERT DATA { phase:phase-1 skos:altLabel "Phase\\t1" }', "phase:phase-1"),
    ("text-unclean", 'INSERT DATA { tkg:Arm rdfs:comment "So it  is." }', "tkg:Arm"),
    ("text-unclean", instead("tkg:Arm", "skos:definition", '"A group.\\n"@en'), "tkg:Arm"),
    ("text-unclean", 'INSERT DATA { phase:phase-1 skos:scopeNote " A note." }', "phase:phase-1"),
    ("name-twice", 'INSERT DATA { tkg:Arm skos:altLabel "Arm" }', "tkg:Arm"),
    ("name-twice", 'INSERT DATA { phase:phase-1 skos:hiddenLabel "phase 1"@en }', "phase:phase-1"),
    ("name-twice", 'INSERT DATA { tkg:Arm skos:altLabel "limb" ; skos:hiddenLabel "limb" }', "tkg:Arm"),
    ("name-of-two-terms", 'INSERT DATA { phase:phase-1 skos:altLabel "phase 2" }', "phase:phase-1"),
    ("name-of-two-terms", 'INSERT DATA { sex:male skos:altLabel "x" . sex:female skos:altLabel "X" }', "sex:male"),
    ("term-without-definition", without("tkg:arm", "skos:definition"), "tkg:arm"),
    ("term-without-definition", without("agent:Taxane", "skos:definition"), "agent:Taxane"),
    ("term-without-definition", without("code:phase", "skos:definition"), "code:phase"),
    ("term-without-definition", instead("sex:male", "skos:definition", '"Hommes."@fr'), "sex:male"),
    ("term-with-two-definitions", 'INSERT DATA { tkg:Arm skos:definition "A group."@en }', "tkg:Arm"),
    ("term-with-two-definitions", 'INSERT DATA { sex:male skos:definition "Men."@en }', "sex:male"),
    (
        "definition-of-two-terms",
        'INSERT DATA { tkg:a skos:definition "One thing."@en . tkg:b skos:definition "one Thing."@en }',
        "tkg:b",
    ),
    ("definition-no-sentence", instead("tkg:Arm", "skos:definition", '"a group."@en'), "tkg:Arm"),
    ("definition-no-sentence", instead("tkg:Arm", "skos:definition", '"A group of participants in"@en'), "tkg:Arm"),
    ("deprecated-term-used", "INSERT DATA { tkg:Study owl:deprecated true }", "tkg:phase"),
    ("deprecated-term-used", "INSERT DATA { tkg:actsOn owl:deprecated true }", "agent:nivolumab"),
    ("deprecated-term-used", "INSERT DATA { tkg:drugGroup owl:deprecated true }", "agent:Taxane"),
    ("deprecated-term-used", "INSERT DATA { code:phase owl:deprecated true }", "tkg:phase"),
    ("deprecated-malformed", 'INSERT DATA { tkg:Arm owl:deprecated "true" }', "tkg:Arm"),
    ("deprecated-malformed", "INSERT DATA { tkg:Arm owl:deprecated false }", "tkg:Arm"),
    ("deprecated-unexplained", "INSERT DATA { tkg:Arm owl:deprecated true }", "tkg:Arm"),
    ("replaced-and-in-force", "INSERT DATA { tkg:Arm dcterms:isReplacedBy tkg:Study }", "tkg:Arm"),
    (
        "replaced-and-in-force",
        "INSERT DATA { tkg:Arm owl:deprecated true ; dcterms:isReplacedBy tkg:Group }",
        "tkg:Arm",
    ),
    (
        "replaced-and-in-force",
        "INSERT DATA { tkg:Arm owl:deprecated true ; dcterms:isReplacedBy tkg:Site . tkg:Site owl:deprecated true }",
        "tkg:Arm",
    ),
    (
        "property-undeclared",
        "INSERT DATA { GRAPH <file:ontology/codes.ttl> { sex:male skos:notion 'm' } }",
        "skos:notion",
    ),
    (
        "property-undeclared",
        "INSERT DATA { GRAPH <file:ontology/agents.ttl> { agent:nivolumab tkg:actOn agent:x } }",
        "tkg:actOn",
    ),
    ("class-undeclared", "INSERT DATA { GRAPH <file:ontology/codes.ttl> { sex:male a skos:Code } }", "skos:Code"),
    (
        "class-undeclared",
        "INSERT DATA { GRAPH <file:ontology/trialkg.ttl> { tkg:arm rdfs:range tkg:Army } }",
        "tkg:Army",
    ),
    (
        "class-undeclared",
        "INSERT DATA { GRAPH <file:ontology/agents.ttl> { agent:X owl:equivalentClass "
        "[ owl:intersectionOf ( tkg:Agnet agent:Taxane ) ] } }",
        "tkg:Agnet",
    ),
    ("term-unknown", "INSERT DATA { tkg:phase rdfs:seeAlso code:phases }", "code:phases"),
    ("term-unknown", "INSERT DATA { agent:nivolumab tkg:modality modality:antibodies }", "modality:antibodies"),
    ("term-unknown", "INSERT DATA { agent:nivolumab tkg:mode 'a' }", "tkg:mode"),
    ("term-of-two-kinds", "INSERT DATA { tkg:arm a owl:DatatypeProperty }", "tkg:arm"),
    ("term-of-two-kinds", "INSERT DATA { agent:Taxane a owl:NamedIndividual }", "agent:Taxane"),
    ("builtin-described", 'INSERT DATA { rdfs:label rdfs:comment "Our label." }', "rdfs:label"),
    ("builtin-described", "INSERT DATA { owl:Thing rdfs:subClassOf tkg:Study }", "owl:Thing"),
    ("hierarchy-circular", "INSERT DATA { tkg:Study rdfs:subClassOf tkg:ExpandedAccess }", "tkg:Study"),
    ("hierarchy-circular", "INSERT DATA { tkg:arm rdfs:subPropertyOf tkg:arm }", "tkg:arm"),
    (
        "hierarchy-circular",
        "INSERT DATA { sex:male skos:broader sex:all . sex:all skos:broader sex:male }",
        "sex:all",
    ),
    ("class-equivalent-to-class", "INSERT DATA { tkg:Study owl:equivalentClass schema:MedicalStudy }", "tkg:Study"),
    ("class-equivalent-to-class", "INSERT DATA { agent:nivolumab owl:sameAs mesh:D000077594 }", "agent:nivolumab"),
    (
        "class-defined-twice",
        "INSERT DATA { agent:Taxane owl:equivalentClass [ owl:unionOf ( agent:Anthracycline ) ] }",
        "agent:Taxane",
    ),
    (
        "definition-without-genus",
        "INSERT DATA { agent:New owl:equivalentClass [ a owl:Restriction ; owl:onProperty tkg:drugGroup ; "
        "owl:hasValue drug-group:taxane ] }",
        "agent:New",
    ),
    (
        "definition-without-genus",
        "INSERT DATA { agent:New owl:equivalentClass [ owl:intersectionOf ( [ owl:onProperty tkg:drugGroup ; "
        "owl:hasValue drug-group:taxane ] ) ] }",
        "agent:New",
    ),
    ("class-without-superclass", "INSERT DATA { agent:New a owl:Class }", "agent:New"),
    (
        "class-without-superclass",
        without("agent:ImmuneCheckpointInhibitor", "rdfs:subClassOf"),
        "agent:ImmuneCheckpointInhibitor",
    ),
    ("iri-misspelt", "INSERT DATA { tkg:Arm skos:closeMatch <http://schema.org/Thing> }", "tkg:Arm"),
    ("iri-misspelt", "INSERT DATA { tkg:Arm skos:closeMatch <https://purl.obolibrary.org/obo/NCIT_C1> }", "tkg:Arm"),
    ("iri-misspelt", "INSERT DATA { tkg:Arm rdfs:seeAlso <https://w3id.org/trialkg/vocab/Study> }", "tkg:Arm"),
    ("iri-misspelt", "INSERT DATA { tkg:Arm <http://purl.org/dc/elements/1.1/title> 'arm' }", "tkg:Arm"),
    ("match-malformed", "INSERT DATA { tkg:Arm skos:closeMatch obo:NCIT_174447 }", "tkg:Arm"),
    ("match-malformed", "INSERT DATA { sex:male skos:exactMatch <https://example.org/m> }", "sex:male"),
    ("match-malformed", "INSERT DATA { sex:male skos:exactMatch sex:men }", "sex:male"),
    ("match-malformed", 'INSERT DATA { sex:male skos:exactMatch "NCIT_C20197" }', "sex:male"),
    ("term-without-ontology", without("tkg:Arm", "rdfs:isDefinedBy"), "tkg:Arm"),
    ("term-without-ontology", instead("tkg:Arm", "rdfs:isDefinedBy", "<https://w3id.org/trialkg>"), "tkg:Arm"),
    ("code-outside-list", without("sex:male", "skos:inScheme"), "sex:male"),
    ("code-outside-list", without("code:sex", "skos:hasTopConcept"), "sex:male"),
    (
        "code-outside-list",
        "INSERT DATA { sex:male skos:inScheme code:phase ; skos:topConceptOf code:phase . "
        "code:phase skos:hasTopConcept sex:male }",
        "sex:male",
    ),
    ("notation-of-two-codes", without("sex:male", "skos:notation"), "sex:male"),
    ("notation-of-two-codes", 'INSERT DATA { sex:male skos:notation "M" }', "sex:male"),
    ("notation-of-two-codes", instead("sex:male", "skos:notation", '"FEMALE"'), "sex:female"),
    # --- headers
    ("file-without-header", "INSERT DATA { GRAPH <file:new.ttl> { tkg:a tkg:b tkg:c } }", "file:new.ttl"),
    (
        "file-without-header",
        "INSERT DATA { GRAPH <file:ontology/codes.ttl> { <https://w3id.org/trialkg/x> a owl:Ontology } }",
        "file:ontology/codes.ttl",
    ),
    ("ontology-without-title", without(f"<{SHAPES}>", "dcterms:title"), SHAPES),
    ("ontology-without-description", without(f"<{CODES}>", "dcterms:description"), CODES),
    ("ontology-without-description", instead(f"<{CODES}>", "dcterms:description", "''@en"), CODES),
    ("ontology-without-licence", without(f"<{DRUGS}>", "dcterms:license"), DRUGS),
    ("ontology-without-licence", instead(f"<{DRUGS}>", "dcterms:license", '"CC BY 4.0"'), DRUGS),
    (
        "ontology-without-licence",
        f"INSERT DATA {{ <{DRUGS}> dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> }}",
        DRUGS,
    ),
    ("ontology-without-creator", without(f"<{SHAPES}>", "dcterms:creator"), SHAPES),
    ("ontology-without-publisher", without(f"<{SHAPES}>", "dcterms:publisher"), SHAPES),
    ("ontology-without-dates", without(f"<{CODES}>", "dcterms:created"), CODES),
    ("ontology-without-dates", instead(f"<{CODES}>", "dcterms:issued", '"2026-11-27"'), CODES),
    ("ontology-without-dates", instead(f"<{CODES}>", "dcterms:issued", '"2020-01-01"^^xsd:date'), CODES),
    ("ontology-without-dates", f'INSERT DATA {{ <{CODES}> dcterms:modified "2020-01-01"^^xsd:date }}', CODES),
    ("ontology-without-version", without(f"<{SHAPES}>", "owl:versionIRI"), SHAPES),
    ("ontology-without-version", instead(f"<{SHAPES}>", "owl:versionIRI", f"<{SHAPES}>"), SHAPES),
    ("ontology-without-version", instead(f"<{SHAPES}>", "owl:versionInfo", '"0.9.0"'), SHAPES),
    ("ontology-without-version", instead(f"<{DRUGS}>", "owl:versionInfo", '"1.1"'), DRUGS),
    ("prior-version-odd", instead(f"<{CODES}>", "owl:priorVersion", f"<{CODES}/0.3.0>"), CODES),
    ("prior-version-odd", instead(f"<{CODES}>", "owl:priorVersion", f"<{CODES}/0.10.0>"), CODES),
    ("prior-version-odd", instead(f"<{CODES}>", "owl:priorVersion", f"<{VOCABULARY}/0.2.0>"), CODES),
    ("prior-version-odd", instead(f"<{CODES}>", "owl:backwardCompatibleWith", f"<{CODES}/old>"), CODES),
    ("ontology-without-prefix", without(f"<{SHAPES}>", "vann:preferredNamespacePrefix"), SHAPES),
    ("ontology-without-prefix", without(f"<{SHAPES}>", "vann:preferredNamespaceUri"), SHAPES),
    ("ontology-without-prefix", instead(f"<{SHAPES}>", "vann:preferredNamespaceUri", f'"{VOCABULARY}#"'), SHAPES),
    ("ontology-without-prefix", instead(f"<{SHAPES}>", "vann:preferredNamespaceUri", f'"{SHAPES}"'), SHAPES),
    ("namespace-without-terms", instead(f"<{CODES}>", "vann:preferredNamespaceUri", f'"{CODES}#"'), CODES),
    ("ontology-without-citation", without(f"<{CODES}>", "dcterms:bibliographicCitation"), CODES),
    (
        "ontology-without-citation",
        f"{instead(f'<{CODES}>', 'owl:versionIRI', f'<{CODES}/0.4.0>')}",
        CODES,
    ),
    ("ontology-without-citation", instead(f"<{CODES}>", "dcterms:title", '"Code lists"@en'), CODES),
    ("ontology-without-citation", instead(f"<{CODES}>", "dcterms:issued", '"2027-01-01"^^xsd:date'), CODES),
    ("ontology-without-identifier", without(f"<{CODES}>", "dcterms:identifier"), CODES),
    ("ontology-without-identifier", instead(f"<{CODES}>", "dcterms:identifier", f'"{VOCABULARY}"'), CODES),
    ("ontology-without-status", without(f"<{DRUGS}>", f"<{BIBO}>"), DRUGS),
    ("ontology-without-status", instead(f"<{DRUGS}>", f"<{BIBO}>", '"draft"'), DRUGS),
    ("ontology-without-source", without(f"<{SHAPES}>", "dcterms:source"), SHAPES),
    (
        "ontology-not-persistent",
        "INSERT DATA { <https://trialkg.example.org/vocab> a owl:Ontology }",
        "https://trialkg.example.org/vocab",
    ),
    (
        "ontology-not-persistent",
        f"INSERT DATA {{ <{CODES}> owl:versionIRI <https://example.org/code/0.3.0> }}",
        CODES,
    ),
    ("header-in-own-words", f'INSERT DATA {{ <{CODES}> tkg:keyword "codes" }}', CODES),
    (
        "header-in-own-words",
        f'INSERT DATA {{ <{VOCABULARY}/x> a owl:Ontology ; rdfs:label "new" }}',
        f"{VOCABULARY}/x",
    ),
    (
        "ontology-without-reuse",
        f"INSERT DATA {{ GRAPH <file:new.ttl> {{ <{VOCABULARY}/x> a owl:Ontology ; dcterms:title 'new' . "
        "tkg:New a owl:Class ; rdfs:label 'new' ; tkg:keyword 'own' } }",
        f"{VOCABULARY}/x",
    ),
]

# What is no fault: check and update.
SOUND = [
    ("label-of-two-terms", 'INSERT DATA { sex:x skos:prefLabel "Phase 1"@en }'),  # codes of two lists
    ("name-of-two-terms", 'INSERT DATA { sex:all skos:altLabel "Phase 1" }'),
    ("definition-of-two-terms", 'INSERT DATA { sex:x skos:definition "Reported results are not shown."@en }'),
    ("definition-no-sentence", 'INSERT DATA { sex:x skos:definition "18 years or older."@en }'),
    ("deprecated-term-used", "INSERT DATA { agent:pidilizumab owl:deprecated true }"),
    ("deprecated-term-used", "INSERT DATA { tkg:new dcterms:replaces tkg:old . tkg:old owl:deprecated true }"),
    ("deprecated-unexplained", 'INSERT DATA { tkg:Arm owl:deprecated true ; rdfs:comment "Split in two." }'),
    ("replaced-and-in-force", "INSERT DATA { tkg:Arm owl:deprecated true ; dcterms:isReplacedBy tkg:Site }"),
    ("match-malformed", "INSERT DATA { sex:male skos:exactMatch obo:NCIT_C20197 ; skos:closeMatch sex:all }"),
    ("hierarchy-circular", "INSERT DATA { sex:male skos:broader sex:all }"),
    ("prior-version-odd", f"INSERT DATA {{ <{CODES}> owl:incompatibleWith <{CODES}/0.1.12> }}"),
    ("ontology-without-dates", f'INSERT DATA {{ <{CODES}> dcterms:modified "2030-01-01"^^xsd:date }}'),
]

# The rules of ROBOT 1.9's report (robot-core/src/main/resources/report_queries) and the tests of FOOPS! (doc/test).
ROBOT = """
annotation_whitespace deprecated_boolean_datatype deprecated_class_reference deprecated_property_reference
duplicate_definition duplicate_exact_synonym duplicate_label duplicate_label_synonym duplicate_scoped_synonym
equivalent_class_axiom_no_genus equivalent_pair illegal_use_of_built_in_vocabulary invalid_entity_uri invalid_xref
label_formatting label_whitespace lowercase_definition missing_definition missing_label missing_obsolete_label
missing_ontology_description missing_ontology_license missing_ontology_title missing_subset_declaration
missing_superclass missing_synonymtype_declaration misused_obsolete_label misused_replaced_by
multiple_asserted_superclasses multiple_definitions multiple_equivalent_class_definitions multiple_equivalent_classes
multiple_labels multiple_logical_definitions
"""
FOOPS = """
CN1 DOC1 FIND1 FIND2 FIND3 FIND_3_BIS HTTP1 OM1 OM2 OM3 OM4.1 OM4.2 OM5.1 OM5.2 PURL1 RDF1 URI1 URI2 VER1 VER2 VOC1
VOC2 VOC3 VOC4
"""


@pytest.fixture(scope="module")
def sound() -> dict[str, bytes]:
    """What each folder of checks looks at, as N-Quads: quicker than reading Turtle anew for each fault."""
    stores = {"terms": as_written(), "headers": as_written(shapes=True)}
    return {over: store.dump(format=pyoxigraph.RdfFormat.N_QUADS) or b"" for over, store in stores.items()}


def fresh(sound: bytes, update: str = "") -> pyoxigraph.Store:
    store = pyoxigraph.Store()
    store.bulk_load(sound, format=pyoxigraph.RdfFormat.N_QUADS)
    if update:
        store.update(sparql_prologue() + update)
    return store


def iri(name: str) -> str:
    return name if name.startswith(("https:", "file:")) else expand(name)


def test_every_check_has_a_fault_that_it_must_catch() -> None:
    assert {name for name, _, _ in FAULTS} == CHECKS.keys()


def test_the_files_pass(sound: dict[str, bytes]) -> None:
    stores = {over: fresh(quads) for over, quads in sound.items()}
    assert [finding for check in CHECKS.values() for finding in run(check, stores[check.over])] == []


@pytest.mark.parametrize(("name", "update", "subject"), FAULTS)
def test_a_check_finds_its_fault(sound: dict[str, bytes], name: str, update: str, subject: str) -> None:
    check = CHECKS[name]
    assert iri(subject) in {finding.subject for finding in run(check, fresh(sound[check.over], update))}


@pytest.mark.parametrize(("name", "update"), SOUND)
def test_what_is_no_fault_is_not_found(sound: dict[str, bytes], name: str, update: str) -> None:
    check = CHECKS[name]
    assert run(check, fresh(sound[check.over], update)) == []


def test_one_fault_is_not_taken_for_others(sound: dict[str, bytes]) -> None:
    stores = {over: fresh(quads, without("sex:male", "skos:definition")) for over, quads in sound.items()}
    found = [name for name, check in CHECKS.items() if run(check, stores[check.over])]
    assert found == ["term-without-definition"]


# --- the rules they go after


def test_every_rule_of_robot_and_foops_has_a_check_or_a_reason() -> None:
    rules = {f"ROBOT {rule}" for rule in ROBOT.split()} | {f"FOOPS! {test}" for test in FOOPS.split()}
    checked = {rule for check in CHECKS.values() for rule in check.after}
    assert checked | UNCHECKED.keys() == rules
    assert checked & UNCHECKED.keys() == set()
    assert len({rule for rule in checked if rule.startswith("ROBOT")}) >= 10


# --- what is looked at


@pytest.mark.parametrize("path", [*FILES, "shapes/common.ttl"])
def test_the_preferred_prefix_is_the_one_that_the_file_uses(path: str) -> None:
    graph = Graph().parse(ROOT / path)
    (prefix,), (namespace,) = (
        set(graph.objects(None, term)) for term in (VANN.preferredNamespacePrefix, VANN.preferredNamespaceUri)
    )
    assert dict(graph.namespaces())[str(prefix)] == URIRef(str(namespace))


def test_each_file_is_a_graph_of_its_own() -> None:
    assert set(as_written().named_graphs()) == {pyoxigraph.NamedNode(f"file:{path}") for path in FILES}
    assert pyoxigraph.NamedNode("file:shapes/common.ttl") in set(as_written(shapes=True).named_graphs())
