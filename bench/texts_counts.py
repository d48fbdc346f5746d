"""Codes that rules gave and codes that readers gave, counted; what the parts of ``bench.texts`` share."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.tables import Table, bounds
from kg.linking.evaluate import Fraction

__all__ = ["GOLD", "PARTS", "TUNED", "Labelled", "codes", "precision_and_recall", "read_gold"]

GOLD: Final = Path(__file__).resolve().parent / "gold"
TUNED: Final = ("tune", "held")
"""What was looked at while the rules were made: the half to tune on from the start, the held one after its figures."""
PARTS: Final = (*TUNED, "fresh")
"""The last is the one to quote."""

Row = dict[str, str]


class Labelled(NamedTuple):
    """A text that was labelled: what a reader gave, what the rules give, and whether readers could differ."""

    gold: frozenset[str]
    ours: frozenset[str]
    unsure: bool


def read_gold(name: str, part: str) -> list[Row]:
    """The rows of a file of gold."""
    with (GOLD / f"{name}-{part}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def codes(cell: str, *, without: Collection[str] = ()) -> frozenset[str]:
    """The codes in a cell of gold."""
    return frozenset(code for code in cell.split(",") if code and code not in without)


def precision_and_recall(title: str, parts: Iterable[tuple[str, Sequence[Labelled]]], note: str = "") -> Table:
    """A table with two rows for each part: all texts, and those that the reader was sure of."""
    rows = []
    for part, labelled in parts:
        for name, some in ((part, labelled), (f"{part}, sure", [one for one in labelled if not one.unsure])):
            right = sum(len(one.gold & one.ours) for one in some)
            rows.append(
                (
                    name,
                    str(len(some)),
                    str(sum(len(one.gold) for one in some)),
                    bounds(Fraction(right, sum(len(one.ours) for one in some))),
                    bounds(Fraction(right, sum(len(one.gold) for one in some))),
                    bounds(Fraction(sum(one.gold == one.ours for one in some), len(some))),
                    bounds(
                        Fraction(sum(not one.ours for one in some if not one.gold), sum(not one.gold for one in some))
                    ),
                )
            )
    columns = ("", "texts", "codes", "precision", "recall", "all codes right", "rightly none")
    return Table(title, columns, rows, note)
