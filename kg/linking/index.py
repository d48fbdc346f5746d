"""Names → concepts: the index that the linker looks strings up in.

It is a folder of files that are mapped into memory, so that it opens at once at any size, and processes share it:

    names.marisa     names, letter case and spacing evened out → concepts
    bags.marisa      names as sorted words → concepts
    nears.marisa     names of what may be studied, with words that mean the same evened out → concepts
    words.marisa     the words of those names, and of MeSH headings
    initials.marisa  the first letters of those names → concepts
    mentions.marisa  names that mean what they name even in running text → concepts
    beginnings.marisa  the first words of those
    runs.marisa      names of what is given or done as words in order → concepts; found inside longer strings
    iris.marisa      IRIs → concepts
    concepts.bin     the concepts, one after the other
    places.bin       where each of them begins

Concepts are numbered; :mod:`kg.linking.index_files` makes the folder.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import marisa_trie
import msgspec

from kg.errors import VocabularyError
from kg.linking.normalize import bag, fold, words
from kg.vocabularies.agents import load_agents
from kg.vocabularies.installed import Vocabulary
from kg.vocabularies.scope import Side

__all__ = [
    "BAGS",
    "BEGINNINGS",
    "CONCEPTS",
    "INITIALS",
    "IRIS",
    "KEPT",
    "MENTIONS",
    "NAMES",
    "NEARS",
    "NUMBER",
    "PLACES",
    "POSTING",
    "RUNS",
    "WORDS",
    "Concept",
    "NameIndex",
    "Phrase",
    "Row",
]

NAMES: Final = "names.marisa"
BAGS: Final = "bags.marisa"
RUNS: Final = "runs.marisa"
MENTIONS: Final = "mentions.marisa"
BEGINNINGS: Final = "beginnings.marisa"
NEARS: Final = "nears.marisa"
WORDS: Final = "words.marisa"
IRIS: Final = "iris.marisa"
INITIALS: Final = "initials.marisa"
CONCEPTS: Final = "concepts.bin"
PLACES: Final = "places.bin"
POSTING: Final = "<IB"
"""What a name leads to: the number of a concept, and its rank among the concepts of that name (least is best)."""
NUMBER: Final = "<I"
KEPT: Final = 5
"""The rank of a name from the table kept by hand: only agents go before it."""


class Concept(NamedTuple):
    """A concept that a string can mean.

    Attributes:
        iri, label: the concept.
        kind: ``agent``, ``class``, ``descriptor``, ``supplementary`` or ``concept``.
        vocabulary, version: what it is of.
        is_drug: whether a study that names it gives a drug.
        sides: whether it can be a condition, an intervention or both.
        trees: its MeSH tree numbers, or those of the headings it is mapped to.
    """

    iri: str
    label: str
    kind: str
    vocabulary: str
    version: str
    is_drug: bool
    sides: tuple[Side, ...]
    trees: tuple[str, ...] = ()


class Row(NamedTuple):
    """A concept as it is kept: its vocabulary by number, and what it is within by the numbers of concepts."""

    iri: str
    label: str
    kind: str
    vocabulary: int
    is_drug: bool
    condition: bool
    intervention: bool
    trees: tuple[str, ...] = ()
    within: tuple[int, ...] = ()


class Phrase(NamedTuple):
    """A name of an agent or class as tokens, for finding it inside a longer string."""

    words: tuple[str, ...]
    name: str
    concept: Concept


class NameIndex:
    """All names of some vocabularies.

    Args:
        folder: the index.
        vocabularies: what it was made of, in that order.

    Raises:
        VocabularyError: it is damaged.
    """

    def __init__(self, folder: Path, vocabularies: Sequence[Vocabulary]) -> None:
        self.vocabularies = tuple(vocabularies)
        self.agents = load_agents()
        try:
            self._names = marisa_trie.RecordTrie(POSTING).mmap(str(folder / NAMES))
            self._bags = marisa_trie.RecordTrie(POSTING).mmap(str(folder / BAGS))
            self._runs = marisa_trie.RecordTrie(POSTING).mmap(str(folder / RUNS))
            self._mentions = marisa_trie.RecordTrie(POSTING).mmap(str(folder / MENTIONS))
            self._nears = marisa_trie.RecordTrie(POSTING).mmap(str(folder / NEARS))
            self._initials = marisa_trie.RecordTrie(NUMBER).mmap(str(folder / INITIALS))
            self.beginnings = marisa_trie.Trie().mmap(str(folder / BEGINNINGS))
            self.words = marisa_trie.Trie().mmap(str(folder / WORDS))
            self._iris = marisa_trie.RecordTrie(NUMBER).mmap(str(folder / IRIS))
            self._rows = _map(folder / CONCEPTS)
            self._places = memoryview(_map(folder / PLACES)).cast("Q")
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise VocabularyError(
                f"the index of names cannot be read: {error}", place=str(folder), remedy="remove it; it is made anew"
            ) from error
        self._decode = msgspec.msgpack.Decoder(Row).decode
        # Only what was asked for becomes an object.
        self.concept = lru_cache(maxsize=100_000)(self._concept)
        # The concept with an IRI; None where no vocabulary has it. The registry's own terms ask for the same ones.
        self.by_iri = lru_cache(maxsize=100_000)(self._by_iri)
        self.phrases = self._agent_phrases()

    def __len__(self) -> int:
        return len(self._places) - 1

    def exact(self, text: str, side: Side) -> Concept | None:
        """The one concept of a side that has this name, letter case and spacing aside; None if none or several."""
        return self._best(self._names.get(fold(text)), side)

    def same_words(self, of_words: Sequence[str], side: Side) -> Concept | None:
        """The one concept of a side that has a name of these words in any order; None if none or several."""
        return self._best(self._bags.get(bag(of_words)), side)

    def near(self, form: str) -> Concept | None:
        """The one concept that may be studied and has a name of this rough form; None if none or several."""
        return self._best(self._nears.get(form), Side.CONDITION)

    def spelled(self, initials: str) -> list[Concept]:
        """The concepts that may be studied and have a name whose words begin with these letters."""
        numbers = {number for (number,) in self._initials.get(initials.casefold()) or ()}
        return [self.concept(number) for number in sorted(numbers)]

    def unfinished(self, text: str) -> list[Concept]:
        """The concepts that may be studied and whose label goes on where this text ends: *scleroderma, diffuse*."""
        keys = self._names.keys(f"{fold(text)}, ")
        numbers = {number for key in keys for number, rank in self._names[key] if rank % 10 == 0}
        return [concept for number in sorted(numbers) if Side.CONDITION in (concept := self.concept(number)).sides]

    def run(self, of_words: Sequence[str], accept: Callable[[Concept], bool]) -> Concept | None:
        """The one concept of what may be given or done that has these words in order; None if none or several."""
        return self._best_of(self._runs.get(" ".join(of_words)), accept)

    def kept(self, of_words: Sequence[str]) -> Concept | None:
        """The concept that has this name in the table that is kept by hand."""
        return next((self.concept(n) for n, rank in self._runs.get(" ".join(of_words)) or () if rank == KEPT), None)

    def any_order(self, of_words: Sequence[str], accept: Callable[[Concept], bool]) -> Concept | None:
        """The one concept that has a name of these words in any order; None if none or several."""
        return self._best_of(self._bags.get(bag(of_words)), accept)

    def runs(self, of_words: Sequence[str], accept: Callable[[Concept], bool]) -> Iterator[tuple[int, Concept]]:
        """The names of what may be given or done that these words begin with, the longest first.

        Args:
            of_words: the words, to the end of where a name may reach.
            accept: whether a concept may be meant.

        Yields:
            How many of the words are the name, and the one concept that it means.
        """
        get = self._runs.get
        for length in range(len(of_words), 0, -1):
            postings = get(" ".join(of_words[:length]))
            if postings:
                concept = self._best_of(postings, accept)
                if concept:
                    yield length, concept

    def mention(self, of_words: str) -> Concept | None:
        """The one concept that these words, parted by spaces, name in running text; None if none or several."""
        return self._best_of(self._mentions.get(of_words), _is_any)

    def after_mention(self, of_words: str) -> frozenset[str]:
        """The words that follow these in names that mean something in running text."""
        start = len(of_words) + 1
        return frozenset(key[start:].partition(" ")[0] for key in self._mentions.keys(f"{of_words} "))

    def candidates(self, text: str, side: Side) -> list[Concept]:
        """All concepts of a side that have this name or its words, the best first."""
        found = [*(self._names.get(fold(text)) or ()), *(self._bags.get(bag(words(text))) or ())]
        numbers = dict.fromkeys(number for number, _ in sorted(found, key=lambda posting: posting[1]))
        return [concept for number in numbers if side in (concept := self.concept(number)).sides]

    def by_label(self, label: str, vocabulary: str) -> Concept | None:
        """The concept of a vocabulary whose preferred name this is, letter case aside."""
        for number, _ in self._names.get(fold(label)) or ():
            concept = self.concept(number)
            if concept.vocabulary == vocabulary and fold(concept.label) == fold(label):
                return concept
        return None

    def _by_iri(self, iri: str) -> Concept | None:
        found = self._iris.get(iri)
        return self.concept(found[0][0]) if found else None

    def within(self, iri: str) -> tuple[str, ...]:
        """Everything that a concept is within, itself first; only itself where no vocabulary has it."""
        found = self._iris.get(iri)
        if not found:
            return (iri,)
        return (iri, *(self._row(number).iri for number in self._row(found[0][0]).within))

    def agent_of(self, iri: str) -> str:
        """The agent that a concept of another vocabulary is mapped to, or the concept itself where there is none."""
        return self.agents.mesh.get(iri, iri)

    def _row(self, number: int) -> Row:
        return self._decode(self._rows[self._places[number] : self._places[number + 1]])

    def _concept(self, number: int) -> Concept:
        row = self._row(number)
        vocabulary = self.vocabularies[row.vocabulary]
        sides = tuple(
            side for side, holds in ((Side.CONDITION, row.condition), (Side.INTERVENTION, row.intervention)) if holds
        )
        return Concept(row.iri, row.label, row.kind, vocabulary.iri, vocabulary.version, row.is_drug, sides, row.trees)

    def _best(self, postings: Sequence[tuple[int, int]] | None, side: Side) -> Concept | None:
        if not postings:
            return None
        best: Concept | None = None
        least = 256
        for number, rank in postings:
            if rank <= least:
                concept = self.concept(number)
                if side in concept.sides:
                    # Two of the same rank: the name alone does not say which is meant.
                    best = concept if rank < least or concept == best else None
                    least = rank
        return best

    def _best_of(self, postings: Sequence[tuple[int, int]] | None, accept: Callable[[Concept], bool]) -> Concept | None:
        best: Concept | None = None
        least = 256
        for number, rank in postings or ():
            if rank <= least:
                concept = self.concept(number)
                if accept(concept):
                    best = concept if rank < least or concept == best else None
                    least = rank
        return best

    def _agent_phrases(self) -> dict[str, list[Phrase]]:
        phrases: dict[str, list[Phrase]] = {}
        for thing in (*self.agents.agents, *self.agents.classes):
            concept = self.by_iri(thing.iri)
            assert concept is not None  # noqa: S101 - the index is of these very agents
            for name in thing.names:
                of_name = tuple(words(name))
                if of_name:
                    phrases.setdefault(of_name[0], []).append(Phrase(of_name, name, concept))
        for found in phrases.values():
            found.sort(key=lambda phrase: (-len(phrase.words), phrase.name))
        return phrases


def _is_any(_: Concept) -> bool:
    return True


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
