"""What abbreviations stand for in one record: its own long forms, its titles, and what its other strings name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from kg.linking.abbreviations import LongForms, is_abbreviation, spelled_by, spells
from kg.linking.index import Concept, NameIndex
from kg.linking.link import Link, link_to
from kg.linking.names import DISEASES, is_of
from kg.linking.normalize import words
from kg.linking.words import STAGES, STAGING
from kg.study import Study
from kg.vocabularies.scope import Side

__all__ = ["Context", "abbreviated"]

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9/-]*")
_TWO_CAPITALS: Final = re.compile(r"[A-Z][^ ]*[A-Z]")
"""Most strings have no word with two capitals, and finding that out is cheap."""
_NUMBERED: Final = re.compile(r"([A-Za-z]{2,})-?(\d{1,2}[A-Z]?)")
_LONGEST_NAME: Final = 6
_STAGES: Final = STAGES | STAGING
_LEAST_ALONE: Final = 4
_Links = tuple[Link, ...]


def abbreviated(text: str) -> list[str]:
    """The words of a string that look like abbreviations.

    >>> abbreviated("Refractory AML, adult")
    ['AML']
    """
    if not _TWO_CAPITALS.search(text):
        return []
    found = [word for word in _WORD.findall(text) if is_abbreviation(word)]
    return [word for word in found if len(found) == 1 == len(text.split()) or word.casefold() not in _STAGES]


class Context:
    """The abbreviations of one record.

    Args:
        study: the record.
        index: the names to look up.
        link: links a string that names a condition.
        as_a_whole: the same where nothing but the whole string counts.
    """

    def __init__(
        self, study: Study, index: NameIndex, link: Callable[[str], _Links], as_a_whole: Callable[[str], _Links]
    ) -> None:
        self._study = study
        self._index = index
        self._link = link
        self._as_a_whole = as_a_whole

    @cached_property
    def long_forms(self) -> Mapping[str, str]:
        """Short form → long form, where the record gives both."""
        return LongForms(_texts(self._study))

    def condition(self, text: str, known: _Links) -> _Links:
        """The links of a condition with its abbreviations spelled out.

        Args:
            text: the condition.
            known: its links as it is written, which stay where the record says nothing else, or nothing narrower.
        """
        spelled = {short: long for short in abbreviated(text) if (long := self._long_form(short))}
        if not spelled:
            return known
        found = self._link(_WORD.sub(lambda match: spelled.get(match[0], match[0]), text))
        links = tuple(link_to(link.concept, text, "abbreviation") for link in found)
        if not known:
            return links
        own, new = known[0].concept.iri, links[0].concept.iri if links else ""
        if new == own or new in self._index.within(own):
            return known
        # Words around an abbreviation have a meaning of their own; alone, it means what the record says.
        return links if is_abbreviation(text) or (new and own in self._index.within(new)) else known

    def _long_form(self, short: str) -> str:
        for one in (short, short.removesuffix("s")):
            long = self.long_forms.get(one)
            if long:
                return long
        numbered = _NUMBERED.fullmatch(short)
        if numbered and numbered[1] in self.long_forms:
            # "Spinocerebellar ataxia (SCA)" explains SCA3 as well.
            return f"{self.long_forms[numbered[1]]} {numbered[2]}"
        return self._from_titles(short) or self._from_others(short) or self._from_concepts(short)

    def _from_titles(self, short: str) -> str:
        return self._only(long for title in self._titles for long in spelled_by(short, title))

    def _from_others(self, short: str) -> str:
        return self._only(text for text in self._others if spells(short, text))

    def _only(self, texts: Iterator[str]) -> str:
        """The one text that names a condition; empty where several name several."""
        named = {links[0].concept.iri: text for text in texts if (links := self._as_a_whole(text))}
        return next(iter(named.values())) if len(named) == 1 else ""

    def _from_concepts(self, short: str) -> str:
        """The label of the one concept that has a name with these first letters, and that the record is about.

        That is one that the record names, else one that lies near what it names, else, of four letters and more, the
        only disease of that name.
        """
        spelled = [concept for concept in self._index.spelled(short) if is_of(concept, DISEASES)]
        named = [concept for concept in spelled if concept.iri in self._named]
        near = [concept for concept in spelled if self._is_near(concept)]
        alone = [concept for concept in spelled if concept.kind == "descriptor" and len(short) >= _LEAST_ALONE]
        found = next((some for some in (named, near, alone) if some), [])
        return found[0].label if len(found) == 1 else ""

    def _is_near(self, concept: Concept) -> bool:
        """Whether the record names what a concept is a kind of, whole fields of medicine aside."""
        return any(
            iri in self._named and (wider := self._index.by_iri(iri)) is not None and max(map(len, wider.trees)) > 3
            for iri in self._index.within(concept.iri)[1:]
        )

    @property
    def _titles(self) -> list[str]:
        identification = self._study.protocol_section.identification_module
        return [title for title in (identification.brief_title, identification.official_title) if title]

    @property
    def _others(self) -> list[str]:
        module = self._study.protocol_section.conditions_module
        return [text for text in (*module.conditions, *module.keywords) if not is_abbreviation(text)]

    @cached_property
    def _named(self) -> set[str]:
        """IRIs of the concepts that the record names in its titles, conditions and keywords."""
        found = {links[0].concept.iri for text in self._others if (links := self._as_a_whole(text))}
        for title in self._titles:
            found.update(concept.iri for concept in self._inside(words(title)))
        return found

    def _inside(self, found: Sequence[str]) -> Iterator[Concept]:
        for start in range(len(found)):
            for end in range(start + 1, min(start + _LONGEST_NAME, len(found)) + 1):
                concept = self._index.same_words(found[start:end], Side.CONDITION)
                if concept:
                    yield concept


def _texts(study: Study) -> Iterator[str]:
    protocol = study.protocol_section
    identification, description = protocol.identification_module, protocol.description_module
    fields = (
        identification.brief_title,
        identification.official_title,
        description.brief_summary,
        *protocol.conditions_module.conditions,
        *protocol.conditions_module.keywords,
        *(entry.name for entry in protocol.arms_interventions_module.interventions),
        *(arm.description for arm in protocol.arms_interventions_module.arm_groups),
        description.detailed_description,
        protocol.eligibility_module.eligibility_criteria,
    )
    return (field for field in fields if field)
