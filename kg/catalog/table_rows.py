"""The rows of the tables that :mod:`kg.catalog.tables` lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from kg.catalog.nodes import Nodes, Vocabulary, code_of
from kg.catalog.tables import LISTS, TABLES, Table
from kg.namespaces import compress, study_iri
from kg.turtle import Subjects

__all__ = ["Row", "concept_row", "rows_of_study"]

Row = dict[str, object]

_TABLES: Final[Mapping[str, Table]] = {table.name: table for table in TABLES}
_KINDS: Final = {
    "tkg:primaryOutcome": "primary",
    "tkg:secondaryOutcome": "secondary",
    "tkg:otherOutcome": "other",
    "tkg:outcome": "unstated",
}
_SPONSORS: Final = {"tkg:leadSponsor": "lead", "tkg:collaborator": "collaborator"}
_compress = lru_cache(maxsize=1_024)(compress)


def rows_of_study(nct_id: str, found: Subjects, vocabulary: Vocabulary) -> Iterator[tuple[str, Row]]:
    """The rows that a study gives, each with the name of its table; those of one table in order.

    Args:
        nct_id: the study.
        found: its statements, as :attr:`kg.catalog.writing.Part.subjects` gives them.
        vocabulary: labels and hierarchy of what it names.

    Raises:
        StoreError: a number does not fit in its column.
        TermError: not an NCT id.
    """
    study = _Study(nct_id, Nodes(found), vocabulary)
    yield "studies", study.study_row()
    for name, source in (("arms", "tkg:arm"), ("interventions", "tkg:intervention"), ("sites", "tkg:site")):
        for row in study.part_rows(name, source):
            yield name, row
    for row in study.condition_rows():
        yield "conditions", row
    for row in study.outcome_rows():
        yield "outcomes", row
    for row in study.use_rows():
        yield "uses", row
    for row in study.link_rows():
        yield "links", row
    for row in study.sponsor_rows():
        yield "sponsors", row
    for row in study.edge_rows():
        yield "edges", row


def concept_row(iri: str, vocabulary: Vocabulary) -> Row:
    """The row of a concept."""
    name = compress(iri)
    return {
        "concept": iri,
        "label": vocabulary.label(iri),
        "prefix": name.partition(":")[0] if name != iri else None,
        "within": vocabulary.within(iri),
        "exact_matches": vocabulary.iris(iri, "skos:exactMatch"),
    }


class _Study:
    """One study, and the rows it gives."""

    def __init__(self, nct_id: str, nodes: Nodes, vocabulary: Vocabulary) -> None:
        self.iri = study_iri(nct_id)
        self.keys: Row = {"nct_id": nct_id, "study": self.iri}
        self.nodes = nodes
        self.vocabulary = vocabulary

    def read(self, table: str, node: str, given: Row) -> Row:
        """A row: what is given, and the columns that are read from a node."""
        row: Row = {}
        for column in _TABLES[table].columns:
            if column.name in given:
                row[column.name] = given[column.name]
            elif column.kind in ("label", "labels"):
                iris = self.nodes.iris(node, column.source)
                row[column.name] = self.labels_of(iris) if column.kind in LISTS else self.labelled(iris[:1])
            else:
                row[column.name] = getattr(self.nodes, column.kind)(node, column.source)
        return row

    def labels_of(self, iris: Iterable[str]) -> list[str]:
        """Labels in the same order, so that there has to be one for each: the IRI where it has none."""
        return [self.vocabulary.label(iri) or iri for iri in iris]

    def labelled(self, iris: Iterable[str]) -> str | None:
        """The label of the first, if it has one."""
        return next((self.vocabulary.label(iri) for iri in iris), None)

    def study_row(self) -> Row:
        eligibility = self.nodes.iri(self.iri, "tkg:eligibility") or ""
        record = self.nodes.iri(self.iri, "tkg:record") or ""
        sites = self.nodes.iris(self.iri, "tkg:site")
        countries = {code for site in sites for code in self.nodes.texts(site, "schema:addressCountry")}
        return self.read(
            "studies",
            self.iri,
            {
                **self.keys,
                "conditions": self.labels("tkg:condition"),
                "interventions": self.labels("tkg:intervention"),
                "countries": sorted(countries),
                "sites": len(sites),
                "sex": self.nodes.code(eligibility, "tkg:sex"),
                "minimum_age_years": self.nodes.number(eligibility, "tkg:minimumAgeYears"),
                "maximum_age_years": self.nodes.number(eligibility, "tkg:maximumAgeYears"),
                "accepts_healthy_volunteers": self.nodes.flag(eligibility, "tkg:acceptsHealthyVolunteers"),
                "data_date": self.nodes.day(record, "tkg:dataDate"),
                "source": self.nodes.iri(record, "dcterms:source"),
                "mapping_version": self.nodes.text(record, "tkg:mappingVersion"),
            },
        )

    def labels(self, name: str) -> list[str]:
        """The registered strings of parts."""
        return [label for node in self.nodes.iris(self.iri, name) if (label := self.nodes.text(node, "rdfs:label"))]

    def part_rows(self, table: str, source: str) -> Iterator[Row]:
        key = _TABLES[table].columns[0].name
        for node in self.nodes.iris(self.iri, source):
            yield self.read(table, node, {key: node, **self.keys, "position": _position(node)})

    def condition_rows(self) -> Iterator[Row]:
        for node in self.nodes.iris(self.iri, "tkg:condition"):
            concepts = [
                concept
                for link in self.nodes.iris(node, "tkg:link")
                for concept in self.nodes.iris(link, "tkg:concept")
            ]
            concepts = list(dict.fromkeys(concepts))
            given = {
                "condition": node,
                "position": _position(node),
                "concepts": concepts,
                "concept_labels": self.labels_of(concepts),
            }
            yield self.read("conditions", node, {**self.keys, **given})

    def outcome_rows(self) -> Iterator[Row]:
        seen: set[str] = set()
        for source, kind in _KINDS.items():
            for node in self.nodes.iris(self.iri, source):
                if node not in seen:
                    seen.add(node)
                    given = {"outcome": node, "position": _position(node), "kind": kind}
                    yield self.read("outcomes", node, {**self.keys, **given})

    def use_rows(self) -> Iterator[Row]:
        nodes, used = self.nodes, set()
        for arm in nodes.iris(self.iri, "tkg:arm"):
            for use in nodes.iris(arm, "tkg:use"):
                for intervention in nodes.iris(use, "tkg:intervention"):
                    used.add(intervention)
                    given = {"use": use, "arm": arm, "arm_label": nodes.text(arm, "rdfs:label")}
                    given["arm_type"] = nodes.code(arm, "tkg:armType")
                    yield from self.drug_rows(use, intervention, given)
        for intervention in nodes.iris(self.iri, "tkg:intervention"):
            if intervention not in used:
                nothing = dict.fromkeys(("use", "arm", "arm_label", "arm_type"))
                yield from self.drug_rows("", intervention, nothing)

    def drug_rows(self, use: str, intervention: str, given: Mapping[str, object]) -> Iterator[Row]:
        named: list[tuple[str | None, str]] = [("drug", iri) for iri in self.nodes.iris(intervention, "tkg:drug")]
        named += [("class", iri) for iri in self.nodes.iris(intervention, "tkg:drugClass")]
        about = {
            **self.keys,
            **given,
            "intervention": intervention,
            "intervention_label": self.nodes.text(intervention, "rdfs:label"),
            "intervention_type": self.nodes.code(intervention, "tkg:interventionType"),
        }
        for kind, iri in named or [(None, "")]:
            drug = {
                "named": kind,
                "drug": iri or None,
                "drug_label": self.vocabulary.label(iri) if iri else None,
                "drug_within": self.vocabulary.within(iri) if iri else [],
            }
            yield self.read("uses", use, {**about, **drug})

    def link_rows(self) -> Iterator[Row]:
        for node in self.nodes:
            for link in self.nodes.iris(node, "tkg:link"):
                given = {
                    "link": link,
                    "subject": node,
                    "subject_kind": self.kind_of(node),
                    "subject_label": self.nodes.text(node, "rdfs:label")
                    or self.nodes.text(node, "dcterms:description"),
                }
                yield self.read("links", link, {**self.keys, **given})

    def kind_of(self, node: str) -> str:
        below = node.removeprefix(self.iri).strip("/")
        if below.startswith("eligibility/"):
            return "criterion"
        return below.partition("/")[0] or "study"

    def sponsor_rows(self) -> Iterator[Row]:
        for source, role in _SPONSORS.items():
            for organization in self.nodes.iris(self.iri, source):
                yield {
                    **self.keys,
                    "role": role,
                    "organization": organization,
                    "organization_label": self.vocabulary.label(organization),
                    "agency_class": self.vocabulary.code(organization, "tkg:agencyClass"),
                }

    def edge_rows(self) -> Iterator[Row]:
        for subject, predicate, target in self.nodes.edges():
            yield {
                "nct_id": self.keys["nct_id"],
                "subject": subject,
                "subject_label": self.label_of(subject),
                "predicate": _compress(predicate),
                "object": target,
                "object_label": self.label_of(target),
            }

    def label_of(self, iri: str) -> str | None:
        """The label of a part, or of what the study names."""
        if iri == self.iri or iri.startswith(self.iri + "/"):
            return self.nodes.text(iri, "rdfs:label")
        return self.vocabulary.label(iri)


def _position(node: str) -> int:
    """The number at the end of the IRI of a part.

    >>> _position("https://w3id.org/trialkg/trial/NCT99999901/arm/10")
    10
    """
    number = code_of(node)
    return int(number) if number.isdecimal() else 0
