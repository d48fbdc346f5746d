"""Draws what readers label for the gold of texts: criteria, outcomes, stop reasons, single criteria.

    python -m bench.text_sample FOLDER

Writes ``FOLDER/KIND-HALF.jsonl``: a line for each item, with the text to read; the half goes by turns. Of outcomes and
stop reasons also ``FOLDER/KIND-fresh.jsonl``, a third part, drawn after the rules had been measured on the second, and
disjoint from both. The texts stay out of the repository: what is committed is the label with the study and the place,
``bench/gold/README.md`` says how.
"""

from __future__ import annotations

import argparse
import json
import random
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from lxml import etree

from bench.figures import data_path, lines

__all__ = ["draw", "main", "write_all"]

SEED: Final = 20261127
_OUTCOMES: Final = ("primaryOutcomes", "secondaryOutcomes", "otherOutcomes")
_CRITERIA, _XML_CRITERIA = 150, 50
_OUTCOME_SIZE: Final = 120
_REASONS: Final = 240
_FRESH: Final = 110
_CRITERION_LINES: Final = 130

Item = dict[str, Any]


def _records() -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(data_path())]


def _nct(record: dict[str, Any]) -> str:
    return str(record["protocolSection"]["identificationModule"]["nctId"])


def _oncological(record: dict[str, Any]) -> bool:
    browse = record.get("derivedSection", {}).get("conditionBrowseModule", {})
    terms = [*browse.get("meshes", ()), *browse.get("ancestors", ())]
    return any("Neoplasm" in term.get("term", "") for term in terms)


def _xml_texts(tag: str, without: set[str]) -> Iterator[Item]:
    """Texts of the XML records of studies that are in no other form."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with zipfile.ZipFile(data_path().parent.parent / "xml" / "AllPublicXML-sample.zip") as archive:
        for name in sorted(archive.namelist()):
            nct = Path(name).stem
            if nct not in without and (text := etree.fromstring(archive.read(name), parser).findtext(tag)):
                yield {"nct": nct, "form": "xml", "text": text}


def _criteria(records: list[dict[str, Any]]) -> list[Item]:
    found = []
    for record in records:
        text = record["protocolSection"].get("eligibilityModule", {}).get("eligibilityCriteria")
        if text:
            found.append({"nct": _nct(record), "form": "v2", "oncology": _oncological(record), "text": text})
    return found


def _outcomes(records: list[dict[str, Any]]) -> list[Item]:
    return [
        {"nct": _nct(record), "kind": kind, "number": number, "oncology": _oncological(record), **outcome}
        for record in records
        for kind in _OUTCOMES
        for number, outcome in enumerate(record["protocolSection"].get("outcomesModule", {}).get(kind, ()), 1)
    ]


def _reasons(records: list[dict[str, Any]]) -> list[Item]:
    found = []
    for record in records:
        status = record["protocolSection"]["statusModule"]
        if "whyStopped" in status:
            found.append({"nct": _nct(record), "form": "v2", "text": status["whyStopped"]})
    return [*found, *_xml_texts("why_stopped", {_nct(record) for record in records})]


def _criterion_lines(texts: Iterable[Item]) -> list[Item]:
    """Lines of criteria texts that are long enough to say something, each with its number among the lines."""
    return [
        {"nct": item["nct"], "oncology": item["oncology"], "line": number, "text": line.strip()}
        for item in texts
        for number, line in enumerate(item["text"].splitlines(), 1)
        if len(line.split()) > 3
    ]


def draw(pool: list[Item], size: int, rng: random.Random, *, distinct: str = "") -> list[Item]:
    """So many items of a pool; where a field is named, each of its values at most once, letter case aside."""
    pool = rng.sample(pool, len(pool))
    if not distinct:
        return pool[:size]
    first: dict[str, Item] = {}
    for item in pool:
        first.setdefault(_folded(str(item[distinct])), item)
    return list(first.values())[:size]


def write_all(folder: Path) -> None:
    """Draw and write all files."""
    rng = random.Random(SEED)  # noqa: S311 - the same draw each time is what is wanted
    records = _records()
    known = {_nct(record) for record in records}
    criteria, outcomes = _criteria(records), _outcomes(records)
    criterion_lines = _criterion_lines(criteria)
    samples = {
        "criteria": [
            *draw(criteria, _CRITERIA, rng),
            *draw(list(_xml_texts("eligibility/criteria/textblock", known)), _XML_CRITERIA, rng),
        ],
        "outcomes": [
            *draw(outcomes, _OUTCOME_SIZE, rng, distinct="measure"),
            *draw([one for one in outcomes if one["oncology"]], _OUTCOME_SIZE, rng, distinct="measure"),
        ],
        "stop-reasons": draw(_reasons(records), _REASONS, rng, distinct="text"),
        "criterion-concepts": [
            *draw(criterion_lines, _CRITERION_LINES, rng, distinct="text"),
            *draw([one for one in criterion_lines if one["oncology"]], _CRITERION_LINES, rng, distinct="text"),
        ],
    }
    _write_fresh(folder, samples, {"outcomes": outcomes, "stop-reasons": _reasons(records)}, rng)
    for kind, items in samples.items():
        for offset, half in enumerate(("tune", "held")):
            text = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items[offset::2])
            (folder / f"{kind}-{half}.jsonl").write_text(text, "utf-8")


def _write_fresh(folder: Path, drawn: dict[str, list[Item]], pools: dict[str, list[Item]], rng: random.Random) -> None:
    for kind, field in (("outcomes", "measure"), ("stop-reasons", "text")):
        known = {_folded(item[field]) for item in drawn[kind]}
        left = [item for item in pools[kind] if _folded(item[field]) not in known]
        if kind == "outcomes":
            cancer = [item for item in left if item["oncology"]]
            items = [*draw(left, _FRESH // 2, rng, distinct=field), *draw(cancer, _FRESH // 2, rng, distinct=field)]
        else:
            items = draw(left, _FRESH, rng, distinct=field)
        text = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
        (folder / f"{kind}-fresh.jsonl").write_text(text, "utf-8")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="Draws the texts of our gold from the records.")
    parser.add_argument("folder", type=Path)
    write_all(parser.parse_args().folder)


if __name__ == "__main__":
    main()
