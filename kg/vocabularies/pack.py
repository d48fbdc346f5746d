"""Packs the MeSH tables that ship with the package.

    python -m kg.vocabularies.pack descriptors.tsv.gz supplementary.tsv.gz disease-names.tsv.gz drug-names.csv.gz \
        -o mesh-2024.tsv.zst

All descriptors are kept. The third file adds names of diseases that NLM gives to narrower or related concepts of a
descriptor (*kidney cancer* under *Kidney Neoplasms*). Of the supplementary records only those of diseases, of drugs
(a name that the last file, DrugBank's open vocabulary, knows too), of antibodies and fusion proteins, and those that
``names.tsv`` has names for: the rest are chemicals that hardly any study names.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import zstandard

from kg.vocabularies.mesh import VOCABULARY
from kg.vocabularies.names import other_names

__all__ = ["main", "pack"]

# Antibodies, Monoclonal; … Humanized; Recombinant Fusion Proteins; Immunoconjugates
_BIOLOGICS = {"D000911", "D061067", "D011993", "D018796"}

_HEAD = """\
# Medical Subject Headings (MeSH) {year}, courtesy of the U.S. National Library of Medicine; changed: only these
# columns; loose names of diseases only; supplementary records of diseases, drugs and biologics only.
# ui, label, tree numbers (of a descriptor) or headings mapped to (of a supplementary record), synonyms, loose names
"""


def pack(descriptors: Path, supplementary: Path, disease_names: Path, drug_names: Path, year: int) -> bytes:
    """The packed table.

    Args:
        descriptors: gzipped TSV with columns ``ui``, ``label``, ``tree_numbers``, ``synonyms``.
        supplementary: the same with ``mapped_to`` for ``tree_numbers``.
        disease_names: gzipped TSV with columns ``ui``, ``extra_synonyms_lowercase``.
        drug_names: gzipped CSV with columns ``Common name`` and ``Synonyms``, parted by `` | ``.
        year: the MeSH year.

    Returns:
        zstd-compressed TSV, the same bytes for the same input.
    """
    known = set(_drug_names(drug_names))
    by_hand = other_names().kept
    loose = {row["ui"]: row["extra_synonyms_lowercase"] for row in _rows(disease_names)}
    trees: dict[str, list[str]] = {}
    out = io.StringIO()
    out.write(_HEAD.format(year=year))
    for row in _rows(descriptors):
        trees[row["ui"]] = row["tree_numbers"].split("|")
        others = loose.get(row["ui"], "")
        out.write("\t".join((row["ui"], row["label"], row["tree_numbers"], row["synonyms"], others)) + "\n")
    for row in _rows(supplementary):
        headings = [heading.strip() for heading in row["mapped_to"].split("|") if heading.strip()]
        branches = {tree[:1] for heading in headings for tree in trees.get(heading, [])}
        names = {row["label"].casefold(), *row["synonyms"].casefold().split("|")}
        is_disease = "C" in branches and "D" not in branches
        is_named = VOCABULARY + row["ui"] in by_hand
        if is_disease or is_named or names & known or _BIOLOGICS & set(headings):
            out.write("\t".join((row["ui"], row["label"], "|".join(headings), row["synonyms"], "")) + "\n")
    return zstandard.ZstdCompressor(level=19).compress(out.getvalue().encode())


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _drug_names(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["Common name"].casefold()
            yield from (name.strip().casefold() for name in row["Synonyms"].split("|") if name.strip())


def main(arguments: list[str] | None = None) -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("descriptors", "supplementary", "disease_names", "drug_names"):
        parser.add_argument(name, type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--year", type=int, default=2024)
    given = parser.parse_args(arguments)
    given.output.write_bytes(
        pack(given.descriptors, given.supplementary, given.disease_names, given.drug_names, given.year)
    )


if __name__ == "__main__":
    main()
