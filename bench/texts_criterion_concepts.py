"""What single criteria name, against what people read in them.

    python -m bench.texts_criterion_concepts [tune|held]

``gold/README.md`` says how the labels were made, ``docs/eligibility.md`` what the figures mean.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.criteria_records import criteria_texts
from bench.figures import show
from kg.linking.linker import Linker, load_linker

__all__ = ["HALVES", "main", "rows"]

HALVES: Final = ("tune", "held")
_GOLD: Final = Path(__file__).parent / "gold"
_KINDS: Final = ("drugs", "conditions")


class Labels(NamedTuple):
    """What one line names: the concepts of a kind, those that need not be found with a ``?``."""

    nct: str
    line: int
    drugs: tuple[str, ...]
    conditions: tuple[str, ...]


def labelled(half: str) -> list[Labels]:
    """The gold of a half."""
    with (_GOLD / f"criterion-concepts-{half}.tsv").open(encoding="utf-8", newline="") as file:
        return [
            Labels(row["nct"], int(row["line"]), _listed(row["drugs"]), _listed(row["conditions"]))
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def _listed(cell: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (cell or "").split("|") if part.strip())


def named(linker: Linker, text: str) -> dict[str, set[str]]:
    """The concepts that we link a criterion to, by kind, as gold writes them."""
    found: dict[str, set[str]] = {kind: set() for kind in _KINDS}
    for link in linker.criteria([text])[0]:
        concept = link.concept
        short = concept.iri.rpartition("/")[2]
        is_drug = concept.is_drug or concept.kind == "class"
        found["drugs" if is_drug else "conditions"].add(f"agent:{short}" if "/agent/" in concept.iri else short)
    return found


def counts(half: str) -> Counter[str]:
    """How many concepts of a half were right, wrong and missed, by kind."""
    linker = load_linker()
    gold = labelled(half)
    texts = criteria_texts(frozenset((one.nct, "v2") for one in gold))
    found: Counter[str] = Counter()
    for one in gold:
        ours = named(linker, texts[one.nct, "v2"].split("\n")[one.line - 1])
        for kind, labels in zip(_KINDS, (one.drugs, one.conditions), strict=True):
            needed = {label for label in labels if not label.endswith("?")}
            allowed = {label.removesuffix("?") for label in labels}
            found[f"{kind} right"] += len(ours[kind] & needed)
            found[f"{kind} wrong"] += len(ours[kind] - allowed)
            found[f"{kind} missed"] += len(needed - ours[kind])
        found["lines"] += 1
    return found


def rows(halves: Sequence[str] = HALVES) -> Iterator[tuple[str, ...]]:
    """The table: a row for each measure, a column for each half."""
    by_half = [counts(half) for half in halves]
    yield ("lines", *(str(found["lines"]) for found in by_half))
    for kind in _KINDS:
        for measure, other in (("precision", "wrong"), ("recall", "missed")):
            yield (f"{kind}: {measure}", *(_share(found, kind, other) for found in by_half))


def _share(found: Counter[str], kind: str, other: str) -> str:
    right = found[f"{kind} right"]
    all_of_them = right + found[f"{kind} {other}"]
    return f"{right / all_of_them:.1%} ({right}/{all_of_them})" if all_of_them else "-"


def main() -> None:
    """Run as a script."""
    halves = sys.argv[1:] or list(HALVES)
    show("what criteria name", ("", *halves), rows(halves))


if __name__ == "__main__":
    main()
