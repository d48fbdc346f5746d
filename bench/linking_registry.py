"""How far links agree with the MeSH terms that the registry gives each study, and a sample of where they do not."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from bench.linking_gold import GOLD, blind
from kg.errors import TermError
from kg.linking.evaluate import Agreement, agreement
from kg.linking.index import NameIndex
from kg.linking.link import Link
from kg.linking.linker import Linker
from kg.namespaces import PREFIXES, mesh_iri
from kg.study import MeshTerm, Study
from kg.vocabularies.scope import Side

__all__ = [
    "SEED",
    "SHEET",
    "VERDICTS",
    "Comparison",
    "Disagreement",
    "compare",
    "draw",
    "read_sheet",
    "within",
    "write_sheet",
]

SEED: Final = 20261123
SHEET: Final = GOLD / "disagreements.tsv"
VERDICTS: Final = ("ours", "registry", "both", "neither")
_SAMPLE: Final = 100
_PLACEBOS: Final = mesh_iri("D010919")
"""Neither here nor there: the registry does not give it, and a study that has a placebo arm is not about placebos."""
_COLUMNS: Final = ("nct", "side", "strings", "registry", "ours", "verdict", "reason")


class Disagreement(NamedTuple):
    """A study and side where the registry and we differ; a term that the other does not account for has a ``*``."""

    nct_id: str
    side: str
    strings: str
    registry: str
    ours: str
    verdict: str = ""
    reason: str = ""


class Comparison(NamedTuple):
    """One side of one study.

    Attributes:
        counts: how far it agrees, where the registry says anything.
        with_keywords: the same with the concepts of keywords on our side, which the registry draws on too.
        unknown: terms of the registry that the installed MeSH does not have.
        unasserted: concepts of ours where the registry says nothing at all.
        disagreement: what differs; None where nothing does.
    """

    counts: Agreement
    with_keywords: Agreement
    unknown: int
    unasserted: int
    disagreement: Disagreement | None


def compare(study: Study, linker: Linker) -> dict[Side, Comparison]:
    """Compare the links of a study's strings, made without a look at the registry's terms, with those terms."""
    found = linker.study(blind(study))
    protocol, derived = study.protocol_section, study.derived_section
    strings: dict[Side, Sequence[str]] = {
        Side.CONDITION: protocol.conditions_module.conditions,
        Side.INTERVENTION: [
            " = ".join([entry.name or "", *entry.other_names])
            for entry in protocol.arms_interventions_module.interventions
        ],
    }
    linked = {Side.CONDITION: found.conditions, Side.INTERVENTION: found.interventions}
    terms = {
        Side.CONDITION: derived.condition_browse_module.meshes,
        Side.INTERVENTION: derived.intervention_browse_module.meshes,
    }
    compared = {}
    for side in Side:
        shown = " | ".join(strings[side])
        if protocol.conditions_module.keywords:
            shown += " || keywords: " + " | ".join(protocol.conditions_module.keywords)
        ours = _labels((link for links in linked[side] for link in links), linker.index)
        from_keywords = _labels(found.keyword_links, linker.index)
        compared[side] = _compare(study.nct_id, side, shown, ours, from_keywords, terms[side], linker.index)
    return compared


def _labels(links: Iterable[Link], index: NameIndex) -> dict[str, str]:
    found = {index.agent_of(link.concept.iri): link.concept.label for link in links}
    found.pop(_PLACEBOS, None)
    return found


def _compare(
    nct_id: str,
    side: Side,
    strings: str,
    ours: dict[str, str],
    from_keywords: dict[str, str],
    terms: Sequence[MeshTerm],
    index: NameIndex,
) -> Comparison:
    theirs: dict[str, str] = {}
    unknown = 0
    for term in terms:
        try:
            iri = mesh_iri(term.id or "")
        except TermError:
            unknown += 1
            continue
        if index.by_iri(iri) is None:
            unknown += 1
        elif iri != _PLACEBOS:
            theirs[index.agent_of(iri)] = term.term or ""
    if not theirs:
        return Comparison(Agreement(), Agreement(), unknown, 0 if unknown else len(ours), None)

    def above(iri: str) -> set[str]:
        return within(iri, index)

    counts, unreached, unsupported = agreement(theirs, ours, above)
    with_keywords, _, _ = agreement(theirs, ours | from_keywords, above)
    disagreement = None
    if unreached or unsupported:
        cells = (strings, _terms(theirs, unreached), _terms(ours, unsupported))
        disagreement = Disagreement(nct_id, side.value, *(" ".join(cell.split()) for cell in cells))
    return Comparison(counts, with_keywords, unknown, 0, disagreement)


def within(iri: str, index: NameIndex) -> set[str]:
    """Everything that a concept is within; an agent is also within what its MeSH records are within."""
    records = [record for record, agent in index.agents.mesh.items() if agent == iri]
    return {above for one in (iri, *records) for above in index.within(one)}


def _terms(labels: dict[str, str], differing: set[str]) -> str:
    return " | ".join(
        f"{'*' * (iri in differing)}{label} ({iri.removeprefix(PREFIXES['mesh']).replace(PREFIXES['agent'], 'agent:')})"
        for iri, label in labels.items()
    )


def draw(found: Iterable[Disagreement]) -> list[Disagreement]:
    """A random sample of each side, in the order of the draw.

    Which comes first depends on the study alone. When links change, studies that still disagree stay in the sample,
    so that what was read need not be read again.
    """
    by_side: dict[str, list[Disagreement]] = {side.value: [] for side in Side}
    for one in found:
        by_side[one.side].append(one)
    return [one for ones in by_side.values() for one in sorted(ones, key=_lot)[:_SAMPLE]]


def _lot(one: Disagreement) -> str:
    return hashlib.sha256(f"{SEED} {one.nct_id} {one.side}".encode()).hexdigest()


def read_sheet() -> list[Disagreement]:
    """The sample as it was read last; empty where there is none."""
    if not SHEET.is_file():
        return []
    with SHEET.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Disagreement(*(row[column] for column in _COLUMNS)) for row in rows]


def write_sheet(sample: Sequence[Disagreement]) -> int:
    """Write a sample; a verdict stays where nothing that it judged has changed.

    Returns:
        How many rows are still to be read.
    """
    known = {one[:5]: one for one in read_sheet()}
    rows = [known.get(one[:5], one) for one in sample]
    with SHEET.open("w", encoding="utf-8", newline="") as file:
        # Registered text has no tab and no line end here, and may have any mark, so nothing is quoted.
        writer = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
        writer.writerow(_COLUMNS)
        writer.writerows(rows)
    return sum(not one.verdict for one in rows)
