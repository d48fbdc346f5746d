"""How long it takes to read an ontology of 200,000 classes, and in how much memory; and by the ways not taken.

    python -m bench.ontology [--classes N] [--other-ways]

A file of ChEBI's shape is made up: a class has a label, three synonyms, one or two superclasses, a restriction, three
cross-references, a definition, and seven more annotations; two of three have annotated axioms. Each row is a process of
its own. No real data is needed.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

_OBO: Final = "http://purl.obolibrary.org/obo/"
_OIO: Final = "http://www.geneontology.org/formats/oboInOwl#"
_HEAD: Final = f"""<?xml version="1.0"?>
<rdf:RDF xmlns:owl="http://www.w3.org/2002/07/owl#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:oio="{_OIO}" xmlns:obo="{_OBO}" xmlns:chebi="{_OBO}chebi#">
<owl:Ontology rdf:about="{_OBO}chebi.owl"><owl:versionIRI rdf:resource="{_OBO}chebi/237/chebi.owl"/></owl:Ontology>
"""
_STRING: Final = 'rdf:datatype="http://www.w3.org/2001/XMLSchema#string"'
_START: Final = """
import json, resource, sys, time
wall, cpu = time.perf_counter(), time.process_time()
from pathlib import Path
path = Path(sys.argv[1])
"""
_END: Final = """
print(json.dumps({
    "classes": count, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""
_READ: Final = """
from kg.vocabularies.readers import {module}
count = sum(1 for _ in {module}.read(path, name="chebi").entries)
"""
_ALONE: Final = """
import io, sqlite3
import owlready2
world = owlready2.World(connection=sqlite3.connect("", isolation_level="EXCLUSIVE", check_same_thread=False))
class Nameless(io.RawIOBase):
    # A file that has a name is parsed in another process, whose time would not be counted.
    file = path.open("rb")
    def readable(self): return True
    def readinto(self, buffer): return self.file.readinto(buffer)
with io.BufferedReader(Nameless()) as file:
    world.get_ontology("http://example.org/#").graph.parse(file, format="{form}")
count = world.graph.execute("SELECT count(*) FROM objs WHERE p = 6 AND o = 11 AND s > 0").fetchone()[0]
"""
_WAYS: Final = (
    ("as it is done, RDF/XML", "chebi.owl", _READ.format(module="owl")),
    ("as it is done, OBO", "chebi.obo", _READ.format(module="obo")),
)
_OTHER_WAYS: Final = (
    ("Owlready2 parses RDF/XML, all statements, no entries", "chebi.owl", _ALONE.format(form="rdfxml")),
    ("Owlready2 parses N-Triples, all statements, no entries", "chebi.nt", _ALONE.format(form="ntriples")),
)


def rdf_xml(classes: int) -> Iterator[str]:
    """The made-up ontology."""
    choose = random.Random(1)  # noqa: S311
    yield _HEAD
    for number in range(1, classes + 1):
        iri = f"{_OBO}CHEBI_{number}"
        yield f'<owl:Class rdf:about="{iri}">\n'
        for _ in range(choose.choice((1, 1, 2)) if number > 1 else 0):
            yield f'<rdfs:subClassOf rdf:resource="{_OBO}CHEBI_{choose.randint(number // 10 or 1, number - 1)}"/>\n'
        yield (
            f'<rdfs:subClassOf><owl:Restriction><owl:onProperty rdf:resource="{_OBO}RO_0000087"/><owl:someValuesFrom'
            f' rdf:resource="{_OBO}CHEBI_{choose.randint(1, classes)}"/></owl:Restriction></rdfs:subClassOf>\n'
        )
        for tag, text in (
            ("obo:IAO_0000115", f"A made-up compound of which nothing is known but that it has the number {number}."),
            *((f"chebi:{kind}", f"{kind} {number}") for kind in "charge formula inchi inchikey mass smiles".split()),
            ("oio:id", f"CHEBI:{number}"),
            ("oio:hasExactSynonym", f"exact name of compound {number}"),
            ("oio:hasRelatedSynonym", f"related name of compound {number}"),
            ("oio:hasRelatedSynonym", f"trivial name of compound {number}"),
            ("oio:hasDbXref", f"CAS:{number}-00-{number % 10}"),
            ("oio:hasDbXref", f"KEGG:C{number:05}"),
            ("oio:hasDbXref", f"DrugBank:DB{number % 100_000:05}"),
            ("rdfs:label", f"compound {number}"),
        ):
            yield f"<{tag} {_STRING}>{text}</{tag}>\n"
        yield "</owl:Class>\n"
        if number % 2:
            yield _axiom(iri, "hasExactSynonym", f"exact name of compound {number}")
            yield _axiom(iri, "hasDbXref", f"CAS:{number}-00-{number % 10}")
        if number % 3 == 0:
            yield _axiom(iri, "hasRelatedSynonym", f"trivial name of compound {number}")
    yield "</rdf:RDF>\n"


def _axiom(iri: str, name: str, target: str) -> str:
    return (
        f'<owl:Axiom><owl:annotatedSource rdf:resource="{iri}"/><owl:annotatedProperty rdf:resource="{_OIO}{name}"/>'
        f"<owl:annotatedTarget {_STRING}>{target}</owl:annotatedTarget><oio:hasDbXref {_STRING}>IUPAC</oio:hasDbXref>"
        f'<oio:hasSynonymType rdf:resource="{_OBO}chebi#IUPAC_NAME"/></owl:Axiom>\n'
    )


def obo(classes: int) -> Iterator[str]:
    """Much the same as a flat file."""
    yield "format-version: 1.2\ndata-version: 237\nontology: chebi\n\n"
    for number in range(1, classes + 1):
        yield (
            f"[Term]\nid: CHEBI:{number}\nname: compound {number}\n"
            f'synonym: "exact name of compound {number}" EXACT IUPAC_NAME [IUPAC:1]\n'
            f'synonym: "related name of compound {number}" RELATED [KEGG:1]\n'
            f'synonym: "trivial name of compound {number}" RELATED [KEGG:1]\n'
            f"xref: CAS:{number}-00-{number % 10}\nxref: KEGG:C{number:05}\nxref: DrugBank:DB{number % 100_000:05}\n"
            f"is_a: CHEBI:{max(1, number // 2)}\n\n"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the files, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.ontology", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--classes", type=int, default=200_000)
    parser.add_argument("--other-ways", action="store_true", help="measure the ways that were not taken, too")
    options = parser.parse_args(arguments)
    ways = (*_WAYS, *_OTHER_WAYS) if options.other_ways else _WAYS
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), options.classes, n_triples=options.other_ways)
        print(f"{'':58}{'MB':>6}{'classes':>9}{'wall s':>8}{'CPU s':>8}{'peak MiB':>10}")
        for name, file, code in ways:
            path = Path(folder) / file
            command = [sys.executable, "-c", _START + code + _END, str(path)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(
                f"{name:58}{path.stat().st_size / 1e6:6.0f}{found['classes']:9,}{found['wall']:8.1f}"
                f"{found['cpu']:8.1f}{found['peak']:10.0f}",
                flush=True,
            )


def _write(folder: Path, classes: int, *, n_triples: bool) -> None:
    for name, pieces in (("chebi.owl", rdf_xml(classes)), ("chebi.obo", obo(classes))):
        with (folder / name).open("w", encoding="utf-8") as file:
            file.writelines(pieces)
    if n_triples:
        import pyoxigraph as ox

        triples = (quad.triple for quad in ox.parse(path=folder / "chebi.owl", format=ox.RdfFormat.RDF_XML))
        ox.serialize(triples, output=folder / "chebi.nt", format=ox.RdfFormat.N_TRIPLES)


if __name__ == "__main__":
    main()
