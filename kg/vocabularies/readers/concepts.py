"""The concepts of an OWL ontology or a SKOS vocabulary, from its statements.

The hierarchy is what the file states by name: superclasses, and the named members of an intersection that a class is,
or is within (``A ≡ B ⊓ ∃r.C`` puts A within B). Unions, complements and restrictions say nothing about it. Classes that
are equivalent lie within each other.

- A concept without a name keeps its place in the hierarchy; its label is empty, and nothing is ever linked to it.
- A class may be within one that only an import would tell more of; imports are not followed.
- An IRI that is both a class and an individual is a class. Individuals that are no classes are left out.
- In RxNorm, a product, brand, salt or combination lies within what it is made of, or is the trade name of.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.errors import VocabularyError
from kg.namespaces import BASE, expand, slug
from kg.terms import clean
from kg.vocabularies.entry import Entry, Source
from kg.vocabularies.profiles import Profile
from kg.vocabularies.readers.crossrefs import CrossReferences, valid_iri
from kg.vocabularies.readers.entry_builder import LINKS, TEXTS, EntryBuilder
from kg.vocabularies.readers.predicates import (
    CALLED_EXACT,
    CROSS_REFERENCE,
    DATES,
    IDENTIFIERS,
    LABELS,
    LICENCES,
    NAME_TYPES,
    NOT_EXACT,
    TITLES,
    USES,
    Use,
    is_exact,
    is_inexact,
)
from kg.vocabularies.readers.quads import Quads, Resource
from kg.vocabularies.readers.rdf_files import RELATIVE
from kg.vocabularies.readers.reading import Reading, version_of

__all__ = ["CLASSES", "CONCEPTS", "Concepts"]

CLASSES: Final = (expand("owl:Class"), expand("rdfs:Class"))
"""What classes of an ontology are members of."""

CONCEPTS: Final = (expand("skos:Concept"),)
"""What concepts of a SKOS vocabulary are members of."""

_TYPE: Final = expand("rdf:type")
_PARENT: Final = expand("rdfs:subClassOf")
_IMPORTS: Final = expand("owl:imports")
_ONTOLOGY: Final = expand("owl:Ontology")
_SCHEME: Final = expand("skos:ConceptScheme")
_RESTRICTION: Final = expand("owl:Restriction")
_DEPRECATED_CLASS: Final = expand("owl:DeprecatedClass")
_SOURCE, _TARGET, _PROPERTY = (expand(f"owl:annotated{part}") for part in ("Source", "Target", "Property"))
_VERSION, _VERSION_IRI = expand("owl:versionInfo"), expand("owl:versionIRI")
_TYPES: Final = frozenset((*CLASSES, *CONCEPTS, _ONTOLOGY, _SCHEME, _RESTRICTION, _DEPRECATED_CLASS))
# Only these say something of a blank node that is used.
_OF_BLANK_NODES: Final = frozenset((Use.INTERSECTION, Use.FIRST, Use.REST, Use.EQUIVALENT))
_MARKS: Final = {CALLED_EXACT: True, NOT_EXACT: False}
# Looking up a member of an enumeration is slow, and these are compared millions of times.
_IS_TYPE, _IS_AXIOM, _IS_RESTRICTION, _REFERENCE = Use.TYPE, Use.AXIOM, Use.RESTRICTION, Use.CROSS_REFERENCE
_UPWARD: Final = frozenset((Use.PARENT, Use.EQUIVALENT, Use.INTERSECTION))


class _Header(NamedTuple):
    """What a file says of itself; empty where it does not."""

    iri: str = ""
    title: str = ""
    version: str = ""
    licence: str = ""


class Concepts:
    """The concepts of one file: :meth:`load` its statements, then take the :meth:`source`.

    Args:
        types: what concepts are members of: :data:`CLASSES` or :data:`CONCEPTS`.
        profile: what is known about the vocabulary.
    """

    def __init__(self, types: Collection[str], profile: Profile | None) -> None:
        self._types = types
        self._profile = profile
        self._notes: Counter[str] = Counter()
        self._references = CrossReferences()
        self._quads = Quads()

    def load(self, statements: Iterable[ox.Quad]) -> None:
        """Takes over what is needed of the statements of a file."""
        link, take_text, literal, node = self._quads.link, self._take_text, ox.Literal, ox.NamedNode
        uses, types, of_blank_nodes = USES, _TYPES, _OF_BLANK_NODES
        names = _NameTypes(self._quads)
        restrictions: set[str] = set()
        for quad in statements:
            predicate = quad.predicate.value
            use = uses.get(predicate)
            if use is None:
                continue
            subject, value = quad.subject, quad.object
            if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
                continue
            blank = not isinstance(subject, node)
            name = f"_:{subject.value}" if blank else subject.value
            if isinstance(value, literal):
                if use is _IS_AXIOM:
                    names.add(name, predicate, value.value)
                elif not blank:
                    take_text(name, predicate, use, value)
                continue
            other = value.value if isinstance(value, node) else f"_:{value.value}"
            if use is _IS_TYPE:
                if not blank and other in types:
                    link(name, predicate, other)
            elif use is _IS_AXIOM:
                names.add(name, predicate, other)
            elif use is _IS_RESTRICTION:
                restrictions.add(name)
            elif other in restrictions:
                # Nine of ten blank nodes are restrictions, which say nothing of the hierarchy.
                restrictions.discard(other)
            elif not blank or use in of_blank_nodes:
                link(name, predicate, other)
        names.end()

    def add_parents(self, parents: Iterable[tuple[str, str]]) -> None:
        """Adds what a reasoner found: class and superclass."""
        for iri, parent in parents:
            self._quads.link(iri, _PARENT, parent)

    def source(self, path: Path, name: str, kind: str, expected: str) -> Source:
        """The vocabulary, after loading; the quadstore goes when its entries are at an end, or no longer wanted.

        Args:
            path: the file, for messages.
            name: what the vocabulary is called.
            kind: what its concepts are called, for messages.
            expected: what the file should have been, for messages.

        Raises:
            VocabularyError: it has no concept, or names concepts by relative IRIs.
        """
        self._index()
        if not self._concepts:
            raise VocabularyError(f"has no {kind}", place=str(path), remedy=f"expected {expected}")
        relative = [iri for number in self._concepts if (iri := self._iris[number]).startswith(RELATIVE)]
        if relative:
            raise VocabularyError(
                f"names a {kind} by the relative IRI {min(relative).removeprefix(RELATIVE)!r}",
                place=str(path),
                remedy="state what IRIs are relative to: xml:base, or @base",
            )
        header, profile = self._header(), self._profile
        return Source(
            title=profile.title if profile else header.title or name,
            iri=header.iri or (profile.iri if profile else f"{BASE}vocabulary/{slug(name)}"),
            version=header.version,
            licence=profile.terms(header.licence) if profile else header.licence,
            entries=Reading(self._entries(), self._notes, self.close),
        )

    def close(self) -> None:
        """Deletes everything."""
        self._quads.close()

    def _take_text(self, name: str, predicate: str, use: Use, value: ox.Literal) -> None:
        text = value.value
        if use is not _REFERENCE:
            self._quads.text(name, predicate, text, value.language or "")
            return
        if prefix := IDENTIFIERS.get(predicate):
            text = f"{prefix}:{text}"
        if self._references.knows(text):
            self._quads.text(name, CROSS_REFERENCE, text, "")

    def _index(self) -> None:
        self._quads.index()
        self._predicates = self._quads.numbers(USES)
        self._upward = [(number, use) for number, use in self._used(*_UPWARD)]
        self._intersections = [number for number, _ in self._used(Use.INTERSECTION)]
        self._firsts = [number for number, _ in self._used(Use.FIRST)]
        self._rests = [number for number, _ in self._used(Use.REST)]
        self._iris = self._quads.iris()
        self._concepts = self._of_types(self._types)
        self._restrictions = self._of_types((_RESTRICTION,))
        self._other_parents = self._reversed_parents()

    def _used(self, *uses: Use) -> Iterator[tuple[int, Use]]:
        for number, iri in self._predicates.items():
            if USES[iri] in uses:
                yield number, USES[iri]

    def _of_types(self, types: Collection[str]) -> set[int]:
        kind = self._quads.number(_TYPE)
        numbers = [number for one in types if (number := self._quads.number(one))]
        found = (subject for number in numbers for subject in self._quads.subjects(kind, number))
        return {subject for subject in found if subject in self._iris}

    def _header(self) -> _Header:
        """What the file says of itself; of several ontologies in it, the first that no other imports."""
        imported = {imported for _, imported in self._quads.pairs(self._quads.number(_IMPORTS))}
        found = sorted(self._of_types((_ONTOLOGY,)) - imported) or sorted(self._of_types((_SCHEME,)))
        if not found:
            return _Header()
        said = self._quads.resource(found[0])
        texts: defaultdict[str, list[str]] = defaultdict(list)
        for predicate, text, _ in said.texts:
            texts[self._predicates.get(predicate, "")].append(clean(text))
        for predicate, other in said.links:
            texts[self._predicates.get(predicate, "")].append(self._iris.get(other, ""))

        def first(*predicates: str) -> str:
            return next((text for predicate in predicates for text in texts[predicate] if text), "")

        iri = self._iris[found[0]]
        dates = [date for predicate in DATES for date in texts[predicate]]
        return _Header(
            iri if valid_iri(iri) and not iri.startswith(RELATIVE) else "",
            first(*TITLES, *reversed(LABELS)),
            version_of(first(_VERSION), first(_VERSION_IRI), dates),
            first(*LICENCES),
        )

    def _entries(self) -> Iterator[Entry]:
        """The concepts, in the order in which the file names them first."""
        kept = self._kept()
        deprecated = self._of_types((_DEPRECATED_CLASS,))
        texts = {number: (iri, TEXTS[USES[iri]]) for number, iri in self._predicates.items() if USES[iri] in TEXTS}
        links = {number: (iri, LINKS[USES[iri]]) for number, iri in self._predicates.items() if USES[iri] in LINKS}
        marks = {number: exact for iri, exact in _MARKS.items() if (number := self._quads.number(iri))}
        for resource in self._quads.resources():
            if resource.number not in kept:
                continue
            iri = self._iris[resource.number]
            if not valid_iri(iri):
                self._notes["concept with an invalid IRI"] += 1
                continue
            builder = EntryBuilder(iri, self._references, self._notes)
            builder.deprecated = resource.number in deprecated
            if marks:
                for predicate, text, _ in resource.texts:
                    if predicate in marks:
                        builder.mark(text, exact=marks[predicate])
            for predicate, text, language in resource.texts:
                if predicate in texts:
                    known, take = texts[predicate]
                    take(builder, known, text, language)
            for predicate, other in resource.links:
                if predicate in links and other in self._iris:
                    stated, take_link = links[predicate]
                    take_link(builder, stated, self._iris[other])
            for parent in self._parents(resource):
                builder.parent(self._iris[parent])
            yield builder.entry()
        for prefix, count in self._references.unknown.items():
            self._notes[f"cross-reference of no known form: {prefix or 'no prefix'}"] = count

    def _kept(self) -> set[int]:
        """The vocabulary's own concepts, and those that they lie within."""
        profile = self._profile
        if profile is None or not profile.prefixes:
            return self._concepts
        kept = {number for number in self._concepts if profile.owns(self._iris[number])}
        left = self._concepts - kept
        waiting = list(kept) if left else []
        while waiting:
            for parent in self._parents(self._quads.resource(waiting.pop())):
                if parent in left:
                    left.discard(parent)
                    kept.add(parent)
                    waiting.append(parent)
        if left:
            self._notes["concept of another vocabulary"] = len(left)
        return kept

    def _reversed_parents(self) -> dict[int, list[int]]:
        """Parents that are said of the other one: narrower concepts, and what is equivalent to a class."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for number, _ in self._used(Use.CHILD, Use.EQUIVALENT):
            for subject, value in self._quads.pairs(number):
                if value > 0:
                    found[value].append(subject)
        return dict(found)

    def _parents(self, resource: Resource) -> Iterator[int]:
        """Numbers of the named classes that a class is directly within, some perhaps twice."""
        for number, use in self._upward:
            for predicate, other in resource.links:
                if predicate == number:
                    yield from self._named(other, is_list=use is Use.INTERSECTION)
        for other in self._other_parents.get(resource.number, ()):
            yield from self._named(other, is_list=False)

    def _named(self, node: int, *, is_list: bool) -> Iterator[int]:
        """The named classes that lying within a class expression, or all members of a list, means to lie within."""
        if node > 0:
            if node in self._iris and node not in self._restrictions:
                yield node
            return
        seen = {node}
        waiting = [(node, is_list)]
        while waiting:
            node, is_list = waiting.pop()
            found = [(other, True) for number in self._intersections for other in self._quads.objects(node, number)]
            if is_list:
                found = [(other, True) for number in self._rests for other in self._quads.objects(node, number)]
                found += [(other, False) for number in self._firsts for other in self._quads.objects(node, number)]
            for other, is_other_list in found:
                if other > 0:
                    if other in self._iris and other not in self._restrictions:
                        yield other
                elif other not in seen:
                    seen.add(other)
                    waiting.append((other, is_other_list))


class _NameTypes:
    """What the annotations of its axioms say of the names of a class: exact after all, or not exact.

    Such annotations count when they are written in one piece, as all serializers do.
    """

    def __init__(self, quads: Quads) -> None:
        self._quads = quads
        self._axiom = ""
        self._said: dict[str, list[str]] = {}
        self._class = ""
        self._exact: dict[str, bool] = {}

    def add(self, axiom: str, predicate: str, value: str) -> None:
        """Adds a part of an annotated axiom."""
        if axiom != self._axiom:
            self._end_axiom()
            self._axiom = axiom
        self._said.setdefault(predicate, []).append(value)

    def end(self) -> None:
        """Adds what is still held back."""
        self._end_axiom()
        self._end_class()

    def _end_axiom(self) -> None:
        said, self._said = self._said, {}
        kinds = [kind for predicate in NAME_TYPES for kind in said.get(predicate, ())]
        if not kinds or not (_SOURCE in said and _TARGET in said and _PROPERTY in said):
            return
        iri, name, use = said[_SOURCE][0], said[_TARGET][0], USES.get(said[_PROPERTY][0])
        if use is Use.EXACT:
            if iri != self._class:
                self._end_class()
                self._class = iri
            # Several sources may give one name; it is exact when one of them says so.
            self._exact[name] = self._exact.get(name, False) or not any(is_inexact(kind) for kind in kinds)
        elif use is Use.LOOSE and any(is_exact(kind) for kind in kinds):
            self._quads.text(iri, CALLED_EXACT, name, "")

    def _end_class(self) -> None:
        for name, exact in self._exact.items():
            if not exact:
                self._quads.text(self._class, NOT_EXACT, name, "")
        self._exact.clear()
