"""The vocabularies that links are made to: those that ship with the package, and those that a store has beside them.

A vocabulary that a user adds lies in a folder of its own, named by its content, and never changes::

    mesh-5f0c2a9e1d34/vocabulary.json     title, version, licence, counts, digest
    mesh-5f0c2a9e1d34/entries.msgpack.zst its concepts, in the order of the source

Which of them a store uses, its newest generation says, so that vocabularies and links change at the same moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import pyoxigraph as ox

from kg.config import VERSION, resource
from kg.errors import VocabularyError
from kg.namespaces import expand
from kg.packed import PackedWriter, read_packed
from kg.terms import Statement, lang_string, ref, render
from kg.vocabularies import agents, mesh
from kg.vocabularies.entry import Entry, Source
from kg.vocabularies.graph import all_of, label_and_place
from kg.vocabularies.hierarchy import Hierarchy

__all__ = [
    "AGENTS",
    "CORRECTIONS",
    "MESH",
    "Vocabulary",
    "agents_in_mesh",
    "bundled",
    "describe",
    "digest",
    "entries",
    "hierarchy",
    "install",
    "overlay",
    "statements",
]

MESH: Final = "mesh"
AGENTS: Final = "agents"
CORRECTIONS: Final = "corrections"
"""Stands among the vocabularies of a store, since links depend on it as on them, and has no concept of its own."""
_ABOUT: Final = "vocabulary.json"
_ENTRIES: Final = "entries.msgpack.zst"
_BATCH: Final = 20_000
_EXACT: Final = expand("skos:exactMatch")


class Vocabulary(NamedTuple):
    """A vocabulary that is ready for use.

    Attributes:
        name: for the command line: ``mesh``, ``agents``, ``chebi``.
        title: for people.
        iri: the vocabulary itself, as links name it.
        version: as links name it.
        licence: with the attribution that it asks for.
        concepts: how many it has.
        sha256: digest of its content.
        folder: where it is installed; empty for one that ships with the package.
    """

    name: str
    title: str
    iri: str
    version: str
    licence: str
    concepts: int
    sha256: str
    folder: str = ""


@lru_cache(maxsize=1)
def bundled() -> tuple[Vocabulary, ...]:
    """The vocabularies that ship with the package, in the order in which names are looked up.

    >>> [vocabulary.name for vocabulary in bundled()]
    ['agents', 'mesh']
    """
    drugs = agents.load_agents()
    table = mesh.bundled()
    return (
        Vocabulary(
            AGENTS,
            "drug ontology",
            agents.VOCABULARY,
            drugs.version,
            "CC BY 4.0",
            len(drugs.agents) + len(drugs.classes),
            agents.digest(),
        ),
        Vocabulary(MESH, table.title, table.iri, table.version, table.licence, mesh.count(), mesh.digest()),
    )


def overlay(added: Iterable[Vocabulary]) -> tuple[Vocabulary, ...]:
    """The bundled vocabularies with others in place of those of the same name, then the rest in order."""
    by_name = {vocabulary.name: vocabulary for vocabulary in (*bundled(), *added)}
    return tuple(by_name.values())


def digest(vocabularies: Sequence[Vocabulary]) -> str:
    """What links and vocabulary statements depend on, as one string: equal where nothing need be made anew."""
    content = "\n".join((VERSION, *(f"{vocabulary.name} {vocabulary.sha256}" for vocabulary in vocabularies)))
    return hashlib.sha256(content.encode()).hexdigest()


def entries(vocabulary: Vocabulary) -> Iterator[Entry]:
    """The concepts of a vocabulary, streaming.

    Raises:
        VocabularyError: it is damaged.
    """
    if vocabulary.name == CORRECTIONS:
        return
    if vocabulary.folder:
        yield from _read_entries(Path(vocabulary.folder) / _ENTRIES)
    elif vocabulary.name == AGENTS:
        yield from agents.entries()
    else:
        yield from mesh.bundled().entries


@lru_cache(maxsize=2)
def hierarchy(vocabulary: Vocabulary) -> Hierarchy:
    """What the concepts of a vocabulary are within.

    Raises:
        VocabularyError: it is damaged.
    """
    return Hierarchy(entries(vocabulary))


def agents_in_mesh(vocabularies: Sequence[Vocabulary]) -> dict[str, tuple[str, ...]]:
    """Agent → the MeSH records that are exactly it, and everything that these are within.

    An agent is found where its record would be: *cisplatin* under *Platinum Compounds*.

    Args:
        vocabularies: those in use, with a MeSH of any year among them or none.
    """
    mesh_used = next((vocabulary for vocabulary in vocabularies if vocabulary.name == MESH), None)
    if mesh_used is None:
        return {}
    places: dict[str, set[str]] = {}
    for mapping in agents.load_mappings():
        if mapping.predicate == _EXACT and mapping.object.startswith(mesh.VOCABULARY):
            places.setdefault(mapping.subject, set()).update(hierarchy(mesh_used).within(mapping.object))
    return {agent: tuple(sorted(above)) for agent, above in places.items()}


def statements(vocabularies: Sequence[Vocabulary] = ()) -> Iterator[bytes]:
    """What a store loads of vocabularies, as pieces of N-Triples.

    Of the bundled MeSH that is labels and hierarchy, which every question needs; of the others everything.

    Args:
        vocabularies: the bundled ones when empty.
    """
    vocabularies = vocabularies or bundled()
    # Both files declare terms of others that they use: each statement once, in the order of the files.
    ours: dict[ox.Triple, None] = {}
    for name in ("trialkg.ttl", "codes.ttl"):
        with resource("ontology", name).open("rb") as file:
            ours.update((quad.triple, None) for quad in ox.parse(file, format=ox.RdfFormat.TURTLE))
    yield ox.serialize(ours, format=ox.RdfFormat.N_TRIPLES) or b""
    label = ref(expand("rdfs:label"))
    named = [found for found in vocabularies if found.name != CORRECTIONS]
    yield render((ref(found.iri), label, lang_string(found.title)) for found in named).encode()
    for vocabulary in named:
        if vocabulary.name == AGENTS and not vocabulary.folder:
            yield render(agents.statements()).encode()
            within = ref(expand("tkg:within"))
            places = agents_in_mesh(named).items()
            yield render((ref(agent), within, ref(iri)) for agent, above in places for iri in above).encode()
        else:
            yield from _batches(_of_entries(vocabulary, all_of if vocabulary.folder else label_and_place))


def install(source: Source, name: str, folder: Path) -> Vocabulary:
    """Writes a vocabulary to a folder, as :func:`entries` reads it.

    Args:
        source: the vocabulary, as a reader gives it.
        name: its name for the command line.
        folder: an empty folder, to be renamed by the caller once everything else has succeeded.

    Raises:
        VocabularyError: the source is broken, has no concept, or contradicts itself.
    """
    labels: dict[str, str] = {}
    with PackedWriter(folder / _ENTRIES) as packed:
        for entry in source.entries:
            known = labels.setdefault(entry.iri, entry.label)
            if known != entry.label:
                raise VocabularyError(
                    f"{entry.iri} is {known!r} and {entry.label!r}", place=name, remedy="one concept has one entry"
                )
            packed.add(entry)
    if not labels:
        raise VocabularyError("no concept in it", place=name, remedy="is it the vocabulary itself?")
    return describe(
        Vocabulary(
            name, source.title, source.iri, source.version, source.licence, len(labels), packed.digest(), str(folder)
        )
    )


def describe(vocabulary: Vocabulary) -> Vocabulary:
    """Writes down in a vocabulary's folder what it is, and gives it back."""
    about = msgspec.json.format(msgspec.json.encode(vocabulary._asdict())) + b"\n"
    (Path(vocabulary.folder) / _ABOUT).write_bytes(about)
    return vocabulary


def _read_entries(path: Path) -> Iterator[Entry]:
    try:
        yield from read_packed(path, Entry)
    except (OSError, ValueError) as error:
        raise VocabularyError(f"cannot be read: {error}", place=str(path), remedy="add the vocabulary again") from error


def _of_entries(
    vocabulary: Vocabulary, state: Callable[[Entry, Hierarchy], Iterator[Statement]]
) -> Iterator[Statement]:
    for entry in entries(vocabulary):
        yield from state(entry, hierarchy(vocabulary))


def _batches(found: Iterator[Statement]) -> Iterator[bytes]:
    batch = []
    for statement in found:
        batch.append(statement)
        if len(batch) >= _BATCH:
            yield render(batch).encode()
            batch = []
    yield render(batch).encode()
