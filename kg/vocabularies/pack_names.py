"""Packs the further names of drugs that ship with the package.

    python -m kg.vocabularies.pack_names descriptors.tsv.gz supplementary.tsv.gz drug-names.csv.gz \
        -o drug-names.tsv.zst

MeSH keeps many drugs under one name only; DrugBank's open vocabulary (CC0) has their codes, national and older names. A
drug of it is a MeSH record where its common name is a name of exactly one record or, where none has that, where its
other names together lead to exactly one. Systematic chemical names are left out: nobody registers them.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import zstandard

__all__ = ["main", "pack"]

_HEAD: Final = """\
# Names that DrugBank's open vocabulary (https://go.drugbank.com, CC0) gives to drugs of MeSH {year}, and MeSH does not.
# ui, names
"""
_LONGEST_NAME: Final = 48
_SHORTEST_NAME: Final = 5
"""Shorter ones are abbreviations, each of which means many things."""
_SYSTEMATIC: Final = frozenset("[]{}(),;'\"′")
"""Signs of a chemical formula in words."""


def pack(descriptors: Path, supplementary: Path, drug_names: Path, year: int) -> bytes:
    """The packed table.

    Args:
        descriptors: gzipped TSV with columns ``ui``, ``label``, ``synonyms``.
        supplementary: the same.
        drug_names: gzipped CSV with columns ``Common name`` and ``Synonyms``, parted by `` | ``.
        year: the MeSH year.

    Returns:
        zstd-compressed TSV, the same bytes for the same input.
    """
    records: dict[str, set[str]] = {}
    for path in (descriptors, supplementary):
        for row in _rows(path, "\t"):
            for name in (row["label"], *row["synonyms"].split("|")):
                if name:
                    records.setdefault(name.casefold(), set()).add(row["ui"])
    found: dict[str, dict[str, None]] = {}
    for row in _rows(drug_names, ","):
        names = (row["Common name"], *(name.strip() for name in row["Synonyms"].split(" | ") if name.strip()))
        uis = records.get(names[0].casefold()) or set().union(*(records.get(n.casefold(), set()) for n in names))
        if len(uis) == 1:
            known = found.setdefault(uis.pop(), {})
            known.update(dict.fromkeys(name for name in names if name.casefold() not in records and _is_used(name)))
    out = io.StringIO()
    out.write(_HEAD.format(year=year))
    for ui, more in sorted(found.items()):
        if more:
            out.write(f"{ui}\t{'|'.join(sorted(more))}\n")
    return zstandard.ZstdCompressor(level=19).compress(out.getvalue().encode())


def _is_used(name: str) -> bool:
    is_short_form = len(name) < _SHORTEST_NAME and not any(letter.isdigit() for letter in name)
    return len(name) <= _LONGEST_NAME and "|" not in name and _SYSTEMATIC.isdisjoint(name) and not is_short_form


def _rows(path: Path, mark: str) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=mark, quoting=csv.QUOTE_NONE if mark == "\t" else csv.QUOTE_MINIMAL)


def main(arguments: list[str] | None = None) -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("descriptors", "supplementary", "drug_names"):
        parser.add_argument(name, type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--year", type=int, default=2024)
    given = parser.parse_args(arguments)
    given.output.write_bytes(pack(given.descriptors, given.supplementary, given.drug_names, given.year))


if __name__ == "__main__":
    main()
