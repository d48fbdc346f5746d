"""The export as a Biolink graph in KGX's two forms: nodes and edges, as TSV and as JSON lines.

What is tested on people is in clinical trials for a condition, and nothing here says that it treats it. The arm and
the role of the drug in it stay on the edge.

Source: https://github.com/biolink/kgx/blob/master/specification/kgx-format.md, https://biolink.github.io/biolink-model/.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from kg.catalog import biolink
from kg.catalog.nodes import Nodes, Vocabulary
from kg.catalog.writing import Part, Setting, Written
from kg.namespaces import expand, study_iri

__all__ = ["EDGE_COLUMNS", "FOLDER", "NODE_COLUMNS", "Kgx"]

FOLDER: Final = "kgx"
"""The folder of the graph, below that of the export."""

NODE_COLUMNS: Final = (
    "id",
    "category",
    "name",
    "iri",
    "xref",
    "synonym",
    "clinical_trial_phase",
    "clinical_trial_primary_purpose",
    "clinical_trial_intervention_model",
    "clinical_trial_overall_status",
    "clinical_trial_brief_title",
    "clinical_trial_enrollment",
    "clinical_trial_enrollment_type",
    "clinical_trial_start_date",
    "clinical_trial_age_stage",
)
EDGE_COLUMNS: Final = (
    "id",
    "subject",
    "predicate",
    "object",
    "category",
    "primary_knowledge_source",
    "knowledge_level",
    "agent_type",
    "has_supporting_studies",
    "original_predicate",
    "original_subject",
    "original_object",
    "arm",
    "arm_label",
    "arm_type",
    "role",
    "subject_link_method",
    "subject_link_score",
    "object_link_method",
    "object_link_score",
)
"""From ``arm`` on these are not of the model: the arm and role of the drug, and how sure the links are."""

_SOURCE: Final = "infores:clinicaltrials-gov"
_IN_TRIALS: Final = "biolink:in_clinical_trials_for"
_RELATED: Final = "biolink:related_to"
_TRIED: Final = "biolink:ChemicalOrDrugOrTreatmentToDiseaseOrPhenotypicFeatureAssociation"
_SPACE: Final = re.compile(r"\s+")
_BAR: Final = "|"
_EDGES: Final = uuid.uuid5(uuid.NAMESPACE_URL, expand("tkg:kgx"))

Record = dict[str, object]


class _Concept(NamedTuple):
    """What a registered string of a study means."""

    iri: str
    text: str
    method: str | None
    score: float | None


class _Use(NamedTuple):
    """A concept that is given, and in which arm."""

    concept: _Concept
    arm: Record


class Kgx:
    """Writes the graph: studies, drugs and conditions, and what lies between.

    Args:
        setting: where, and the store that has labels and hierarchy.
    """

    def __init__(self, setting: Setting) -> None:
        self._vocabulary = Vocabulary(setting.store)
        self._drugs: set[str] = set()
        self._conditions: set[str] = set()
        self._stack = ExitStack()
        folder = setting.folder / FOLDER
        folder.mkdir()
        self._nodes = _Table(folder / "nodes", NODE_COLUMNS, self._stack)
        self._edges = _Table(folder / "edges", EDGE_COLUMNS, self._stack)
        self._name = lru_cache(maxsize=100_000)(self._preferred)

    def write(self, part: Part) -> None:
        """Take in a study; organizations have no place in the graph."""
        if not part.is_study:
            return
        nodes, study = Nodes(part.subjects), study_iri(part.name)
        self._nodes.write(_study_node(part.name, study, nodes))
        conditions = list(_conditions(nodes, study))
        for edge in self._study_edges(part.name, nodes, study, conditions):
            self._edges.write(edge)

    def finish(self) -> list[Written]:
        """Write the nodes that are not studies, and close the files."""
        concepts: dict[str, Record] = {}
        for iri in sorted(self._drugs | self._conditions):
            node = self._concept_node(iri)
            known = concepts.setdefault(str(node["id"]), node)
            # the same thing under two names is one node
            known["category"] = sorted({*_strings(known["category"]), *_strings(node["category"])})
        for _, node in sorted(concepts.items()):
            self._nodes.write(node)
        self.close()
        return [
            Written(f"{FOLDER}/{stem}.{form}", f"{title} ({name})", about, standard=biolink.MODEL)
            for form, name in (("tsv", "KGX TSV"), ("jsonl", "KGX JSON lines"))
            for stem, title, about in _ABOUT
        ]

    def close(self) -> None:
        """Close the files; may be called again."""
        self._stack.close()

    def _preferred(self, iri: str) -> str:
        return biolink.identifiers(iri, self._vocabulary)[0]

    def _concept_node(self, iri: str) -> Record:
        name, *others = biolink.identifiers(iri, self._vocabulary)
        categories = set()
        if iri in self._drugs:
            categories.add(biolink.drug_category(iri, self._vocabulary))
        if iri in self._conditions:
            categories.add(biolink.condition_category(iri, self._vocabulary))
        return {
            "id": name,
            "category": sorted(categories),
            "name": self._vocabulary.label(iri),
            "iri": iri,
            "xref": others,
            "synonym": self._vocabulary.texts(iri, "skos:altLabel"),
        }

    def _study_edges(self, nct_id: str, nodes: Nodes, study: str, conditions: Sequence[_Concept]) -> Iterator[Record]:
        trial = biolink.study_curie(nct_id)
        is_trial = biolink.study_category(nodes, study) == biolink.TRIAL
        common = {
            "primary_knowledge_source": _SOURCE,
            "knowledge_level": "knowledge_assertion",
            "agent_type": "automated_agent",
        }
        about_study = {"subject": trial, "predicate": _RELATED, "category": ["biolink:Association"], **common}
        for condition in conditions:
            self._conditions.add(condition.iri)
            yield _identified(
                nct_id,
                {
                    **about_study,
                    "object": self._name(condition.iri),
                    "original_predicate": "tkg:conditionConcept",
                    **_linked("object", condition),
                },
            )
        for source in ("tkg:drug", "tkg:drugClass"):
            for use in _uses(nodes, study, source):
                drug = use.concept
                self._drugs.add(drug.iri)
                end = {"object": self._name(drug.iri), "original_predicate": source}
                yield _identified(nct_id, {**about_study, **end, **use.arm, **_linked("object", drug)})
                if not is_trial or source == "tkg:drugClass" or use.arm.get("role") == "placebo":
                    continue
                for condition in conditions:
                    if biolink.condition_category(condition.iri, self._vocabulary) != biolink.DISEASE:
                        continue
                    yield _identified(
                        nct_id,
                        {
                            "subject": self._name(drug.iri),
                            "predicate": _IN_TRIALS,
                            "object": self._name(condition.iri),
                            "category": [_TRIED],
                            **common,
                            "has_supporting_studies": [trial],
                            **use.arm,
                            **_linked("subject", drug),
                            **_linked("object", condition),
                        },
                    )


_ABOUT: Final = (
    ("nodes", "Nodes of the Biolink graph", "Studies, drugs and conditions, with their identifiers and categories."),
    (
        "edges",
        "Edges of the Biolink graph",
        "Which drug is in clinical trials for which disease, in which study, arm and role; and what each study names.",
    ),
)


def _study_node(nct_id: str, study: str, nodes: Nodes) -> Record:
    title = nodes.text(study, "dcterms:title")
    category = biolink.study_category(nodes, study)
    node: Record = {"id": biolink.study_curie(nct_id), "category": [category], "name": title, "iri": study}
    if category != biolink.TRIAL:
        return node
    status = _registry_value(nodes.code(study, "tkg:status"))
    start = nodes.text(study, "tkg:startDate")
    ages = nodes.codes(nodes.iri(study, "tkg:eligibility") or "", "tkg:standardAge")
    return {
        **node,
        "clinical_trial_phase": biolink.phase(nodes.codes(study, "tkg:phase")),
        "clinical_trial_primary_purpose": _registry_value(nodes.code(study, "tkg:primaryPurpose")),
        "clinical_trial_intervention_model": _registry_value(nodes.code(study, "tkg:interventionModel")),
        "clinical_trial_overall_status": None if status == "WITHHELD" else status,  # the model does not know it
        "clinical_trial_brief_title": title,
        "clinical_trial_enrollment": nodes.integer(study, "tkg:enrollment"),
        "clinical_trial_enrollment_type": nodes.code(study, "tkg:enrollmentType"),
        "clinical_trial_start_date": start,
        "clinical_trial_age_stage": [age.replace("-", "_") for age in ages],
    }


def _registry_value(code: str | None) -> str | None:
    """The value of the registry's enumeration that a code is made from; none of these has digits.

    >>> _registry_value("active-not-recruiting")
    'ACTIVE_NOT_RECRUITING'
    """
    return code.upper().replace("-", "_") if code else None


def _conditions(nodes: Nodes, study: str) -> Iterator[_Concept]:
    """The concepts of the conditions of a study, each with the registered string."""
    concepts = nodes.iris(study, "tkg:conditionConcept")
    found = set()
    for node in (*nodes.iris(study, "tkg:condition"), study):
        text = nodes.text(node, "rdfs:label") or ""
        for concept in _links(nodes, node, text if node != study else ""):
            if concept.iri in concepts and not (node == study and concept.iri in found):
                found.add(concept.iri)
                yield concept


def _uses(nodes: Nodes, study: str, source: str) -> Iterator[_Use]:
    """What is given: for each use in an arm, and once without an arm for what is used in none."""
    used = set()
    for arm in nodes.iris(study, "tkg:arm"):
        for use in nodes.iris(arm, "tkg:use"):
            about: Record = {
                "arm": arm,
                "arm_label": nodes.text(arm, "rdfs:label"),
                "arm_type": nodes.code(arm, "tkg:armType"),
                "role": nodes.code(use, "tkg:role"),
            }
            for intervention in nodes.iris(use, "tkg:intervention"):
                used.add(intervention)
                for concept in _given(nodes, intervention, source):
                    yield _Use(concept, about)
    for intervention in nodes.iris(study, "tkg:intervention"):
        if intervention not in used:
            for concept in _given(nodes, intervention, source):
                yield _Use(concept, {})


def _given(nodes: Nodes, intervention: str, source: str) -> Iterator[_Concept]:
    text = nodes.text(intervention, "rdfs:label") or ""
    links = {concept.iri: concept for concept in _links(nodes, intervention, text)}
    for iri in nodes.iris(intervention, source):
        yield links.get(iri, _Concept(iri, text, None, None))


def _links(nodes: Nodes, node: str, text: str) -> Iterator[_Concept]:
    """The links of a node, with its registered string, or the matched text where it has none."""
    for link in nodes.iris(node, "tkg:link"):
        for concept in nodes.iris(link, "tkg:concept"):
            words = text or nodes.text(link, "tkg:matchedText") or ""
            yield _Concept(concept, words, nodes.code(link, "tkg:method"), nodes.number(link, "tkg:score"))


def _linked(end: str, concept: _Concept) -> Record:
    return {
        f"original_{end}": concept.text,
        f"{end}_link_method": concept.method,
        f"{end}_link_score": concept.score,
    }


def _identified(nct_id: str, edge: Record) -> Record:
    """An edge with an id that follows from what it says."""
    words = json.dumps([nct_id, *(edge.get(name) for name in EDGE_COLUMNS[1:])])
    return {"id": f"urn:uuid:{uuid.uuid5(_EDGES, words)}", **edge}


class _Table:
    """One table in both forms."""

    def __init__(self, path: Path, columns: Sequence[str], stack: ExitStack) -> None:
        self._columns = columns
        self._write: list[Callable[[Mapping[str, object]], None]] = []
        for suffix, row in ((".tsv", self._tsv), (".jsonl", self._json)):
            file = stack.enter_context(path.with_suffix(suffix).open("w", encoding="utf-8", newline="\n"))
            if suffix == ".tsv":
                file.write("\t".join(columns) + "\n")
            self._write.append(_appender(file, row))

    def write(self, record: Mapping[str, object]) -> None:
        for write in self._write:
            write(record)

    def _tsv(self, record: Mapping[str, object]) -> str:
        return "\t".join(_cell(record.get(name)) for name in self._columns)

    def _json(self, record: Mapping[str, object]) -> str:
        values = {name: record.get(name) for name in self._columns}
        return json.dumps(
            {name: value for name, value in values.items() if value not in (None, "", [])}, ensure_ascii=False
        )


def _appender(file: TextIO, row: Callable[[Mapping[str, object]], str]) -> Callable[[Mapping[str, object]], None]:
    def append(record: Mapping[str, object]) -> None:
        file.write(row(record) + "\n")

    return append


def _cell(value: object) -> str:
    r"""A value in a TSV table: lists with bars between, and no line break or tab in it.

    >>> _cell(["a|b", "c"]), _cell("two\nlines"), _cell(None)
    ('a/b|c', 'two lines', '')
    """
    if value is None:
        return ""
    if isinstance(value, list):
        return _BAR.join(_cell(item).replace(_BAR, "/") for item in value)
    return _SPACE.sub(" ", str(value))


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
