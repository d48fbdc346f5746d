"""Draws the strings of our gold from the records: conditions and interventions, a tune and a held half of each.

    python -m bench.gold_sample FOLDER

Writes ``FOLDER/SIDE-HALF.tsv`` with nothing labelled. Every occurrence of a string has the same chance to be drawn, so
that what is registered often is measured more; a string, letter case and spacing aside, is drawn once.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from bench.figures import data_path, lines
from kg.sources import Form, RawRecord, decode

__all__ = ["Occurrence", "draw", "halves", "write_all"]

SEED: Final = 20261123
SIZE: Final = 300
_PARTS: Final = 2
"""Each half is drawn in so many parts, for as many readers; within a part strings go to the halves in turn."""


class Occurrence(NamedTuple):
    """A string in a record: the study, the place in its list from 1, the intervention type, the string."""

    nct: str
    number: int
    type: str
    text: str


def occurrences() -> tuple[list[Occurrence], list[Occurrence]]:
    """All conditions and all interventions of the records, in their order."""
    conditions, interventions = [], []
    for line in lines(data_path()):
        study = decode(RawRecord(line, Form.API_V2, ""))
        protocol = study.protocol_section
        for number, text in enumerate(protocol.conditions_module.conditions, start=1):
            conditions.append(Occurrence(study.nct_id, number, "", text))
        for number, entry in enumerate(protocol.arms_interventions_module.interventions, start=1):
            interventions.append(Occurrence(study.nct_id, number, entry.type or "", entry.name or ""))
    return conditions, interventions


def draw(pool: list[Occurrence], rng: random.Random, size: int = SIZE) -> list[Occurrence]:
    """So many occurrences of different strings, in the order of the draw; the pool is shuffled."""
    rng.shuffle(pool)
    first: dict[str, Occurrence] = {}
    for one in pool:
        if one.text.strip():
            first.setdefault(" ".join(one.text.casefold().split()), one)
    return list(islice(first.values(), size))


def halves(drawn: list[Occurrence]) -> dict[str, list[Occurrence]]:
    """The strings to tune on and those to hold back, in turn."""
    size = -(-len(drawn) // _PARTS)
    parts = [drawn[start : start + size] for start in range(0, len(drawn), size)]
    return {half: [one for part in parts for one in part[offset::2]] for offset, half in enumerate(("tune", "held"))}


def write(path: Path, rows: Iterable[Occurrence]) -> None:
    """Write rows with empty labels."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
        writer.writerow((*Occurrence._fields, "gold", "note"))
        writer.writerows((one.nct, one.number, one.type, one.text.replace("\t", " "), "", "") for one in rows)


def write_all(folder: Path) -> None:
    """Draw and write the four files."""
    rng = random.Random(SEED)  # noqa: S311 - the same draw each time is what is wanted
    for side, pool in zip(("conditions", "interventions"), occurrences(), strict=True):
        for half, rows in halves(draw(pool, rng)).items():
            write(folder / f"{side}-{half}.tsv", rows)


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="Draws the strings of our gold from the records.")
    parser.add_argument("folder", type=Path)
    write_all(parser.parse_args().folder)


if __name__ == "__main__":
    main()
