"""Interventions, arms, and what each arm uses, with roles, drugs and all that the drugs are within."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

from kg.linking.interventions import PLACEBO
from kg.linking.linker import Linker, StudyLinks
from kg.linking.roles import ArmAgents, Use, roles
from kg.mapping.draft import LABEL, Draft, prop
from kg.mapping.links import add_links, classes_of, drugs_of, within
from kg.study import Arm, ArmsInterventions, Intervention
from kg.terms import RDF_TYPE, string

__all__ = ["add_arms"]

_MODULE: Final = "armsInterventionsModule."
_INTERVENTION = prop("tkg:intervention")
_INTERVENTION_CLASS = prop("tkg:Intervention")
_INTERVENTION_TYPE = prop("tkg:interventionType")
_ALT_LABEL = prop("skos:altLabel")
_DESCRIPTION = prop("dcterms:description")
_ARM = prop("tkg:arm")
_ARM_CLASS = prop("tkg:Arm")
_ARM_TYPE = prop("tkg:armType")
_USE = prop("tkg:use")
_USE_CLASS = prop("tkg:InterventionUse")
_ROLE = prop("tkg:role")
_DRUG = prop("tkg:drug")
_DRUG_CLASS = prop("tkg:drugClass")
_DRUG_WITHIN = prop("tkg:drugWithin")
_INTERVENTION_CONCEPT = prop("tkg:interventionConcept")


def add_arms(draft: Draft, module: ArmsInterventions, links: StudyLinks, linker: Linker) -> None:
    """Statements on the interventions and arms of a study, and the study's own drugs."""
    drugs = [
        drugs_of(found, entry.type) for found, entry in zip(links.interventions, module.interventions, strict=True)
    ]
    classes = [classes_of(found) for found in links.interventions]
    for number, entry in enumerate(module.interventions, 1):
        node = draft.part("intervention", number)
        draft.statements += ((draft.study, _INTERVENTION, node), (node, RDF_TYPE, _INTERVENTION_CLASS))
        draft.text(node, LABEL, entry.name)
        for other in dict.fromkeys(map(string, entry.other_names)):
            draft.add(node, _ALT_LABEL, other)
        draft.code(node, _INTERVENTION_TYPE, "intervention-type", entry.type, _MODULE + "interventions[].type")
        draft.text(node, _DESCRIPTION, entry.description)
        add_links(draft, node, links.interventions[number - 1])
        _add_drugs(draft, node, drugs[number - 1], classes[number - 1], None)
    used = _uses(draft, module)
    _add_arm_nodes(draft, module, used, drugs, classes, linker)
    _add_study_drugs(draft, module, links, drugs, classes, linker)


def _add_arm_nodes(
    draft: Draft,
    module: ArmsInterventions,
    used: Sequence[Sequence[int]],
    drugs: Sequence[tuple[str, ...]],
    classes: Sequence[tuple[str, ...]],
    linker: Linker,
) -> None:
    role_of = roles(
        [
            ArmAgents(arm.type, [_use(module.interventions[n], drugs[n], n) for n in uses])
            for arm, uses in zip(module.arm_groups, used, strict=True)
        ]
    )
    for number, (arm, uses) in enumerate(zip(module.arm_groups, used, strict=True), 1):
        node = draft.part("arm", number)
        draft.statements += ((draft.study, _ARM, node), (node, RDF_TYPE, _ARM_CLASS))
        draft.text(node, LABEL, arm.label)
        draft.code(node, _ARM_TYPE, "arm-type", arm.type, _MODULE + "armGroups[].type")
        draft.text(node, _DESCRIPTION, arm.description)
        for count, n in enumerate(uses, 1):
            use = f"{node[:-1]}/use/{count}>"
            draft.statements += (
                (node, _USE, use),
                (use, RDF_TYPE, _USE_CLASS),
                (use, _INTERVENTION, draft.part("intervention", n + 1)),
            )
            draft.code(use, _ROLE, "role", role_of[number - 1][count - 1])
        given = _union(drugs[n] for n in uses)
        named = _union(classes[n] for n in uses)
        _add_drugs(draft, node, given, named, linker)


def _add_study_drugs(
    draft: Draft,
    module: ArmsInterventions,
    links: StudyLinks,
    drugs: Sequence[tuple[str, ...]],
    classes: Sequence[tuple[str, ...]],
    linker: Linker,
) -> None:
    given = _union(drugs)
    # A term of the registry tells of a drug only where an intervention is left that it can account for.
    unexplained = not module.interventions or any(
        not found and drugs_of(links.registry_interventions, entry.type) and not PLACEBO.search(entry.name or "")
        for found, entry in zip(links.interventions, module.interventions, strict=True)
    )
    if unexplained:
        given = _union((given, drugs_of(links.registry_interventions, None)))
    named = _union(classes)
    _add_drugs(draft, draft.study, given, named, linker)
    concepts = dict.fromkeys(
        link.concept.iri for found in (*links.interventions, links.registry_interventions) for link in found
    )
    draft.each(draft.study, _INTERVENTION_CONCEPT, [f"<{iri}>" for iri in concepts])


def _add_drugs(
    draft: Draft, node: str, drugs: tuple[str, ...], classes: tuple[str, ...], linker: Linker | None
) -> None:
    """Statements on what a node gives and, where a linker is given, on all that this is within."""
    draft.statements += [(node, predicate, value) for predicate, value in _given(drugs, classes, linker)]


@lru_cache(maxsize=65_536)
def _given(drugs: tuple[str, ...], classes: tuple[str, ...], linker: Linker | None) -> tuple[tuple[str, str], ...]:
    """Predicates and values of :func:`_add_drugs`; arms of a study, and studies of a drug, give the same."""
    above = within((*drugs, *classes), linker) if linker else ()
    return (
        *[(_DRUG, f"<{iri}>") for iri in drugs],
        *[(_DRUG_CLASS, f"<{iri}>") for iri in classes],
        *[(_DRUG_WITHIN, term) for term in above],
    )


def _use(entry: Intervention, drugs: tuple[str, ...], number: int) -> Use:
    """What an intervention gives; where no drug is known, the intervention stands for itself."""
    return Use(frozenset(drugs or (str(number),)), _is_placebo(entry, drugs))


def _is_placebo(entry: Intervention, drugs: tuple[str, ...]) -> bool:
    return not drugs and any(PLACEBO.search(name) for name in (entry.name or "", *entry.other_names))


def _uses(draft: Draft, module: ArmsInterventions) -> list[list[int]]:
    """For each arm the numbers of its interventions, in the order of the arm's own list."""
    by_name: dict[str, int] = {}
    for n, entry in reversed(list(enumerate(module.interventions))):
        name = _folded(entry.name or "")
        by_name[name] = n
        by_name[f"{_folded((entry.type or '').replace('_', ' '))}: {name}"] = n
    used = []
    for arm in module.arm_groups:
        numbers = dict.fromkeys(_named(draft, arm, by_name))
        if not arm.intervention_names:
            numbers.update(
                dict.fromkeys(n for n, entry in enumerate(module.interventions) if arm.label in entry.arm_group_labels)
            )
        used.append(list(numbers))
    _reject_labels(draft, module, used)
    return used


def _reject_labels(draft: Draft, module: ArmsInterventions, used: Sequence[Sequence[int]]) -> None:
    """Note the arms that an intervention names and that are not listed, or do not use it by their own account."""
    of_label: dict[str, set[int]] = {}
    for arm, numbers in zip(module.arm_groups, used, strict=True):
        of_label.setdefault(_folded(arm.label or ""), set()).update(numbers)
    names = [_folded(entry.name or "") for entry in module.interventions]
    for entry, name in zip(module.interventions, names, strict=True):
        for label in entry.arm_group_labels:
            found = of_label.get(_folded(label))
            if found is None:
                note = f"intervention {entry.name!r} names an arm that is not listed: {label!r}"
            # Of several interventions with one name, an arm that names it says no more than that.
            elif name not in {names[n] for n in found}:
                note = f"intervention {entry.name!r} names arm {label!r}, which does not name it"
            else:
                continue
            draft.reject(_MODULE + "interventions[].armGroupLabels[]", note)


def _named(draft: Draft, arm: Arm, by_name: dict[str, int]) -> Iterable[int]:
    for name in arm.intervention_names:
        folded = _folded(name)
        number = by_name.get(folded)
        if number is None:
            number = by_name.get(folded.partition(": ")[2])
        if number is None:
            note = f"arm {arm.label!r} names an intervention that is not listed: {name!r}"
            draft.reject(_MODULE + "armGroups[].interventionNames[]", note)
        else:
            yield number


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _union(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(groups)))
