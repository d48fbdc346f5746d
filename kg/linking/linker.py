"""All links of one study: its conditions, interventions, keywords, and the terms that the registry gives."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from kg.errors import TermError
from kg.linking.abbreviations import abbreviations, is_abbreviation, spelled_by
from kg.linking.conditions import ConditionLinker
from kg.linking.index import Concept, NameIndex, Side, load_index
from kg.linking.interventions import InterventionLinker
from kg.linking.link import Link, link_to
from kg.linking.segment import asserted_terms, segment, segment_mesh
from kg.namespaces import mesh_iri
from kg.study import Intervention, Study
from kg.vocabularies.mesh import VOCABULARY as MESH
from kg.vocabularies.mesh import MeshRecord

__all__ = ["Linker", "StudyLinks", "load_linker"]

_Links = tuple[Link, ...]


class StudyLinks(NamedTuple):
    """The links of one study.

    Attributes:
        conditions: for each condition of the record, its links.
        interventions: for each intervention, its links.
        keywords: the keywords, parted where the page had lost the marks between them.
        keyword_links: links of keywords; they explain no condition or intervention.
        registry_conditions: terms of the registry that no single condition accounts for.
        registry_interventions: terms of the registry that no single intervention accounts for.
        notes: what could not be read, for the report.
    """

    conditions: list[_Links]
    interventions: list[_Links]
    keywords: list[str]
    keyword_links: list[Link]
    registry_conditions: list[Link]
    registry_interventions: list[Link]
    notes: list[str]


class Linker:
    """Links strings and studies to concepts; the same input always gives the same links.

    Args:
        index: the names to look up.
    """

    def __init__(self, index: NameIndex) -> None:
        self.index = index
        self._conditions = ConditionLinker(index)
        self._interventions = InterventionLinker(index)
        # Registered strings repeat across studies, and linking one is a pure function.
        self.condition = lru_cache(maxsize=50_000)(self._conditions.link)
        self.intervention = lru_cache(maxsize=50_000)(self._interventions.link)
        self._keyword = lru_cache(maxsize=50_000)(self._link_keyword)

    def within(self, iri: str) -> tuple[str, ...]:
        """Everything that a concept is within, itself first; only itself where it is not known."""
        found = self.index.agents.within.get(iri)
        if found is None:
            ui = iri.removeprefix(MESH)
            found = self.index.mesh.within(ui) if ui in self.index.mesh else (iri,)
        return found

    def study(self, study: Study) -> StudyLinks:
        """The links of one study."""
        protocol = study.protocol_section
        notes: list[str] = []
        conditions = [self.condition(text) for text in protocol.conditions_module.conditions]
        interventions = [self._intervention(entry) for entry in protocol.arms_interventions_module.interventions]
        self._spell_out(study, conditions, interventions)
        keywords = list(protocol.conditions_module.keywords)
        if study.page:
            for run in study.page.keyword_runs:
                keywords.extend(segment(run, self._is_name))
        for_conditions, for_interventions = self._registry_terms(study, notes)
        return StudyLinks(
            conditions,
            interventions,
            keywords,
            [link for keyword in keywords for link in self._keyword(keyword)],
            _attach(for_conditions, conditions),
            _attach(for_interventions, interventions),
            notes,
        )

    def _intervention(self, entry: Intervention) -> _Links:
        links = self.intervention(entry.name, entry.type) if entry.name else ()
        if not links:
            # Other names are the same thing again: they speak only where the name itself says nothing.
            links = tuple(
                {
                    link.concept.iri: link
                    for other in entry.other_names
                    for link in self.intervention(other, entry.type)
                }.values()
            )
        return links

    def _link_keyword(self, text: str) -> _Links:
        """A keyword links only as a whole: it has no context that would make a part of it meaningful."""
        return self._conditions.as_a_whole(text) or self._interventions.as_a_whole(text)

    def _is_name(self, text: str) -> bool:
        return bool(self.index.exact(text, Side.INTERVENTION) or self._conditions.as_a_whole(text))

    def _spell_out(self, study: Study, conditions: list[_Links], interventions: list[_Links]) -> None:
        """Link abbreviations that nothing knows by the long form that the record itself gives."""
        names = study.protocol_section.conditions_module.conditions
        unknown = [n for n, links in enumerate(conditions) if not links and any(map(is_abbreviation, names[n].split()))]
        entries = study.protocol_section.arms_interventions_module.interventions
        unclear = [n for n, links in enumerate(interventions) if not links and is_abbreviation(entries[n].name or "")]
        if not unknown and not unclear:
            return
        long_forms = abbreviations(_texts(study))
        for n in unknown:
            self._add_from_titles(study, filter(is_abbreviation, names[n].split()), long_forms)
            long = " ".join(long_forms.get(word, word) for word in names[n].split())
            if long != names[n]:
                conditions[n] = _as_abbreviation(self.condition(long), names[n])
        for n in unclear:
            name = entries[n].name or ""
            if name in long_forms:
                interventions[n] = _as_abbreviation(self.intervention(long_forms[name], entries[n].type), name)

    def _add_from_titles(self, study: Study, shorts: Iterable[str], long_forms: dict[str, str]) -> None:
        """Add the conditions of the titles that are spelled by abbreviations without a long form; only if it is one."""
        identification = study.protocol_section.identification_module
        for short in shorts:
            if short in long_forms:
                continue
            named = {
                links[0].concept.iri: long
                for title in (identification.brief_title, identification.official_title)
                for long in spelled_by(short, title or "")
                if (links := self._conditions.as_a_whole(long))
            }
            if len(named) == 1:
                long_forms[short] = next(iter(named.values()))

    def _registry_terms(self, study: Study, notes: list[str]) -> tuple[list[Link], list[Link]]:
        """The registry's own MeSH terms, as links for conditions and for interventions."""
        derived = study.derived_section
        sides = ([], []) if not study.page else self._page_terms(study.page.mesh_runs, notes)
        for side, module in zip(
            sides, (derived.condition_browse_module, derived.intervention_browse_module), strict=True
        ):
            for term in module.meshes:
                try:
                    iri = mesh_iri(term.id or "")
                except TermError as error:
                    notes.append(f"registry MeSH term {term.term!r}: {error}")
                    continue
                known = self.index.concepts.get(iri)
                if known is None:
                    notes.append(f"registry MeSH term {term.term!r}: {iri} is not in the installed MeSH")
                    known = Concept(
                        iri, term.term or "", "unknown", MESH, self.index.mesh.year, is_drug=False, sides=()
                    )
                side.append(self._registry_link(known, term.term or known.label))
        return sides

    def _page_terms(self, runs: Iterable[str], notes: list[str]) -> tuple[list[Link], list[Link]]:
        records: list[MeshRecord] = []
        for run in runs:
            found, unknown = segment_mesh(run, self.index.mesh)
            records.extend(found)
            notes.extend(f"registry MeSH term {text!r} is not in the installed MeSH" for text in unknown)
        conditions: list[Link] = []
        interventions: list[Link] = []
        for record in asserted_terms(list(dict.fromkeys(records)), self.index.mesh):
            side = conditions if self.index.mesh.categories(record.ui) & {"C", "F"} else interventions
            side.append(self._registry_link(self.index.concepts[record.iri], record.label))
        return conditions, interventions

    def _registry_link(self, concept: Concept, text: str) -> Link:
        agent = self.index.concepts.get(self.index.agent_of(concept.iri), concept)
        return link_to(agent, text, "registry")


def _attach(terms: list[Link], linked: list[_Links]) -> list[Link]:
    """Put each registry term beside the first string that means the same; give back the others.

    A term is never put on a string that does not account for it: one condition of a study is not evidence for
    the term that belongs to another.
    """
    left = []
    for term in terms:
        for n, links in enumerate(linked):
            if any(link.concept.iri == term.concept.iri for link in links):
                linked[n] = (*links, term)
                break
        else:
            left.append(term)
    return left


def _as_abbreviation(links: _Links, text: str) -> _Links:
    return tuple(link_to(link.concept, text, "abbreviation") for link in links)


def _texts(study: Study) -> Iterable[str]:
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
    )
    return (field for field in fields if field)


@lru_cache(maxsize=1)
def load_linker() -> Linker:
    """The linker over the vocabularies that ship with the package."""
    return Linker(load_index())
