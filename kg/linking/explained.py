"""What a record itself says an intervention is, for names that say nothing by themselves: codes, brands, short forms.

Only what equates the two counts: ``NAME (other name)``, ``other name (NAME)``, ``NAME, also known as other name``,
``NAME is a …``. That both stand in one sentence is no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from kg.linking.abbreviations import is_abbreviation
from kg.linking.forms import NEUTRAL, SAYS_NOTHING
from kg.linking.interventions import PLACEBO
from kg.linking.link import Link, link_to
from kg.linking.mentions import CODE_NAME, is_done
from kg.linking.normalize import tokens, words
from kg.study import Study

__all__ = ["Explanations", "equated", "kinds", "may_be_explained", "texts_on"]

_Links = tuple[Link, ...]

_LONGEST: Final = 60
_MOST_WORDS: Final = 6
_LONGEST_TEXT: Final = 5_000
_MOST_IN_NAME: Final = 5
_SHORTEST: Final = 3
_SUBSTANCES: Final = frozenset({"DRUG", "BIOLOGICAL", "DIETARY_SUPPLEMENT"})
_SHORT_FORMS: Final = (re.compile(r"[A-Za-z][A-Za-z0-9-]*"), re.compile(r"[A-Za-z][A-Za-z0-9]*"))
_ALSO: Final = re.compile(
    r"[,\s]*(?:\(?\s*(?:also (?:known|called|referred to) as|formerly(?: known as)?|previously known as|i\.?e\.?,|"
    r"known as|trade name(?: of)?|brand name(?: of)?|generic name|active (?:ingredient|substance)[:\s]+(?:is )?|"
    r"is (?:a|the) (?:brand|trade|generic|code) name (?:of|for)|international nonproprietary name|INN[:\s]))\s*",
    re.IGNORECASE,
)
_INSIDE: Final = re.compile(r"\W{0,2}[\[(]([^()\[\]]{3,80})[)\]]")
_WORD: Final = re.compile(r"[A-Za-z]{4}")
_LISTED: Final = re.compile(r"[;,]")
_CLOSED: Final = re.compile(r"\s*[)\],;]")
_IS: Final = re.compile(r"\s+(?:system|device)?\s*(?:is|are) an?\s+", re.IGNORECASE)
_CLAUSE: Final = re.compile(r"[.;,:()\[\]]")
_END: Final = re.compile(r"[.;,:()\[\]]|\b(?:that|which|who|for|designed|used|intended|to|with|and|developed|made)\b")


class Explanations:
    """Links interventions of one record by what the record says that they are.

    Args:
        study: the record.
        link: links a string of an intervention type.
        as_a_whole: the same where nothing but the whole string counts.
        long_forms: short form → long form, where the record gives both.
    """

    def __init__(
        self,
        study: Study,
        link: Callable[[str, str | None], _Links],
        as_a_whole: Callable[[str], _Links],
        long_forms: Mapping[str, str],
    ) -> None:
        self._study = study
        self._link = link
        self._as_a_whole = as_a_whole
        self._long_forms = long_forms

    def links(self, number: int) -> _Links:
        """The links of one intervention, its number from 0; empty where the record does not say what it is."""
        entry = self._study.protocol_section.arms_interventions_module.interventions[number]
        name = entry.name or ""
        found = self.spelled_out(number)
        if found:
            return found
        return tuple(link_to(link.concept, name, "abbreviation") for link in self._equated(number, name, entry.type))

    def spelled_out(self, number: int) -> _Links:
        """The links of one intervention with its abbreviations spelled out; empty where the record spells none out."""
        entry = self._study.protocol_section.arms_interventions_module.interventions[number]
        name = entry.name or ""
        for pattern in _SHORT_FORMS:
            spelled = pattern.sub(lambda match: self._spelled(match[0], entry.type), name)
            if spelled != name:
                return tuple(link_to(link.concept, name, "abbreviation") for link in self._link(spelled, entry.type))
        return ()

    def _spelled(self, word: str, type_: str | None) -> str:
        """The long form of an abbreviation where its end, which says what the thing is, means something."""
        if not is_abbreviation(word):
            return word
        long = self._long_forms.get(word) or self._long_forms.get(word.removesuffix("s"), "")
        links = self._link(long, type_) if long else ()
        return long if len(links) == 1 and long.endswith(links[0].text) else word

    def _equated(self, number: int, name: str, type_: str | None) -> _Links:
        core = [token for token in tokens(name) if token.word not in NEUTRAL]
        if not core or len(core) > _MOST_IN_NAME:
            return ()
        code = CODE_NAME.search(name)
        short = code[0] if code else name[core[0].start : core[-1].end]
        if len(short) < _SHORTEST:
            return ()
        gives = type_ in _SUBSTANCES
        folded = short.lower()
        for text in texts_on(self._study, number):
            if folded not in text.lower():
                continue
            for other in filter(_WORD.search, equated(short, text)):
                links = self._as_a_whole(other)
                if links and (links[0].concept.is_drug if gives else is_done(links[0].concept)):
                    return links
            if not gives:
                for phrase in kinds(short, text):
                    links = tuple(link for link in self._link(phrase, type_) if is_done(link.concept))
                    if links:
                        return links
        return ()


def may_be_explained(name: str) -> bool:
    """Whether a name that links to nothing may be said elsewhere: no placebo's, which other names imitate too.

    >>> may_be_explained("LCZ696"), may_be_explained("Placebo of LCZ696"), may_be_explained("Usual care")
    (True, False, False)
    """
    return not PLACEBO.search(name) and " ".join(words(name)) not in SAYS_NOTHING


def texts_on(study: Study, number: int) -> Iterator[str]:
    """The texts of a record that may explain one of its interventions, the nearest first.

    Args:
        study: the record.
        number: which intervention, from 0.
    """
    protocol = study.protocol_section
    module = protocol.arms_interventions_module
    identification, description = protocol.identification_module, protocol.description_module
    own = module.interventions[number]
    for text in (
        own.description,
        *own.other_names,
        identification.brief_title,
        identification.official_title,
        *(arm.description for arm in module.arm_groups),
        description.brief_summary,
        *(other.description for other in module.interventions if other is not own),
        description.detailed_description,
    ):
        if text:
            yield text[:_LONGEST_TEXT]


def equated(name: str, text: str) -> Iterator[str]:
    """What a text says is the same as a name, the surest first.

    >>> list(equated("LCZ696", "LCZ696 (sacubitril/valsartan) twice a day"))
    ['sacubitril/valsartan']
    >>> list(equated("AB-1", "treatment with oral mecasermin (AB-1) or"))[-1]
    'mecasermin'
    """
    for start, end in _places(name, text):
        before, after = text[:start], text[end : end + 4 * _LONGEST]
        inside = _INSIDE.match(after)
        if inside:
            yield from (part.strip() for part in _LISTED.split(inside[1]) if len(part.strip()) >= _SHORTEST)
        if before.rstrip()[-1:] in ("(", "[") and _CLOSED.match(after):
            yield from _last_words(before.rstrip(" (["))
        also = _ALSO.match(after)
        if also:
            yield from _first_words(after[also.end() : also.end() + _LONGEST])


def kinds(name: str, text: str) -> Iterator[str]:
    """What a text says that a name is: *NAME is a non-invasive ventilator that …*.

    >>> list(kinds("VentiX", "VentiX is a portable ventilator that helps"))
    ['portable ventilator']
    """
    for _, end in _places(name, text):
        says = _IS.match(text, end)
        if says:
            phrase = text[says.end() : says.end() + 2 * _LONGEST]
            stop = _END.search(phrase)
            phrase = (phrase[: stop.start()] if stop else phrase).strip()
            if phrase:
                yield phrase


def _places(name: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a name stands in a text as a word of its own, letter case aside."""
    name, text = name.lower(), text.lower()
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum():
            yield start, end
        start = text.find(name, end)


def _last_words(text: str) -> Iterator[str]:
    clause = _CLAUSE.split(text[-2 * _LONGEST :])[-1].split()
    for count in range(min(_MOST_WORDS, len(clause)), 0, -1):
        yield " ".join(clause[-count:])


def _first_words(text: str) -> Iterator[str]:
    clause = _CLAUSE.split(text)[0].split()
    for count in range(min(_MOST_WORDS, len(clause)), 0, -1):
        yield " ".join(clause[:count])
