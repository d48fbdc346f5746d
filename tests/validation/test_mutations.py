"""A complete study fits every rule; each single change to it breaks exactly the rules that it should."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.namespaces import sparql_prologue
from kg.validation import Report, Validator

VALID = Path(__file__).parent / "valid-study.ttl"
STUDY = URIRef("https://w3id.org/trialkg/trial/NCT99999901")


@cache
def validator() -> Validator:
    return Validator()


def valid() -> Graph:
    # Without rdflib's own prefixes: its wgs is another namespace than ours.
    return Graph(bind_namespaces="none").parse(VALID)


def changed(update: str) -> Graph:
    graph = valid()
    before = set(graph)
    graph.update(f"BASE <https://w3id.org/trialkg/trial/>\n{sparql_prologue()}{update}")
    assert set(graph) != before, "the update must change something"
    return graph


def rules(report: Report) -> set[str]:
    return {result.rule_name for result in report.results}


def test_the_valid_study_fits_every_rule() -> None:
    report = validator().graph(valid())
    assert report.results == (), report.text()
    assert report.conforms
    assert report.studies == 1


def replaced(old: str, new: str) -> str:
    subject, predicate, value = old.split(" ", 2)
    return f"DELETE DATA {{ {subject} {predicate} {value} }} ; INSERT DATA {{ {subject} {predicate} {new} }}"


S = "<NCT99999901>"
OPTIONAL = (
    "acronym",
    "allocation",
    "collaborator",
    "completionDate",
    "completionDateType",
    "enrollment",
    "firstPosted",
    "hasResults",
    "interventionModel",
    "isFdaRegulatedDrug",
    "keyword",
    "leadSponsor",
    "masking",
    "officialTitle",
    "phase",
    "primaryPurpose",
    "status",
    "whyStopped",
)
MUTATIONS = {
    # identity
    "no identifier": (f'DELETE DATA {{ {S} dcterms:identifier "NCT99999901" }}', {"StudyIdentifier"}),
    "second identifier": (
        f'INSERT DATA {{ {S} dcterms:identifier "NCT99999902" }}',
        {"StudyIdentifier", "StudyNumber"},
    ),
    "no label": (f"DELETE WHERE {{ {S} rdfs:label ?o }}", {"StudyLabel"}),
    "no title": (f"DELETE WHERE {{ {S} dcterms:title ?o }}", {"StudyTitleExpected"}),
    "no class": (
        f"DELETE DATA {{ {S} a tkg:Study }}",
        {"RecordOfStudy", "InterventionOfStudy"},
    ),
    "no record": (f"DELETE DATA {{ {S} tkg:record <NCT99999901/record> }}", {"StudyRecord", "RecordOfStudy"}),
    "owl:sameAs": (f"INSERT DATA {{ {S} owl:sameAs <https://example.org/1> }}", {"NoSameAs"}),
    "skos:exactMatch": (f"INSERT DATA {{ {S} skos:exactMatch <https://example.org/1> }}", {"StudyNoExactMatch"}),
    # codes
    "two states": (f"INSERT DATA {{ {S} tkg:status status:recruiting }}", {"StudyStatus"}),
    "no status": (f"DELETE WHERE {{ {S} tkg:status ?o }}", {"StudyStatusExpected"}),
    "state of another list": (replaced(f"{S} tkg:status status:terminated", "phase:phase-1"), {"StudyStatus"}),
    "joined phases": (f'INSERT DATA {{ {S} tkg:phase "PHASE1, PHASE2" }}', {"StudyPhase"}),
    "no phase": (f"DELETE WHERE {{ {S} tkg:phase ?o }}", {"StudyPhaseExpected"}),
    "observational by code": (
        replaced(f"{S} tkg:studyType study-type:interventional", "study-type:observational"),
        {"InterventionalStudyType"},
    ),
    "randomized by class only": (
        replaced(f"{S} tkg:allocation allocation:randomized", "allocation:non-randomized"),
        {"RandomizedStudyAllocation"},
    ),
    # dates
    "month nought": (
        replaced(f'{S} tkg:primaryCompletionDate "2021-10"^^xsd:gYearMonth', '"2021-00"^^xsd:gYearMonth'),
        {"StudyPrimaryCompletionDate"},
    ),
    "completed before the start": (
        replaced(f'{S} tkg:completionDate "2021-11-30"^^xsd:date', '"2020-01"^^xsd:gYearMonth'),
        {"StudyDatesInOrder"},
    ),
    "completed in the month of the start": (
        f"DELETE WHERE {{ {S} tkg:primaryCompletionDate ?o }} ; DELETE WHERE {{ {S} tkg:completionDate ?o }} ; "
        f'INSERT DATA {{ {S} tkg:completionDate "2020-02"^^xsd:gYearMonth }}',
        set(),
    ),
    "actual after the last update": (
        replaced(f'{S} tkg:completionDate "2021-11-30"^^xsd:date', '"2022-10-31"^^xsd:date'),
        {"StudyActualDatesPast"},
    ),
    "no start year": (f"DELETE DATA {{ {S} tkg:startYear 2020 }}", {"StudyStartYearDerived"}),
    "no reason": (f"DELETE WHERE {{ {S} tkg:whyStopped ?o }}", {"StudyWhyStoppedExpected"}),
    "negative enrollment": (replaced(f"{S} tkg:enrollment 14", "-14"), {"StudyEnrollment"}),
    "decimal enrollment": (replaced(f"{S} tkg:enrollment 14", "14.0"), {"StudyEnrollment"}),
    "unknown code": (replaced(f"{S} tkg:status status:terminated", "status:finished"), {"StudyStatus"}),
    "another year": (replaced(f"{S} tkg:startYear 2020", "2021"), {"StudyStartYearOfDate"}),
    "another number": (
        replaced(f'{S} dcterms:identifier "NCT99999901"', '"NCT99999902"'),
        {"StudyNumber"},
    ),
    "results said to be there": (replaced(f"{S} tkg:hasResults false", "true"), {"StudyResultsExpected"}),
    "withdrawn with participants": (
        replaced(f"{S} tkg:status status:terminated", "status:withdrawn"),
        {"StudyWithdrawnEmpty"},
    ),
    "ended at an expected date": (
        replaced(f"{S} tkg:completionDateType date-type:actual", "date-type:estimated"),
        {"StudyCompletionActual", "StudyEstimatedDatesAhead"},
    ),
    "randomized in one group": (
        replaced(f"{S} tkg:interventionModel intervention-model:parallel", "intervention-model:single-group"),
        {"StudyRandomizedGroups"},
    ),
    "updated before it was posted": (
        replaced(f'{S} tkg:firstPosted "2019-10-30"^^xsd:date', '"2022-10-30"^^xsd:date'),
        {"StudyPostedDatesInOrder"},
    ),
    # concepts
    "MeSH by year": (
        f"INSERT DATA {{ {S} tkg:keywordConcept <http://id.nlm.nih.gov/mesh/2022/D009369> }}",
        {"StudyConceptsLinked", "StudyKeywordConcept"},
    ),
    "MeSH term id": (
        f"INSERT DATA {{ {S} tkg:keywordConcept mesh:T000687 }}",
        {"StudyConceptsLinked", "StudyKeywordConcept"},
    ),
    "MeSH by https": (
        f"INSERT DATA {{ {S} tkg:keywordConcept <https://id.nlm.nih.gov/mesh/D009369> }}",
        {"StudyConceptsLinked", "StudyKeywordConcept"},
    ),
    "class as drug": (f"INSERT DATA {{ {S} tkg:drug agent:PD1Inhibitor }}", {"StudyDrug"}),
    "condition not within itself": (
        f"DELETE DATA {{ {S} tkg:conditionWithin mesh:D000077195 }}",
        {"StudyShortcutsComplete"},
    ),
    "drug not within itself in an arm": (
        "DELETE DATA { <NCT99999901/arm/2> tkg:drugWithin agent:nivolumab }",
        {"StudyShortcutsComplete"},
    ),
    # parts
    "arm of nobody": (f"DELETE DATA {{ {S} tkg:arm <NCT99999901/arm/2> }}", {"ArmOfStudy"}),
    "use of another study's intervention": (
        "DELETE DATA { <NCT99999901/arm/2/use/1> tkg:intervention <NCT99999901/intervention/2> } ; INSERT DATA { "
        "<NCT99999901/arm/2/use/1> tkg:intervention <NCT99999902/intervention/1> . "
        '<NCT99999902/intervention/1> a tkg:Intervention ; rdfs:label "Other" }',
        {"StudyArmUses", "InterventionOfStudy", "ArmDrugsUsed"},
    ),
    "another study's site": (
        f"INSERT DATA {{ {S} tkg:site <NCT99999902/site/1> . <NCT99999902/site/1> a tkg:Site }}",
        {"StudyOwnsParts"},
    ),
    "another study's criterion": (
        "INSERT DATA { <NCT99999901/eligibility> tkg:inclusionCriterion <NCT99999902/eligibility/inclusion/1> . "
        '<NCT99999902/eligibility/inclusion/1> a tkg:Criterion ; tkg:position 1 ; dcterms:description "Adults" }',
        {"PartOwnsParts"},
    ),
    "experimental arm without intervention": (
        "DELETE WHERE { <NCT99999901/arm/1> tkg:use ?u }",
        {"ArmUseExpected", "ArmDrugsUsed", "InterventionUseOfArm", "StudyInterventionsUsed"},
    ),
    "use without role": ("DELETE DATA { <NCT99999901/arm/2/use/1> tkg:role role:comparator }", {"InterventionUseRole"}),
    "intervention without name": (
        "DELETE WHERE { <NCT99999901/intervention/1> rdfs:label ?o }",
        {"InterventionLabelExpected"},
    ),
    "class without drug": (
        "DELETE DATA { <NCT99999901/intervention/2> tkg:drug agent:nivolumab }",
        {"ArmDrugsUsed", "InterventionDrugExpected"},
    ),
    "condition without link": (
        "DELETE DATA { <NCT99999901/condition/1> tkg:link <NCT99999901/condition/1/link/1> }",
        {"ConditionLinkExpected", "ConceptLinkOfNode", "StudyConceptsLinked"},
    ),
    "link without method": ("DELETE WHERE { <NCT99999901/link/1> tkg:method ?o }", {"ConceptLinkMethod"}),
    "link without version": (
        "DELETE WHERE { <NCT99999901/link/1> tkg:vocabularyVersion ?o }",
        {"ConceptLinkVocabularyVersion"},
    ),
    "score above 1": (replaced("<NCT99999901/link/1> tkg:score 1.0", "1.01"), {"ConceptLinkScore"}),
    "score as double": (replaced("<NCT99999901/link/1> tkg:score 1.0", "1.0e0"), {"ConceptLinkScore"}),
    "ages the wrong way round": (
        replaced("<NCT99999901/eligibility> tkg:minimumAgeYears 18.0", "80.0"),
        {"EligibilityAgesInOrder"},
    ),
    "age not in years": (
        "DELETE WHERE { <NCT99999901/eligibility> tkg:maximumAgeYears ?o }",
        {"EligibilityMaximumAgeDerived"},
    ),
    "inclusion listed as exclusion": (
        "INSERT DATA { <NCT99999901/eligibility> tkg:exclusionCriterion <NCT99999901/eligibility/inclusion/1> }",
        {"EligibilityExclusion", "EligibilityCriteriaApart"},
    ),
    "latitude and longitude swapped": (
        "DELETE WHERE { <NCT99999901/site/1> wgs:lat ?lat ; wgs:long ?long } ; "
        'INSERT DATA { <NCT99999901/site/1> wgs:lat "-180.19366"^^xsd:decimal ; wgs:long 25.77427 }',
        {"SiteLatitude"},
    ),
    "three-letter country": (replaced('<NCT99999901/site/1> schema:addressCountry "US"', '"USA"'), {"SiteCountry"}),
    "country without code": (
        'DELETE DATA { <NCT99999901/site/1> schema:addressCountry "US" }',
        {"SiteCountryExpected"},
    ),
    "primary outcome in the secondary list": (
        f"INSERT DATA {{ {S} tkg:secondaryOutcome <NCT99999901/outcome/primary/1> }}",
        {"StudySecondaryOutcome"},
    ),
    "sponsor as string": (f'INSERT DATA {{ {S} tkg:collaborator "Pharma" }}', {"StudyCollaborator"}),
    "upper-case digest": (
        "DELETE WHERE { <NCT99999901/record> tkg:sha256 ?o } ; "
        f'INSERT DATA {{ <NCT99999901/record> tkg:sha256 "{"E3B0" * 16}" }}',
        {"RecordDigest"},
    ),
    "latitude as text": (replaced("<NCT99999901/site/1> wgs:lat 25.77427", '"25° N"'), {"SiteLatitude"}),
    "age as text": (
        replaced("<NCT99999901/eligibility> tkg:minimumAgeYears 18.0", '"18 years"'),
        {"EligibilityMinimumAgeYears", "EligibilityMinimumAgePlausible"},
    ),
    "backslashes in strings": (
        f"INSERT DATA {{ {S} tkg:drug 'a\\\\A1' ; tkg:condition '\\\\1' ; tkg:conditionConcept '\\\\g<' }}",
        {"StudyDrug", "StudyCondition", "StudyConditionConcept"},
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_change_breaks_exactly_its_rules(name: str) -> None:
    update, expected = MUTATIONS[name]
    report = validator().graph(changed(update))
    assert rules(report) == expected, report.text()
    assert {result.study for result in report.results} <= {"NCT99999901", "NCT99999902"}


def test_no_property_may_have_a_blank_node() -> None:
    graph = valid()
    properties = {predicate for predicate in graph.predicates() if predicate != RDF.type}
    assert len(properties) > 70
    for predicate in properties:
        # In the place of one value: a further value would be refused for the number alone.
        subject, value = sorted(graph.subject_objects(predicate))[0]
        graph.remove((subject, predicate, value))
        graph.add((subject, predicate, BNode()))
    report = validator().graph(graph)
    refused = {
        result.path
        for result in report.results
        if result.severity == "Violation" and result.value and result.value.type == "bnode"
    }
    assert {str(predicate) for predicate in properties} - refused == set()


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_whatever_the_registry_leaves_out_is_no_violation(data: st.DataObject) -> None:
    """Optional facts of the study may go in any combination, together with what hangs on them."""
    graph = valid()
    # Classes follow the codes: without allocation the study is neither randomized nor not.
    graph.remove((STUDY, RDF.type, URIRef("http://purl.obolibrary.org/obo/OBI_0004001")))
    for name in data.draw(st.sets(st.sampled_from(OPTIONAL))):
        graph.remove((STUDY, URIRef(f"https://w3id.org/trialkg/vocab#{name}"), None))
    assert validator().graph(graph).conforms


@settings(max_examples=25, deadline=None)
@given(
    st.text(max_size=12), st.sampled_from(["status", "phase", "studyType", "conditionConcept", "drug", "leadSponsor"])
)
def test_text_never_passes_for_a_code_or_concept(text: str, name: str) -> None:
    graph = valid()
    value: Node = Literal(text)
    graph.set((STUDY, URIRef(f"https://w3id.org/trialkg/vocab#{name}"), value))
    assert not validator().graph(graph).conforms
