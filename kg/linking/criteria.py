"""What eligibility criteria name: agents and their classes, drug substances, diseases.

Names are mentions in running text. That a mention is denied, wished for or past is for the criterion to say: *no prior
anti-PD-1* among the inclusion criteria names the same class as *prior anti-PD-1* among the exclusion criteria.

Criteria are long and most of their words begin no name, so words are taken as bytes and looked up in what earlier
criteria have made known; the index is asked once for each beginning of a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import compress, count
from typing import Final

from kg.linking.index import NameIndex
from kg.linking.link import Link, link_to
from kg.linking.mentionable import TARGETS
from kg.linking.normalize import words

__all__ = ["CriterionLinker"]

_LONGEST_NAME: Final = 12
_MOST_KNOWN: Final = 500
"""So many words behind others are remembered; names begin with far fewer words than stand in texts."""

# Of bytes: translating text takes a hundred times as long where some of it is beyond ASCII.
_MARKS: Final = b"-()[]{}/,.;:+'\"*<>=?!&|_~#\\\n\t\r"
_PUNCTUATION: Final = bytes.maketrans(_MARKS, b" " * len(_MARKS))
_BEYOND_ASCII: Final = (
    "\u2265\u2264\u2013\u2014\u2011\u2018\u2019\u201c\u201d\u2022\u2122\u00ae\u00b0\u00b1\u00d7\u00a0\u00b7"
    "\uff08\uff09\uff0c\uff1a\uff1b\u3001"
)
"""Marks beyond ASCII that people write: signs of comparison, dashes, quotes, bullets, wide commas and brackets."""
_SYMBOLS: Final = {
    lead: tuple(mark for mark in marks if mark.startswith(lead))
    for marks in ([letter.encode() for letter in _BEYOND_ASCII],)
    for lead in (b"\xe2", b"\xc2", b"\xc3", b"\xef", b"\xe3")
}
"""The same in UTF-8, by their first bytes."""
_BREAK: Final = b"\0"
_BETWEEN: Final = " \0 "
_BETWEEN_BYTES: Final = b" \0 "
_APART: Final = re.compile(r"[;:()\[\]?!\n]|[.,](?=\s)")
"""Marks that no name of one thing reaches over."""
_FAR_APART: Final = re.compile(r"[;\n]|,(?=\s)")
"""The same for agents and their classes, whose names have marks in them: *anti-PD-(L)1*."""

_WORD: Final = re.compile(rb"[^ ]+")
_EDGES: Final = (b"", b" ")
_DENY_BEFORE: Final = frozenset({b"anti", b"non", b"pseudo", b"pre"})
_MEASURED_BEFORE: Final = frozenset(
    {b"serum", b"plasma", b"total", b"free", b"urinary", b"urine", b"blood", b"fasting", b"endogenous", b"salivary"}
)
_OTHER_BEHIND: Final = frozenset(
    b"""
    agonist agonists analog analogs analogue analogues antagonist antagonists antibodies antibody antigen antigens assay
    association blocker blockers center centre clearance clinic concentration concentrations consortium core deficiency
    dependence dependent educator foundation gene inhibitor inhibitors inventory level levels network prevention
    questionnaire ratio receptor receptors resistance resistant scale score scores scoring screen screening sensitivity
    serology society surface synthase test testing tests transporter vaccination vaccine vaccines volume
    """.split()
)
"""Behind a name these make something else of it: a test for it, a receptor, a society."""
_IS_GIVEN: Final = frozenset(
    b"""
    administration analog analogs analogue analogues infusion injection injections pump regimen replacement
    supplement supplementation supplements therapies therapy treatment treatments use users
    """.split()
)
_IS_GIVEN_BEFORE: Final = frozenset(
    b"""
    basal exogenous injecting on receive received receives receiving require requires requiring take takes taking uses
    using
    """.split()
)
_HORMONES: Final = frozenset(
    f"http://id.nlm.nih.gov/mesh/{ui}"
    for ui in "D004958 D005492 D005934 D007328 D011374 D013006 D013739 D013974 D061385".split()
)
"""What the body makes too: a mention only where the text says that it is given."""
_LIGAND: Final = "https://w3id.org/trialkg/agent/PDL1Inhibitor"
_EITHER: Final = "https://w3id.org/trialkg/agent/PD1PathwayInhibitor"
"""*PD-(L)1* has the words of PD-L1, and means either."""
_INHIBITS: Final = re.compile(
    rb"\b(?:anti|inhibitors?|inhibition|antibod(?:y|ies)|mabs?|blockade|blockers?|blocking|checkpoint|immunotherap(?:y|ies))\b"
)
_IS_MARKER: Final = re.compile(
    rb"\b(?:express\w*|positiv\w*|negativ\w*|status|tps|cps|tumou?r proportion|combined positive|ihc|immunohistochem\w*"
    rb"|staining|assay|amplification|test(?:ed|ing)?)\b"
)


class _Node(dict[bytes, "_Node | None"]):
    """Words that follow one another and begin a name, or are one; and the word behind them → where that leads.

    Args:
        index: where what follows is looked up, when it is first met.
        key: the words so far, in normal form.
    """

    __slots__ = ("_after", "_index", "concept", "goes_on", "is_drug", "is_of_ontology", "is_target", "key")

    def __init__(self, index: NameIndex, key: str) -> None:
        super().__init__()
        self._index = index
        self.key = key
        concept = self.concept = index.mention(key)
        self._after = index.after_mention(key) if key else None
        self.goes_on = bool(self._after)
        self.is_drug = concept is not None and concept.is_drug
        self.is_of_ontology = concept is not None and concept.kind in ("agent", "class")
        self.is_target = key in TARGETS

    def __missing__(self, word: bytes) -> _Node | None:
        if self.key and len(self) >= _MOST_KNOWN:
            self.clear()
        of_word = words(word.decode()) if word != _BREAK else []
        found = None
        if of_word and (self._after is None or of_word[0] in self._after):
            node = _Node(self._index, " ".join([self.key, *of_word]).strip())
            if node.concept or node.goes_on:
                found = node
        self[word] = found
        return found


class CriterionLinker:
    """Finds what criteria name.

    Args:
        index: the names to look up.
    """

    def __init__(self, index: NameIndex) -> None:
        self._index = index
        self._begins: dict[bytes, bool] = {}
        self._root = _Node(index, "")
        self._either = index.by_iri(_EITHER)

    def links(self, texts: Sequence[str]) -> list[tuple[Link, ...]]:
        """For each criterion what it names, each concept once, in the order of the text."""
        found: list[tuple[Link, ...]] = [()] * len(texts)
        whole = _BETWEEN.join(texts)
        if whole.count("\0") >= len(texts):
            whole = _BETWEEN.join([text.replace("\0", " ") for text in texts])
        if not self._begins:
            self._begins.update(dict.fromkeys(map(str.encode, self._index.beginnings.keys()), True))
            self._begins[_BREAK] = True
        root = self._root
        data = _even(whole)
        all_words = data.split()
        all_words.append(_BREAK)
        lines: list[bytes] = []
        links: dict[str, Link] = {}
        at = end = beginning = 0
        criterion: _Criterion | None = None
        for start in compress(count(), map(self._begins.get, all_words)):
            if start < end:
                continue
            if all_words[start] == _BREAK:
                if links:
                    found[at] = tuple(links.values())
                    links = {}
                at += 1
                beginning, criterion = start + 1, None
                continue
            first = root[all_words[start]]
            if first is None or (first.concept is None and first[all_words[start + 1]] is None):
                continue
            node, end = _longest(root, all_words, start, _LONGEST_NAME)
            if node is None:
                continue
            if criterion is None:
                lines = lines or data.split(_BETWEEN_BYTES)
                criterion = _Criterion(texts[at], lines[at])
            shown = criterion.shown(all_words[start:end], start - beginning)
            if end - start > 1:
                mark = (_FAR_APART if node.is_of_ontology else _APART).search(shown)
                if mark:
                    # "PD-1, PD-L1" are two names, and not the one that has their words.
                    node, end = _longest(root, all_words, start, len(_even(shown[: mark.start()]).split()))
                    if node is None:
                        continue
                    shown = criterion.shown(all_words[start:end], start - beginning)
            concept = node.concept
            if concept and concept.iri == _LIGAND and "(" in shown and self._either:
                concept = self._either
            # A name that does not stand is not read as a shorter one within it either.
            if (
                concept
                and concept.iri not in links
                and _stands(node, all_words, start, end)
                and (not node.is_target or criterion.speaks_of_inhibitors)
            ):
                links[concept.iri] = link_to(concept, shown, "component")
        return found


class _Criterion:
    """One criterion while names are found in it.

    What takes a look at all of it is done once: a hostile one may have a name ten thousand times.
    """

    def __init__(self, text: str, line: bytes) -> None:
        self._text = text
        self._line = line
        self._is_plain = True
        self._counted = (0, 0)

    @cached_property
    def speaks_of_inhibitors(self) -> bool:
        """Whether a target that it names stands for what inhibits it, and not for what a tumor has."""
        return _INHIBITS.search(self._line) is not None and not _IS_MARKER.search(self._line)

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return [match.span() for match in _WORD.finditer(self._line)]

    def shown(self, name: Sequence[bytes], number: int) -> str:
        """The words of a name as registered, the first of them the one of this number from 0."""
        line = self._line
        if self._is_plain:
            phrase = b" ".join(name)
            place = line.find(phrase)
            stop = place + len(phrase)
            if place >= 0 and line[place - 1 : place] in _EDGES and line[stop : stop + 1] in _EDGES:
                return self._cut(place, stop)
            self._is_plain = False
        return self._cut(self._spans[number][0], self._spans[number + len(name) - 1][1])

    def _cut(self, place: int, stop: int) -> str:
        if self._text.isascii():
            return self._text[place:stop]
        # Letters beyond ASCII are counted on from where the last name stood.
        at, letters = self._counted if place >= self._counted[0] else (0, 0)
        start = letters + len(self._line[at:place].decode())
        self._counted = (place, start)
        return self._text[start : start + len(self._line[place:stop].decode())]


def _longest(root: _Node, all_words: Sequence[bytes], start: int, most: int) -> tuple[_Node | None, int]:
    """The longest name that begins with a word, at most so many words long, and where it ends."""
    best: _Node | None = None
    place, end = start, start + 1
    node = root[all_words[start]]
    while node is not None:
        place += 1
        if node.concept:
            best, end = node, place
        if not node.goes_on or place - start >= most:
            break
        node = node[all_words[place]]
    return best, end


def _even(text: str) -> bytes:
    """Text in lower case with spaces for marks, in which every letter has its place."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join([lower if len(lower := letter.lower()) == 1 else letter for letter in text])
    data = lowered.encode(errors="replace")
    if len(data) != len(text):
        for lead, marks in _SYMBOLS.items():
            for mark in marks if lead in data else ():
                if mark in data:
                    data = data.replace(mark, b" ")
    return data.translate(_PUNCTUATION)


def _stands(node: _Node, all_words: Sequence[bytes], start: int, end: int) -> bool:
    """Whether the words around a name leave it that meaning."""
    before = all_words[start - 1] if start else b""
    behind = all_words[end]
    if before in _DENY_BEFORE or behind in _OTHER_BEHIND:
        return False
    if not node.is_drug or node.concept is None:
        return True
    if before in _MEASURED_BEFORE:
        return False
    return node.concept.iri not in _HORMONES or behind in _IS_GIVEN or before in _IS_GIVEN_BEFORE
