"""Strings that name what is studied → MeSH.

In order, and the first that succeeds decides: the string is a name; it has the words of one, or words that mean the
same; it has after what only qualifies it (stage, severity, whom) is left out; it is a name of something else than a
condition; it is histology *of* site, which MeSH codes as two descriptors; a word of it is misspelled; it lists several
conditions; what it says before *with*, *due to* and the like is a name, or a kind of what has one; what stands in
brackets is a name. A name that several concepts share links to none.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from kg.linking.abbreviations import is_abbreviation
from kg.linking.index import Concept, NameIndex
from kg.linking.kinds import ADJECTIVE, Kinds
from kg.linking.link import LONGEST_TEXT, Link, link_to
from kg.linking.names import DISEASES, Match, Names, core_of, is_of, span
from kg.linking.normalize import Token, fold, tokens, words
from kg.linking.spelling import Spelling
from kg.linking.units import Part, denies, parts
from kg.linking.words import ABOUT, DENIALS, NEGATIONS, TROUBLE
from kg.vocabularies.scope import Side

__all__ = ["ConditionLinker"]

_Links = tuple[Link, ...]
_BRACKETS: Final = re.compile(r"\s*[\(\[]([^()\[\]]*)[\)\]]")
_OF: Final = re.compile(r"\s+of\s+(?:the\s+)?", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"^\s*(?:[A-Za-z]|\d{1,2})[.)]\s+")
"""The mark of an item of a list: *B. Colorectal cancer*."""
_CONJUNCTION: Final = re.compile(r"\s*(?:[,;/&+，；]|\s[-\u2013\u2014]\s|\band/or\b|\band\b|\bor\b)\s*", re.IGNORECASE)
_MOST_UNKNOWN: Final = 2
"""With more unknown words a string is not misspelled but in another language."""
_SHORTEST_ALONE: Final = 9
"""A shorter word that stands alone may well be another word: *morality* is not mortality."""
_ORGANISMS: Final = ("B01.300", "B02", "B03", "B04")
"""Fungi, archaea, bacteria, viruses."""
_CANCERS: Final = (["cancer"], ["carcinoma"], ["tumor"], ["neoplasm"], ["malignancy"])
_NEOPLASMS: Final = ("C04",)
_PREFIXES: Final = frozenset({"pre", "post"})
"""*Pre- and postoperative*: no member of a list begins with what another ends in."""
_SHARED: Final = (*DISEASES, "E04")
"""Diseases and operations share words in lists: *liver and kidney transplantation*."""
_METASTASIS: Final = "metastasis"


class ConditionLinker:
    """Links strings that name a condition.

    Args:
        index: the names to look up.
    """

    def __init__(self, index: NameIndex) -> None:
        self._index = index
        self._names = Names(index)
        self._kinds = Kinds(self._names)
        self._spelling = Spelling(index.words)

    def link(self, text: str) -> _Links:
        """The links of one string; empty where it names nothing known, or more than one thing."""
        if len(text) > LONGEST_TEXT:
            return ()
        whole = self._whole(text)
        if whole:
            return (whole,)
        text = _NUMBERED.sub("", html.unescape(text) if "&" in text else text)
        outside = " ".join(_BRACKETS.sub(" ", text).split())
        named = self._named(outside)
        if named:
            return (self._detailed(named, text),)
        return (
            self._elsewhere(text)
            or self._coordinated(outside)
            or self._respelled(outside)
            or self._several(outside)
            or self._bracketed(text)
        )

    def as_a_whole(self, text: str) -> _Links:
        """The link of a string that names one thing, at most qualified: what a keyword may do without context."""
        if len(text) > LONGEST_TEXT:
            return ()
        link = self._whole(text) or self._named(text)
        return (link,) if link else ()

    # --- one name --------------------------------------------------------------------------------------------------

    def _whole(self, text: str) -> Link | None:
        concept = self._index.exact(text, Side.CONDITION)
        if concept:
            return link_to(concept, text, "exact" if fold(concept.label) == fold(text) else "synonym")
        concept = self._index.same_words(words(text), Side.CONDITION)
        return link_to(concept, text, "normalized") if concept else None

    def _named(self, text: str) -> Link | None:
        """The string has the words of a name, or has them without those that only say which cases are meant."""
        found = tokens(text)
        matched = self._names.match(found) or self._names.unfinished(text, found)
        return link_to(matched[0], span(text, matched[1]), "normalized") if matched else None

    def _detailed(self, named: Link, text: str) -> Link:
        """A name, or what stands in brackets beside it and is a kind of it."""
        for inner in _BRACKETS.findall(text):
            detail = self._names.match(tokens(inner))
            if detail and self._names.is_narrower(detail[0], named.concept):
                return link_to(detail[0], span(inner, detail[1]), "normalized")
        return named

    def _elsewhere(self, text: str) -> _Links:
        """What is studied may be anything: an organ, a drug; only the whole string says so.

        A virus or a bacterium is studied as what it does: *HIV* is an infection.
        """
        found = words(text)
        concept = (
            self._index.exact(text, Side.INTERVENTION)
            or self._index.run(found, _is_any)
            or self._index.any_order(found, _is_any)
        )
        if concept and is_of(concept, _ORGANISMS):
            by_label = self._names.lookup([*words(concept.label), "infection"])
            concept = self._names.lookup([*found, "infection"]) or by_label or concept
        return (link_to(concept, text, "normalized"),) if concept else ()

    def _bracketed(self, text: str) -> _Links:
        links = [link for inner in _BRACKETS.findall(text) if (link := self._whole(inner.strip()))]
        return (link_to(links[0].concept, links[0].text, "abbreviation"),) if len(links) == 1 else ()

    # --- slips of the pen ------------------------------------------------------------------------------------------

    def _respelled(self, text: str) -> _Links:
        """The string with words run together, and misspelled ones read as others; only where one reading links."""
        found = tokens(text)
        for one, other in pairwise(found):
            if one.word + other.word in self._index.words and text[one.end : other.start] in (" ", "-"):
                links = self._read(f"{text[: one.end]}{text[other.start :]}")
                if links:
                    return tuple(link_to(link.concept, text, "normalized") for link in links)
        unknown = [token for token in found if not self._spelling.is_known(token.word)]
        if len(found) == 1 and len(text) < _SHORTEST_ALONE:
            return ()
        if not 0 < len(unknown) <= _MOST_UNKNOWN:
            return ()
        readings = [text]
        for token in reversed(unknown):
            readings = [
                f"{reading[: token.start]}{other}{reading[token.end :]}"
                for reading in readings
                for other in self._spelling.readings(token.word) or (reading[token.start : token.end],)
            ]
        read = {tuple(link.concept for link in links) for one in readings if one != text and (links := self._read(one))}
        if len(read) != 1:
            return ()
        concepts = read.pop()
        # A list may say as much without its misspelled part.
        known = {link.concept for link in self._read(text)}
        return () if known >= set(concepts) else tuple(link_to(concept, text, "fuzzy") for concept in concepts)

    def _read(self, text: str) -> _Links:
        link = self._whole(text) or self._named(text)
        return (link,) if link else self._listed(text)

    # --- several names ---------------------------------------------------------------------------------------------

    def _coordinated(self, text: str) -> _Links:
        """Histology of site: *mucosal melanoma of the head and neck* is Melanoma, and Head and Neck Neoplasms."""
        sides = _OF.split(text, maxsplit=1)
        if len(sides) != 2:
            return self._spread(text)
        histology = self._names.match(tokens(sides[0]))
        site = core_of(tokens(sides[1]))
        if not histology or not site or not is_of(histology[0], _NEOPLASMS):
            return ()
        place = self._names.lookup([*(token.word for token in site), "neoplasm"])
        if not place:
            return ()
        at_place = link_to(place, span(sides[1], site), "component")
        # A carcinoma is no more than a cancer.
        if [token.word for token in histology[1]] in _CANCERS:
            return (at_place,)
        return (link_to(histology[0], span(sides[0], histology[1]), "component"), at_place)

    def _spread(self, text: str) -> _Links:
        """Metastases in a place are neoplasms of it, and metastases: *liver metastases*."""
        core = core_of(tokens(text))
        if len(core) < 2 or core[-1].word != _METASTASIS:
            return ()
        place = self._names.lookup([*(token.word for token in core[:-1]), "neoplasm"])
        spread = self._names.lookup(["neoplasm", _METASTASIS])
        if not place or not spread:
            return ()
        return tuple(link_to(concept, span(text, core), "component") for concept in (place, spread))

    def _several(self, text: str) -> _Links:
        """One condition with what belongs to it, or several side by side."""
        found = tokens(text)
        made = parts(found)
        if not made or denies(found[:1], NEGATIONS):
            return ()
        # A name may have joining words in it: "small for gestational age".
        for last in range(len(made), 0, -1) if len(made) > 1 else ():
            whole = [token for token in found if token.end <= made[last - 1].tokens[-1].end]
            main = self._names.match(whole) if any(token.word not in ABOUT for token in whole) else None
            if main:
                return self._joined(text, main, made[last:])
        return self._inverted(text) or self._listed(text) or self._each(text)

    def _each(self, text: str) -> _Links:
        links: dict[str, Link] = {}
        for start, end in _pieces(text):
            for link in self._main_and_joined(text[start:end]):
                links.setdefault(link.concept.iri, link)
        return tuple(links.values())

    def _main_and_joined(self, text: str) -> _Links:
        """A condition, or a kind of one, and what *with*, *due to* and the like join to it."""
        found = tokens(text)
        made = parts(found)
        if denies(found[:1], NEGATIONS):
            return ()
        while len(made) > 1 and not core_of(made[0].tokens) and not denies(made[0].tokens, DENIALS):
            made = [made[1]._replace(is_about=True), *made[2:]]
        for n, part in enumerate(made[:2]):
            if denies(part.tokens, DENIALS) or (n and not part.is_about):
                return ()
            main = self._kinds.of_part(text, part)
            if main:
                return self._joined(text, main, made[n + 1 :])
        return ()

    def _joined(self, text: str, main: Match, rest: Sequence[Part]) -> _Links:
        if rest:
            more = [token for part in rest for token in part.tokens]
            main = self._kinds.within([*main[1], *more], main) or main
        links = [link_to(main[0], span(text, main[1]), "component")]
        for part in rest:
            if part.is_studied and not denies(part.tokens, DENIALS):
                for link in self._studied_too(text, part):
                    if not self._names.is_near(link.concept, [known.concept for known in links]):
                        links.append(link)
        return tuple(links)

    def _studied_too(self, text: str, part: Part) -> Iterator[Link]:
        matched = self._names.match(part.tokens) or self._kinds.of_part(text, part)
        if matched and len(_pieces(span(text, part.tokens))) == 1:
            found: Sequence[Link] = [link_to(matched[0], span(text, matched[1]), "component")]
        else:
            found = self._listed(text[part.tokens[0].start : part.tokens[-1].end])
        return (link for link in found if is_of(link.concept, DISEASES))

    def _inverted(self, text: str) -> _Links:
        """Head and details as thesauri write them: *movement; abnormal, involuntary*."""
        head, mark, rest = text.partition(";")
        first, details = core_of(tokens(head)), core_of(tokens(rest))
        if not mark or not first or not details or ";" in rest:
            return ()
        if any(token.word in TROUBLE for token in details):
            details = [*details, Token("disease", details[-1].start, details[-1].end)]
        for count in range(len(details), 0, -1):
            for start in range(len(details) - count + 1):
                chosen = [*first, *details[start : start + count]]
                concept = self._names.lookup([token.word for token in chosen])
                if concept:
                    return (link_to(concept, text, "component"),)
        return ()

    def _listed(self, text: str) -> _Links:
        """Several conditions: *head and neck, oesophageal and cervical cancers* share their last word."""
        pieces = _pieces(text)
        if len(pieces) < 2:
            return ()
        heads = [tokens(text[start:end])[-1:] for start, end in pieces]
        front = tokens(text)[:1]
        links: dict[str, Link] = {}
        first = 0
        while first < len(pieces):
            for until in range(len(pieces) - 1, first - 1, -1):
                part = text[pieces[first][0] : pieces[until][1]]
                if until > first and ";" in part:
                    continue
                link = self._member(part, heads[until + 1 :], front if first else (), is_one=until == first)
                if link:
                    links.setdefault(link.concept.iri, link)
                    first = until + 1
                    break
            else:
                # What follows a name and names nothing may be left out: it qualifies or details what is named. So may
                # an abbreviation: "HFpEF - heart failure with preserved ejection fraction" says the same twice.
                part = text[slice(*pieces[first])]
                core = core_of(tokens(part))
                is_shared = len(core) == 1 and first + 1 < len(pieces) and core[0].word.endswith(ADJECTIVE)
                if not links and core and not is_abbreviation(part) and not is_shared:
                    return ()
                first += 1
        return tuple(links.values())

    def _member(
        self, part: str, heads: Sequence[Sequence[Token]], front: Sequence[Token], *, is_one: bool
    ) -> Link | None:
        found = tokens(part)
        core = core_of(found)
        if not core or core[-1].word in _PREFIXES:
            return None
        matched = self._names.match(found, may_be_short=False)
        of_words = [token.word for token in core]
        shared = [[*of_words, *(token.word for token in head)] for head in heads]
        shared += [[*(token.word for token in front), *of_words]] if front else []
        for start in range(len(core) if is_one else 1) if not matched else ():
            for of_all in shared:
                concept = self._names.lookup(of_all[start:])
                if concept and not matched and is_of(concept, _SHARED):
                    matched = concept, core
        if not matched and is_one and not denies(found, DENIALS):
            made = parts(found)
            matched = self._names.match(found) or (self._kinds.of_part(part, made[0]) if len(made) == 1 else None)
        return link_to(matched[0], span(part, matched[1]), "component") if matched else None


def _pieces(text: str) -> list[tuple[int, int]]:
    """Where the members of a list begin and end."""
    cuts = [match.span() for match in _CONJUNCTION.finditer(text)]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if start < end]


def _is_any(_: Concept) -> bool:
    return True
