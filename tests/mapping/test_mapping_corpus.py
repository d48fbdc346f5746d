"""The mapping over 3,658 real records: nothing lost, nothing repeated, every statement as the store keeps it.

What a record should give is counted here from its JSON, without the Structs and the mapping.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.linking.linker import load_linker
from kg.mapping.study import Mapped, map_study
from kg.namespaces import PREFIXES, expand, study_iri
from kg.sources import RawRecord, decode, read
from kg.terms import RDF_TYPE, render

pytestmark = [pytest.mark.shared_data, pytest.mark.slow]

RECORDS = "records/v2/studies.ndjson.gz"
IN_STORE = 25
"""One record in so many also goes through a store."""
CHECKS = (
    "kinds of nodes",
    "criteria",
    "N-Triples",
    "blank nodes",
    "repeated statements",
    "forms the store changes",
    "subjects that are not the study's",
    "subjects that cannot be reached",
    "unknown notes",
)
KINDS = {
    "arm": "tkg:Arm",
    "intervention": "tkg:Intervention",
    "condition": "tkg:Condition",
    "outcome": "tkg:OutcomeMeasure",
    "site": "tkg:Site",
    "reference": "tkg:Reference",
    "official": "tkg:Official",
    "secondary identifier": "tkg:SecondaryIdentifier",
    "organization": "org:Organization",
}
KNOWN_NOTES = re.compile(
    r"registry MeSH term .*: \S+ is not in the installed MeSH"
    r"|country .* has no ISO 3166-1 code"
    r"|arm .* names an intervention that is not listed: .*"
    r"|a secondary identifier of type .* has no number"
    r"|.* is not a PubMed number"
    r"|(?:class|category) .* of a measure has no values"
    r"|unknown field (?:protocolSection\.contactsLocationsModule\.locations_nested"
    r"|protocolSection\.armsInterventionsModule\.interventions\[\]\.interventionMappedName): kept out"
    r"|.* is not a web address \(expected http or https, without spaces\)",
    re.DOTALL,
)


class Findings:
    """What one pass over the records found wrong, by check, as short lines."""

    def __init__(self) -> None:
        self.wrong: dict[str, list[str]] = defaultdict(list)
        self.studies: set[str] = set()
        self.plain = 0
        self.counted: Counter[str] = Counter()


@pytest.fixture(scope="module")
def findings(shared_data: Path) -> Findings:
    found = Findings()
    linker = load_linker()
    for number, record in enumerate(read([shared_data / RECORDS])):
        assert isinstance(record, RawRecord), record
        study = decode(record)
        mapped = map_study(study, linker.study(study), linker, record.data, record.form)
        found.studies.add(mapped.nct_id)
        check(found, json.loads(record.data), mapped, in_store=number % IN_STORE == 0)
    return found


def check(found: Findings, record: dict[str, Any], mapped: Mapped, *, in_store: bool) -> None:
    nct_id, statements = mapped.nct_id, mapped.statements

    def wrong(what: str, line: object) -> None:
        found.wrong[what].append(f"{nct_id}: {line}")

    wanted, got = expected_counts(record), actual_counts(mapped)
    found.counted.update(wanted)
    for kind in wanted.keys() | got.keys():
        if wanted[kind] != got[kind]:
            wrong("kinds of nodes", f"{wanted[kind]} {kind} in, {got[kind]} out")

    text = protocol(record).get("eligibilityModule", {}).get("eligibilityCriteria", "")
    criteria = plain_criteria(text)
    if criteria:
        found.plain += 1
        for side, items in criteria.items():
            nodes = values(mapped, f"tkg:{side}Criterion")
            if len(nodes) != len(items):
                wrong("criteria", f"{len(items)} {side} criteria in, {len(nodes)} out")

    document = render(statements)
    try:
        quads = list(ox.parse(document.encode(), format=ox.RdfFormat.N_TRIPLES))
    except SyntaxError as error:
        wrong("N-Triples", error)
        return
    if len(quads) != len(statements):
        wrong("N-Triples", f"{len(statements)} statements, {len(quads)} read")
    if "_:" in {term[:2] for statement in statements for term in statement}:
        wrong("blank nodes", "")
    if len(set(statements)) != len(statements):
        wrong("repeated statements", [s for s, count in Counter(statements).items() if count > 1][:3])
    if in_store:
        store = ox.Store()
        store.extend(quads)
        changed = {str(quad.triple) for quad in quads} - {str(quad.triple) for quad in store}
        for triple in sorted(changed)[:3]:
            wrong("forms the store changes", triple)
    study = study_iri(nct_id)
    owned = {s for s, _, _ in statements if s.startswith(f"<{study}")}
    for stranger in {s for s, _, _ in statements} - owned:
        if not stranger.startswith(f"<{PREFIXES['organization']}"):
            wrong("subjects that are not the study's", stranger)
    for lost in owned - reached(mapped):
        wrong("subjects that cannot be reached", lost)
    for note in mapped.notes:
        if not KNOWN_NOTES.fullmatch(note):
            wrong("unknown notes", note)


def protocol(record: dict[str, Any]) -> dict[str, Any]:
    section: dict[str, Any] = record["protocolSection"]
    return section


def expected_counts(record: dict[str, Any]) -> Counter[str]:
    """How many nodes of each kind a record should give."""
    section = protocol(record)
    arms, sponsors = section.get("armsInterventionsModule", {}), section.get("sponsorCollaboratorsModule", {})
    contacts, identification = section.get("contactsLocationsModule", {}), section["identificationModule"]
    outcomes = section.get("outcomesModule", {})
    numbers = [identification.get("orgStudyIdInfo", {}), *identification.get("secondaryIdInfos", [])]
    organizations = [sponsors.get("leadSponsor", {}), *sponsors.get("collaborators", [])]
    organizations.append({"name": identification.get("organization", {}).get("fullName")})
    return Counter(
        {
            "arm": len(arms.get("armGroups", [])),
            "intervention": len(arms.get("interventions", [])),
            "condition": len(section.get("conditionsModule", {}).get("conditions", [])),
            "outcome": sum(len(outcomes.get(f"{kind}Outcomes", [])) for kind in ("primary", "secondary", "other")),
            "site": len(contacts.get("locations", [])),
            "official": len(contacts.get("overallOfficials", [])),
            "reference": len(section.get("referencesModule", {}).get("references", [])),
            "secondary identifier": len([number for number in numbers if number.get("id", "").strip()]),
            "organization": len({" ".join(o["name"].casefold().split()) for o in organizations if o.get("name")}),
        }
    )


def actual_counts(mapped: Mapped) -> Counter[str]:
    classes = {f"<{expand(curie)}>": kind for kind, curie in KINDS.items()}
    return Counter(classes[o] for _, p, o in mapped.statements if p == RDF_TYPE and o in classes)


def values(mapped: Mapped, curie: str) -> list[str]:
    predicate = f"<{expand(curie)}>"
    return [o for _, p, o in mapped.statements if p == predicate]


def reached(mapped: Mapped) -> set[str]:
    """The subjects that a walk from the study over its own links comes to."""
    links: dict[str, list[str]] = defaultdict(list)
    study = f"<{study_iri(mapped.nct_id)}>"
    for s, _, o in mapped.statements:
        if o.startswith(study[:-1] + "/"):
            links[s].append(o)
    seen, waiting = {study}, [study]
    while waiting:
        for node in links[waiting.pop()]:
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return seen


SAYS_NONE = re.compile(
    r"\* (?:(?:none|nil|n/?a|not applicable)\W*|.*any of the following criteria.*)", re.IGNORECASE
).fullmatch
"""A line that says there are none, or only introduces the others, is no criterion itself."""


def plain_criteria(text: str) -> dict[str, list[str]]:
    """The criteria of a text of the plain form, where every reading agrees; empty for any other.

    Plain: the two headings, each once and alone on its line, and under each only items at the left margin that begin
    with "* ", with nothing deeper and no other line.
    """
    match = re.fullmatch(r"\s*Inclusion Criteria:\n(.*)\nExclusion Criteria:\n(.*)", text, re.DOTALL)
    if not match:
        return {}
    sides = {"inclusion": match[1].split("\n"), "exclusion": match[2].split("\n")}
    lines = [line for side in sides.values() for line in side if line.strip()]
    if not all(re.match(r"\* [A-Za-z]", line) for line in lines) or re.search(r"clusion", "\n".join(lines)):
        return {}
    return {side: [line for line in found if line.strip() and not SAYS_NONE(line)] for side, found in sides.items()}


def record_lines(shared_data: Path) -> Iterator[bytes]:
    with gzip.open(shared_data / RECORDS) as file:
        yield from file


def test_no_record_is_lost(findings: Findings, shared_data: Path) -> None:
    in_file = {
        match[1].decode()
        for line in record_lines(shared_data)
        if (match := re.search(rb'"nctId"\s*:\s*"(NCT[0-9]{8})"', line))
    }
    assert findings.studies == in_file
    assert len(in_file) == 3658


@pytest.mark.parametrize("what", CHECKS)
def test_nothing_is_wrong_with(findings: Findings, what: str) -> None:
    lines = findings.wrong[what]
    assert not lines, f"{len(lines)} findings: " + "\n".join(lines[:10])


def test_every_finding_belongs_to_a_check(findings: Findings) -> None:
    assert set(findings.wrong) <= set(CHECKS)


def test_the_records_put_every_count_to_the_test(findings: Findings) -> None:
    assert findings.counted.keys() == KINDS.keys()
    assert min(findings.counted.values()) > 3000
    assert findings.plain > 300, "plain criteria, counted independently"
