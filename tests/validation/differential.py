"""Whether the compiled rules and pySHACL find the same, and which mutations each rule is needed for.

    python -m tests.validation.differential --mutated 20000 --seed 1 --jobs 2
    python -m tests.validation.differential --records --jobs 2
    python -m tests.validation.differential --score 200000 --seed 1
    python -m tests.validation.differential --witnesses 60000

The first two compare the two engines, on mutated studies and on every real record; exit code 1 where they differ. The
third prints for each rule how many mutations broke it, and how many nothing but that rule found; the fourth writes down
for each rule on our graph one that nothing else found.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import pyoxigraph as ox

from kg.linking.linker import load_linker
from kg.pipeline.convert import convert_record
from kg.sources import Form, RawRecord
from kg.terms import Statement
from kg.validation import Report, Validator
from tests.validation.mutations import mutate
from tests.validation.prepared import prepare_queries

__all__ = ["WITNESSES", "bases", "compare", "compare_mutated", "main", "score"]

_ROOT = Path(__file__).resolve().parents[2]
_EXAMPLES = _ROOT / "kg" / "examples" / "studies"
WITNESSES = Path(__file__).with_name("witnesses.json")
"""Rule → a seed for :func:`found_alone`."""
_LARGEST = 700
_LARGEST_WITH_RESULTS = 2_500
"""pySHACL takes a second for so many statements."""
_CHUNK = 50


@cache
def validator() -> Validator:
    """The bundled rules, compiled; pySHACL beside them reads each query once."""
    prepare_queries()
    return Validator()


def statements_of(record: bytes) -> list[Statement]:
    """The statements of an API v2 record."""
    return list(convert_record(RawRecord(record, Form.API_V2, "a record"), load_linker())[1].statements)


def real_records() -> list[bytes]:
    """The real records at hand, each as a line of JSON."""
    data = Path(os.environ.get("TRIALKG_DATA", _ROOT.parent / "shared" / "data"))
    with gzip.open(data / "records" / "v2" / "studies.ndjson.gz") as file:
        return [line.rstrip(b"\n") for line in file]


@cache
def bases(*, with_real: bool) -> list[list[Statement]]:
    """Studies to change: the bundled examples, and real ones that are not too large, half of them with results."""
    found = [statements_of(file.read_bytes()) for file in sorted(_EXAMPLES.glob("*.json"))]
    found = [study for study in found if len(study) <= _LARGEST]
    if with_real:
        records = real_records()
        plain = [statements_of(record) for record in records[::30] if b'"resultsSection"' not in record]
        results = [statements_of(record) for record in records[::4] if b'"resultsSection"' in record]
        found += [study for study in plain if len(study) <= _LARGEST]
        found += [study for study in results if len(study) <= _LARGEST_WITH_RESULTS]
    return found


@cache
def complete() -> list[list[Statement]]:
    """Studies that have every field between them, and break no rule on our graph."""
    tests = _ROOT / "tests"
    every_field, *others = sorted(
        (tests / "golden").glob("*/expected.ttl"), key=lambda file: file.parent.name != "every-field"
    )
    valid = _read(tests / "validation" / "valid-study.ttl", tests / "shapes" / "cases" / "Version" / "pass.ttl")
    # Of two studies in one graph, each may point to what the other has.
    others_of = [*map(_read, others), [*_renumbered(valid), *_read(every_field)]]
    # The study with every field comes as often as all others: most rules are on what no other has.
    return [valid, *others_of, *[_read(every_field)] * len(others_of)]


def _renumbered(study: list[Statement]) -> list[Statement]:
    return [tuple(part.replace("NCT99999901", "NCT99999905") for part in one) for one in study]  # type: ignore[misc]


def _read(*files: Path) -> list[Statement]:
    quads = [quad for file in files for quad in ox.parse(file.read_bytes(), format=ox.RdfFormat.TURTLE)]
    return sorted({(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads})


def compare(study: Sequence[Statement]) -> list[str]:
    """Where pySHACL does not find what the compiled rules find in a study."""
    return validator().audit(study, validator().statements(study))


def compare_mutated(seed: int, *, with_real: bool) -> list[str]:
    """The same for one of the base studies, changed one to four times."""
    rng = random.Random(seed)
    what, study = mutate(rng.choice(bases(with_real=with_real)), rng, rng.choice((1, 1, 2, 4)))
    return [f"seed {seed}, {what}: {line}" for line in compare(study)]


def score(number: int, seed: int, *, with_real: bool) -> tuple[Counter[str], Counter[str]]:
    """Rule → how many single mutations broke it, and how many of these broke nothing else.

    Half of the studies are :func:`complete`. What a study broke before it was changed does not count.
    """
    others = bases(with_real=with_real)
    rng = random.Random(seed)
    broken: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    before: dict[int, set[str]] = {}
    for _ in range(number):
        base = rng.choice(complete() if rng.random() < 0.5 else others)
        if id(base) not in before:
            before[id(base)] = _rules(validator().statements(base))
        found = _rules(validator().statements(mutate(base, rng, 1)[1])) - before[id(base)]
        broken.update(found)
        if len(found) == 1:
            alone.update(found)
    return broken, alone


def found_alone(seed: int) -> str:
    """The rule that alone finds what a seed does to one of the complete studies, ``""`` where none or several do."""
    rng = random.Random(seed)
    place = rng.randrange(len(complete()))
    study = complete()[place]
    found = _rules(validator().statements(mutate(study, rng, 1)[1])) - _before(place)
    return found.pop()[10:] if len(found) == 1 else ""


@cache
def _before(place: int) -> set[str]:
    return _rules(validator().statements(complete()[place]))


def witnesses(seeds: Iterable[int], wanted: Collection[str]) -> dict[str, int]:
    """Rule → the first seed whose change nothing but the rule finds."""
    found: dict[str, int] = {}
    for seed in seeds:
        rule = found_alone(seed)
        if rule in wanted:
            found.setdefault(rule, seed)
            if len(found) == len(wanted):
                break
    return found


def _write_witnesses(number: int) -> int:
    from kg.validation.shapes import load_shapes
    from tests.shapes.rules import breakable

    wanted = {rule for rule, severity in breakable(load_shapes()).items() if severity == "Violation"}
    found = witnesses(range(number), wanted)
    WITNESSES.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} of {len(wanted)} rules; none for {', '.join(sorted(wanted - found.keys()))}")
    return 0


def _rules(report: Report) -> set[str]:
    return {f"{total.severity:9} {total.source_shape.rpartition('#')[2]}" for total in report.rules}


def _compare_record(record: bytes) -> list[str]:
    study = statements_of(record)
    return [f"{study[0][0]}: {line}" for line in compare(study)]


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--mutated", type=int)
    what.add_argument("--records", action="store_true")
    what.add_argument("--score", type=int)
    what.add_argument("--witnesses", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    if given.witnesses:
        return _write_witnesses(given.witnesses)
    if given.score:
        return _print_score(given.score, given.seed)
    differ, done = 0, 0
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        if given.records:
            results = pool.map(_compare_record, real_records(), chunksize=_CHUNK)
        else:
            seeds = range(given.seed * 1_000_000, given.seed * 1_000_000 + given.mutated)
            results = pool.map(partial(compare_mutated, with_real=True), seeds, chunksize=_CHUNK)
        for lines in results:
            done += 1
            differ += bool(lines)
            for line in lines:
                print(line, flush=True)
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{done:,} studies, {differ} differ ")
    print(f"\n{done:,} studies compared, {differ} differ")
    return 1 if differ else 0


def _print_score(number: int, seed: int) -> int:
    from kg.validation.shapes import load_shapes
    from tests.shapes.rules import breakable

    broken, alone = score(number, seed, with_real=True)
    severities = breakable(load_shapes())
    for rule, severity in sorted(severities.items(), key=lambda item: (item[1], item[0])):
        name = f"{severity:9} {rule}"
        print(f"{name:58} broken {broken[name]:7,}  alone {alone[name]:7,}")
    never = [name for name in (f"{severity:9} {rule}" for rule, severity in severities.items()) if not broken[name]]
    print(f"{number:,} mutations, {len(severities)} rules, {len(never)} never broken: {', '.join(sorted(never))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
