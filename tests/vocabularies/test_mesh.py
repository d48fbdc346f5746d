"""MeSH as it ships: its records, its hierarchy, what the store gets of it, and how it was packed."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
import zstandard

from kg.config import resource
from kg.errors import VocabularyError
from kg.namespaces import mesh_category_iri, mesh_iri
from kg.terms import render
from kg.vocabularies import mesh as mesh_module
from kg.vocabularies.mesh import Mesh, MeshRecord, load_mesh
from kg.vocabularies.pack import main

CATEGORIES = set("ABCDEFGHIJKLMNVZ")


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return load_mesh()


def record(ui: str, label: str, trees: str = "", headings: str = "", synonyms: str = "") -> MeshRecord:
    return MeshRecord(
        ui, label, tuple(trees.split()), tuple(headings.split()), tuple(filter(None, synonyms.split("|")))
    )


def small(*records: MeshRecord) -> Mesh:
    return Mesh({one.ui: one for one in records}, "2024")


def test_every_descriptor_and_many_supplementary_records(mesh: Mesh) -> None:
    kinds = [ui[0] for ui in mesh.records]
    assert kinds.count("D") == 30_764
    assert kinds.count("C") > 10_000
    assert mesh.year == "2024"


def test_records_are_well_formed(mesh: Mesh) -> None:
    for ui, one in mesh.records.items():
        assert ui == one.ui
        assert re.fullmatch(r"D[0-9]{6}|D[0-9]{9}|C[0-9]{6}|C[0-9]{9}", ui), ui
        assert one.label == one.label.strip() != "", ui
        assert one.names[0] == one.label
        assert bool(one.trees) == (ui[0] == "D" and one.trees != ()), ui
        assert not (one.trees and one.headings), ui
        assert all(re.fullmatch(r"[A-Z][0-9]{2}(\.[0-9]{3})*", tree) for tree in one.trees), ui


def test_iris_of_records_are_those_that_ids_become(mesh: Mesh) -> None:
    assert {ui for ui in mesh.records if mesh_iri(ui) != mesh.records[ui].iri} == set()


def test_tree_numbers_belong_to_one_record(mesh: Mesh) -> None:
    trees = [tree for one in mesh.records.values() for tree in one.trees]
    assert len(trees) == len(set(trees))


def test_no_tree_number_hangs_in_the_air(mesh: Mesh) -> None:
    trees = {tree for one in mesh.records.values() for tree in one.trees}
    assert {tree for tree in trees if "." in tree and tree.rpartition(".")[0] not in trees} == set()


def test_supplementary_records_are_mapped_to_descriptors(mesh: Mesh) -> None:
    for ui, one in mesh.records.items():
        if ui[0] == "C":
            assert one.headings, ui
            assert {heading for heading in one.headings if heading not in mesh} == set(), ui


@pytest.mark.parametrize(
    ("ui", "above"),
    [
        ("D000077195", ["D002294", "D002277", "D006258", "D009371", "D009369"]),
        ("D008545", ["D018326", "D009369"]),
        ("D009303", ["D006258"]),
        ("D003924", ["D003920", "D004700"]),
    ],
)
def test_within(mesh: Mesh, ui: str, above: list[str]) -> None:
    within = mesh.within(ui)
    assert within[0] == mesh_iri(ui)
    assert set(map(mesh_iri, above)) <= set(within)
    assert mesh_category_iri("C") in within


def test_within_is_what_the_tree_numbers_say(mesh: Mesh) -> None:
    """Worked out the slow way for every 700th descriptor.

    Not transitive as a whole: a descriptor above may have other places too, which say nothing of the one below.
    """
    places = [(tree, one.iri) for one in mesh.records.values() for tree in one.trees]
    descriptors = [one for ui, one in sorted(mesh.records.items()) if ui[0] == "D"]
    for one in descriptors[::700]:
        above = {iri for tree, iri in places if any(own.startswith(tree + ".") for own in one.trees)} - {one.iri}
        top = {mesh_category_iri(tree[0]) for tree in one.trees}
        assert mesh.within(one.ui) == (one.iri, *sorted(above | top)), one.label


def test_within_by_hand() -> None:
    mesh = small(
        record("D000001", "Top", trees="C01"),
        record("D000002", "Middle", trees="C01.100 F03.200"),
        record("D000003", "Leaf", trees="C01.100.100"),
        record("C000001", "Supplement", headings="D000003 D999999"),
    )
    iri = {ui: one.iri for ui, one in mesh.records.items()}
    assert mesh.within("D000003") == (iri["D000003"], iri["D000001"], iri["D000002"], mesh_category_iri("C"))
    assert set(mesh.within("C000001")) == {*iri.values(), mesh_category_iri("C")}
    assert mesh.categories("D000002") == {"C", "F"}
    assert mesh.categories("C000001") == {"C"}
    assert mesh.tree_numbers("C000001") == ("C01.100.100",)
    assert mesh.by_label("LEAF") == mesh.records["D000003"]
    assert mesh.by_label("nothing") is None
    assert "D000004" not in mesh


def test_categories_are_the_registry_of_letters(mesh: Mesh) -> None:
    assert {letter for ui in mesh.records for letter in mesh.categories(ui)} <= CATEGORIES


def test_statements_parse_and_have_no_blank_nodes(mesh: Mesh) -> None:
    statements = list(mesh.statements())
    quads = list(ox.parse(render(statements).encode(), format=ox.RdfFormat.N_TRIPLES))
    assert len(quads) == len(statements) == len(set(statements))
    assert all(isinstance(quad.subject, ox.NamedNode) for quad in quads)
    labels = [quad for quad in quads if isinstance(quad.object, ox.Literal)]
    assert len(labels) == len(mesh.records)
    assert {quad.object.language for quad in labels if isinstance(quad.object, ox.Literal)} == {"en"}


def test_a_broken_table_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load = load_mesh.__wrapped__
    broken = tmp_path / "broken.zst"
    broken.write_bytes(b"not compressed")
    for path in (tmp_path / "absent.zst", broken):
        monkeypatch.setattr(mesh_module, "resource", lambda *_, at=path: at)
        with pytest.raises(VocabularyError, match="reinstall"):
            load()


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
    assert lines[4] == ["C000002", "Known drug", "D000002", "Brand"]
    assert "2031" in table.splitlines()[0]


def test_packing_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    assert packed(one).read_bytes() == packed(other).read_bytes()


@pytest.mark.shared_data
def test_descriptors_are_those_of_the_source(shared_data: Path, mesh: Mesh) -> None:
    with gzip.open(shared_data / "mesh/descriptors.tsv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            one = mesh.records[row["ui"]]
            assert (one.label, "|".join(one.trees)) == (row["label"], row["tree_numbers"])
            assert "|".join(one.synonyms) == "|".join(filter(None, row["synonyms"].split("|")))
