"""The statements of one version of a study as what people compare: fields, and parts known by their content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from kg.namespaces import PREFIXES, expand, study_iri
from kg.store.cells import IRI, Cell, lexical
from kg.store.history import DERIVED

__all__ = ["Facts", "Part", "Row", "facts_of"]

Row = Sequence[Cell]
"""Subject, property and value of a statement."""


class Part(NamedTuple):
    """A part of a study, without its number.

    Attributes:
        kind: what it is, in words: ``primary outcome``.
        name: the content it is known by.
        details: what else is said of it: field → values, in order.
    """

    kind: str
    name: str
    details: dict[str, tuple[str, ...]]


class Facts(NamedTuple):
    """What one version of a study says.

    Attributes:
        fields: field → values, in order.
        parts: its arms, outcomes, sites and so on.
        posted: when it was posted; ``""`` when it does not say.
        mapping: the version of the mapping that made the statements.
    """

    fields: dict[str, tuple[str, ...]]
    parts: list[Part]
    posted: str
    mapping: str


class _Kind(NamedTuple):
    name: str
    known_by: tuple[str, ...]


_LABEL: Final = ("rdfs:label",)
_KINDS: Final = {
    expand(prop): kind
    for prop, kind in {
        "tkg:condition": _Kind("condition", _LABEL),
        "tkg:intervention": _Kind("intervention", _LABEL),
        "tkg:arm": _Kind("arm", _LABEL),
        "tkg:primaryOutcome": _Kind("primary outcome", _LABEL),
        "tkg:secondaryOutcome": _Kind("secondary outcome", _LABEL),
        "tkg:otherOutcome": _Kind("other outcome", _LABEL),
        "tkg:outcome": _Kind("outcome", _LABEL),
        "tkg:site": _Kind("site", (*_LABEL, "schema:addressLocality", "schema:addressRegion", "tkg:countryName")),
        "tkg:reference": _Kind("reference", ("dcterms:bibliographicCitation", "rdfs:seeAlso")),
        "tkg:secondaryIdentifier": _Kind("secondary identifier", ("dcterms:identifier",)),
        "tkg:overallOfficial": _Kind("official", _LABEL),
        "tkg:document": _Kind("document", ("tkg:fileName", *_LABEL)),
        "tkg:webPage": _Kind("page", ("rdfs:seeAlso", *_LABEL)),
        "tkg:inclusionCriterion": _Kind("inclusion criterion", ("dcterms:description",)),
        "tkg:criterion": _Kind("criterion", ("dcterms:description",)),
        "tkg:exclusionCriterion": _Kind("exclusion criterion", ("dcterms:description",)),
    }.items()
}
_SINGLE: Final = frozenset((expand("tkg:eligibility"), expand("tkg:responsibleParty")))
"""Parts that a study has one of: what is said of them counts as said of the study."""

# Copies and consequences of other statements, and what the registry adds of itself.
_LEFT_OUT: Final = DERIVED | {
    expand(prop)
    for prop in (
        "rdf:type",
        "rdfs:seeAlso",
        "schema:sameAs",
        "schema:addressCountry",
        "wgs:lat",
        "wgs:long",
        "tkg:record",
        "tkg:startYear",
        "tkg:lastUpdatePosted",
        "tkg:lastUpdateSubmitted",
        "tkg:statusVerified",
        "tkg:minimumAgeYears",
        "tkg:maximumAgeYears",
        "tkg:standardAge",
        "tkg:criteriaText",
        "tkg:endpoint",
        "tkg:stopReason",
        "tkg:timeFrameDays",
        "tkg:timeFrameDuration",
        "tkg:responseCriteria",
        "tkg:position",
        "tkg:subCriterion",
        "tkg:foundIn",
        "tkg:mentionedStudy",
    )
}
_OF_STUDY_LEFT_OUT: Final = _LEFT_OUT | {expand("rdfs:label"), expand("dcterms:identifier")}
_WORDS: Final = {
    expand("dcterms:abstract"): "brief summary",
    expand("skos:altLabel"): "other name",
    expand("tkg:hasResults"): "results posted",
    expand("tkg:use"): "intervention",
    expand("tkg:armType"): "type",
    expand("tkg:interventionType"): "type",
    expand("tkg:siteStatus"): "status",
}
_USE: Final = expand("tkg:use")
_USED: Final = expand("tkg:intervention")
_LABEL_IRI: Final = expand("rdfs:label")
_CRITERIA_TEXT: Final = expand("tkg:criteriaText")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DURATION: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_UNITS: Final = ("years", "months", "days", "hours", "minutes")
_LONG: Final = 40


def facts_of(nct_id: str, rows: Iterable[Row]) -> Facts:
    """What the statements of a version say.

    Args:
        nct_id: the study.
        rows: its statements, and those of the organizations that it names; others do no harm.

    Raises:
        TermError: not an NCT id.
    """
    return _Statements(study_iri(nct_id), rows).facts()


class _Statements:
    """The statements of a version by subject and property."""

    def __init__(self, study: str, rows: Iterable[Row]) -> None:
        self._study = study
        self._said: dict[str, dict[str, list[Cell]]] = {}
        for subject, name, value in rows:
            values = self._said.setdefault(str(subject), {}).setdefault(str(name), [])
            if value not in values:
                values.append(value)

    def facts(self) -> Facts:
        fields: dict[str, tuple[str, ...]] = {}
        parts: list[Part] = []
        for name, values in self._said.get(self._study, {}).items():
            if name in _KINDS:
                parts += self._parts(_KINDS[name], values)
            elif name in _SINGLE:
                for node in values:
                    self._read_single(str(node), fields, parts)
            elif name not in _OF_STUDY_LEFT_OUT:
                below = [value for value in values if self._is_part(value)]
                # A kind of part that is not known here is at least counted.
                fields[_words(name)] = (str(len(below)),) if below else self._shown(values)
        record = self._said.get(f"{self._study}/record", {})
        posted = self._said.get(self._study, {}).get(expand("tkg:lastUpdatePosted"), [""])
        mapping = record.get(expand("tkg:mappingVersion"), [""])
        return Facts(fields, parts, lexical(posted[0]), lexical(mapping[0]))

    def _read_single(self, node: str, fields: dict[str, tuple[str, ...]], parts: list[Part]) -> None:
        said = self._said.get(node, {})
        for name, values in said.items():
            if name in _KINDS:
                parts += self._parts(_KINDS[name], values)
            elif name not in _LEFT_OUT:
                fields[_words(name)] = self._shown(values)
        # Where a text could not be parted into criteria, it stands for them.
        if not any(name in _KINDS for name in said) and _CRITERIA_TEXT in said:
            fields["eligibility criteria"] = self._shown(said[_CRITERIA_TEXT])

    def _parts(self, kind: _Kind, nodes: Iterable[Cell]) -> list[Part]:
        known_by = [expand(prop) for prop in kind.known_by]
        found = []
        for node in nodes:
            said = self._said.get(str(node), {})
            name = ", ".join(text for prop in known_by for text in self._shown(said.get(prop, ())))
            details = {
                _words(prop): self._used(values) if prop == _USE else self._shown(values)
                for prop, values in said.items()
                if prop not in known_by and prop not in _LEFT_OUT
            }
            found.append(Part(kind.name, name, details))
        return found

    def _used(self, uses: Iterable[Cell]) -> tuple[str, ...]:
        labels: set[str] = set()
        for use in uses:
            for node in self._said.get(str(use), {}).get(_USED, ()):
                labels.update(self._shown(self._said.get(str(node), {}).get(_LABEL_IRI, ())))
        return tuple(sorted(labels))

    def _is_part(self, value: Cell) -> bool:
        return isinstance(value, IRI) and value.startswith(self._study + "/")

    def _shown(self, values: Iterable[Cell]) -> tuple[str, ...]:
        return tuple(sorted(self._text(value) for value in values))

    def _text(self, value: Cell) -> str:
        if isinstance(value, IRI):
            label = self._said.get(value, {}).get(_LABEL_IRI)
            if label:
                return lexical(label[0])
            return value.rsplit("/", 1)[1] if value.startswith(PREFIXES["code"]) else value.curie
        if isinstance(value, bool):
            return "yes" if value else "no"
        text = lexical(value)
        return _duration(text) if text.startswith("P") and len(text) < _LONG else text


def _words(iri: str) -> str:
    """A property in words.

    >>> _words(expand("tkg:primaryCompletionDate")), _words(expand("dcterms:abstract"))
    ('primary completion date', 'brief summary')
    """
    if iri in _WORDS:
        return _WORDS[iri]
    return _CAMEL.sub(" ", re.split(r"[/#]", iri)[-1]).lower()


def _duration(text: str) -> str:
    """An xsd:duration in words; other text as it is.

    >>> _duration("P18Y"), _duration("P1Y6M"), _duration("P")
    ('18 years', '1 years 6 months', 'P')
    """
    match = _DURATION.fullmatch(text)
    if not match or not any(match.groups()):
        return text
    return " ".join(f"{number} {unit}" for number, unit in zip(match.groups(), _UNITS, strict=True) if number)
