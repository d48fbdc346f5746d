"""What must hold of any record, however spoilt: converted to statements that say the same, or rejected with its place.

    python -m tests.fuzz.check --records 20000 --seed 1
    python -m tests.fuzz.check --records 5000 --seed 1 --form xml

mutates real records, reads them, and says what went wrong; exit code 1 when anything did.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.errors import RecordError
from kg.linking.linker import Linker, load_linker
from kg.mapping.fields import PROTOCOL, rows
from kg.mapping.study import map_study
from kg.sources import Form, RawRecord, Reject, decode, read
from kg.terms import clean, render_bytes
from tests.fuzz.mutations import mutated
from tests.fuzz.mutations_xml import mutated_xml

__all__ = ["Outcome", "check_documents", "check_records", "main", "real_documents", "real_records"]

_TEXTS = {row.path for row in rows() if row.properties and row.value.startswith("string") and "NctId" not in row.path}
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ROOT = Path(__file__).resolve().parents[2]


class Outcome(NamedTuple):
    """What became of mutated records: how many were converted and rejected, and what went wrong, with the mutation."""

    converted: int
    rejected: Counter[str]
    wrong: list[str]


def check_records(records: list[Any], number: int, seed: int) -> Outcome:
    """Mutate, read and convert so many records.

    Args:
        records: decoded records to draw from.
        number: how many mutated ones to make.
        seed: of the generator.
    """
    rng = random.Random(seed)
    made = [mutated(rng.choice(records), rng) for _ in range(number)]
    outcome = Outcome(0, Counter(), [])
    linker = load_linker()
    converted = 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mutated.ndjson"
        file.write_bytes(b"".join(data + b"\n" for _, data in made))
        seen: set[str] = set()
        for found in read([file]):
            place = found.place
            seen.add(place)
            line = place.rpartition(":")[2]
            what = made[int(line) - 1][0] if line.isdigit() else "the whole file"
            if isinstance(found, Reject):
                _check_reject(outcome, found, what)
                continue
            converted += _check_record(outcome, found, linker, what)
        blank = sum(not data.strip() for _, data in made)
        if len(seen) != number - blank:
            outcome.wrong.append(f"{number} records in, {len(seen)} places out")
    return outcome._replace(converted=converted)


def check_documents(documents: list[bytes], number: int, seed: int) -> Outcome:
    """The same for legacy XML; that every text is in the graph is only asked of JSON, where it stands as it is."""
    rng = random.Random(seed)
    outcome = Outcome(0, Counter(), [])
    linker = load_linker()
    converted = 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mutated.xml"
        for _ in range(number):
            what, data = mutated_xml(rng.choice(documents), rng)
            file.write_bytes(data)
            found = list(read([file]))
            if len(found) != 1:
                outcome.wrong.append(f"{what}: 1 record in, {len(found)} out")
            for one in found:
                if isinstance(one, Reject):
                    _check_reject(outcome, one, what)
                else:
                    converted += _check_record(outcome, one, linker, what)
    return outcome._replace(converted=converted)


def _check_reject(outcome: Outcome, reject: Reject, what: str) -> None:
    outcome.rejected[_kind(reject.reason)] += 1
    if not reject.place or not reject.reason or "\n" in reject.reason:
        outcome.wrong.append(f"{what}: a reject that does not say where or why: {reject}")


def _check_record(outcome: Outcome, record: RawRecord, linker: Linker, what: str) -> bool:
    try:
        study = decode(record)
        mapped = map_study(study, linker.study(study), linker, record.data, record.form)
    except RecordError as error:
        outcome.rejected[_kind(error.problem)] += 1
        if record.place not in str(error) or "\n" in str(error):
            outcome.wrong.append(f"{what}: an error without its place: {error}")
        return False
    except Exception as error:
        outcome.wrong.append(f"{what}: {type(error).__name__}: {str(error)[:200]}")
        return False
    try:
        quads = list(ox.parse(render_bytes(mapped.statements), format=ox.RdfFormat.N_TRIPLES))
    except SyntaxError as error:
        outcome.wrong.append(f"{what}: not N-Triples: {error}")
        return False
    literals = {quad.object.value for quad in quads if isinstance(quad.object, ox.Literal)}
    if len(quads) != len(mapped.statements) or len(set(quads)) != len(quads):
        outcome.wrong.append(f"{what}: {len(mapped.statements)} statements, {len(set(quads))} different ones read")
    noted = "\n".join(mapped.notes)
    for path, text in _texts(json.loads(record.data)) if record.form is Form.API_V2 else ():
        # The long texts of API v2 are Markdown.
        forms = {clean(text), clean(_ESCAPED.sub(r"\1", text))}
        if clean(text) and not forms & literals and path not in mapped.rejected and repr(text) not in noted:
            outcome.wrong.append(f"{what}: {path} is lost: {text[:80]!r}")
    return True


def _kind(reason: str) -> str:
    return re.sub(r"[0-9]+|'[^']*'", "…", reason).partition(":")[0][:60]


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The texts of a record that must be in the graph as they are, by their fields."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, path + "[]")
    elif isinstance(value, str) and path.removeprefix(PROTOCOL) in _TEXTS:
        yield path.removeprefix(PROTOCOL), value


def real_documents(every: int = 1) -> list[bytes]:
    """Real records in legacy XML, one in so many."""
    with zipfile.ZipFile(_data() / "records" / "xml" / "AllPublicXML-sample.zip") as archive:
        return [archive.read(name) for name in archive.namelist()[::every]]


def _data() -> Path:
    return Path(os.environ.get("TRIALKG_DATA") or _ROOT.parent / "shared" / "data")


def real_records(every: int = 1) -> list[Any]:
    """Decoded real records, one in so many."""
    with gzip.open(_data() / "records" / "v2" / "studies.ndjson.gz") as file:
        return [json.loads(line) for number, line in enumerate(file) if number % every == 0]


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="Converts mutated real records.")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--form", choices=("v2", "xml"), default="v2")
    given = parser.parse_args()
    records, documents = (real_records(), []) if given.form == "v2" else ([], real_documents())
    converted, rejected, wrong = 0, Counter[str](), []
    batch = 500
    for number in range(0, given.records, batch):
        size, seed = min(batch, given.records - number), given.seed * 1_000_003 + number
        done = check_documents(documents, size, seed) if documents else check_records(records, size, seed)
        converted += done.converted
        rejected += done.rejected
        wrong += done.wrong
        sys.stderr.write(f"\r{number + batch:,} records, {len(wrong)} findings ")
    print(f"\n{converted:,} converted, {rejected.total():,} rejected, {len(wrong)} findings")
    for reason, count in rejected.most_common(20):
        print(f"{count:6} {reason}")
    for line in wrong[:40]:
        print(f"WRONG {line}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
