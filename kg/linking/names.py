"""The names of what is studied: the concept that some words of a string name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from kg.linking.index import Concept, NameIndex
from kg.linking.near import near, same
from kg.linking.normalize import Token
from kg.linking.units import choices, content, units
from kg.linking.words import HEALTHY, LEADING, PEOPLE, QUALIFIERS, THESAURUS, VARIANTS
from kg.vocabularies.scope import Side

__all__ = ["DISEASES", "Match", "Names", "core_of", "depth", "is_of", "says_something", "span", "trimmed"]

Match = tuple[Concept, list[Token]]
"""A concept, and the words that name it."""

DISEASES: Final = ("C", "F03")
"""Where MeSH has diseases and disorders of the mind."""
_SAYS_NOTHING: Final = frozenset(
    "D002908 D000208 D003643 D004194 D005796 D009026 D010361 D012008 D013577 D018450".split()
)
"""Chronic and acute disease, death, disease, genes, mortality, patients, recurrence, syndrome, progression."""
_LEAST_DEPTH: Final = 3
"""Tree numbers of one-word names that are shorter name whole fields of medicine (Neoplasms), which explain nothing."""
_LEAST_EPONYM: Final = 4
_COMPARED: Final = PEOPLE | {"control", "volunteer"}
_FIRST_SAID: Final = frozenset(said.split()[0] for said in THESAURUS)


class Names:
    """Finds the concept that words name.

    Args:
        index: the names to look up.
    """

    def __init__(self, index: NameIndex) -> None:
        self.index = index

    def match(self, found: Sequence[Token], *, may_be_short: bool = True) -> Match | None:
        """The concept named by all words but those that only say which cases are meant.

        Args:
            found: the words.
            may_be_short: whether *disease* or *syndrome* may be missing: *Lesch-Nyhan*, *fragile X*.
        """
        made = units(found)
        if not content(made):
            concept = self.lookup([token.word for token in found]) if len(found) > 1 else None
            return (concept, list(found)) if concept and _ui(concept) not in _SAYS_NOTHING else None
        for chosen in choices(made):
            core = trimmed(chosen)
            concept = self.lookup([token.word for token in core]) if core else None
            if concept and _ui(concept) not in _SAYS_NOTHING:
                return concept, core
        core = trimmed(found)
        of_words = [token.word for token in core]
        if not may_be_short or max(map(len, of_words)) < _LEAST_EPONYM:
            return None
        # A word that names something else is no eponym: "propofol" is not the propofol syndrome.
        if self.index.any_order(of_words, _is_any):
            return None
        more = ("syndrome", "disease", "acute") if "chronic" not in of_words else ("syndrome", "disease")
        for what in more:
            concept = self.index.same_words([*of_words, what], Side.CONDITION)
            if concept:
                return concept, core
        return None

    def lookup(self, of_words: Sequence[str]) -> Concept | None:
        """The concept that has these words, or words that mean the same."""
        form = near(of_words)
        if form in QUALIFIERS:
            return None
        concept = self.index.same_words(of_words, Side.CONDITION) or self.index.near(form)
        if concept or not of_words:
            return concept
        head = of_words[-1]
        if head in VARIANTS and len(of_words) > 1:
            concept = self.index.near(near([*of_words[:-1], VARIANTS[head]]))
            if concept:
                return concept
        if _is_healthy(of_words):
            return self.index.same_words(["healthy", "volunteer"], Side.CONDITION)
        plain = [same(word) for word in of_words]
        for start, word in enumerate(plain):
            for end in range(len(plain), start, -1) if word in _FIRST_SAID else ():
                said = THESAURUS.get(" ".join(plain[start:end]))
                if said:
                    return self.index.near(near([*plain[:start], *said.split(), *plain[end:]]))
        return None

    def unfinished(self, text: str, found: Sequence[Token]) -> Match | None:
        """What most inverted names that begin with the string lie within: *scleroderma* of *scleroderma, diffuse*."""
        core = core_of(found)
        if not core:
            return None
        begun = [one for one in self.index.unfinished(span(text, core)) if is_of(one, DISEASES)]
        # Where diseases and disorders of the mind share a name, people mean the disease.
        begun = [one for one in begun if is_of(one, ("C",))] or begun
        for concept in begun:
            within = sum(concept.iri in self.index.within(other.iri) for other in begun)
            if 3 * within >= 2 * len(begun) and concept.kind == "descriptor":
                return concept, core
        return None

    def is_narrower(self, concept: Concept, wider: Concept) -> bool:
        """Whether a concept is a kind of another."""
        return wider.iri in self.index.within(concept.iri)[1:]

    def is_near(self, concept: Concept, others: Iterable[Concept]) -> bool:
        """Whether a concept is one of the others, or a kind of one of them, or one of them a kind of it."""
        return any(
            concept.iri == other.iri or self.is_narrower(concept, other) or self.is_narrower(other, concept)
            for other in others
        )


def core_of(found: Sequence[Token]) -> list[Token]:
    """The words without those that only say which cases are meant."""
    return [token for unit in content(units(found)) for token in unit.tokens]


def trimmed(found: Sequence[Token]) -> list[Token]:
    """The words without articles and prepositions at either end."""
    core = list(found)
    while core and core[0].word in LEADING:
        core.pop(0)
    while core and core[-1].word in LEADING:
        core.pop()
    return core


def span(text: str, found: Sequence[Token]) -> str:
    """The part of a text from the first of some words to the last."""
    return text[found[0].start : found[-1].end] if found else ""


def depth(concept: Concept) -> int:
    """How deep in MeSH a concept lies: 1 for the top of a branch."""
    return max((tree.count(".") + 1 for tree in concept.trees), default=0)


def is_of(concept: Concept, branches: tuple[str, ...]) -> bool:
    """Whether a concept is in one of some branches of MeSH."""
    return any(tree.startswith(branches) for tree in concept.trees)


def says_something(concept: Concept, core: Sequence[Token]) -> bool:
    """Whether a concept is worth a link to it from a string that says more than these words."""
    is_plain = len(core) == 1 and " " not in concept.label
    least = _LEAST_DEPTH if is_plain else 1 if is_of(concept, DISEASES) else 2
    return depth(concept) >= least and _ui(concept) not in _SAYS_NOTHING


def _is_healthy(of_words: Sequence[str]) -> bool:
    """Whether these are healthy people: *healthy*, *normal subjects*, *healthy Japanese men*."""
    if list(of_words) == ["healthy"]:
        return True
    return of_words[0] in HEALTHY and of_words[-1] in _COMPARED and "and" not in of_words


def _is_any(_: Concept) -> bool:
    return True


def _ui(concept: Concept) -> str:
    return concept.iri.removeprefix(concept.vocabulary)
