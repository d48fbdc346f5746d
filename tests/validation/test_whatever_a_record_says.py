"""Whatever the registry says, no rule on our graph is broken by it: what cannot be is rejected, and the study is kept.

Values of the bundled records are replaced by odd ones of the same kind, one to eight in a record, from a seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kg.errors import RecordError
from kg.validation import Validator
from tests.validation.differential import real_records, statements_of

EXAMPLES = Path(__file__).parents[2] / "kg" / "examples" / "studies"
TEXTS = (
    *("", " ", "-5", "0", "2020-02-30", "2020-13", "9999-12", "2020-01-01T00:00", "18 Years", "-3 Years", "0 Days"),
    *("999999999999 Years", "N/A", "NEW_VALUE", "http://x y/", "javascript:alert(1)", "http://[", "\x00a", "\ud7ff"),
    *("NCT00000000", "x" * 300, "\\", '"', "<b>", "US", "\xa0", "1e999", "NaN", "100.5", "Atlantis", "T000001"),
)
NUMBERS = (-1, 0, 1, -0.0, 0.1, -91.5, 181.0, 1e30, 99_999_999_999_999_999_999)
Place = tuple[str | int, ...]


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """Where the values and lists of a record are."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
        return
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*path, number))
    yield path


def odd(value: Any, rng: random.Random) -> Any:
    """Another value of the same kind."""
    if isinstance(value, list):
        return rng.choice((value + value, value[:1] * 2, []))
    if isinstance(value, bool):
        return not value
    return rng.choice(TEXTS if isinstance(value, str) else NUMBERS)


def changed(record: bytes, rng: random.Random) -> tuple[list[Place], bytes]:
    document = json.loads(record)
    by_field: dict[tuple[str, ...], list[Place]] = {}
    for place in places(document):
        by_field.setdefault(tuple(step for step in place if isinstance(step, str)), []).append(place)
    done = []
    for _ in range(rng.choice((1, 3, 8))):
        place = rng.choice(by_field[rng.choice(sorted(by_field))])
        holder = document
        try:
            for step in place[:-1]:
                holder = holder[step]
            value = holder[place[-1]]
        except (IndexError, KeyError):
            continue  # an earlier change removed it
        if "nctId" in place:
            continue
        if rng.random() < 0.1:
            del holder[place[-1]]
        else:
            holder[place[-1]] = odd(value, rng)
        done.append(place)
    return done, json.dumps(document).encode()


@cache
def validator() -> Validator:
    return Validator()


def violations(records: list[bytes], number: int, seed: int) -> tuple[int, list[str]]:
    """How many changed records were converted, and what in them broke a rule on our graph."""
    rng = random.Random(seed)
    converted, found = 0, []
    for _ in range(number):
        done, record = changed(rng.choice(records), rng)
        try:
            study = statements_of(record)
        except RecordError:
            continue  # not a record any more, which the report says
        converted += 1
        found += [
            f"{result.rule_name} of {result.value and result.value.value!r} after {done}"
            for result in validator().statements(study).results
            if result.severity == "Violation"
        ]
    return converted, found


def test_the_bundled_records() -> None:
    converted, found = violations([file.read_bytes() for file in sorted(EXAMPLES.glob("*.json"))], 80, 5)
    assert converted > 65
    assert found == []


@pytest.mark.shared_data
def test_real_records_with_results_and_without() -> None:
    records = [record for record in real_records()[::9] if len(record) < 60_000]
    converted, found = violations(records, 100, 6)
    assert converted > 85
    assert found == []
