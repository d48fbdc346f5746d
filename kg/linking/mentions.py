"""Names inside a longer string that says what is given or done.

Two ways, by what a name is a name of. A *substance* may be named anywhere, with dose and form around it, unless the
words around make something else of it: *anti-X*, *X receptor*, *without X*. A *procedure*, a device or a behaviour is
named by the end of a phrase, since English puts what a thing is last: *splanchnic nerve block* is a nerve block. What
follows a preposition is what it is for: *exercise during dialysis* is exercise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kg.linking.forms import (
    CARRIERS,
    DENIES,
    DENIES_BEFORE,
    DOSAGE_FORMS,
    GENERIC_HEADS,
    IS_DONE_TOO,
    MAKES_OTHER,
    MODIFIERS,
    NEUTRAL,
    ORDINARY,
    PARTICIPLES,
    PREPOSITIONS,
    TOO_GENERAL,
    TOO_GENERAL_BRANCHES,
)
from kg.linking.index import Concept, NameIndex
from kg.linking.normalize import Token
from kg.linking.salts import SALTS
from kg.linking.spelling import Spelling

__all__ = [
    "CODE_NAME",
    "Found",
    "anywhere",
    "head_of",
    "is_done",
    "is_family",
    "is_substance",
    "may_be_given",
    "may_be_meant",
    "misspelled",
    "misspelled_head",
    "stands_alone",
    "substances",
]

_DONE: Final = (
    "A11.118", "A11.148", "A11.284.295.588.750", "A11.329", "A11.382", "A11.436", "A11.627", "A11.872",
    "A12.207.152", "A15.145", "A15.378.316", "E", "F01.145.488.725", "F04", "G07.203.650.240", "G11.427.410.698",
    "I02", "I03.350", "I03.450", "J01.897", "J02", "L01.178", "L01.224", "L01.280", "L01.313.500", "N02.421",
    "N04.452", "N04.590", "N05.715.360.300",
)  # fmt: skip
"""Where what is done stands in MeSH: procedures, psychotherapy, cells, diet, exercise, education, telemedicine."""
_KINDS: Final = ("D25", "D26", "D27", "A12.207.152", "A15.145")
"""Actions and forms of substances, and parts of blood."""
_OF_THE_ONTOLOGY: Final = ("agent", "class")
_DISEASES: Final = ("C", "F03")
_ELEMENTS: Final = "D01.268"
_RECEPTORS: Final = "D12.776.543.750"
_FAMILY: Final = 2
_TREATS: Final = ("E02", "E04", "E07", "F04.754", "G11.427.410.698", "I03.350")
_LEAST_DEPTH: Final = 2
_UNIT: Final = r"(?i:%|[mµun]?c?g\b|[mµ]?l\b|i?u\b|units?\b|mm|days?\b|weeks?\b|hours?\b|x\b)"
CODE_NAME: Final = re.compile(rf"\b[A-Z][A-Za-z]{{0,5}}(?:[ -]?\d{{2,}}|-?\d)[A-Za-z]{{0,2}}(?![\d.,]*\s*{_UNIT})")
_LONGEST_NAME: Final = 6
_SHORTEST_SUBSTANCE: Final = 4
_SHORTEST_MISSPELLED: Final = 7
_LONGEST_SHORT: Final = 5
"""An abbreviation of so many letters is written with capitals; *caps* are capsules."""
_DENIES_DONE: Final = DENIES - IS_DONE_TOO - {"without"}
_TAILS: Final = GENERIC_HEADS | NEUTRAL
_ARTICLES: Final = frozenset("a an and for in of or s the to w with".split())
_DENIES_ALL: Final = frozenset({"no", "not", "without"})


class Found(NamedTuple):
    """A name in a text: the tokens it begins and ends with (exclusive), and what it means."""

    start: int
    end: int
    concept: Concept


def may_be_meant(concept: Concept) -> bool:
    """Whether a concept says anything of an intervention."""
    trees = concept.trees
    return concept.iri.removeprefix(concept.vocabulary) not in TOO_GENERAL and not (
        trees
        and (
            all(tree.startswith(TOO_GENERAL_BRANCHES) for tree in trees)
            or all(tree.startswith(_DISEASES) for tree in trees)
            or any(tree.startswith(DOSAGE_FORMS) for tree in trees)
        )
    )


def may_be_given(concept: Concept) -> bool:
    """Whether a concept says anything, and is no receptor: what a substance acts on is part of its description."""
    return may_be_meant(concept) and not any(tree.startswith(_RECEPTORS) for tree in concept.trees)


def is_substance(concept: Concept) -> bool:
    """Whether a concept is a substance, or a kind of substances."""
    return concept.is_drug or any(tree.startswith(_KINDS) for tree in concept.trees)


def is_done(concept: Concept) -> bool:
    """Whether a concept is something that is done or used, and more than a whole field."""
    return any(tree.startswith(_DONE) and tree.count(".") + 1 >= _LEAST_DEPTH for tree in concept.trees)


def substances(index: NameIndex, text: str, found: Sequence[Token]) -> list[Found]:
    """Names of substances in a part of a string, from left to right, longest first."""
    if not DENIES.isdisjoint(token.word for token in found):
        return []
    codes = [match.span() for match in CODE_NAME.finditer(text)]
    words = [token.word for token in found]
    records = index.agents.mesh

    def accept(concept: Concept) -> bool:
        # Agents are found by their own rules, which look closer at the words around.
        return concept.kind not in _OF_THE_ONTOLOGY and concept.iri not in records and _is_given(concept)

    names: list[Found] = []
    at = 0
    while at < len(found):
        name = next(index.runs(words[at : at + _LONGEST_NAME], accept), None)
        if name is None:
            at += 1
            continue
        length, concept = name
        # A name that does not stand is not read as a shorter one within it either.
        if _stands(index, text, found, at, at + length, concept, codes):
            names.append(Found(at, at + length, concept))
        at += length
    # The metal of "gallium Ga 68 edotreotide" is part of the name of what is given.
    others = [name for name in names if not all(tree.startswith(_ELEMENTS) for tree in name.concept.trees)]
    return others or names


def _is_given(concept: Concept) -> bool:
    return is_substance(concept) and may_be_given(concept) and not is_family(concept)


def is_family(concept: Concept) -> bool:
    """Whether a concept is a whole family of chemicals: *ketone ester* is neither any ketone nor any ester."""
    return (
        concept.kind == "descriptor"
        and any(tree.startswith("D") for tree in concept.trees)
        and all(
            tree.count(".") + 1 <= _FAMILY for tree in concept.trees if tree[0] == "D" and not tree.startswith("D27")
        )
        and not all(tree.startswith("D27") for tree in concept.trees)
    )


def _stands(
    index: NameIndex,
    text: str,
    found: Sequence[Token],
    start: int,
    end: int,
    concept: Concept,
    codes: list[tuple[int, int]],
) -> bool:
    """Whether the words around a name of a substance leave it that meaning."""
    left, right = found[start].start, found[end - 1].end
    if (left and text[left - 1].isalnum()) or (right < len(text) and text[right].isalnum()):
        return False
    name = text[left:right]
    is_short = len(name) < _SHORTEST_SUBSTANCE and not index.kept([found[start].word])
    if end - start == 1 and (is_short or not stands_alone(name, found[start].word, concept)):
        return False
    if any(first < right and last > left and not (left <= first and last <= right) for first, last in codes):
        return False
    if start and found[start - 1].word in DENIES_BEFORE:
        return False
    if end < len(found) and found[end].word in CARRIERS:
        return False
    return not _acted_on(text, found, end)


def _acted_on(text: str, found: Sequence[Token], end: int) -> bool:
    """Whether the phrase goes on to what acts on the substance: *renin angiotensin system blockers*."""
    for n in range(end, len(found)):
        if found[n].word in PREPOSITIONS or not set(text[found[n - 1].end : found[n].start]).isdisjoint(",;:"):
            return False
        if found[n].word in MAKES_OTHER:
            return True
    return False


_ORDINARY: Final = frozenset(SALTS | GENERIC_HEADS | MODIFIERS | ORDINARY)


def stands_alone(name: str, word: str, concept: Concept) -> bool:
    """Whether one word of a longer string means the substance of that name, and not the everyday word."""
    if word in _ORDINARY:
        return False
    return len(name) > _LONGEST_SHORT or not name.islower() or concept.label.casefold() == name


def misspelled(index: NameIndex, spelling: Spelling, text: str, found: Sequence[Token]) -> Found | None:
    """The one substance whose name a part of a string has with a slip of the pen."""
    if not DENIES.isdisjoint(token.word for token in found):
        return None
    words = [token.word for token in found]
    names: dict[str, Found] = {}
    for at, word in enumerate(words):
        if len(word) < _SHORTEST_MISSPELLED or not word.isalpha():
            continue
        for reading in spelling.readings(word):
            read = [*reading.split(), *words[at + 1 : at + _LONGEST_NAME]]
            for length, concept in index.runs(read, _is_given):
                end = at + length - reading.count(" ")
                if concept.is_drug and end > at and _stands(index, text, found, at, end, concept, []):
                    names.setdefault(concept.iri, Found(at, end, concept))
                    break
    return next(iter(names.values())) if len(names) == 1 else None


def misspelled_head(index: NameIndex, spelling: Spelling, found: Sequence[Token]) -> Found | None:
    """The one thing that is done whose name ends a phrase with a slip of the pen."""
    names: dict[str, Found] = {}
    for at, token in enumerate(found):
        if len(token.word) < _SHORTEST_MISSPELLED or not token.word.isalpha():
            continue
        for reading in spelling.readings(token.word):
            if " " not in reading:
                name = head_of(index, [*found[:at], token._replace(word=reading), *found[at + 1 :]])
                if name and name.start <= at < name.end:
                    names.setdefault(name.concept.iri, name)
    return next(iter(names.values())) if len(names) == 1 else None


def anywhere(index: NameIndex, found: Sequence[Token]) -> Found | None:
    """The longest name of something that is done, wherever it stands; the first of several."""
    if not _DENIES_DONE.isdisjoint(token.word for token in found):
        return None
    words = [token.word for token in found]
    best: Found | None = None
    for at in range(len(found)):
        if at and words[at - 1] in DENIES_BEFORE:
            continue
        for length, concept in index.runs(words[at : at + _LONGEST_NAME], _is_done_and_meant):
            if not _says_it_anywhere(concept) and not index.kept(words[at : at + length]):
                continue
            if best is None or length > best.end - best.start:
                best = Found(at, at + length, concept)
            break
    return best


def _says_it_anywhere(concept: Concept) -> bool:
    """Whether a concept is a treatment and nothing else, so that it may stand anywhere: no *will*, no *perception*."""
    return concept.kind == "descriptor" and all(tree.startswith(_TREATS) for tree in concept.trees)


def _is_done_and_meant(concept: Concept) -> bool:
    return is_done(concept) and may_be_meant(concept)


def head_of(index: NameIndex, found: Sequence[Token]) -> Found | None:
    """What the last words of a phrase name; None where they name nothing that is done."""
    if not _DENIES_DONE.isdisjoint(token.word for token in found):
        return None
    for start, end in _phrases(found):
        for last in _ends(found, start, end):
            words = [token.word for token in found[start:last]]
            for first in range(len(words)):
                before = found[start + first - 1].word if first else ""
                if before in DENIES_BEFORE or words[first] in _ARTICLES:
                    continue
                concept = _named(index, words[first:], in_order=bool(first) and len(words) - first < 3)
                if concept:
                    return Found(start + first, last, concept)
        if not _is_generic(found[start:end]) and not any(token.word in PARTICIPLES for token in found[start:end]):
            return None
    return None


def _named(index: NameIndex, words: Sequence[str], *, in_order: bool) -> Concept | None:
    concept = index.kept(words) or index.run(words, _is_done_and_meant)
    # Two words of a longer phrase the other way round mean something else: heart failure treatment.
    if not concept and not in_order and len(words) > 1:
        concept = index.any_order(words, _is_done_and_meant)
    return concept


def _phrases(found: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The pieces between prepositions."""
    start = 0
    without = next((n for n, token in enumerate(found) if token.word in _DENIES_ALL), len(found))
    for end in (*(n for n in range(without) if found[n].word in PREPOSITIONS), without):
        if start < end:
            yield start, end
            # "Nurse-led program": the program is what is done, but by itself it says nothing.
            led = next((n for n in range(start + 1, end) if found[n].word in PARTICIPLES), None)
            if led is not None:
                yield start, led
        start = end + 1


def _ends(found: Sequence[Token], start: int, end: int) -> Iterator[int]:
    """Where a phrase may end: where it does, and before each word there that only says that it is a thing."""
    yield end
    while end - 1 > start and (found[end - 1].word in _TAILS or found[end - 1].word.isdigit()):
        end -= 1
        yield end


def _is_generic(found: Sequence[Token]) -> bool:
    return all(
        token.word in _TAILS or token.word in MODIFIERS or token.word.isdigit() or len(token.word) == 1
        for token in found
    )
