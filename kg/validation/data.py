"""The statements of one study as compiled rules look at them, and the paths that rules follow through them.

Terms are N-Triples text, each in one spelling, so that equal texts are equal terms.

Source: https://www.w3.org/TR/shacl/#property-paths
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from itertools import compress, repeat
from operator import contains
from typing import TYPE_CHECKING, Final

from kg.namespaces import PREFIXES
from kg.terms import RDF_TYPE, Statement

if TYPE_CHECKING:
    from rdflib.paths import Path
    from rdflib.term import Node

__all__ = ["Data", "NotCompiledError", "Step", "follow"]

_SUBCLASS: Final = f"<{PREFIXES['rdfs']}subClassOf>"
_STUDY: Final = f"<{PREFIXES['tkg']}Study>"
_IN_SCHEME: Final = f"<{PREFIXES['skos']}inScheme>"
_NOTHING: Final[Mapping[str, list[str]]] = {}
_NOBODY: Final[frozenset[str]] = frozenset()


class NotCompiledError(Exception):
    """Why a shape is left to pySHACL; it never leaves :mod:`kg.validation`."""


class Data:
    """An index of statements, each of which is there once.

    Args:
        statements: N-Triples terms.
        backwards: predicates that are followed from object to subject too.

    >>> data = Data([("<a:s>", "<a:p>", '"x"'), ("<a:s>", "<a:p>", '"y"')], {"<a:p>"})
    >>> data.objects("<a:s>", "<a:p>"), data.subjects("<a:p>", '"y"')
    (['"x"', '"y"'], ['<a:s>'])
    """

    __slots__ = ("_members", "_supers", "incoming", "nodes")

    def __init__(self, statements: Iterable[Statement], backwards: Collection[str] = ()) -> None:
        nodes: dict[str, dict[str, list[str]]] = {}
        incoming: dict[str, dict[str, list[str]]] = {predicate: {} for predicate in backwards}
        last = ""
        node: dict[str, list[str]] = {}
        for subject, predicate, value in statements:
            # The mapping writes the statements of a node one after another.
            if subject != last:
                last = subject
                node = nodes.setdefault(subject, {})
            if predicate in node:
                node[predicate].append(value)
            else:
                node[predicate] = [value]
            if predicate in incoming:
                owners = incoming[predicate]
                if value in owners:
                    owners[value].append(subject)
                else:
                    owners[value] = [subject]
        self.nodes = nodes
        self.incoming = incoming
        self._supers: dict[str, frozenset[str]] | None = {} if self._has(_SUBCLASS) else None
        members: dict[str, set[str]] = {}
        for subject, node in nodes.items():
            if RDF_TYPE in node:
                for kind in self.classes(subject):
                    if kind in members:
                        members[kind].add(subject)
                    else:
                        members[kind] = {subject}
        self._members = members

    @property
    def studies(self) -> list[str]:
        """The IRIs of the studies."""
        members = self._members.get(_STUDY, _NOBODY)
        return sorted(subject[1:-1] for subject in members if _STUDY in self.nodes[subject][RDF_TYPE])

    @property
    def members(self) -> Mapping[str, Set[str]]:
        """Class → its nodes; a class that has none is not there."""
        return self._members

    def members_of(self, kind: str) -> frozenset[str] | set[str]:
        """The nodes of a class."""
        return self._members.get(kind, _NOBODY)

    @property
    def has_code_lists(self) -> bool:
        """Whether it holds concepts of a scheme beside its studies."""
        return self._has(_IN_SCHEME)

    def with_property(self, predicate: str) -> list[str]:
        """The nodes that have a property."""
        return list(compress(self.nodes, map(contains, self.nodes.values(), repeat(predicate))))

    def _has(self, predicate: str) -> bool:
        return any(map(contains, self.nodes.values(), repeat(predicate)))

    def objects(self, subject: str, predicate: str) -> Collection[str]:
        """The values of a property of a node."""
        return self.nodes.get(subject, _NOTHING).get(predicate, ())

    def subjects(self, predicate: str, value: str) -> Collection[str]:
        """The nodes that have a value of a property, which is one of those followed backwards."""
        return self.incoming[predicate].get(value, ())

    def classes(self, node: str) -> Collection[str]:
        """The classes of a node, and those that the data says they are within."""
        types = self.nodes.get(node, _NOTHING).get(RDF_TYPE, ())
        if self._supers is None or not types:
            return types
        found: set[str] = set()
        for kind in types:
            if kind not in self._supers:
                self._supers[kind] = frozenset(_closure(self, kind, lambda data, at: data.objects(at, _SUBCLASS)))
            found |= self._supers[kind]
        return found


Step = Callable[[Data, str], Collection[str]]
"""From a node along a path: each node or value that it reaches, once."""


def follow(path: Path | Node, backwards: set[str]) -> Step:
    """A property path as a function.

    Args:
        path: a path of rdflib, or the IRI of a property.
        backwards: where the predicates that it follows backwards are added.

    Raises:
        NotCompiledError: pySHACL and the specification do not agree on such a path, or it is of another kind.
    """
    from rdflib import URIRef
    from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath

    if isinstance(path, URIRef):
        forward = f"<{path}>"
        return lambda data, node: data.nodes.get(node, _NOTHING).get(forward, ())
    if isinstance(path, InvPath):
        return _backwards(path.arg, backwards)
    if isinstance(path, AlternativePath):
        if all(isinstance(part, URIRef) for part in path.args):
            return _any_of(frozenset(f"<{part}>" for part in path.args))
        ways = [follow(part, backwards) for part in path.args]
        return lambda data, node: dict.fromkeys(value for way in ways for value in way(data, node))
    if isinstance(path, SequencePath):
        return _sequence([follow(part, backwards) for part in path.args])
    if isinstance(path, MulPath):
        once = follow(path.path, backwards)
        if path.mod == "?":
            return lambda data, node: dict.fromkeys((node, *more)) if (more := once(data, node)) else (node,)
        if path.mod == "*":
            return lambda data, node: _closure(data, node, once)
        return lambda data, node: dict.fromkeys(
            reached for first in once(data, node) for reached in _closure(data, first, once)
        )
    raise NotCompiledError(f"the path {path} is of another kind")


def _backwards(path: Path | Node, backwards: set[str]) -> Step:
    from rdflib import URIRef
    from rdflib.paths import AlternativePath, InvPath, MulPath

    if isinstance(path, URIRef):
        predicate = f"<{path}>"
        backwards.add(predicate)
        return lambda data, node: data.incoming[predicate].get(node, ())
    if isinstance(path, InvPath):
        return follow(path.arg, backwards)
    if isinstance(path, AlternativePath):
        return follow(AlternativePath(*(InvPath(part) for part in path.args)), backwards)
    if isinstance(path, MulPath):
        return follow(MulPath(InvPath(path.path), path.mod), backwards)
    raise NotCompiledError("pySHACL follows the inverse of a sequence in the wrong order")


def _any_of(predicates: frozenset[str]) -> Step:
    """Many properties of which a node has few."""

    def along(data: Data, node: str) -> Collection[str]:
        has = data.nodes.get(node, _NOTHING)
        if predicates.isdisjoint(has):
            return ()
        found = [values for predicate, values in has.items() if predicate in predicates]
        return found[0] if len(found) == 1 else dict.fromkeys(value for values in found for value in values)

    return along


def _sequence(steps: list[Step]) -> Step:
    def along(data: Data, node: str) -> Collection[str]:
        reached: Collection[str] = (node,)
        for step in steps:
            reached = dict.fromkeys(value for at in reached for value in step(data, at))
        return reached

    return along


def _closure(data: Data, node: str, step: Step) -> Collection[str]:
    """A node and all that a path reaches from it when it is taken any number of times."""
    reached = {node: None}
    waiting = [node]
    while waiting:
        for value in step(data, waiting.pop()):
            if value not in reached:
                reached[value] = None
                waiting.append(value)
    return reached
