"""The HermiT reasoner, run by Owlready2 in Java over the statements of an ontology.

Whatever the statements ask for beyond logic is left out before Owlready2 sees them: ontologies to import, which it
would fetch, and Python modules to import, which it would run.

Source: https://www.w3.org/TR/owl2-direct-semantics/ (what follows), https://owlready2.readthedocs.io/ (HermiT).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg.errors import VocabularyError
from kg.namespaces import PREFIXES, expand

__all__ = ["reasoned", "require_java", "superclasses"]

_TYPE: Final = expand("rdf:type")
_CLASS: Final = expand("owl:Class")
_RESTRICTION: Final = expand("owl:Restriction")
_INDIVIDUAL: Final = expand("owl:NamedIndividual")
_PYTHON: Final = "http://www.lesfleursdunormal.fr/static/_downloads/owlready_ontology.owl#python_"
_LEFT_OUT: Final = (expand("owl:imports"), _PYTHON)
_LONGEST_CAUSE: Final = 400
_NAMED_CAUSES: Final = 3


def require_java(place: str) -> None:
    """Makes sure that there is a Java runtime.

    Args:
        place: what it is wanted for, for the message.

    Raises:
        VocabularyError: there is none.
    """
    if shutil.which("java") is None:
        raise VocabularyError("the HermiT reasoner needs java", place=place, remedy="install a Java runtime")


@contextmanager
def reasoned(statements: Iterable[ox.Triple | ox.Quad], place: str) -> Iterator[Any]:
    """An Owlready2 world with an ontology and all that HermiT says follows from it; closed at the end.

    Args:
        statements: the ontology.
        place: its name, for messages.

    Raises:
        VocabularyError: the statements cannot be loaded or reasoned over, contradict themselves, or have a class
            that can have no member; or there is no Java runtime.
    """
    require_java(place)
    # Imported here: it takes a quarter of a second, and only reasoning needs it.
    import owlready2
    from owlready2 import reasoning

    world = owlready2.World()
    try:
        _load(world, statements, place)
        try:
            owlready2.sync_reasoner_hermit(world, debug=0)
        except reasoning.OwlReadyInconsistentOntologyError:
            raise VocabularyError(
                "the ontology contradicts itself", place=place, remedy="look for an individual in two disjoint classes"
            ) from None
        except reasoning.OwlReadyJavaError as error:
            raise VocabularyError(
                f"HermiT failed: {_first_cause(str(error))}", place=place, remedy="is the ontology within OWL 2 DL?"
            ) from error
        _refuse_unsatisfiable(world, place)
        yield world
    finally:
        world.close()


def superclasses(statements: Iterable[ox.Triple | ox.Quad], place: str) -> list[tuple[str, str]]:
    """Class and superclass, for all named classes of an ontology of which HermiT says so; direct ones at least.

    Raises:
        VocabularyError: as :func:`reasoned`.
    """
    with reasoned(statements, place) as world:
        return sorted(
            (thing.iri, parent.iri)
            for thing in world.classes()
            for parent in {*thing.is_a, *thing.equivalent_to.indirect()}
            if hasattr(parent, "iri") and parent.iri != thing.iri and not parent.iri.startswith(PREFIXES["owl"])
        )


class _Declared:
    """Statements on their way to Owlready2: what they declare, for comparing with what it loads."""

    def __init__(self, statements: Iterable[ox.Triple | ox.Quad], place: str) -> None:
        self.classes: set[str] = set()
        self.individuals: set[str] = set()
        self._statements = statements
        self._place = place

    def __iter__(self) -> Iterator[ox.Triple]:
        for statement in self._statements:
            predicate = statement.predicate.value
            if predicate.startswith(_LEFT_OUT):
                continue
            if predicate == _TYPE and isinstance(statement.subject, ox.NamedNode):
                self._declare(statement.subject.value, str(getattr(statement.object, "value", "")))
            yield statement.triple if isinstance(statement, ox.Quad) else statement

    def _declare(self, iri: str, kind: str) -> None:
        if kind == _RESTRICTION:
            # Owlready2 fails on these deep inside, with no word about where.
            raise VocabularyError(f"restriction {iri} has an IRI", place=self._place, remedy="write it as a blank node")
        if kind == _CLASS:
            self.classes.add(iri)
        elif kind == _INDIVIDUAL:
            self.individuals.add(iri)


def _load(world: Any, statements: Iterable[ox.Triple | ox.Quad], place: str) -> None:
    # Owlready2 reads no Turtle, and a file that it misreads loads as nothing: so N-Triples, and a count after.
    import owlready2

    declared = _Declared(statements, place)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ontology.nt"
        with path.open("wb") as file:
            ox.serialize(declared, output=file, format=ox.RdfFormat.N_TRIPLES)
        try:
            world.get_ontology(path.as_uri()).load(only_local=True)
        except owlready2.OwlReadyOntologyParsingError as error:
            cause = " ".join(str(error).replace(folder, "").split())
            raise VocabularyError(f"Owlready2 cannot read it: {cause}", place=place) from error
    for kind, expected, things in (
        ("classes", declared.classes, world.classes()),
        ("individuals", declared.individuals, world.individuals()),
    ):
        missing = sorted(expected - {thing.iri for thing in things})
        if missing:
            raise VocabularyError(
                f"{len(missing)} {kind} were lost on loading, {missing[0]} first",
                place=place,
                remedy="is each IRI declared as one kind of thing?",
            )


def _refuse_unsatisfiable(world: Any, place: str) -> None:
    impossible = sorted(thing.iri for thing in world.inconsistent_classes() if hasattr(thing, "iri"))
    impossible = [iri for iri in impossible if not iri.startswith(PREFIXES["owl"])]
    if impossible:
        named, more = ", ".join(impossible[:_NAMED_CAUSES]), len(impossible) - _NAMED_CAUSES
        raise VocabularyError(
            f"class {named}{f' and {more} more' if more > 0 else ''} can have no member",
            place=place,
            remedy="its definition contradicts itself",
        )


def _first_cause(text: str) -> str:
    """What a Java stack trace says before the first of its calls."""
    lines = [line.strip() for line in text.splitlines() if not line.startswith("Java error message")]
    told = takewhile(lambda line: not line.startswith("at "), lines)
    cause = " ".join(" ".join(told).split())
    return cause.removeprefix('Exception in thread "main" ')[:_LONGEST_CAUSE] or "no message"
