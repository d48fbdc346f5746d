"""The tables of an export: their columns, and where each comes from. docs/export-tables.md shows them.

A column has a kind, which says its type and how it is read from the statements of a node:

======== ================ ==========================================================
kind     type             value
======== ================ ==========================================================
given    text             made by :mod:`kg.catalog.table_rows`: keys, and what is of another node
position integer          as given
iri      text             the IRI that is the value
label    text             the label of that IRI
code     text             the last part of the IRI of a code
text     text             the literal
month    text             ``YYYY-MM``
day      date             the date, null where only the month is known
integer  integer          64 bits
number   floating point   64 bits
flag     boolean
iris …   list of text     all values: ``iris``, ``labels``, ``codes``, ``texts``, and ``list`` as given
======== ================ ==========================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["LISTS", "TABLES", "TYPES", "Column", "Table", "documented"]

TYPES: Final = {
    **dict.fromkeys(("given", "iri", "label", "code", "text", "month"), "string"),
    **dict.fromkeys(("iris", "labels", "codes", "texts", "list"), "list<string>"),
    **dict.fromkeys(("position", "integer"), "int64"),
    "day": "date",
    "number": "double",
    "flag": "boolean",
}
"""Kind of a column → its type. A list is empty where there is no value; any other type is null."""

LISTS: Final = frozenset(kind for kind, type_ in TYPES.items() if type_.startswith("list"))


@dataclass(frozen=True)
class Column:
    """A column.

    Args:
        name: its name.
        kind: see above.
        source: the property that it is read from, as a prefixed name; ``""`` for what is given.
        about: what it says, for people.
        required: whether it is never null.
    """

    name: str
    kind: str
    source: str = ""
    about: str = ""
    required: bool = False


@dataclass(frozen=True)
class Table:
    """A table: one file ``NAME.parquet``."""

    name: str
    about: str
    columns: tuple[Column, ...]


def _given(name: str, about: str) -> Column:
    return Column(name, "given", about=about, required=True)


_NCT = _given("nct_id", "NCT id of the study")
_STUDY = _given("study", "IRI of the study")
_POSITION = Column("position", "position", about="Place in the record, from 1", required=True)


def _part(name: str, what: str) -> tuple[Column, ...]:
    return _given(name, f"IRI of the {what}"), _NCT, _STUDY, _POSITION


def _dated(name: str, source: str) -> tuple[Column, ...]:
    return (
        Column(name, "day", source, "Null where only the month is known"),
        Column(name.replace("_date", "_month"), "month", source, "`YYYY-MM`, known in both cases"),
        Column(f"{name}_type", "code", f"{source}Type", "`actual` or `estimated`"),
    )


def _named(name: str, plural: str, source: str, about: str) -> tuple[Column, ...]:
    return (
        Column(plural, "iris", source, f"IRIs of {about}"),
        Column(f"{name}_labels", "labels", source, "Their labels, in the same order; the IRI where there is none"),
    )


_DRUGS: Final = (
    *_named("drug", "drugs", "tkg:drug", "the agents named"),
    *_named("drug_class", "drug_classes", "tkg:drugClass", "classes named without an agent"),
)

TABLES: Final = (
    Table(
        "studies",
        "One row for each study, by NCT id.",
        (
            _NCT,
            _STUDY,
            Column("title", "text", "dcterms:title", "Brief title"),
            Column("official_title", "text", "tkg:officialTitle"),
            Column("acronym", "text", "tkg:acronym"),
            Column("study_type", "code", "tkg:studyType"),
            Column("status", "code", "tkg:status"),
            Column("why_stopped", "text", "tkg:whyStopped"),
            Column("stop_reasons", "codes", "tkg:stopReason"),
            Column("phases", "codes", "tkg:phase", "A phase 1/2 study has both"),
            Column("allocation", "code", "tkg:allocation"),
            Column("intervention_model", "code", "tkg:interventionModel"),
            Column("primary_purpose", "code", "tkg:primaryPurpose"),
            Column("masking", "code", "tkg:masking"),
            Column("observational_model", "code", "tkg:observationalModel"),
            Column("time_perspective", "code", "tkg:timePerspective"),
            Column("enrollment", "integer", "tkg:enrollment", "Participants"),
            Column("enrollment_type", "code", "tkg:enrollmentType", "`actual` or `estimated`"),
            *_dated("start_date", "tkg:startDate"),
            Column("start_year", "integer", "tkg:startYear"),
            *_dated("primary_completion_date", "tkg:primaryCompletionDate"),
            *_dated("completion_date", "tkg:completionDate"),
            Column("first_posted", "day", "tkg:firstPosted"),
            Column("last_update_posted", "day", "tkg:lastUpdatePosted"),
            Column("results_first_posted", "day", "tkg:resultsFirstPosted"),
            Column("has_results", "flag", "tkg:hasResults"),
            Column("is_fda_regulated_drug", "flag", "tkg:isFdaRegulatedDrug"),
            Column("is_fda_regulated_device", "flag", "tkg:isFdaRegulatedDevice"),
            Column("lead_sponsor", "iri", "tkg:leadSponsor", "IRI of the organization"),
            Column("lead_sponsor_label", "label", "tkg:leadSponsor", "Its name"),
            Column("conditions", "list", about="Conditions as registered, in order"),
            *_named("condition_concept", "condition_concepts", "tkg:conditionConcept", "the concepts they mean"),
            Column("conditions_within", "iris", "tkg:conditionWithin", "These and everything they are within"),
            Column("keywords", "texts", "tkg:keyword"),
            Column("interventions", "list", about="Interventions as registered, in order"),
            *_DRUGS,
            Column("drugs_within", "iris", "tkg:drugWithin", "Drugs, named classes, and everything they are within"),
            Column("countries", "list", about="ISO 3166-1 alpha-2 codes of its sites, each once, sorted"),
            Column("sites", "position", about="How many sites", required=True),
            Column("sex", "given", "tkg:sex", "Who may take part"),
            Column("minimum_age_years", "number", "tkg:minimumAgeYears"),
            Column("maximum_age_years", "number", "tkg:maximumAgeYears"),
            Column("accepts_healthy_volunteers", "flag", "tkg:acceptsHealthyVolunteers"),
            Column("abstract", "text", "dcterms:abstract", "Brief summary"),
            Column("data_date", "day", "tkg:dataDate", "State of the registry that the record shows"),
            Column("source", "iri", "dcterms:source", "Page of the record"),
            Column("mapping_version", "text", "tkg:mappingVersion", "Version of the mapping that made the statements"),
        ),
    ),
    Table(
        "arms",
        "One row for each arm.",
        (
            *_part("arm", "arm"),
            Column("label", "text", "rdfs:label"),
            Column("arm_type", "code", "tkg:armType"),
            Column("description", "text", "dcterms:description"),
            *_DRUGS,
            Column("drugs_within", "iris", "tkg:drugWithin", "Drugs, named classes, and everything they are within"),
        ),
    ),
    Table(
        "interventions",
        "One row for each registered intervention.",
        (
            *_part("intervention", "intervention"),
            Column("label", "text", "rdfs:label", "As registered"),
            Column("other_names", "texts", "skos:altLabel"),
            Column("intervention_type", "code", "tkg:interventionType"),
            Column("description", "text", "dcterms:description"),
            *_DRUGS,
        ),
    ),
    Table(
        "uses",
        "What is given in which arm: one row for each use of an intervention in an arm and each agent or class that it "
        "names. An intervention in no listed arm has rows without an arm, and one that names no drug a row without "
        "a drug.",
        (
            _NCT,
            _STUDY,
            Column("use", "given", about="IRI of the use; null without an arm"),
            Column("arm", "given", about="IRI of the arm"),
            Column("arm_label", "given"),
            Column("arm_type", "given"),
            Column("role", "code", "tkg:role", "`investigational`, `background`, `comparator`, `placebo`, `unknown`"),
            _given("intervention", "IRI of the intervention"),
            Column("intervention_label", "given", about="As registered"),
            Column("intervention_type", "given"),
            Column("named", "given", about="`drug`, `class`, or null"),
            Column("drug", "given", about="IRI of the agent or class"),
            Column("drug_label", "given"),
            Column("drug_within", "list", about="It and everything it is within"),
        ),
    ),
    Table(
        "conditions",
        "One row for each registered condition.",
        (
            *_part("condition", "condition"),
            Column("label", "text", "rdfs:label", "As registered"),
            Column("concepts", "list", about="IRIs of the concepts it is linked to"),
            Column("concept_labels", "list", about="Their labels, in the same order; the IRI where there is none"),
        ),
    ),
    Table(
        "links",
        "One row for each link from a registered string to a concept, with its evidence.",
        (
            _given("link", "IRI of the link"),
            _NCT,
            _STUDY,
            _given("subject", "IRI of what is linked: a condition, intervention, criterion, or the study"),
            _given("subject_kind", "`condition`, `intervention`, `criterion`, `study`, or another part"),
            Column("subject_label", "given", about="As registered"),
            Column("concept", "iri", "tkg:concept"),
            Column("concept_label", "label", "tkg:concept"),
            Column("matched_text", "text", "tkg:matchedText"),
            Column("method", "code", "tkg:method"),
            Column("score", "number", "tkg:score"),
            Column("vocabulary", "iri", "tkg:vocabulary"),
            Column("vocabulary_version", "text", "tkg:vocabularyVersion"),
        ),
    ),
    Table(
        "outcomes",
        "One row for each planned outcome measure.",
        (
            *_part("outcome", "outcome measure"),
            _given("kind", "`primary`, `secondary`, `other`, or `unstated`"),
            Column("label", "text", "rdfs:label", "What is measured"),
            Column("time_frame", "text", "tkg:timeFrame"),
            Column("time_frame_days", "number", "tkg:timeFrameDays"),
            Column("description", "text", "dcterms:description"),
            Column("endpoints", "codes", "tkg:endpoint"),
            Column("response_criteria", "codes", "tkg:responseCriteria"),
        ),
    ),
    Table(
        "sites",
        "One row for each site.",
        (
            *_part("site", "site"),
            Column("label", "text", "rdfs:label", "Facility"),
            Column("city", "text", "schema:addressLocality"),
            Column("region", "text", "schema:addressRegion"),
            Column("postal_code", "text", "schema:postalCode"),
            Column("country", "text", "schema:addressCountry", "ISO 3166-1 alpha-2"),
            Column("country_name", "text", "tkg:countryName", "As registered"),
            Column("latitude", "number", "wgs:lat"),
            Column("longitude", "number", "wgs:long"),
            Column("status", "code", "tkg:siteStatus"),
        ),
    ),
    Table(
        "sponsors",
        "One row for each lead sponsor and collaborator of a study.",
        (
            _NCT,
            _STUDY,
            _given("role", "`lead` or `collaborator`"),
            _given("organization", "IRI of the organization"),
            Column("organization_label", "given", about="Its name"),
            Column("agency_class", "given", "tkg:agencyClass"),
        ),
    ),
    Table(
        "concepts",
        "One row for each concept that a study names, and for everything those are within.",
        (
            _given("concept", "IRI of the concept"),
            Column("label", "given"),
            Column("prefix", "given", about="Prefix of its vocabulary: `mesh`, `agent` …"),
            Column("within", "list", "tkg:within", "It and everything it is within"),
            Column("exact_matches", "list", "skos:exactMatch", "The same in other vocabularies"),
        ),
    ),
    Table(
        "edges",
        "One row for each statement of a study, or of a part of one, whose value is an IRI: the graph itself.",
        (
            _NCT,
            _given("subject", "IRI"),
            Column("subject_label", "given"),
            _given("predicate", "Prefixed name, as `tkg:arm`"),
            _given("object", "IRI"),
            Column("object_label", "given"),
        ),
    ),
)
"""The tables, as they are listed."""


def documented() -> str:
    """The tables as Markdown, for docs/export-tables.md."""
    parts = []
    for table in TABLES:
        parts.append(f"### {table.name}\n\n{table.about}\n\n| column | type | from | what |\n|---|---|---|---|\n")
        for column in table.columns:
            source = f"`{column.source}`" if column.source else ""
            type_ = TYPES[column.kind] + (", never null" if column.required else "")
            parts.append(f"| `{column.name}` | {type_} | {source} | {column.about} |\n")
        parts.append("\n")
    return "".join(parts)
