"""From what a study has to the studies that share it, and to the words of their records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kg.namespaces import compress, study_iri
from kg.related.questions import (
    ACTIONS,
    CARDS,
    HAVE,
    HAVE_AMONG,
    HOLDERS,
    LINKS,
    NAMES,
    STUDIES,
    WITHIN,
    list_of,
    values_of,
)
from kg.related.reasons import BY, WEIGHTS, Evidence, Reason, Related, label, rarity

if TYPE_CHECKING:
    from kg.graph import Graph

__all__ = ["Search"]

_DRUG_KINDS: Final = ("agent", "form", "target", "class")
_READ_AT_ONCE: Final = 6_000
"""Most rows read to find candidates; what is too common for that is looked up for the best of them."""
_SCORED_IN_FULL: Final = 200
_TEXTS_SHOWN: Final = 3
_Key = tuple[str, str, str]
"""Kind, thing and action of something shared."""
_Claim = tuple[str, str, str]
"""Study, thing and action of what a record is said to have."""
_CONDITION_KINDS: Final = ("condition", "near condition")
_ONE_OF: Final = (_CONDITION_KINDS, ("sponsor",), ("number",), ("grant",))


class _Feature(NamedTuple):
    """Something of the study asked about: what is shared, by which of its drugs or conditions, by how many."""

    kind: str
    thing: str
    action: str
    name: str
    studies: int
    of: frozenset[str]

    @property
    def key(self) -> _Key:
        return self.kind, self.thing, self.action


class _Shared(NamedTuple):
    feature: _Feature
    points: float


class _Naming(NamedTuple):
    relation: str
    named_by: str
    evidence: Evidence


class Search:
    """One search.

    Args:
        graph: where the studies are.
        nct_id: the study asked about; it is in the graph.
        by: keys of :data:`kg.related.BY`.
    """

    def __init__(self, graph: Graph, nct_id: str, by: frozenset[str]) -> None:
        self.graph = graph
        self.nct_id = nct_id
        self.with_phase = "phase" in by
        kinds = {kind for name in by for kind in BY[name]}
        self.total = int(str(graph.query(STUDIES, prefixes=True).rows[0][0]))
        self.features = {feature.key: feature for feature in self._features() if feature.kind in kinds}
        self.held: dict[str, set[_Key]] = defaultdict(set)
        self.naming: dict[str, list[_Naming]] = defaultdict(list)
        if "reference" in by:
            self._read_naming()

    def best(self, limit: int) -> list[Related]:
        """The studies with the highest scores."""
        rare, common = self._by_commonness()
        self._read_holders(rare)
        found = {study: self._score(study) for study in {*self.held, *self.naming}}
        first = sorted(found, key=lambda study: (-_sum(found[study]), study))[: max(_SCORED_IN_FULL, 2 * limit)]
        if common and first:
            self._read_holders(common, first)
        titles, phases = self._cards([self.nct_id, *first])
        own_phases = phases.pop(self.nct_id, set())
        scored = {}
        for study in first:
            shared = self._score(study)
            if self.with_phase and (same := own_phases & phases.get(study, set())):
                points = WEIGHTS["phase"] * len(same) / len(own_phases | phases[study])
                names = " and ".join(sorted(phase.rpartition("/")[2] for phase in same))
                feature = _Feature("phase", min(same), "", names, self.total, frozenset())
                shared.append(_Shared(feature, round(points, 3)))
            scored[study] = sorted(shared, key=_strongest_first)
        order = sorted(scored, key=lambda study: (-_sum(scored[study]), study))[:limit]
        evidence = self._evidence([self.nct_id, *order])
        return [
            Related(
                study,
                titles.get(study, study),
                _sum(scored[study]),
                tuple(self._reason(one, study, evidence) for one in scored[study]),
            )
            for study in order
        ]

    # --- What the study has, and who else has it

    def _features(self) -> Iterator[_Feature]:
        of: dict[_Key, set[str]] = defaultdict(set)
        about: dict[_Key, tuple[str, int]] = {}
        for kind, own, thing, action, name, studies in self.graph.query("shared-features", nct=self.nct_id).rows:
            key = (str(kind), str(thing), str(action or ""))
            of[key].add(str(own))
            about[key] = (str(name or compress(str(thing))), int(str(studies)))
        for key, (name, studies) in about.items():
            if studies > 1 or key[0] == "form":
                yield _Feature(*key, name, studies, frozenset(of[key]))

    def _by_commonness(self) -> tuple[list[_Feature], list[_Feature]]:
        """What few studies have, to find candidates by, and the rest."""
        ordered = sorted(self.features.values(), key=lambda feature: (feature.studies, feature.key))
        rows = 0
        for place, feature in enumerate(ordered):
            rows += feature.studies
            if rows > _READ_AT_ONCE and place:
                return ordered[:place], ordered[place:]
        return ordered, []

    def _read_holders(self, features: Iterable[_Feature], among: Sequence[str] = ()) -> None:
        """Note which studies have a thing: all, or those of a list."""
        by_kind: dict[str, list[_Feature]] = defaultdict(list)
        for feature in features:
            # A broader substance is shared by who names it, a study's own one by who names a form of it.
            wider = feature.kind == "form" and feature.thing not in feature.of
            by_kind["agent" if wider else feature.kind].append(feature)
        for kind, asked in by_kind.items():
            things = [feature.thing for feature in asked]
            if among:
                values, bound = values_of(["study"], "text", [among])
                terms, more = list_of("thing", "iri", things)
                text = HAVE_AMONG.format(values=values, pattern=HOLDERS[kind], things=", ".join(terms))
                bound |= more
            elif kind == "target":
                actions = [feature.action for feature in asked]
                values, bound = values_of(["thing", "action"], "iri", [things, actions])
                text = HAVE.format(values=values, pattern=HOLDERS[kind])
            else:
                values, bound = values_of(["thing"], "iri", [things])
                text = HAVE.format(values=values, pattern=HOLDERS[kind])
            keys: dict[tuple[str, str], list[_Key]] = defaultdict(list)
            for feature in asked:
                keys[feature.thing, feature.action].append(feature.key)
            for study, thing, action in self.graph.query(text, prefixes=True, **bound).rows:
                if str(study) != self.nct_id:
                    self.held[str(study)].update(keys[str(thing), str(action or "")])

    def _read_naming(self) -> None:
        for study, relation, named_by, field, text in self.graph.query("referring-studies", nct=self.nct_id).rows:
            words = str(text).strip()
            evidence = Evidence(words, self.nct_id if str(named_by) == str(study) else str(study), str(field))
            self.naming[str(study)].append(_Naming(str(relation), str(named_by), evidence))

    def _cards(self, studies: Sequence[str]) -> tuple[dict[str, str], dict[str, set[str]]]:
        titles: dict[str, str] = {}
        phases: dict[str, set[str]] = defaultdict(set)
        for study, title, phase in self._ask(CARDS, "study", "text", studies):
            # The smallest, where a graph has several: the same answer whatever the order.
            titles[str(study)] = min(titles.get(str(study), str(title)), str(title))
            if phase is not None:
                phases[str(study)].add(str(phase))
        return titles, phases

    # --- Points

    def _score(self, study: str) -> list[_Shared]:
        held = [self.features[key] for key in self.held.get(study, ())]
        shared = self._drugs([feature for feature in held if feature.kind in _DRUG_KINDS])
        for kinds in _ONE_OF:
            group = [self._points(feature) for feature in held if feature.kind in kinds]
            if group:
                shared.append(min(group, key=_strongest_first))
        if named := self.naming.get(study):
            kind = "extension" if any(one.relation == "extension" for one in named) else "reference"
            feature = _Feature(kind, study_iri(study), "", study, 2, frozenset())
            shared.append(_Shared(feature, WEIGHTS[kind]))
        # Rounded here, so that what is shown adds up to the score that is shown.
        return [one._replace(points=round(one.points, 3)) for one in shared]

    def _points(self, feature: _Feature) -> _Shared:
        studies = max(1, min(feature.studies, self.total))
        return _Shared(feature, WEIGHTS[feature.kind] * rarity(studies, self.total))

    def _drugs(self, held: Sequence[_Feature]) -> list[_Shared]:
        """What the drugs share: each drug of the study counts once, by the strongest, and nothing counts twice.

        Each counts half of the one before: the drugs that everybody gives beside the one of interest are many.
        """
        shared: list[_Shared] = []
        done: set[str] = set()
        implied: set[_Key] = set()
        for kind in _DRUG_KINDS:
            for one in sorted(
                (self._points(feature) for feature in held if feature.kind == kind),
                key=_strongest_first,
            ):
                drugs = one.feature.of - done
                if drugs and one.feature.key not in implied:
                    shared.append(one)
                    done |= drugs
                    implied |= {key for key, feature in self.features.items() if feature.of & drugs}
        shared.sort(key=_strongest_first)
        return [one._replace(points=one.points / 2**place) for place, one in enumerate(shared)]

    # --- Why

    def _evidence(self, studies: Sequence[str]) -> dict[_Claim, list[tuple[str, Evidence]]]:
        """What in the records leads to the shared things, the surest first, with the kind of part it stands on."""
        rows = self._ask(LINKS, "study", "text", studies)
        ends = self._ends(sorted({str(row[6]) for row in rows}))
        names = {str(thing): str(name) for thing, name in self._ask(NAMES, "concept", "iri", sorted(ends))}
        found: dict[_Claim, list[tuple[str, Evidence]]] = defaultdict(list)
        for study, part, registered, matched, method, score, concept, version in rows:
            of = str(part).removeprefix(study_iri(str(study))).strip("/").partition("/")[0]
            one = Evidence(
                str(registered if of and registered is not None else matched),
                str(matched),
                str(method).rpartition("/")[2],
                1.0 if score is None else float(str(score)),
                str(concept),
                names.get(str(concept), str(concept)),
                str(version or ""),
            )
            for end, action in ends.get(str(concept), ()):
                found[str(study), end, action].append((of, one))
        for each in found.values():
            each.sort(key=_surest_first)
        return found

    def _ends(self, concepts: Sequence[str]) -> dict[str, set[tuple[str, str]]]:
        """Concept → those of the shared things that it is, is within, or acts on."""
        things = {(feature.thing, feature.action) for feature in self.features.values()}
        steps = [(concept, concept, "") for concept in concepts]
        steps += [(str(concept), str(end), "") for concept, end in self._ask(WITHIN, "concept", "iri", concepts)]
        steps += [
            (str(concept), str(end), str(action))
            for concept, end, action in self._ask(ACTIONS, "concept", "iri", concepts)
        ]
        ends: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for concept, end, action in steps:
            if (end, action) in things:
                ends[concept].add((end, action))
        return ends

    def _ask(self, text: str, name: str, kind: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        """The rows of a query about some studies or things."""
        if not values:
            return []
        block, bound = values_of([name], kind, [values])
        return self.graph.query(text.format(values=block), prefixes=True, **bound).rows

    def _reason(self, one: _Shared, study: str, evidence: Mapping[_Claim, Sequence[tuple[str, Evidence]]]) -> Reason:
        feature, kind = one.feature, one.feature.kind
        iris = (feature.thing, feature.action) if feature.action else (feature.thing,)
        says = label(kind, feature.name, feature.action)
        own: tuple[Evidence, ...] = ()
        other: tuple[Evidence, ...] = ()
        if kind in ("extension", "reference"):
            named = sorted(self.naming[study], key=lambda one: (one.relation != kind, one.named_by, one.evidence.text))
            own = tuple(one.evidence for one in named if one.named_by == self.nct_id)[:_TEXTS_SHOWN]
            other = tuple(one.evidence for one in named if one.named_by == study)[:_TEXTS_SHOWN]
        elif kind in _DRUG_KINDS + _CONDITION_KINDS:
            part = "condition" if kind in _CONDITION_KINDS else "intervention"
            exact = feature.thing if kind in ("agent", "condition") else ""
            own, other = (
                _first(evidence.get((whose, feature.thing, feature.action), ()), part, exact)
                for whose in (self.nct_id, study)
            )
        return Reason(kind, says, one.points, iris, own, other)


def _strongest_first(one: _Shared) -> tuple[float, _Key]:
    return -one.points, one.feature.key


def _sum(shared: Iterable[_Shared]) -> float:
    return round(sum(one.points for one in shared), 3)


def _surest_first(found: tuple[str, Evidence]) -> tuple[bool, bool, float, str, str, str]:
    part, one = found
    return not part, one.method == "registry", -one.score, one.text, one.matched_text, one.concept


def _first(found: Iterable[tuple[str, Evidence]], part: str, exact: str) -> tuple[Evidence, ...]:
    """The surest text of each concept, of conditions or interventions; the study itself speaks where they do not."""
    chosen: dict[str, Evidence] = {}
    for of, one in found:
        if of in (part, "") and exact in (one.concept, ""):
            chosen.setdefault(one.concept, one)
    return tuple(chosen.values())[:_TEXTS_SHOWN]
