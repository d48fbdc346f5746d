"""Shapes that mean no good, for the tests of the command and of the endpoint."""

from __future__ import annotations

from typing import Final

__all__ = ["ENDLESS", "PREFIX", "RECURSIVE", "REFUSED", "arm_shape", "with_query"]

PREFIX: Final = (
    "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix tkg: <https://w3id.org/trialkg/vocab#> .\n"
    "@prefix ex: <https://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)


def arm_shape(rest: str) -> str:
    """A shape for arms."""
    return f"{PREFIX}ex:Arm a sh:NodeShape ; sh:targetClass tkg:Arm ; {rest} .\n"


def with_query(query: str, path: str = "tkg:use", more: str = "") -> str:
    """A shape for arms with a query, as a property shape so that it has a path."""
    text = query.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return arm_shape(f'sh:property [ sh:path {path} ; sh:sparql [ sh:select "{text}" ] ]') + more


_JOIN = " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(9))

ENDLESS: Final = {
    "cross join": with_query(f"SELECT $this {{ {_JOIN} FILTER(?c0 = ?never) }}"),
    # Each letter may go with the inner or the outer repetition: two to the power of the length of the text.
    "pattern": arm_shape('sh:property [ sh:path <http://purl.org/dc/terms/title> ; sh:pattern "^(([a-z])+)+$" ]'),
    # Shapes that multiply by forty at each of six steps, without going round.
    "multiplying": PREFIX
    + "ex:S0 a sh:NodeShape ; sh:targetClass tkg:Arm .\n"
    + "".join(
        f"ex:S{step} sh:node ex:S{step}-{way} . ex:S{step}-{way} sh:node ex:S{step + 1} .\n"
        for step in range(6)
        for way in range(40)
    )
    + 'ex:S6 sh:pattern "^h" .\n',
}
"""Shapes that would run for ever, or for hours."""

RECURSIVE: Final = {
    "itself": arm_shape("sh:node ex:Arm"),
    "by a property": arm_shape("sh:property [ sh:path tkg:use ; sh:node ex:Arm ]"),
    "three": arm_shape("sh:not ex:B") + "ex:B sh:or ( ex:C ) . ex:C sh:qualifiedValueShape ex:Arm .",
    "a path": arm_shape("sh:property [ sh:path _:p ]") + "_:p sh:inversePath _:p .",
    "a list": arm_shape("sh:and _:l")
    + "_:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> ex:B ;"
    + " <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l .",
    "a long way": arm_shape("sh:node ex:S0")
    + "".join(f"ex:S{i} sh:node ex:S{i + 1} .\n" for i in range(5_000))
    + "ex:S5000 sh:node ex:S7 .",
}
"""Shapes that lead back to themselves."""

_DECLARED = 'ex: sh:declare [ sh:prefix "u" ; sh:namespace "urn:u:" ] .'

REFUSED: Final = {
    "plain": with_query("SELECT $this { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }"),
    "odd case": with_query("SELECT $this { sErViCe SILENT <http://127.0.0.1:9/> { $this ?p ?o } }"),
    "in EXISTS": with_query("SELECT $this { FILTER NOT EXISTS { { SERVICE ?s { $this ?p ?o } } } }"),
    "in a filter's filter": with_query(
        "SELECT $this { $this ?p ?o FILTER(!(1 = 2 || EXISTS { ?o ?q ?r FILTER EXISTS { SERVICE ?r { ?a ?b ?c } } })) }"
    ),
    "in a subselect": with_query("SELECT $this { { SELECT $this { { SERVICE <urn:x> { $this ?p ?o } } } } }"),
    "in OPTIONAL": with_query("SELECT $this { OPTIONAL { { $this ?p ?o } UNION { SERVICE <urn:x> { ?o ?p ?q } } } }"),
    "between comments": with_query("SELECT $this { # no\nSERVICE# no\n<urn:x> { $this ?p ?o } }"),
    "escaped": with_query(r"SELECT $this { \u0053ERV\u0049CE <urn:x> { $this ?p ?o } }"),
    "escaped at length": with_query(r"SELECT $this { \U00000053ERVICE <urn:x> { $this ?p ?o } }"),
    # What follows came to be after the check, when the path was put in.
    "by an apostrophe of the path": with_query(
        "SELECT $this { $this a ?t FILTER(' $PATH?t) SERV\\u0049CE <http://127.0.0.1:9/> { ?s ?p ?o } #')\n}",
        path="<urn:a'>",
    ),
    "by the path itself": with_query(
        "SELECT $this { $this $PATH ?o { ?s ?p ?q } }", path="<urn:u:p(1);SERVICE>", more=_DECLARED
    ),
    "by a comment of the path": with_query(
        "SELECT $this { $this $PATH '''\n} SERV\\u0049CE <urn:x> { ?s ?p ?q #''' }", path="<urn:u:p#>", more=_DECLARED
    ),
    "by an inner path": with_query("SELECT $this { $this $PATH ?o }", path="( tkg:use [ sh:inversePath <urn:a'> ] )"),
    "by a longer name": with_query("SELECT $this { $this $PATHSERVICE <urn:x> { ?s ?p ?o } }"),
    "from the web": with_query("SELECT $this FROM <http://127.0.0.1:9/data.ttl> { $this ?p ?o }"),
    "from a file": with_query("SELECT $this FROM NAMED <file:///etc/passwd> { GRAPH ?g { $this ?p ?o } }"),
}
"""Shapes that would reach out."""
