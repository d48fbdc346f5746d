"""What a concept is within, from what its vocabulary states about it alone.

MeSH codes its hierarchy in tree numbers: a descriptor lies within every descriptor whose tree number begins one of
its own, and within its top category, which NLM gives no IRI. That is not the transitive closure of *broader*, since
a descriptor stands in several places with different things below it. A supplementary record lies within the headings
it is mapped to, and where those are. Everywhere else the closure of the stated parents holds; a circle of concepts
puts each within the others.

Source: https://hhs.github.io/meshrdf/tree-numbers
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from kg.namespaces import mesh_category_iri
from kg.vocabularies.entry import Entry

__all__ = ["Hierarchy"]


class Hierarchy:
    """The hierarchy of one vocabulary.

    Args:
        entries: all its concepts; only identifiers are kept of them.

    >>> hierarchy = Hierarchy([Entry("c", "cat", parents=("m",)), Entry("m", "mammal", parents=("a",))])
    >>> hierarchy.within("c")
    ('c', 'a', 'm')
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._parents: dict[str, tuple[str, ...]] = {}
        self._trees: dict[str, tuple[str, ...]] = {}
        self._by_tree: dict[str, str] = {}
        self._above_tree: dict[str, frozenset[str]] = {}
        for entry in entries:
            if entry.trees:
                self._trees[entry.iri] = entry.trees
                self._by_tree.update(dict.fromkeys(entry.trees, entry.iri))
            elif entry.parents:
                self._parents[entry.iri] = entry.parents

    def within(self, iri: str) -> tuple[str, ...]:
        """IRIs of everything that a concept is within: itself first, the others sorted."""
        found = {iri}
        waiting = [iri]
        while waiting:
            concept = waiting.pop()
            trees = self._trees.get(concept)
            if trees:
                found |= self._above(concept, trees)
                continue
            for parent in self._parents.get(concept, ()):
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        found.discard(iri)
        return (iri, *sorted(found))

    def trees(self, iri: str) -> tuple[str, ...]:
        """The tree numbers of a MeSH descriptor, or of the headings that a supplementary record is mapped to."""
        own = self._trees.get(iri)
        if own is not None:
            return own
        return tuple(tree for parent in self._parents.get(iri, ()) for tree in self._trees.get(parent, ()))

    def _above(self, iri: str, trees: tuple[str, ...]) -> frozenset[str]:
        known = self._above_tree.get(iri)
        if known is None:
            above = {mesh_category_iri(tree[0]) for tree in trees}
            for tree in trees:
                prefixes = accumulate(tree.split("."), "{}.{}".format)
                above.update(self._by_tree[prefix] for prefix in prefixes if prefix in self._by_tree)
            known = self._above_tree[iri] = frozenset(above)
        return known
