"""What concepts are within, worked out by hand and the slow way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kg.namespaces import mesh_category_iri, mesh_iri
from kg.vocabularies.entry import Entry
from kg.vocabularies.hierarchy import Hierarchy


def descriptor(ui: str, *trees: str) -> Entry:
    return Entry(mesh_iri(ui), ui, trees=trees, kind="descriptor")


def test_tree_numbers_decide_and_not_the_way_up() -> None:
    entries = [
        descriptor("D000001", "C01"),
        descriptor("D000002", "C01.100", "F03.200"),
        descriptor("D000003", "C01.100.100"),
        descriptor("D000004", "F03"),
        Entry(mesh_iri("C000001"), "Supplement", parents=(mesh_iri("D000003"), mesh_iri("D999999"))),
    ]
    hierarchy = Hierarchy(entries)
    top, middle, leaf, mind = (mesh_iri(f"D00000{n}") for n in range(1, 5))
    assert hierarchy.within(leaf) == (leaf, top, middle, mesh_category_iri("C"))
    # The middle is a mental disorder too; what lies below its other place is none.
    assert mind in hierarchy.within(middle)
    assert mind not in hierarchy.within(leaf)
    assert set(hierarchy.within(mesh_iri("C000001"))) == {
        mesh_iri("C000001"), leaf, top, middle, mesh_iri("D999999"), mesh_category_iri("C"),
    }  # fmt: skip
    assert hierarchy.trees(mesh_iri("C000001")) == ("C01.100.100",)
    assert hierarchy.trees(leaf) == ("C01.100.100",)


def test_what_is_not_known_is_within_itself() -> None:
    assert Hierarchy([]).within("x") == ("x",)
    assert Hierarchy([]).trees("x") == ()


def test_a_circle_ends() -> None:
    hierarchy = Hierarchy([Entry("a", "A", parents=("b",)), Entry("b", "B", parents=("a", "b"))])
    assert hierarchy.within("a") == ("a", "b")
    assert hierarchy.within("b") == ("b", "a")


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20))
def test_within_is_the_closure_of_parents(pairs: list[tuple[int, int]]) -> None:
    parents: dict[str, set[str]] = {}
    for child, parent in pairs:
        parents.setdefault(str(child), set()).add(str(parent))
    hierarchy = Hierarchy(Entry(iri, iri, parents=tuple(above)) for iri, above in parents.items())
    for iri in map(str, range(9)):
        assert set(hierarchy.within(iri)) == reached({iri}, parents)
        assert hierarchy.within(iri)[0] == iri


def reached(found: set[str], parents: dict[str, set[str]]) -> set[str]:
    more = found.union(*(parents.get(iri, ()) for iri in found))
    return found if more == found else reached(more, parents)


def test_entries_are_read_once() -> None:
    read = iter([Entry("a", "A", parents=("b",))])
    assert Hierarchy(read).within("a") == ("a", "b")
    assert next(read, None) is None
