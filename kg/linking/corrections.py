"""Corrections: what a person says that strings mean, in an SSSOM table that the linker obeys.

A row counts when its justification is ``semapv:ManualMappingCuration``, whoever wrote the other cells, so that an
exported table can be edited in place. It is about one condition or intervention of one study where its subject is
that node, and about a string wherever it is registered where it has a label alone. Its object is what the string
means; ``sssom:NoTermFound`` says that it means nothing, and the modifier ``Not`` that it does not mean the object.

A person who says what a string means has said all of it: a link that the linker makes beside it stays only where the
table has it too, in a row that does not count. See docs/corrections.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from kg.errors import VocabularyError
from kg.linking.index import Concept, NameIndex
from kg.linking.link import Link, link_to
from kg.linking.mappings import CANDIDATE, CATEGORIES
from kg.linking.normalize import fold
from kg.linking.sssom import NO_TERM, NOT, Row
from kg.linking.sssom_table import Table
from kg.namespaces import BASE, PREFIXES, expand
from kg.study import Study
from kg.vocabularies.installed import CORRECTIONS, Vocabulary, describe
from kg.vocabularies.readers.files import open_stream
from kg.vocabularies.scope import Side

__all__ = ["FILE", "Correction", "Corrections", "Known", "install_corrections", "load_corrections", "read_corrections"]

FILE: Final = "corrections.sssom.tsv"
"""Where the corrections of a store are, in their folder."""

Known = Callable[[str], Concept | None]
"""The concept that an IRI stands for, or None where no vocabulary has it."""

_Links = tuple[Link, ...]
_Key = TypeVar("_Key")
_MANUAL: Final = expand("semapv:ManualMappingCuration")
_OF_REGISTRY: Final = expand("semapv:UnspecifiedMatching")
_PREDICATES: Final = frozenset(
    (CANDIDATE, *(PREFIXES["skos"] + f"{name}Match" for name in ("exact", "close", "broad", "narrow", "related")))
)
_NODE: Final = re.compile(
    re.escape(PREFIXES["trial"]) + r"(NCT[0-9]{8})(?:/(condition|intervention)/([1-9][0-9]{0,5}))?"
)
_TITLE: Final = "corrections of links"
_WHAT: Final = "expected tkg:Condition or tkg:Intervention, or nothing for both"
_BOTH: Final = tuple(Side)


class Correction(NamedTuple):
    """What a person said of a string or a node.

    Attributes:
        means: the concepts that it means; with any, automatic links to others than ``kept`` go.
        kept: IRIs of the concepts that the table has beside them, in rows that no person marked.
        forbidden: IRIs of the concepts that it does not mean.
        nothing: whether it means nothing that a vocabulary has.
        label: the registered string of a node; empty where the correction holds for any.
    """

    means: tuple[Concept, ...] = ()
    kept: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    nothing: bool = False
    label: str = ""

    def obeyed(self, text: str, links: Iterable[Link]) -> _Links:
        """The links of a string, given those that were found without the correction."""
        if self.nothing:
            return ()
        if not self.means:
            return tuple(link for link in links if link.concept.iri not in self.forbidden)
        meant = {concept.iri for concept in self.means}
        return (
            *(link_to(concept, text, "manual") for concept in self.means),
            *(link for link in links if link.concept.iri in self.kept and link.concept.iri not in meant),
        )


class Corrections:
    """All corrections of a store.

    Args:
        of_strings: by side and string, as :func:`kg.linking.normalize.fold` has it.
        of_nodes: by study, then by side and number of the condition or intervention.
        of_studies: by study: what none of its own links may lead to.
        count: how many rows of the table count.
    """

    def __init__(
        self,
        of_strings: dict[tuple[Side, str], Correction],
        of_nodes: dict[str, dict[tuple[Side, int], Correction]],
        of_studies: dict[str, Correction],
        count: int,
    ) -> None:
        self._of_strings = of_strings
        self._of_nodes = of_nodes
        self._of_studies = of_studies
        self.count = count

    def of_string(self, side: Side, text: str, links: _Links) -> _Links:
        """The links of a string, given those that were found without corrections."""
        correction = self._of_strings.get((side, fold(text)))
        return correction.obeyed(text, links) if correction else links

    def settle(self, study: Study, conditions: list[_Links], interventions: list[_Links]) -> Iterator[str]:
        """Correct the links of a study's conditions and interventions, in place.

        Strings are corrected once more: a record can spell out, or name otherwise, what was corrected to nothing.

        Returns:
            notes on corrections that fit the study no more.
        """
        protocol = study.protocol_section
        texts = {
            Side.CONDITION: list(protocol.conditions_module.conditions),
            Side.INTERVENTION: [entry.name or "" for entry in protocol.arms_interventions_module.interventions],
        }
        links = {Side.CONDITION: conditions, Side.INTERVENTION: interventions}
        for side, of_side in texts.items():
            for n, text in enumerate(of_side):
                links[side][n] = self.of_string(side, text, links[side][n])
        for (side, number), correction in self._of_nodes.get(study.nct_id, {}).items():
            now = texts[side][number - 1] if number <= len(texts[side]) else None
            if now is None or (correction.label and fold(correction.label) != fold(now)):
                there = "is not there" if now is None else f"is {now!r} now"
                yield f"correction of {side.value} {number}, {correction.label!r}: it {there}, so nothing was corrected"
            else:
                links[side][number - 1] = correction.obeyed(now, links[side][number - 1])

    def of_study(self, study: Study, links: list[Link]) -> list[Link]:
        """The links that stand on a study itself, without those that are forbidden to it."""
        correction = self._of_studies.get(study.nct_id)
        return [*correction.obeyed("", links)] if correction else links


def read_corrections(path: Path, known: Known | None = None) -> Corrections:
    """Reads a table of corrections.

    Args:
        path: the table.
        known: knows the concepts of the vocabularies in use; without it, any IRI is taken for one.

    Raises:
        VocabularyError: it is no table of mappings, no row of it counts, or a row that counts cannot be obeyed; with
            the line.
    """
    table = Table(path)
    said = _Said(str(path), known or _anything)
    for line, row in table:
        if row.mapping_justification == _MANUAL:
            said.add(row, line)
    if not said.count:
        raise VocabularyError(
            "corrects nothing",
            place=str(path),
            remedy="write semapv:ManualMappingCuration as mapping_justification of each row that you decided",
        )
    # The other rows matter only beside those: a second reading holds few of them.
    for _, row in table:
        # What the registry says beside a string is no reading of the string.
        if (
            row.mapping_justification not in (_MANUAL, _OF_REGISTRY)
            and not row.predicate_modifier
            and row.predicate_id != CANDIDATE
        ):
            said.keep(row)
    return said.corrections()


def install_corrections(path: Path, folder: Path, known: Known | None = None) -> Vocabulary:
    """Checks corrections and copies them to a folder, so that a store has them beside its vocabularies.

    Args:
        path: the table, plain or compressed.
        folder: an empty folder, to be renamed by the caller once everything else has succeeded.
        known: as in :func:`read_corrections`; without it, :func:`load_corrections` finds what no vocabulary has.

    Raises:
        VocabularyError: as :func:`read_corrections`.
    """
    corrections = read_corrections(path, known)
    content = hashlib.sha256()
    with open_stream(path) as stream, (folder / FILE).open("wb") as file:
        while piece := stream.read(2**20):
            content.update(piece)
            file.write(piece)
    table = Table(path)
    return describe(
        Vocabulary(
            CORRECTIONS,
            _TITLE,
            table.identifier or BASE + "corrections",
            table.version or content.hexdigest()[:12],
            "",
            corrections.count,
            content.hexdigest(),
            str(folder),
        )
    )


def load_corrections(vocabularies: Sequence[Vocabulary], index: NameIndex) -> Corrections | None:
    """The corrections among some vocabularies; None where there are none.

    Args:
        vocabularies: what links are made to.
        index: the names of these vocabularies.

    Raises:
        VocabularyError: they are damaged, or no vocabulary has a concept that they name.
    """
    found = next((vocabulary for vocabulary in vocabularies if vocabulary.name == CORRECTIONS), None)
    if found is None:
        return None

    def known(iri: str) -> Concept | None:
        # As for terms of the registry, an agent stands for the records that it is.
        concept = index.by_iri(index.agent_of(iri))
        return concept if concept and concept.label else None

    return read_corrections(Path(found.folder) / FILE, known)


class _Said:
    """What rows say, by what they are about, until all of them are read.

    Args:
        place: the table.
        known: as in :func:`read_corrections`.
    """

    def __init__(self, place: str, known: Known) -> None:
        self._place = place
        self._known = known
        self._by_string: dict[tuple[Side, str], Correction] = {}
        self._by_node: dict[tuple[str, Side, int], Correction] = {}
        self._by_study: dict[str, Correction] = {}
        self.count = 0

    def add(self, row: Row, line: int) -> None:
        """Take in a row that counts."""
        place = f"{self._place}:{line}"
        change = self._change(row, place)
        node = _NODE.fullmatch(row.subject_id)
        if node and node[2] is None:
            if not change.forbidden:
                raise VocabularyError(
                    f"{node[1]} is a study, and only strings mean something",
                    place=place,
                    remedy=f"name a condition or an intervention of it, as trial:{node[1]}/condition/1",
                )
            _merge(self._by_study, node[1], change, place)
        elif node:
            key = (node[1], Side(node[2]), int(node[3]))
            label = self._by_node[key].label if key in self._by_node else ""
            if label and row.subject_label and fold(label) != fold(row.subject_label):
                raise VocabularyError(
                    f"the subject is {row.subject_label!r} here and {label!r} before",
                    place=place,
                    remedy="subject_label is the registered string, or empty",
                )
            _merge(self._by_node, key, change._replace(label=row.subject_label or label), place)
        else:
            for of_string in _strings(row, place):
                _merge(self._by_string, of_string, change, place)
        self.count += 1

    def keep(self, row: Row) -> None:
        """Take in a row that does not count, where others of its subject do."""
        if row.object_id == NO_TERM:
            return
        kept = Correction(kept=frozenset((row.object_id,)))
        node = _NODE.fullmatch(row.subject_id)
        if not node:
            for of_string in _strings(row, self._place, is_strict=False):
                if of_string in self._by_string:
                    _merge(self._by_string, of_string, kept, self._place)
        elif node[2] and (of_node := (node[1], Side(node[2]), int(node[3]))) in self._by_node:
            _merge(self._by_node, of_node, kept, self._place)

    def corrections(self) -> Corrections:
        """Everything that was said."""
        of_nodes: dict[str, dict[tuple[Side, int], Correction]] = {}
        for (nct_id, side, number), correction in self._by_node.items():
            of_nodes.setdefault(nct_id, {})[side, number] = correction
        return Corrections(self._by_string, of_nodes, self._by_study, self.count)

    def _change(self, row: Row, place: str) -> Correction:
        if row.predicate_id not in _PREDICATES:
            raise VocabularyError(
                f"predicate {row.predicate_id} is no match", place=place, remedy="expected skos:exactMatch or the like"
            )
        if row.predicate_modifier not in ("", NOT):
            raise VocabularyError(
                f"modifier {row.predicate_modifier!r}", place=place, remedy=f"expected {NOT} or nothing"
            )
        if row.object_id == NO_TERM:
            if row.predicate_modifier:
                raise VocabularyError(
                    f"{NOT} with sssom:NoTermFound says nothing", place=place, remedy="name what the string means"
                )
            return Correction(nothing=True)
        concept = self._known(row.object_id)
        if concept is None:
            raise VocabularyError(
                f"{row.object_id} is in no vocabulary in use",
                place=place,
                remedy="see trialkg vocabulary list; correct the row, or add the vocabulary first",
            )
        if row.predicate_modifier:
            return Correction(forbidden=frozenset((row.object_id, concept.iri)))
        return Correction(means=(concept,))


def _strings(row: Row, place: str, *, is_strict: bool = True) -> list[tuple[Side, str]]:
    """The keys of a row that is about a string: one, or one for each side where it does not say which."""
    text = fold(row.subject_label)
    if not text and is_strict:
        raise VocabularyError(
            "no subject", place=place, remedy="expected the registered string as subject_label, or a node of a study"
        )
    category = row.subject_category
    sides = [side for side in Side if category == CATEGORIES[side] or category.lower() == side.value]
    if category and not sides and is_strict:
        raise VocabularyError(f"subject_category {category!r}", place=place, remedy=_WHAT)
    return [(side, text) for side in (sides or ([] if category else _BOTH))]


def _merge(said: dict[_Key, Correction], key: _Key, change: Correction, place: str) -> None:
    before = said.get(key, Correction())
    now = Correction(
        tuple(dict.fromkeys((*before.means, *change.means))),
        before.kept | change.kept,
        before.forbidden | change.forbidden,
        before.nothing or change.nothing,
        change.label or before.label,
    )
    if (now.nothing and now.means) or any(concept.iri in now.forbidden for concept in now.means):
        raise VocabularyError(
            "contradicts a row before it", place=place, remedy="say of each string either what it means or what not"
        )
    said[key] = now


def _anything(iri: str) -> Concept:
    return Concept(iri, "", "concept", "", "", is_drug=False, sides=())
