"""Names → concepts: the index that the linker looks strings up in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from kg.linking.normalize import bag, fold, words
from kg.vocabularies.agents import VOCABULARY as AGENTS
from kg.vocabularies.agents import Agents, load_agents
from kg.vocabularies.mesh import VOCABULARY as MESH
from kg.vocabularies.mesh import Mesh, load_mesh

__all__ = ["Concept", "NameIndex", "Phrase", "Side", "load_index"]

# Geographicals, publication characteristics, anatomy, humanities, disciplines are never what is studied or given.
_NOT_CONDITIONS: Final = frozenset("ABDHJKLVZ")
_NOT_INTERVENTIONS: Final = frozenset("ACHKMVZ")
# Actions and uses (D27) and dosage forms (D26) are kinds of drugs, not drugs; so are classes of antibodies.
_KINDS_OF_DRUGS: Final = ("D26", "D27")
_GENERIC: Final = frozenset("D000906 D000911 D007074 D007106 D011506 D011993 D018033 D018796 D058846 D061067".split())


class Side(Enum):
    """What a string names: what is studied, or what is given or done."""

    CONDITION = "condition"
    INTERVENTION = "intervention"


_INTERVENTION_ONLY: Final = (Side.INTERVENTION,)


class Concept(NamedTuple):
    """A concept that a string can mean.

    ``kind`` is ``agent``, ``class``, ``descriptor`` or ``supplementary``; ``is_drug`` says whether a study that
    names it gives a drug; ``sides`` whether it can be a condition, an intervention or both.
    """

    iri: str
    label: str
    kind: str
    vocabulary: str
    version: str
    is_drug: bool
    sides: tuple[Side, ...]


class Phrase(NamedTuple):
    """A name of an agent or class as tokens, for finding it inside a longer string."""

    words: tuple[str, ...]
    name: str
    concept: Concept


class NameIndex:
    """All names of the drug ontology and of MeSH.

    Concepts are numbered; a name maps to one number or, where several concepts share it, to a tuple of them.

    Args:
        agents: the drug ontology.
        mesh: MeSH.
    """

    def __init__(self, agents: Agents, mesh: Mesh) -> None:
        self.agents = agents
        self.mesh = mesh
        self.phrases: dict[str, list[Phrase]] = {}
        self.concepts: dict[str, Concept] = {}
        self._numbered: list[Concept] = []
        self._names: list[tuple[str, ...]] = []
        self._exact: dict[str, int | tuple[int, ...]] = {}
        self._add_agents()
        self._add_mesh()

    def exact(self, text: str, side: Side) -> Concept | None:
        """The one concept of a side that has this name, letter case and spacing aside; None if none or several."""
        return self._one(self._exact.get(fold(text)), side)

    def same_words(self, of_words: Sequence[str], side: Side) -> Concept | None:
        """The one concept of a side that has a name of these words in any order; None if none or several."""
        return self._one(self._bags.get(bag(of_words)), side)

    def agent_of(self, mesh_iri: str) -> str:
        """The agent that a MeSH record is mapped to, or the record itself where the drug ontology has none."""
        return self.agents.mesh.get(mesh_iri, mesh_iri)

    def _one(self, numbers: int | tuple[int, ...] | None, side: Side) -> Concept | None:
        if numbers is None:
            return None
        if isinstance(numbers, int):
            concept = self._numbered[numbers]
            return concept if side in concept.sides else None
        found = [concept for number in numbers if side in (concept := self._numbered[number]).sides]
        # An agent of the drug ontology stands for the MeSH record of the same name; a descriptor for its records.
        for kind in ("agent", "class", "descriptor"):
            preferred = [concept for concept in found if concept.kind == kind]
            if len(preferred) == 1:
                return preferred[0]
            if preferred:
                return None
        return found[0] if len(found) == 1 else None

    def _add(self, concept: Concept, names: Iterable[str]) -> None:
        number = len(self._numbered)
        self._numbered.append(concept)
        self.concepts[concept.iri] = concept
        self._names.append(tuple(names))
        for name in names:
            _enter(self._exact, fold(name), number)

    @cached_property
    def _bags(self) -> dict[str, int | tuple[int, ...]]:
        # Made when first asked for: a string that is a name needs none of it.
        bags: dict[str, int | tuple[int, ...]] = {}
        for number, names in enumerate(self._names):
            for name in names:
                _enter(bags, bag(words(name)), number)
        self._names.clear()
        return bags

    def _add_agents(self) -> None:
        for kind, entries in (("agent", self.agents.agents), ("class", self.agents.classes)):
            for entry in entries:
                concept = Concept(
                    entry.iri, entry.label, kind, AGENTS, self.agents.version, kind == "agent", _INTERVENTION_ONLY
                )
                self._add(concept, entry.names)
                for name in entry.names:
                    of_name = tuple(words(name))
                    if of_name:
                        self.phrases.setdefault(of_name[0], []).append(Phrase(of_name, name, concept))
        for phrases in self.phrases.values():
            phrases.sort(key=lambda phrase: (-len(phrase.words), phrase.name))

    def _add_mesh(self) -> None:
        mesh = self.mesh
        for ui, record in mesh.records.items():
            trees = mesh.tree_numbers(ui)
            categories = {tree[0] for tree in trees}
            sides = []
            if categories - _NOT_CONDITIONS:
                sides.append(Side.CONDITION)
            if categories - _NOT_INTERVENTIONS:
                sides.append(Side.INTERVENTION)
            is_drug = ui not in _GENERIC and any(
                tree.startswith("D") and not tree.startswith(_KINDS_OF_DRUGS) for tree in trees
            )
            kind = "descriptor" if record.trees else "supplementary"
            self._add(Concept(record.iri, record.label, kind, MESH, mesh.year, is_drug, tuple(sides)), record.names)


def _enter(names: dict[str, int | tuple[int, ...]], key: str, number: int) -> None:
    known = names.setdefault(key, number)
    if known is number or known == number:
        return
    if isinstance(known, int):
        names[key] = (known, number)
    elif number not in known:
        names[key] = (*known, number)


@lru_cache(maxsize=1)
def load_index() -> NameIndex:
    """The index over the vocabularies that ship with the package."""
    return NameIndex(load_agents(), load_mesh())
