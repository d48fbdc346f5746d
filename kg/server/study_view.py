"""A study's statements as its page walks them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from kg.namespaces import BASE, compress, expand, study_iri
from kg.server.lookup import StudyData

__all__ = ["Node", "local_link", "study_node"]

_NUMBER = re.compile(r"(\d+)")
_STUDY = re.compile(re.escape(BASE) + r"(trial/NCT\d{8})")
_CODE: Final = f"{BASE}code/"
_LABEL: Final = expand("rdfs:label")


def local_link(iri: str) -> str:
    """Where this server tells about an IRI: a study's own page, else a description by the endpoint.

    >>> local_link("https://w3id.org/trialkg/trial/NCT04144517")
    '/trial/NCT04144517'
    >>> local_link("http://id.nlm.nih.gov/mesh/D006258")
    '/sparql?query=DESCRIBE%20%3Chttp://id.nlm.nih.gov/mesh/D006258%3E&format=html'
    """
    if study := _STUDY.fullmatch(iri):
        return f"/{study[1]}"
    return f"/sparql?query={quote(f'DESCRIBE <{iri}>', safe='/:')}&format=html"


def _in_order(node: Node) -> list[tuple[int, str]]:
    """A key that sorts ``…/arm/2`` before ``…/arm/10``, and text as text."""
    pieces = _NUMBER.split(node.iri) if node.iri else [node.text]
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in pieces]


class Node:
    """A study, a part of it, something it points to, or a literal.

    Args:
        term: the RDF term.
        objects: (subject, predicate) → objects, of the study's statements.
        labels: labels of IRIs that are not part of the study.
    """

    def __init__(
        self,
        term: ox.NamedNode | ox.Literal,
        objects: Mapping[tuple[str, str], list[ox.NamedNode | ox.Literal]],
        labels: Mapping[str, str],
    ) -> None:
        self.iri = term.value if isinstance(term, ox.NamedNode) else ""
        self._term = term
        self._objects = objects
        self._labels = labels

    @property
    def text(self) -> str:
        """The literal's text, or the label of the IRI; a code without one reads as its slug, others as a CURIE."""
        if not self.iri:
            return self._term.value
        own = self._objects.get((self.iri, _LABEL))
        if own:
            return own[0].value
        if self.iri in self._labels:
            return self._labels[self.iri]
        return self.iri.rsplit("/", 1)[-1].replace("-", " ") if self.iri.startswith(_CODE) else compress(self.iri)

    @property
    def href(self) -> str:
        """The target of its link; empty for a literal."""
        return local_link(self.iri) if self.iri else ""

    def all(self, name: str) -> list[Node]:
        """The values of a property, given as a prefixed name; parts in the record's order, text by the alphabet."""
        found = [Node(term, self._objects, self._labels) for term in self._objects.get((self.iri, expand(name)), ())]
        # A study with results asks this a hundred thousand times, nearly always for one value.
        return sorted(found, key=_in_order) if len(found) > 1 else found

    def by(self, name: str, key: str) -> dict[str, list[Node]]:
        """The values of a property, by the IRI that each has as its own property ``key``."""
        found: dict[str, list[Node]] = defaultdict(list)
        for value in self.all(name):
            for owner in value.all(key):
                found[owner.iri].append(value)
        return dict(found)

    def join(self, name: str, separator: str = ", ") -> str:
        """The values of a property as one text; empty when there are none."""
        return separator.join(node.text for node in self.all(name))

    def __str__(self) -> str:
        return self.text


def study_node(nct_id: str, data: StudyData) -> Node:
    """The study as the node that everything else is reached from."""
    objects: dict[tuple[str, str], list[ox.NamedNode | ox.Literal]] = defaultdict(list)
    for triple in data.triples:
        if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode | ox.Literal):
            objects[triple.subject.value, triple.predicate.value].append(triple.object)
    return Node(ox.NamedNode(study_iri(nct_id)), dict(objects), data.labels)
