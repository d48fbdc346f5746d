"""Strings that name what is given or done → agents, agent classes, MeSH.

Names of the drug ontology are found anywhere in a string, longest first, since registrants write doses, arms and
partners around them; a string that names agents and, beside them, only the class they belong to links to the
agents. What is left is looked up in MeSH part by part. A part that names a placebo names no drug, and a bare
protein name ("IL-2") counts only where nothing but doses and forms stands around it: "anti-IL-2" is something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kg.linking.forms import DENIES, DENIES_BEFORE, NEUTRAL, SAYS_NOTHING
from kg.linking.index import Concept, NameIndex, Phrase
from kg.linking.link import LONGEST_TEXT, Link, link_to
from kg.linking.mentions import (
    CODE_NAME,
    Found,
    anywhere,
    head_of,
    is_done,
    is_family,
    may_be_given,
    may_be_meant,
    misspelled,
    misspelled_head,
    stands_alone,
    substances,
)
from kg.linking.normalize import Token, fold, tokens, words
from kg.linking.spelling import Spelling
from kg.vocabularies.scope import Side

__all__ = ["PLACEBO", "InterventionLinker"]

_PROTEIN: Final = frozenset("il interleukin human recombinant hil hril rhil rh hu r il2 ii hrec natural".split())
_DENIES_AFTER: Final = frozenset("gene cell receptor antagonist inhibitor loaded expressing secreting".split())
_ENGINEERED: Final = frozenset("transduced expressing secreting".split())
"""Cells that make a protein are not given it."""
_DRUG_TYPES: Final = frozenset({None, "DRUG", "BIOLOGICAL", "DIETARY_SUPPLEMENT", "COMBINATION_PRODUCT", "OTHER"})
_SUBSTANCE_TYPES: Final = _DRUG_TYPES - {None, "OTHER"}
_NO_DRUG_TYPES: Final = frozenset({"DEVICE", "DIAGNOSTIC_TEST", "BEHAVIORAL"})
PLACEBO: Final = re.compile(r"\b(?:placebos?|sham|dummy|vehicle)\b", re.IGNORECASE)
_BETWEEN: Final = (
    r"\b(?:with or without|plus|and|or|with|in combination|combined|followed by|versus|then|combination of)\b"
    r"|\bvs\.?(?=\s)"
)
_PART: Final = re.compile(rf"[+/;,:&()\[\]]|{_BETWEEN}", re.IGNORECASE)
_STRONG: Final = re.compile(rf"[+;&()\[\]]|{_BETWEEN}", re.IGNORECASE)
"""Marks that no name of one product reaches over; a slash or a comma may be part of one."""


# Marks that part what is given from what else is given; a bracket or a colon does not.
_GIVEN: Final = re.compile(r"[+/;,&]|\b(?:plus|and|or|with|versus|vs)\b", re.IGNORECASE)
_PLANTS: Final = "B01.875"
_BRANCHES: Final = frozenset("DEF")
"""Chemicals and drugs, procedures, psychology: what a part of a string may name; other branches only as a whole."""


_ABBREVIATED: Final = re.compile(r"(?=(?:.*[A-Z0-9]){2})[A-Za-z0-9][A-Za-z0-9 -]{0,11}")
_WITH: Final = re.compile(r"\bwith\s*$", re.IGNORECASE)
_NOTHING_DONE: Final = (["no", "intervention"], ["no", "treatment"], ["no", "drug"])


class InterventionLinker:
    """Links strings that name an intervention.

    Args:
        index: the names to look up.
    """

    def __init__(self, index: NameIndex) -> None:
        self._index = index
        self._spelling = Spelling(index.words)

    def link(self, text: str, type_: str | None = None) -> tuple[Link, ...]:
        """The links of one string; empty where it names nothing known, or more than one thing.

        Args:
            text: the name as registered.
            type_: the registry's intervention type; a device or a test that names a drug does not give it.
        """
        if len(text) > LONGEST_TEXT:
            return ()
        names_drug = type_ not in _NO_DRUG_TYPES
        of_words = words(text)
        if " ".join(of_words) in SAYS_NOTHING or of_words[:2] in _NOTHING_DONE:
            return ()
        whole = self.as_a_whole(text)
        if whole and (names_drug or _fits(whole[0].concept, type_)):
            # SHAM is an acid in MeSH, and never in the registry.
            return () if whole[0].concept.is_drug and PLACEBO.search(text) else whole
        links, covered = self._phrases(text) if names_drug else ([], [])
        pieces = _cut(_PART, text)
        explained = False
        for left, right in _cut(_STRONG, text):
            if any(start < right and end > left for start, end in covered):
                explained = True
                continue
            in_brackets = left > 0 and text[:left].rstrip()[-1:] in ("(", "[")
            # What a name in front of it stands for is said twice by an abbreviation or a code in brackets.
            if in_brackets and explained and _ABBREVIATED.fullmatch(text[left:right].strip()):
                continue
            found = self._segment(text, left, right, type_, pieces)
            # "PCI with stenting": beside what is done, with what.
            if explained and type_ not in _DRUG_TYPES and _WITH.search(text[:left]):
                found = [link for link in found if link.concept.is_drug]
            explained = bool(found) or (explained and in_brackets)
            links += found
        links = _without_kinds(links)
        if len({link.concept.iri for link in links}) > 1:
            links = [
                link_to(link.concept, link.text, "component") if link.method == "normalized" else link for link in links
            ]
        return _once(links)

    def as_a_whole(self, text: str) -> tuple[Link, ...]:
        """The link of a string that is a name, or has the words of one."""
        if len(text) > LONGEST_TEXT:
            return ()
        of_words = words(text)
        exact = self._index.exact(text, Side.INTERVENTION)
        # Names kept by hand say what a string means first of all.
        concept = self._index.kept(of_words) or exact
        if concept:
            method = "exact" if fold(concept.label) == fold(text) else "synonym"
        else:
            concept = self._index.run(of_words, may_be_given) or self._index.same_words(of_words, Side.INTERVENTION)
            method = "normalized"
        return (link_to(concept, text, method),) if concept and may_be_meant(concept) else ()

    def _phrases(self, text: str) -> tuple[list[Link], list[tuple[int, int]]]:
        """Agents and classes named anywhere in the text, and where."""
        found = tokens(text)
        matches: list[tuple[int, int, Phrase]] = []
        position = 0
        while position < len(found):
            phrase = self._phrase_at(found, position)
            if phrase:
                matches.append((position, position + len(phrase.words), phrase))
                position += len(phrase.words)
            else:
                position += 1
        if not matches:
            return [], []
        covered = {place for start, end, _ in matches for place in range(start, end)}
        matches = [match for match in matches if self._stands(text, found, match, covered)]
        agents = {phrase.concept.iri for _, _, phrase in matches if phrase.concept.kind == "agent"}
        named = [
            (start, end, phrase)
            for start, end, phrase in matches
            if phrase.concept.kind == "agent" or not self._explained(phrase.concept.iri, agents)
        ]
        alone = len({phrase.concept.iri for _, _, phrase in named}) == 1
        links = [
            link_to(
                phrase.concept,
                text[found[start].start : found[end - 1].end],
                "normalized" if alone else "component",
            )
            for start, end, phrase in named
        ]
        return links, [(found[start].start, found[end - 1].end) for start, end, _ in matches]

    def _phrase_at(self, found: Sequence[Token], position: int) -> Phrase | None:
        for phrase in self._index.phrases.get(found[position].word, ()):
            length = len(phrase.words)
            if length <= len(found) - position and all(
                found[position + offset].word == word for offset, word in enumerate(phrase.words)
            ):
                return phrase
        return None

    def _stands(self, text: str, found: Sequence[Token], match: tuple[int, int, Phrase], covered: set[int]) -> bool:
        """Whether the words around a match leave it the meaning it has alone."""
        start, end, phrase = match
        if _in_placebo(text, found[start].start, found[end - 1].end):
            return False
        if start and found[start - 1].word in DENIES_BEFORE:
            return False
        if end < len(found) and found[end].word in _DENIES_AFTER:
            return False
        if not _ENGINEERED.isdisjoint(token.word for token in found):
            return False
        left, right = _around(_PART, text, found[start].start, found[end - 1].end)
        around = [
            token.word
            for place, token in enumerate(found)
            if place not in covered and token.start >= left and token.end <= right
        ]
        if all(word in _PROTEIN or word.isdigit() for word in phrase.words):
            # "r IL-2" is recombinant, "IL-2R" the receptor.
            if end < len(found) and found[end].word == "r":
                return False
            return all(word in NEUTRAL or word in _PROTEIN or word.isdigit() for word in around)
        return DENIES.isdisjoint(around)

    def _explained(self, class_iri: str, agents: set[str]) -> bool:
        within = self._index.agents.within
        return any(class_iri in within.get(agent, ()) for agent in agents)

    def _segment(
        self, text: str, left: int, right: int, type_: str | None, pieces: Sequence[tuple[int, int]]
    ) -> list[Link]:
        """What a part of a string names: as a whole, by the substances in it, by its last words."""
        if _in_placebo(text, left, right):
            return []
        given = type_ not in _NO_DRUG_TYPES
        link = self._core(text, left, right, type_)
        if link:
            return [link]
        found = [token for token in tokens(text) if token.start >= left and token.end <= right]
        drugs = substances(self._index, text, found) if given else []
        done = []
        if not drugs or type_ not in _DRUG_TYPES:
            for start, end in pieces:
                if start >= left and end <= right:
                    whole = self._core(text, start, end, type_) if (start, end) != (left, right) else None
                    if whole:
                        done.append(whole)
                        continue
                    head = head_of(self._index, [token for token in found if start <= token.start < end])
                    if head:
                        done.append(link_to(head.concept, _shown(text, found, head), "component"))
        if done and type_ not in _DRUG_TYPES:
            return done
        if not drugs and not done:
            slip = misspelled(self._index, self._spelling, text, found) if type_ in _DRUG_TYPES else None
            if slip:
                return [link_to(slip.concept, _shown(text, found, slip), "fuzzy")]
            if type_ in _SUBSTANCE_TYPES:
                return []
            name = anywhere(self._index, found)
            if name:
                return [link_to(name.concept, _shown(text, found, name), "component")]
            # One word that nothing knows is a brand rather than a slip.
            is_brand = type_ == "DEVICE" and len(tokens(text)) == 1
            slip = None if is_brand else misspelled_head(self._index, self._spelling, found)
            return [link_to(slip.concept, _shown(text, found, slip), "fuzzy")] if slip else []
        return [
            link_to(name.concept, _shown(text, found, name), "normalized" if len(drugs) == 1 else "component")
            for name in drugs
        ] or done

    def _core(self, text: str, left: int, right: int, type_: str | None) -> Link | None:
        """The link of a part that is a name but for doses and forms around it."""
        part, given = text[left:right], type_ not in _NO_DRUG_TYPES
        everything = tokens(part)
        core = [token for token in everything if token.word not in NEUTRAL and not token.word.isdigit()]
        of_words = [token.word for token in everything]
        concept, shown = self._index.kept(of_words) or self._index.exact(part, Side.INTERVENTION), part
        concept = concept or self._index.run(of_words, may_be_given)
        # The letters of a code name ("BAY 94-8367") mean nothing without its number.
        if not concept and core and not CODE_NAME.search(part):
            concept, shown = self._but_for_ends(part, everything)
            if not concept:
                shown = part[core[0].start : core[-1].end]
            concept = (
                concept
                or self._index.exact(shown, Side.INTERVENTION)
                or self._index.run([token.word for token in core], may_be_given)
                or self._index.same_words([token.word for token in core], Side.INTERVENTION)
            )
            if concept and len(core) == 1 and not stands_alone(shown, core[0].word, concept):
                return None
        if not concept or not may_be_meant(concept) or not (given or _fits(concept, type_)):
            return None
        whole = left == 0 and right == len(text)
        is_plant = type_ in _SUBSTANCE_TYPES and any(tree.startswith(_PLANTS) for tree in concept.trees)
        if not whole and ((not is_plant and not _in_branches(concept)) or is_family(concept)):
            return None
        return link_to(concept, shown, "normalized" if whole else "component")

    def _but_for_ends(self, part: str, found: Sequence[Token]) -> tuple[Concept | None, str]:
        """The longest name that has nothing but doses and forms before and behind it, and where it stands."""
        neutral = [token.word in NEUTRAL or token.word.isdigit() for token in found]
        # "Sodium" alone says nothing and sodium bicarbonate does, so words that say nothing may begin a name.
        for start in range(neutral.index(False) + 1):
            for length, concept in self._index.runs([token.word for token in found[start:]], may_be_given):
                if all(neutral[start + length :]) and not all(neutral[start : start + length]):
                    return concept, part[found[start].start : found[start + length - 1].end]
        return None, ""


def _fits(concept: Concept, type_: str | None) -> bool:
    """Whether a concept can be what a device, a test or a behaviour is: substances are tested for, or are materials."""
    if concept.kind in ("agent", "class"):
        return False
    return not concept.is_drug or type_ == "DIAGNOSTIC_TEST" or (type_ == "DEVICE" and concept.kind == "descriptor")


def _without_kinds(links: list[Link]) -> list[Link]:
    """Links without classes of substances where one substance is named too: *ACE inhibitor (ramipril)*."""
    if not any(link.concept.is_drug for link in links):
        return links
    return [link for link in links if link.concept.kind in ("agent", "class") or not _is_kind(link.concept)]


def _is_kind(concept: Concept) -> bool:
    return bool(concept.trees) and all(tree.startswith("D27") for tree in concept.trees)


def _shown(text: str, found: Sequence[Token], name: Found) -> str:
    return text[found[name.start].start : found[name.end - 1].end]


def _in_branches(concept: Concept) -> bool:
    return not concept.trees or any(tree[0] in _BRANCHES for tree in concept.trees) or is_done(concept)


def _cut(marks: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """The pieces of a text between marks."""
    cuts = [match.span() for match in marks.finditer(text)]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    pieces = []
    for start, end in zip(starts, ends, strict=True):
        piece = text[start:end]
        bare = piece.strip()
        if bare:
            first = start + piece.index(bare)
            pieces.append((first, first + len(bare)))
    return pieces


def _in_placebo(text: str, start: int, end: int) -> bool:
    """Whether what stands here is only what a placebo imitates: *placebo (nivolumab)*, *placebo for nivolumab*."""
    if not PLACEBO.search(text):
        return False
    left, right = _around(_GIVEN, text, start, end)
    return PLACEBO.search(text[left:right]) is not None


def _around(marks: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    """The part of a text that a place lies in, from the mark before it to the mark after it."""
    left, right = 0, len(text)
    for cut in marks.finditer(text):
        if cut.end() <= start:
            left = cut.end()
        elif cut.start() >= end:
            right = cut.start()
            break
    return left, right


def _once(links: list[Link]) -> tuple[Link, ...]:
    """Each concept once, by its best evidence, in the order of the text."""
    best: dict[str, Link] = {}
    for link in links:
        known = best.get(link.concept.iri)
        if known is None or link.score > known.score:
            best[link.concept.iri] = link
    return tuple(best.values())
