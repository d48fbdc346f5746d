"""What two versions of a vocabulary differ in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kg.vocabularies.changes import TermChange, compare
from kg.vocabularies.entry import Entry

OLD = [
    Entry("a", "Aarskog Syndrome", trees=("C05.1",)),
    Entry("b", "Bends", trees=("C01.2",)),
    Entry("c", "Catarrh", trees=("C08.3",)),
    Entry("d", "Dropsy", trees=("C09.4",)),
    Entry("e", "Elf-locks", trees=("C10.5",)),
]
NEW = [
    Entry("a", "Aarskog Syndrome", trees=("C05.1",)),
    Entry("b", "Decompression Sickness", synonyms=("bends",), trees=("C01.2",)),
    Entry("c", "Catarrh", trees=("C08.9",)),
    Entry("f", "Edema", loose=("dropsy",), trees=("C23.1",)),
]


def test_each_kind_of_change() -> None:
    changes = compare("mesh", "2024", OLD, "2025", NEW)
    assert changes.renamed == [TermChange("b", "Decompression Sickness", "Bends", "Decompression Sickness")]
    assert changes.moved == [TermChange("c", "Catarrh", "C08.3", "C08.9")]
    assert changes.merged == [TermChange("d", "Dropsy", "d", "f")]
    assert changes.gone == [TermChange("e", "Elf-locks", "e", "")]
    assert changes.new == 1
    assert changes.text() == "mesh 2024 → 2025: 1 new, 1 gone, 1 merged, 1 renamed, 1 moved"


def test_a_deprecated_term_is_merged_where_it_says_into_what() -> None:
    old = [Entry("x", "X"), Entry("y", "Y")]
    new = [
        Entry("x", "obsolete X", deprecated=True, replaced_by="z"),
        Entry("y", "Y", deprecated=True),
        Entry("z", "Z"),
    ]
    changes = compare("chebi", "1", old, "2", new)
    assert [(change.concept, change.now) for change in changes.merged] == [("x", "z")]
    assert [change.concept for change in changes.gone] == ["y"]


@given(st.lists(st.sampled_from(OLD + NEW), unique_by=lambda entry: entry.iri))
def test_nothing_differs_from_itself(entries: list[Entry]) -> None:
    changes = compare("v", "1", entries, "1", entries)
    assert (changes.new, changes.gone, changes.merged, changes.renamed, changes.moved) == (0, [], [], [], [])
