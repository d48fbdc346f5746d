"""Strings that name what is studied → MeSH.

In order, and the first that succeeds decides: the string is a name; it has the words of a name; it has after
what only qualifies it (stage, severity, earlier treatment) is left out; it is histology *of* site, which MeSH
codes as two descriptors; it lists several conditions that share their last word; what stands in brackets is a
name; its end is a name, since English puts what a thing is last. A name that several concepts share links to none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kg.linking.index import Concept, NameIndex, Side
from kg.linking.link import LONGEST_TEXT, Link, link_to
from kg.linking.normalize import Token, bag, fold, tokens, words

__all__ = ["ConditionLinker"]

_QUALIFIERS: Final = frozenset(
    """
    advanced aggressive active adult asymptomatic castration clinical confirmed curable current dmmr
    diagnosed early elderly endocrine epithelial established extensive extranodal first fit frontline grade
    gene her her2 hr high histologically historical inoperable incurable inappropriate intermediate invasive
    late life limited line localized locally locoregional locoregionally low malignant mild moderate msi mss
    metastatic microsatellite mismatch mucosal multiple muscle mutant mutated mutation naive negative newly
    noncutaneous nonmetastatic nonsquamous node nodal oligometastatic operable patient persistent platinum
    positive post previous previously primary progressive proficient pt rearranged recent recurrent recurrence
    refractory relapse relapsed relapsing repair resectable resected residual resistant second secondary
    selected sensitive severe several solid stable stage subject suspected symptomatic threatening tmb treated
    treatment treatmentnaive treatmentrefractory unresectable unresected untreated untreatable uncontrolled
    unspecified very wild years old with without or at
    """.split()
)
"""Words (in normal form) that say which cases are meant, not which disease."""

_STAGE: Final = frozenset("i ii iii iv v vi ia ib ic iia iib iic iiia iiib iiic iva ivb ivc a b c d t n m".split())
_LEADING: Final = frozenset({"of", "the", "and", "or", "in", "a", "an", "with", "to"})
_LOOSE: Final = {
    "cancer": ("neoplasm", "carcinoma"),
    "malignancy": ("neoplasm",),
    "tumor": ("neoplasm",),
    "neoplasia": ("neoplasm",),
    "carcinoma": ("cancer", "neoplasm"),
    "adenocarcinoma": ("neoplasm",),
    "illness": ("disease", "disorder"),
    "disorder": ("disease",),
    "disease": ("disorder",),
}
"""MeSH says *neoplasms* where people say *cancer*; the last word decides what a name is a kind of."""

_ADJECTIVES: Final = {
    "breast": "breast", "gastric": "stomach", "renal": "kidney", "hepatic": "liver", "pulmonary": "lung",
    "pancrea": "pancreatic", "bladder": "urinary bladder", "cervical": "uterine cervical", "cervix": "uterine cervical",
    "colon": "colonic", "prostate": "prostatic", "rectum": "rectal", "ovary": "ovarian", "brain": "brain",
    "oesophageal": "esophageal", "womb": "uterine", "oral": "mouth", "throat": "pharyngeal",
}  # fmt: skip
"""Words for a site as people use them → as MeSH names its neoplasms."""

_ROMAN: Final = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_BRACKETS: Final = re.compile(r"\s*[\(\[]([^()\[\]]*)[\)\]]")
_OF: Final = re.compile(r"\s+of\s+(?:the\s+)?", re.IGNORECASE)
_CONJUNCTION: Final = re.compile(r"\s*(?:,|;|/|&|\+|\band\b|\bor\b)\s*", re.IGNORECASE)
_LEAST_DEPTH: Final = 3
"""Tree numbers shorter than this name whole fields of medicine (Neoplasms), which explain nothing."""
_SAYS_NOTHING: Final = frozenset({"D004194", "D013577", "D002908", "D000208", "D009026", "D003643", "D010361"})
"""Disease, Syndrome, Chronic Disease, Acute Disease, Mortality, Death, Patients: true of anything."""
_CIRCUMSTANCE: Final = frozenset(
    "after following due during with from undergoing among caused induced requiring receiving using treated".split()
)
_DENIALS: Final = frozenset(
    "non no not without free history risk prevention screening post pre anti fear excluding except".split()
)
_RISKS: Final = frozenset({"high", "low", "intermediate", "standard", "average"})
"""*High-risk melanoma* is a melanoma; *risk of melanoma* is none."""
_NEOPLASM_HEADS: Final = frozenset({"cancer", "neoplasm", "tumor", "carcinoma", "malignancy"})


class ConditionLinker:
    """Links strings that name a condition.

    Args:
        index: the names to look up.
    """

    def __init__(self, index: NameIndex) -> None:
        self._index = index

    def link(self, text: str) -> tuple[Link, ...]:
        """The links of one string; empty where it names nothing known, or more than one thing."""
        if len(text) > LONGEST_TEXT:
            return ()
        whole = self._whole(text)
        if whole:
            return (whole,)
        outside = " ".join(_BRACKETS.sub(" ", text).split())
        if outside and outside != text:
            link = self._whole(outside)
            if link:
                return (link_to(link.concept, link.text, "normalized"),)
        return (
            self._qualified(outside)
            or self._coordinated(outside)
            or self._listed(outside)
            or self._bracketed(text)
            or self._kind_of(outside)
        )

    def as_a_whole(self, text: str) -> tuple[Link, ...]:
        """The link of a string that names one thing, at most qualified: what a keyword may do without context."""
        if len(text) > LONGEST_TEXT:
            return ()
        whole = self._whole(text)
        return (whole,) if whole else self._qualified(text)

    def _whole(self, text: str) -> Link | None:
        concept = self._index.exact(text, Side.CONDITION)
        if concept:
            return link_to(concept, text, "exact" if fold(concept.label) == fold(text) else "synonym")
        concept = self._index.same_words(words(text), Side.CONDITION)
        return link_to(concept, text, "normalized") if concept else None

    def _words(self, words: Sequence[str]) -> Concept | None:
        """The concept that has these words, or these with *cancer* read as *neoplasm* and the like."""
        concept = self._index.same_words(words, Side.CONDITION)
        if concept or not words:
            return concept
        head = words[-1]
        for other in _LOOSE.get(head, ()):
            concept = self._index.same_words([*words[:-1], other], Side.CONDITION)
            if concept:
                return concept
        if any(word in _ROMAN for word in words):
            return self._index.same_words([_ROMAN.get(word, word) for word in words], Side.CONDITION)
        if head in _NEOPLASM_HEADS and len(words) == 2 and words[0] in _ADJECTIVES:
            return self._index.same_words([*_ADJECTIVES[words[0]].split(), "neoplasm"], Side.CONDITION)
        return None

    def _qualified(self, text: str) -> tuple[Link, ...]:
        found = tokens(text)
        for candidate in (found, _without_negated(found)):
            core = _without_qualifiers(candidate)
            concept = self._words([token.word for token in core])
            if concept:
                return (link_to(concept, _span(text, core), "normalized"),)
        return ()

    def _coordinated(self, text: str) -> tuple[Link, ...]:
        """Histology of site: *mucosal melanoma of the head and neck* is Melanoma, and Head and Neck Neoplasms."""
        parts = _OF.split(text, maxsplit=1)
        if len(parts) != 2:
            return ()
        histology = self._qualified(parts[0])
        site = _without_qualifiers(tokens(parts[1]))
        if not histology or not self._is_neoplasm(histology[0].concept):
            return ()
        place = self._words([*(token.word for token in site), "neoplasm"])
        if not place:
            return ()
        return (
            link_to(histology[0].concept, histology[0].text, "component"),
            link_to(place, _span(parts[1], site), "component"),
        )

    def _listed(self, text: str) -> tuple[Link, ...]:
        """Several conditions: *head and neck, oesophageal and cervical cancers* share their last word."""
        cuts = [match.span() for match in _CONJUNCTION.finditer(text)]
        if not cuts:
            return ()
        starts = [0, *(end for _, end in cuts)]
        ends = [*(start for start, _ in cuts), len(text)]
        last = tokens(text)[-1:]
        links: list[Link] = []
        first = 0
        while first < len(starts):
            for until in range(len(starts) - 1, first - 1, -1):
                link = self._member(text[starts[first] : ends[until]], last)
                if link:
                    links.append(link)
                    first = until + 1
                    break
            else:
                # A part that names nothing may only be left out when it merely qualifies.
                if _without_qualifiers(tokens(text[starts[first] : ends[first]])):
                    return ()
                first += 1
        return tuple(links)

    def _member(self, part: str, last: Sequence[Token]) -> Link | None:
        core = _without_qualifiers(tokens(part))
        words = [token.word for token in core]
        if not words:
            return None
        concept = self._words(words)
        if not concept and last and last[0].word in _NEOPLASM_HEADS:
            concept = self._words([*words, last[0].word])
        return link_to(concept, _span(part, core), "component") if concept else None

    def _bracketed(self, text: str) -> tuple[Link, ...]:
        links = [link for inner in _BRACKETS.findall(text) if (link := self._whole(inner.strip()))]
        return (link_to(links[0].concept, links[0].text, "abbreviation"),) if len(links) == 1 else ()

    def _kind_of(self, text: str) -> tuple[Link, ...]:
        """What the end of the string names: *clear cell renal cell carcinoma* is a renal cell carcinoma."""
        everything = tokens(text)
        if any(token.word in _DENIALS and not _is_graded_risk(everything, n) for n, token in enumerate(everything)):
            return ()
        # What follows "after" or "due to" is circumstance: *dysfunction after prostatectomy* is a dysfunction.
        circumstance = next((n for n, token in enumerate(everything) if token.word in _CIRCUMSTANCE), len(everything))
        found = _without_qualifiers(everything[:circumstance])
        for start in range(0 if circumstance < len(everything) else 1, len(found)):
            if found[start].word in _LEADING or (start and found[start - 1].word in _LEADING):
                return ()
            concept = self._words([token.word for token in found[start:]])
            if concept:
                if concept.iri.removeprefix(concept.vocabulary) in _SAYS_NOTHING or self._depth(concept) < _LEAST_DEPTH:
                    return ()
                # "Clear cell renal cell carcinoma": the first "cell" is no part of the name that matched.
                words = [token.word for token in found]
                while start + 1 < len(words) and bag(words[start + 1 :]) == bag(words[start:]):
                    start += 1
                return (link_to(concept, _span(text, found[start:]), "component"),)
        return ()

    def _depth(self, concept: Concept) -> int:
        trees = self._index.mesh.tree_numbers(concept.iri.removeprefix(concept.vocabulary))
        return max((tree.count(".") + 1 for tree in trees), default=0)

    def _is_neoplasm(self, concept: Concept) -> bool:
        ui = concept.iri.removeprefix(concept.vocabulary)
        return any(tree.startswith("C04") for tree in self._index.mesh.tree_numbers(ui))


def _without_qualifiers(found: Sequence[Token]) -> list[Token]:
    core = []
    in_stage = False
    for n, token in enumerate(found):
        if _is_graded_risk(found, n):
            continue
        if in_stage and (token.word in _STAGE or token.word.isdigit()):
            continue
        in_stage = token.word in ("stage", "grade") or (in_stage and token.word in ("or", "and", "to"))
        # "Hepatitis B negative" is about people who do not have it; "HER2-negative breast cancer" is a cancer.
        denied = token.word == "negative" and n == len(found) - 1
        if not in_stage and (denied or token.word not in _QUALIFIERS):
            core.append(token)
    while core and core[0].word in _LEADING:
        core.pop(0)
    while core and core[-1].word in _LEADING:
        core.pop()
    return core


def _is_graded_risk(found: Sequence[Token], n: int) -> bool:
    return found[n].word == "risk" and n > 0 and found[n - 1].word in _RISKS


def _without_negated(found: Sequence[Token]) -> list[Token]:
    """The tokens without *non* and the word it denies: *non-cutaneous* says where a tumor is not."""
    kept = []
    skip = False
    for token in found:
        if not skip and token.word != "non":
            kept.append(token)
        skip = token.word == "non"
    return kept


def _span(text: str, found: Sequence[Token]) -> str:
    return text[found[0].start : found[-1].end] if found else ""
