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

from kg.linking.index import Concept, NameIndex, Phrase, Side
from kg.linking.link import LONGEST_TEXT, Link, link_to
from kg.linking.normalize import Token, fold, tokens, words

__all__ = ["PLACEBO", "InterventionLinker"]

_NEUTRAL: Final = frozenset(
    """
    active administered administration alone and arm as at autologous bid biosimilar capsule cohort combination combined
    combo commercial continuous cream course cycle daily day dose doublet dosing drug during every expansion escalation
    finding fixed following for form formulation free frequent frequency from g gel given group h hd hdil high hour
    human hydrochloride i ii iii ih im in induction infusion inhalation inhaled inj injectable injection intradermal
    intralesional intraperitoneal intratumoral intravenous intravenously investigational iu iv kg l ld less level
    liquid low m maintenance mcg mg microgram min ml mm month monotherapy more mu nasal of ointment on once only
    optimization or oral orally part patch pd per pill plu po powder preparation prior product q qd qw qxw
    recombinant reduced regimen rh rhil sc schedule sequential single sodium solution spray standard subcutaneous
    subcutaneously subq sulfate suspension syrup systemic tablet target the then therapy tid times to topical treatment
    triplet twice u ultra until up vial vs w week weekly with year
    """.split()
)
"""Words (in normal form) that say how much, how and when, not what."""

_PROTEIN: Final = frozenset("il interleukin human recombinant hil hril rhil rh hu r il2 ii hrec natural".split())
_DENIES: Final = frozenset(
    "placebo sham resistant refractory without excluding except discontinue discontinued discontinuation withdrawal "
    "stop stopping naive".split()
)
_DENIES_BEFORE: Final = frozenset("anti non no not".split())
_DENIES_AFTER: Final = frozenset("gene cell receptor antagonist inhibitor loaded expressing secreting".split())
_ENGINEERED: Final = frozenset("transduced expressing secreting".split())
"""Cells that make a protein are not given it."""
_NO_DRUG_TYPES: Final = frozenset({"DEVICE", "DIAGNOSTIC_TEST", "BEHAVIORAL"})
PLACEBO: Final = re.compile(r"\b(?:placebos?|sham|dummy|vehicle)\b", re.IGNORECASE)
_PART: Final = re.compile(
    r"\s*(?:\bwith or without\b"
    r"|\+|/|;|,|:|&|\(|\)|\[|\]|\bplus\b|\band\b|\bor\b|\bwith\b|\bin combination\b|\bcombined\b|\bfollowed by\b"
    r"|\bversus\b|\bvs\.?(?=\s)|\bthen\b|\bcombination of\b)\s*",
    re.IGNORECASE,
)


# Marks that part what is given from what else is given; a bracket or a colon does not.
_GIVEN: Final = re.compile(r"\+|/|;|,|&|\bplus\b|\band\b|\bor\b|\bwith\b|\bversus\b|\bvs\b", re.IGNORECASE)
_UNIT: Final = r"(?i:%|[mµun]?c?g\b|[mµ]?l\b|i?u\b|units?\b|mm|days?\b|weeks?\b|hours?\b)"
_CODE_NAME: Final = re.compile(rf"\b[A-Z][A-Za-z]{{0,5}}[ -]?\d{{2,}}(?![\d.,]*\s*{_UNIT})")
_BRANCHES: Final = frozenset("DEF")
"""Chemicals and drugs, procedures, psychology: what a part of a string may name; other branches only as a whole."""


class InterventionLinker:
    """Links strings that name an intervention.

    Args:
        index: the names to look up.
    """

    def __init__(self, index: NameIndex) -> None:
        self._index = index

    def link(self, text: str, type_: str | None = None) -> tuple[Link, ...]:
        """The links of one string; empty where it names nothing known, or more than one thing.

        Args:
            text: the name as registered.
            type_: the registry's intervention type; a device or a test that names a drug does not give it.
        """
        if len(text) > LONGEST_TEXT:
            return ()
        names_drug = type_ not in _NO_DRUG_TYPES
        whole = self.as_a_whole(text)
        if whole and (names_drug or whole[0].concept.kind not in ("agent", "class")):
            return whole
        links, covered = self._phrases(text) if names_drug else ([], [])
        links += self._parts(text, covered, names_drug)
        return _once(links)

    def as_a_whole(self, text: str) -> tuple[Link, ...]:
        """The link of a string that is a name, or has the words of one."""
        if len(text) > LONGEST_TEXT:
            return ()
        concept = self._index.exact(text, Side.INTERVENTION)
        if concept:
            return (link_to(concept, text, "exact" if fold(concept.label) == fold(text) else "synonym"),)
        concept = self._index.same_words(words(text), Side.INTERVENTION)
        return (link_to(concept, text, "normalized"),) if concept else ()

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
        if start and found[start - 1].word in _DENIES_BEFORE:
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
            return all(word in _NEUTRAL or word in _PROTEIN or word.isdigit() for word in around)
        return _DENIES.isdisjoint(around)

    def _explained(self, class_iri: str, agents: set[str]) -> bool:
        within = self._index.agents.within
        return any(class_iri in within.get(agent, ()) for agent in agents)

    def _parts(self, text: str, covered: Sequence[tuple[int, int]], names_drug: bool) -> list[Link]:
        links = []
        for left, right in _parts_of(text):
            part = text[left:right]
            if any(start < right and end > left for start, end in covered):
                continue
            core = [token for token in tokens(part) if token.word not in _NEUTRAL and not token.word.isdigit()]
            shown = part if not core else part[core[0].start : core[-1].end]
            concept = self._index.exact(part, Side.INTERVENTION)
            # The letters of a code name ("BAY 94-8367") mean nothing without its number.
            if not concept and core and not _CODE_NAME.search(part):
                concept = self._index.exact(shown, Side.INTERVENTION) or self._index.same_words(
                    [token.word for token in core], Side.INTERVENTION
                )
            if not concept or (concept.kind in ("agent", "class") and not names_drug):
                continue
            if concept.is_drug and _in_placebo(text, left, right):
                continue
            if part != text and not self._in_branches(concept):
                continue
            links.append(link_to(concept, shown, "normalized" if part == text else "component"))
        return links

    def _in_branches(self, concept: Concept) -> bool:
        if concept.kind in ("agent", "class"):
            return True
        return not _BRANCHES.isdisjoint(self._index.mesh.categories(concept.iri.removeprefix(concept.vocabulary)))


def _parts_of(text: str) -> list[tuple[int, int]]:
    cuts = [match.span() for match in _PART.finditer(text)]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if start < end]


def _in_placebo(text: str, start: int, end: int) -> bool:
    """Whether what stands here is only what a placebo imitates: *placebo (nivolumab)*, *placebo for nivolumab*."""
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
