"""Documentation of the drug ontology and of the checks of all ontology files, from these files.

Written by ``python -m kg.vocabularies.document > docs/ontology.md``.
"""

from __future__ import annotations

import sys
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Final

from kg.config import resource
from kg.errors import VocabularyError
from kg.namespaces import PREFIXES, compress
from kg.vocabularies.agents import Agents, load_agents, load_mappings
from kg.vocabularies.check_document import checks_section
from kg.vocabularies.checks import load_exceptions

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["definitions", "main", "ontology_page"]

_HEAD: Final = """\
# The drug ontology

Which drugs the graph knows by more than their name, what they do, and the classes that follow from it. It is in
`ontology/agents.ttl`, with identifiers in `ontology/agents.sssom.tsv` and what the reasoner made of it in
`ontology/agents-inferred.ttl`; `ontology/README.md` says how these files are kept.

The section on checks is about vocabulary, code lists and shapes too. This page is written by
`python -m kg.vocabularies.document`; a test compares it with the files.

## How an agent is modelled

An agent is an individual of `tkg:Agent`, with one `skos:prefLabel`, other names as `skos:altLabel`, and

| property | what it says |
|---|---|
| `tkg:modality` | what kind of product it is: antibody, bispecific antibody, immunocytokine, small molecule, … |
| `tkg:actsOn` | an action: `tkg:action` (a code), `tkg:target` (UniProt), and `dcterms:source` |
| `tkg:selectivity` of an action | which form of the receptor, or which cells, it prefers, where a source says so |
| `tkg:derivedFrom` | the natural protein that it is, or is a variant of (UniProt) |
| `tkg:drugGroup` | a chemical or pharmacological group, for drugs that are known by it and not by a target |
| `dcterms:source` | where its names, identifiers, modality and group are from |

Targets that stand together in one action are one complex: the chains of the interleukin-2 receptor. A molecule with two
targets has two actions: ivonescimab blocks PD-1 and blocks VEGF-A, and is in the classes of both. That an agent acts on
further proteins is not denied by their absence; a comment says where we know of some.

`tkg:selectivity` is a fact of its own because the absence of a chain among the targets says nothing: an agonist whose
source names only beta and gamma chains may bind the alpha chain as well.

Agents that differ in product and not in substance, such as nab-paclitaxel and paclitaxel, are two where the registry's
records tell them apart. A bare protein name ("IL-2", "interferon alfa") is an agent for the protein with no product
named.

## Classes

No class has listed members. Each is defined by what its members are, and the HermiT reasoner places the agents
(`python -m kg.vocabularies.reason --write`). `ImmuneCheckpointInhibitor` alone has no definition: it is what is above
the classes of single checkpoints. {classes} classes, {agents} agents.

| class | label | meaning | definition | directly within | agents |
|---|---|---|---|---|---|
"""

_OUTSIDE: Final = """
## What is left out

A fact that no source confirms is left out, not guessed. Of these agents something is missing, and known to be:

| check | agent | why |
|---|---|---|
"""

_TAIL: Final = """
## Identifiers

{mappings} identifiers of {matched} agents, in MeSH 2024, DrugBank, UNII and the NCI Thesaurus. `skos:exactMatch`: the
record is the substance. `skos:closeMatch`: it is the complex, the salt, or the family of natural proteins. At most one
record of a vocabulary is exact.

## Sources and licences

The ontology is licensed under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). Only facts were taken over,
each with its source: names and identifiers from the DrugBank open vocabulary (CC0) and from MeSH (courtesy of the U.S.
National Library of Medicine); targets from NCI Thesaurus and NCI Drug Dictionary definitions (CC BY 4.0), pharmOncoX
(MIT), U.S. prescribing information by section, registry records, and the publications that are named. Groups of
cytotoxic drugs are those of the MeSH tree, of the prescribing information, or of the NCI dictionaries.

Not used: ATC (no redistribution), ClinPGx and DrugCentral (share-alike), Molecular Oncology Almanac (GPL). An
identifier that only those give is not here; so RxNorm and ChEMBL numbers are missing.
"""

_SHORT: Final = {PREFIXES[prefix]: "" for prefix in ("agent", "tkg", "action", "modality", "drug-group", "selectivity")}


def definitions(folder: Traversable | None = None) -> dict[str, str]:
    """IRI of each class → its definition in words near Manchester syntax; empty where it has none.

    Args:
        folder: the folder ``ontology``; that of the package when None.

    Raises:
        VocabularyError: a definition has a construct that is not rendered here.

    >>> definitions()["https://w3id.org/trialkg/agent/TIGITInhibitor"]
    'Agent and (actsOn some (action value blocker and target value TIGIT))'
    """
    from rdflib import OWL, RDF, Graph, URIRef

    graph = Graph()
    graph.parse(data=(folder or resource("ontology")).joinpath("agents.ttl").read_bytes(), format="turtle")
    found = {}
    for subject in graph.subjects(RDF.type, OWL.Class):
        if isinstance(subject, URIRef) and subject.startswith(PREFIXES["agent"]):
            definition = graph.value(subject, OWL.equivalentClass)
            found[str(subject)] = _words(graph, definition) if definition else ""
    return dict(sorted(found.items()))


def _words(graph: Graph, node: Node) -> str:
    from rdflib import OWL, BNode
    from rdflib.collection import Collection

    if not isinstance(node, BNode):
        return _name(graph, node)
    for predicate, word in ((OWL.intersectionOf, " and "), (OWL.unionOf, " or "), (OWL.oneOf, ", ")):
        members = graph.value(node, predicate)
        if members is not None:
            texts = [_bracketed(graph, member, word) for member in Collection(graph, members)]
            return "{" + word.join(texts) + "}" if predicate == OWL.oneOf else word.join(texts)
    on = graph.value(node, OWL.onProperty)
    if on is not None:
        value, some = graph.value(node, OWL.hasValue), graph.value(node, OWL.someValuesFrom)
        if value is not None:
            return f"{_name(graph, on)} value {_name(graph, value)}"
        if some is not None:
            return f"{_name(graph, on)} some {_bracketed(graph, some, '')}"
    raise VocabularyError(f"{node} is no definition of a known form", place="agents.ttl", remedy="add it to _words")


def _bracketed(graph: Graph, node: Node, word: str) -> str:
    """A part of a definition, in brackets where the words around it would claim a piece of it."""
    text = _words(graph, node)
    simple = not any(one in text for one in (" and ", " or ", " some "))
    return text if simple or (text.startswith("{") and not word) else f"({text})"


def _name(graph: Graph, node: Node) -> str:
    from rdflib import SKOS

    symbol = graph.value(node, SKOS.notation)
    if symbol is not None:
        return str(symbol)
    for namespace in _SHORT:
        if str(node).startswith(namespace):
            return str(node).removeprefix(namespace)
    return compress(str(node))


def _directly_within(agents: Agents, iri: str) -> list[str]:
    above = set(agents.within[iri]) - {iri}
    return sorted(one for one in above if not any(one in agents.within[other] for other in above - {one}))


def _local(iri: str) -> str:
    return iri.removeprefix(PREFIXES["agent"])


def ontology_page() -> str:
    """The text of ``docs/ontology.md``."""
    from rdflib import SKOS, Graph, URIRef

    agents, formal, mappings = load_agents(), definitions(), load_mappings()
    graph = Graph()
    graph.parse(data=resource("ontology", "agents.ttl").read_bytes(), format="turtle")
    page = [_HEAD.format(classes=len(agents.classes), agents=len(agents.agents))]
    for thing in agents.classes:
        members = sum(thing.iri in agents.within[agent.iri] for agent in agents.agents)
        above = ", ".join(f"`{_local(one)}`" for one in _directly_within(agents, thing.iri))
        formally = f"`{formal[thing.iri]}`" if formal[thing.iri] else ""
        meaning = graph.value(URIRef(thing.iri), SKOS.definition)
        page.append(f"| `{_local(thing.iri)}` | {thing.label} | {meaning} | {formally} | {above} | {members} |\n")
    page.append(_OUTSIDE)
    page += [
        f"| `{check}` | `{_local(subject)}` | {reason} |\n" for (check, subject), reason in load_exceptions().items()
    ]
    page.append(checks_section())
    page.append(_TAIL.format(mappings=len(mappings), matched=len({mapping.subject for mapping in mappings})))
    return "".join(page)


def main() -> None:
    """Write the page to standard output."""
    sys.stdout.write(ontology_page())


if __name__ == "__main__":
    main()
