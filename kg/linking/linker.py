"""All links of one study: its conditions, interventions, keywords, and the terms that the registry gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from kg.errors import TermError
from kg.linking.abbreviations import is_abbreviation
from kg.linking.conditions import ConditionLinker
from kg.linking.context import Context, abbreviated
from kg.linking.corrections import Corrections, load_corrections
from kg.linking.criteria import CriterionLinker
from kg.linking.explained import Explanations, may_be_explained
from kg.linking.index import Concept, NameIndex
from kg.linking.index_files import load_index
from kg.linking.interventions import PLACEBO, InterventionLinker
from kg.linking.link import Link, link_to
from kg.linking.segment import asserted_terms, segment, segment_mesh
from kg.namespaces import mesh_iri
from kg.study import Intervention, Study
from kg.terms import clean
from kg.vocabularies.installed import Vocabulary
from kg.vocabularies.mesh import VOCABULARY as MESH
from kg.vocabularies.scope import Side

__all__ = ["Linker", "StudyLinks", "load_linker"]

_Links = tuple[Link, ...]
_TERMS: Final = ("derivedSection.conditionBrowseModule.meshes[]", "derivedSection.interventionBrowseModule.meshes[]")


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
        rejected: the fields of registered terms that the notes are about, one entry for each value.
    """

    conditions: list[_Links]
    interventions: list[_Links]
    keywords: list[str]
    keyword_links: list[Link]
    registry_conditions: list[Link]
    registry_interventions: list[Link]
    notes: list[str]
    rejected: Sequence[str]


class Linker:
    """Links strings and studies to concepts; the same input always gives the same links.

    Args:
        index: the names to look up.
        corrections: what a person decided; it goes before everything that is found.
    """

    def __init__(self, index: NameIndex, corrections: Corrections | None = None) -> None:
        self.index = index
        self._conditions = ConditionLinker(index)
        self._interventions = InterventionLinker(index)
        self._corrections = corrections
        # Registered strings repeat across studies, and linking one is a pure function.
        self.condition = lru_cache(maxsize=50_000)(self._corrected(Side.CONDITION, self._conditions.link))
        self.intervention = lru_cache(maxsize=50_000)(self._corrected(Side.INTERVENTION, self._interventions.link))
        self._as_a_whole = lru_cache(maxsize=50_000)(self._conditions.as_a_whole)
        self._whole_condition = self._corrected(Side.CONDITION, self._as_a_whole)
        self._whole_intervention = lru_cache(maxsize=50_000)(
            self._corrected(Side.INTERVENTION, self._interventions.as_a_whole)
        )
        self._keyword = lru_cache(maxsize=50_000)(self._link_keyword)
        self._registry_term = lru_cache(maxsize=50_000)(self._read_registry_term)
        self._criteria = CriterionLinker(index)
        self._mesh_year = next((used.version for used in index.vocabularies if used.iri == MESH), "")

    def within(self, iri: str) -> tuple[str, ...]:
        """Everything that a concept is within, itself first; only itself where it is not known."""
        return self.index.within(iri)

    def criteria(self, texts: Sequence[str]) -> list[_Links]:
        """For each eligibility criterion the links of what it names."""
        return self._criteria.links(texts)

    def study(self, study: Study) -> StudyLinks:
        """The links of one study."""
        protocol = study.protocol_section
        notes: list[str] = []
        rejected: list[str] = []
        conditions = [self.condition(text) for text in protocol.conditions_module.conditions]
        interventions = [self._intervention(entry) for entry in protocol.arms_interventions_module.interventions]
        self._spell_out(study, conditions, interventions)
        keywords = list(protocol.conditions_module.keywords)
        if study.page:
            for run in study.page.keyword_runs:
                keywords.extend(segment(run, self._is_name))
        if self._corrections:
            notes.extend(self._corrections.settle(study, conditions, interventions))
        for_conditions, for_interventions = self._registry_terms(study, notes, rejected)
        on_study = (
            [link for keyword in keywords for link in self._keyword(keyword)],
            _attach(for_conditions, conditions),
            _attach(for_interventions, interventions),
        )
        if self._corrections:
            for links in on_study:
                links[:] = self._corrections.of_study(study, links)
        return StudyLinks(conditions, interventions, keywords, *on_study, notes, rejected)

    def _corrected(self, side: Side, link: Callable[..., _Links]) -> Callable[..., _Links]:
        corrections = self._corrections
        if not corrections:
            return link
        return lambda text, *rest: corrections.of_string(side, text, link(text, *rest))

    def _intervention(self, entry: Intervention) -> _Links:
        links = self.intervention(entry.name, entry.type) if entry.name else ()
        if not links:
            # Other names are the same thing again: they speak only where the name itself says nothing.
            links = self._by_other_names(entry)
        return links

    def _by_other_names(self, entry: Intervention) -> _Links:
        """What the first of the other names says that is a name as a whole, or else the first that says anything."""
        if PLACEBO.search(entry.name or ""):
            return ()
        found = [links for other in entry.other_names if (links := self.intervention(other, entry.type))]
        return next((links for links in found if links[0].method != "component"), found[0] if found else ())

    def _link_keyword(self, text: str) -> _Links:
        """A keyword links only as a whole: it has no context that would make a part of it meaningful."""
        return self._whole_condition(text) or self._whole_intervention(text)

    def _is_name(self, text: str) -> bool:
        return bool(self.index.exact(text, Side.INTERVENTION) or self._as_a_whole(text))

    def _spell_out(self, study: Study, conditions: list[_Links], interventions: list[_Links]) -> None:
        """Link abbreviations by what the record itself says they stand for, which goes before any other meaning."""
        names = study.protocol_section.conditions_module.conditions
        unclear = [n for n, links in enumerate(conditions) if _is_unclear(names[n], links)]
        entries = study.protocol_section.arms_interventions_module.interventions
        unknown = [
            n
            for n, links in enumerate(interventions)
            if is_abbreviation(entries[n].name or "") or (not links and may_be_explained(entries[n].name or ""))
        ]
        if not unclear and not unknown:
            return
        context = Context(study, self.index, self.condition, self._as_a_whole)
        for n in unclear:
            conditions[n] = context.condition(names[n], conditions[n])
        if unknown:
            explanations = Explanations(study, self.intervention, self._whole_intervention, context.long_forms)
            for n in unknown:
                found = explanations.spelled_out(n) if interventions[n] else explanations.links(n)
                interventions[n] = found or interventions[n]

    def _registry_terms(self, study: Study, notes: list[str], rejected: list[str]) -> tuple[list[Link], list[Link]]:
        """The registry's own MeSH terms, as links for conditions and for interventions."""
        derived = study.derived_section
        sides = ([], []) if not study.page else self._page_terms(study.page.mesh_runs, notes)
        for side, module, field in zip(
            sides, (derived.condition_browse_module, derived.intervention_browse_module), _TERMS, strict=True
        ):
            names = [term.term for term in module.meshes if term.term and not term.id]
            found, unknown = self._terms_by_name(names)
            side.extend(found)
            notes.extend(f"registry MeSH term {name!r} is not in the installed MeSH" for name in unknown)
            rejected.extend(f"{field}.term" for _ in unknown)
            for term in module.meshes:
                if term.term and not term.id:
                    continue
                link, note = self._registry_term(term.id or "", term.term or "")
                if link:
                    side.append(link)
                else:
                    rejected.extend(f"{field}.{name}" for name in ("id", "term") if getattr(term, name) is not None)
                if note:
                    notes.append(note)
        return sides

    def _read_registry_term(self, ui: str, label: str) -> tuple[Link | None, str]:
        """The link of a term that the registry gives, and what is wrong with it."""
        try:
            iri = mesh_iri(ui)
        except TermError as error:
            return None, f"registry MeSH term {label or None!r}: {error}"
        text = clean(label)
        known = self.index.by_iri(iri)
        if known:
            return self._registry_link(known, text or known.label), ""
        unknown = Concept(iri, text, "unknown", MESH, self._mesh_year, is_drug=False, sides=())
        return (
            self._registry_link(unknown, text or ui),
            f"registry MeSH term {label or None!r}: {iri} is not in the installed MeSH",
        )

    def _page_terms(self, runs: Iterable[str], notes: list[str]) -> tuple[list[Link], list[Link]]:
        records: list[Concept] = []
        for run in runs:
            found, unknown = segment_mesh(run, self.index)
            records.extend(found)
            notes.extend(f"registry MeSH term {text!r} is not in the installed MeSH" for text in unknown)
        conditions: list[Link] = []
        interventions: list[Link] = []
        for record in asserted_terms(list(dict.fromkeys(records)), self.index):
            side = conditions if any(tree[0] in "CF" for tree in record.trees) else interventions
            side.append(self._registry_link(record, record.label))
        return conditions, interventions

    def _terms_by_name(self, names: list[str]) -> tuple[list[Link], list[str]]:
        """The links of terms without ids, as in legacy XML, where inherited ones stand too; and unknown terms."""
        found = {name: self.index.by_label(name, MESH) for name in names}
        asserted = asserted_terms([record for record in dict.fromkeys(found.values()) if record], self.index)
        unknown = [name for name in names if found[name] is None]
        return [self._registry_link(record, record.label) for record in asserted], unknown

    def _registry_link(self, concept: Concept, text: str) -> Link:
        agent = self.index.by_iri(self.index.agent_of(concept.iri)) or concept
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


def _is_unclear(text: str, links: _Links) -> bool:
    """Whether a condition has abbreviations that the record may explain better than the names that are known."""
    if is_abbreviation(text):
        return True
    return (not links or links[0].method == "component") and bool(abbreviated(text))


@lru_cache(maxsize=2)
def load_linker(vocabularies: tuple[Vocabulary, ...] = ()) -> Linker:
    """The linker over some vocabularies; over those that ship with the package when none is given."""
    index = load_index(vocabularies)
    return Linker(index, load_corrections(vocabularies, index))
