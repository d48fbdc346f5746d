"""The split of criteria texts against what people read.

    python -m bench.texts_criteria [tune|held]

``gold/README.md`` says how the labels were made, ``docs/eligibility.md`` what the figures mean.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.criteria_records import criteria_texts, units
from bench.figures import show
from kg.mapping.criteria import Criterion, split_criteria
from kg.terms import clean

__all__ = ["COLUMNS", "HALVES", "main", "rows"]

HALVES: Final = ("tune", "held")
COLUMNS: Final = ("", "tune", "held")
_GOLD: Final = Path(__file__).parent / "gold"
_SAID: Final = {"I": "I", "J": "I", "E": "E", "X": "E", "U": "U", "i": "i", "e": "e", "u": "u", "B": "IE"}
"""A gold letter → what begins on the line; headings, titles, continuations and remarks begin nothing."""
_SIDE: Final = {"I": "in", "i": "in", "E": "ex", "e": "ex"}


class Labels(NamedTuple):
    """The labels of one study, a letter for each line that says something."""

    nct: str
    form: str
    letters: str


def labelled(half: str) -> list[Labels]:
    """The gold of a half."""
    with (_GOLD / f"criteria-{half}.tsv").open(encoding="utf-8", newline="") as file:
        return [
            Labels(row["nct"], row["form"], row["labels"])
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def predicted(text: str) -> list[str]:
    """For each line that says something the letters of what begins on it."""
    text = clean(text)
    letters: dict[int, str] = {}

    def note(criteria: Sequence[Criterion], letter: str) -> None:
        for criterion in criteria:
            letters[criterion.line] = letters.get(criterion.line, "") + letter
            note(criterion.parts, letter.lower())

    for criteria, letter in zip(split_criteria(text), "IEU", strict=True):
        note(criteria, letter)
    return [letters.get(number, "") for number, _ in units(text)]


def counts(half: str) -> Counter[str]:
    """How many lines of a half were right, wrong and missed, by kind; how many studies in full."""
    gold = labelled(half)
    texts = criteria_texts(frozenset((one.nct, one.form) for one in gold))
    found: Counter[str] = Counter()
    for one in gold:
        lines = predicted(texts[one.nct, one.form])
        if len(lines) != len(one.letters):
            raise SystemExit(f"{one.nct}: {len(lines)} lines, {len(one.letters)} labels; the record has changed")
        is_exact = True
        for letter, ours in zip(one.letters, lines, strict=True):
            said = _SAID.get(letter, "")
            is_exact &= said == ours
            for kind in "IEUieu":
                found[f"{kind} right"] += kind in said and kind in ours
                found[f"{kind} wrong"] += kind not in said and kind in ours
                found[f"{kind} missed"] += kind in said and kind not in ours
            if said and said != "IE":
                # On the other side: what a criterion must never be.
                found["sided"] += 1
                found["wrong side"] += {_SIDE.get(said), *(_SIDE.get(our) for our in ours)} >= {"in", "ex"}
        found["studies"] += 1
        found["exact"] += is_exact
        found["lines"] += len(lines)
    return found


def rows(halves: Sequence[str] = HALVES) -> Iterator[tuple[str, ...]]:
    """The table: a row for each measure, a column for each half."""
    by_half = [counts(half) for half in halves]
    yield ("studies, lines", *(f"{found['studies']}, {found['lines']:,}" for found in by_half))
    for label, kinds in (
        ("begins an inclusion criterion", "I"),
        ("begins an exclusion criterion", "E"),
        ("begins a criterion of no stated side", "U"),
        ("nested item", "ieu"),
    ):
        for measure, other in (("precision", "wrong"), ("recall", "missed")):
            yield (f"{label}: {measure}", *(_share(found, kinds, other) for found in by_half))
    yield ("lines on the wrong side", *(f"{found['wrong side']} of {found['sided']:,}" for found in by_half))
    yield ("studies with every line right", *(f"{found['exact']} of {found['studies']}" for found in by_half))


def _share(found: Counter[str], kinds: str, other: str) -> str:
    right = sum(found[f"{kind} right"] for kind in kinds)
    all_of_them = right + sum(found[f"{kind} {other}"] for kind in kinds)
    return f"{right / all_of_them:.1%} ({right}/{all_of_them})" if all_of_them else "-"


def main() -> None:
    """Run as a script."""
    halves = sys.argv[1:] or list(HALVES)
    show("criteria texts, split", ("", *halves), rows(halves))


if __name__ == "__main__":
    main()
