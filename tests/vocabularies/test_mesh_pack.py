"""The MeSH table that ships with the package: how it is packed, and what is wrong with a broken one."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

import pytest
import zstandard

from kg.config import resource
from kg.errors import VocabularyError
from kg.namespaces import mesh_iri
from kg.vocabularies import mesh
from kg.vocabularies.pack import main


def test_a_broken_table_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zst"
    broken.write_bytes(b"not compressed")
    for path in (tmp_path / "absent.zst", broken):
        monkeypatch.setattr(mesh, "resource", lambda *_, at=path: at)
        with pytest.raises(VocabularyError, match=re.escape(str(path))):
            mesh.bundled()


def test_the_head_of_the_table_names_its_source() -> None:
    packed = resource("vocabularies", "mesh-2024.tsv.zst").read_bytes()
    head = zstandard.ZstdDecompressor().decompress(packed, max_output_size=2**26).decode().split("\n# ")[0:2]
    assert "courtesy of the U.S. National Library of Medicine" in head[0]
    assert "2024" in head[0]
    assert "changed" in head[0]


def packed(folder: Path) -> Path:
    tables = {
        "descriptors.tsv.gz": "ui\tlabel\ttree_numbers\tsynonyms\n"
        "D000001\tFever\tC01\tPyrexia\nD000002\tChemicals\tD01\t\nD061067\tAntibodies\tD12.100\t\n",
        "supplementary.tsv.gz": "ui\tlabel\tmapped_to\tsynonyms\n"
        "C000001\tRare fever\tD000001\t\nC000002\tKnown drug\tD000002\tBrand\nC000003\tSome reagent\tD000002\t\n"
        "C000004\tnewmab\tD061067\t\nC000005\tOther name\tD000002\tknown synonym\n",
        "loose.tsv.gz": "ui\tlabel\textra_synonyms_lowercase\nD000001\tFever\tague|chills and fever\n",
        "names.csv.gz": "Common name,Synonyms\nKnown Drug,x | y\nz,Known Synonym\n",
    }
    for name, text in tables.items():
        with gzip.open(folder / name, "wt", encoding="utf-8") as file:
            file.write(text)
    target = folder / "out.zst"
    main([*(str(folder / name) for name in tables), "-o", str(target), "--year", "2031"])
    return target


def test_packing_keeps_diseases_drugs_and_biologics(tmp_path: Path) -> None:
    table = zstandard.ZstdDecompressor().decompress(packed(tmp_path).read_bytes(), max_output_size=2**20).decode()
    lines = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    assert [line[0] for line in lines] == ["D000001", "D000002", "D061067", "C000001", "C000002", "C000004", "C000005"]
    assert lines[0] == ["D000001", "Fever", "C01", "Pyrexia", "ague|chills and fever"]
    assert lines[4] == ["C000002", "Known drug", "D000002", "Brand", ""]
    assert "2031" in table.splitlines()[0]


def test_packing_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    assert packed(one).read_bytes() == packed(other).read_bytes()


@pytest.mark.shared_data
def test_descriptors_are_those_of_the_source(shared_data: Path) -> None:
    packed_entries = {entry.iri: entry for entry in mesh.bundled().entries}
    with gzip.open(shared_data / "mesh/descriptors.tsv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            entry = packed_entries[mesh_iri(row["ui"])]
            assert entry.label == row["label"]
            assert set(entry.trees) == set(filter(None, row["tree_numbers"].split("|")))
            names = {name.strip() for name in row["synonyms"].split("|")} - {"", row["label"]}
            assert set(entry.synonyms) == names
