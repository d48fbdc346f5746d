"""How a result names things: the same words whichever engine found it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from kg.namespaces import PREFIXES
from kg.validation.report import SEVERITIES, Term
from kg.validation.values import text_of

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["default_message", "message_of", "node_name", "only_study", "rule_iri", "severity_name", "study_of", "term"]

_SH: Final = PREFIXES["sh"]
_STUDY: Final = re.compile(re.escape(PREFIXES["trial"]) + r"(NCT[0-9]{8})(?:/|$)")
_STRING: Final = PREFIXES["xsd"] + "string"


def study_of(iri: str) -> str:
    """NCT id of the study that a node belongs to, by its IRI; ``""`` for none.

    >>> study_of(PREFIXES["trial"] + "NCT02983045/arm/1"), study_of("_:")
    ('NCT02983045', '')
    """
    match = _STUDY.match(iri)
    return match[1] if match else ""


def node_name(node: Node) -> str:
    """A focus node in a result: its IRI, ``_:`` for a blank node, or a literal as N-Triples.

    >>> import rdflib
    >>> node_name(rdflib.URIRef("a:b")), node_name(rdflib.BNode()), node_name(rdflib.Literal(1))
    ('a:b', '_:', '"1"^^<http://www.w3.org/2001/XMLSchema#integer>')
    """
    from rdflib import Literal, URIRef

    if isinstance(node, URIRef):
        return str(node)
    return text_of(node) if isinstance(node, Literal) else "_:"


def only_study(iris: Iterable[str]) -> str:
    """NCT id of the one study that there is; ``""`` where there are more or none."""
    found = {study_of(iri) for iri in iris} - {""}
    return found.pop() if len(found) == 1 else ""


def severity_name(iri: str) -> str:
    """``Violation``, ``Warning`` or ``Info``, or the IRI of another severity."""
    name = iri.removeprefix(_SH)
    return name if name in SEVERITIES else iri


def rule_iri(shapes: Graph, shape: Node | None) -> str:
    """The shape's IRI, or that of the nearest shape around it: other people's property shapes often have none."""
    from rdflib import URIRef

    seen = set()
    while shape is not None and not isinstance(shape, URIRef) and shape not in seen:
        seen.add(shape)
        shape = next(iter(sorted(shapes.subjects(None, shape), key=str)), None)
    return str(shape) if isinstance(shape, URIRef) else f"{_SH}Shape"


def message_of(messages: Iterable[Node]) -> str:
    """The message in English where there are several languages, on one line; ``""`` for none."""
    found = sorted(messages, key=str)
    english = [message for message in found if (getattr(message, "language", None) or "en").startswith("en")]
    return " ".join(str((english or found)[0]).split()) if found else ""


def default_message(component: str) -> str:
    """What is said of a shape without a message.

    Args:
        component: IRI of the constraint component.

    >>> default_message(PREFIXES["sh"] + "MinCountConstraintComponent")
    'Mend what the constraint MinCount does not allow.'
    """
    name = re.split(r"[/#]", component)[-1].removesuffix("ConstraintComponent")
    return f"Mend what the constraint {name} does not allow."


def term(node: Node) -> Term:
    """A term of rdflib as a result shows it."""
    from rdflib import Literal, URIRef

    if isinstance(node, Literal):
        datatype = "" if node.datatype is None or str(node.datatype) == _STRING else str(node.datatype)
        return Term("literal", str(node), datatype, (node.language or "").lower())
    return Term("uri", str(node)) if isinstance(node, URIRef) else Term("bnode", "")
