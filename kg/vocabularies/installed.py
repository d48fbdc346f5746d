"""What is installed of vocabularies: their versions and licences, and what the store loads of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyoxigraph as ox

from kg.config import VERSION, resource
from kg.namespaces import expand
from kg.terms import lang_string, render
from kg.vocabularies import agents
from kg.vocabularies.mesh import VOCABULARY as MESH
from kg.vocabularies.mesh import load_mesh

__all__ = ["Vocabulary", "installed", "statements", "versions"]

_BATCH = 20_000


class Vocabulary(NamedTuple):
    """An installed vocabulary; ``title`` is for people, ``name`` for the command line."""

    name: str
    title: str
    iri: str
    version: str
    licence: str
    concepts: int


def installed() -> list[Vocabulary]:
    """The vocabularies that links are made to.

    >>> [vocabulary.name for vocabulary in installed()]
    ['mesh', 'agents']
    """
    mesh, drugs = load_mesh(), agents.load_agents()
    return [
        Vocabulary(
            "mesh", "MeSH", MESH, mesh.year, "courtesy of the U.S. National Library of Medicine", len(mesh.records)
        ),
        Vocabulary(
            "agents",
            "drug ontology",
            agents.VOCABULARY,
            drugs.version,
            "CC BY 4.0",
            len(drugs.agents) + len(drugs.classes),
        ),
    ]


def versions() -> dict[str, str]:
    """Name → version of everything :func:`statements` gives; equal where a store need not load it anew."""
    return {"trialkg": VERSION, **{vocabulary.name: vocabulary.version for vocabulary in installed()}}


def statements() -> Iterator[bytes]:
    """What the store loads, as pieces of N-Triples: terms, code lists, agents, labels and hierarchy of MeSH."""
    for name in ("trialkg.ttl", "codes.ttl"):
        with resource("ontology", name).open("rb") as file:
            triples = (quad.triple for quad in ox.parse(file, format=ox.RdfFormat.TURTLE))
            yield ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    label = f"<{expand('rdfs:label')}>"
    yield render((f"<{found.iri}>", label, lang_string(found.title)) for found in installed()).encode()
    yield render(agents.statements()).encode()
    batch = []
    for statement in load_mesh().statements():
        batch.append(statement)
        if len(batch) >= _BATCH:
            yield render(batch).encode()
            batch = []
    yield render(batch).encode()
