"""The RDF forms of an export: how statements are written in each, part by part.

What a library's serializer would do to a whole graph is done to one study, so that memory stays bounded and the order
is ours. JSON-LD has one node to the line, RDF/XML one description for each subject.

Source: https://www.w3.org/TR/json-ld11/#syntax-tokens-and-keywords, https://www.w3.org/TR/rdf-syntax-grammar/,
https://www.w3.org/TR/trig/, https://www.w3.org/TR/n-quads/.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from kg.errors import StoreError
from kg.namespaces import PREFIXES
from kg.turtle import RDF_TYPE, Subjects, literal_text, prefix_lines, subjects, turtle_of

__all__ = ["FORMS", "GRAPH_FORMS", "Form", "split_form", "used_prefixes"]

_TYPE: Final = f"<{RDF_TYPE}>".encode()
_PREFIX: Final = {namespace: prefix for prefix, namespace in PREFIXES.items()}
_LONGEST: Final = re.compile("|".join(re.escape(name) for name in sorted(PREFIXES.values(), key=len, reverse=True)))
_LOCAL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*$")
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Form(NamedTuple):
    """How a document is made of the statements of parts.

    Args:
        end: end of the file's name, and the key of its type in :data:`kg.catalog.files.FILE_TYPES`.
        body: the text of a part, given as N-Triples and by subject.
        head: what a document begins with, given the prefixes that it declares.
        between: what stands between parts.
        foot: what a document ends with.
        comments: whether lines that begin with ``#`` are comments.
    """

    end: str
    body: Callable[[bytes, Subjects], bytes]
    head: Callable[[Collection[str]], bytes] = lambda _prefixes: b""
    between: bytes = b""
    foot: bytes = b""
    comments: bool = False


def used_prefixes(text: bytes) -> set[str]:
    """The prefixes that stand in text of any form, and perhaps some that only a literal has."""
    return {name for found in set(_USED.findall(text)) if (name := found.decode()) in PREFIXES}


_USED: Final = re.compile(rb'[\s^"</]([a-z][a-z0-9-]*):')


def split_form(name: str) -> tuple[str, bool]:
    """A form without ``.gz``, and whether it had it."""
    plain = name.removesuffix(".gz")
    return plain, plain != name


# --- JSON-LD -----------------------------------------------------------------------------------------------------


def _json_nodes(found: Subjects) -> bytes:
    """Statements as nodes of JSON-LD, one to the line, parted by commas; their prefixes are :data:`PREFIXES`.

    Canonical N-Triples escapes text as JSON does, so that literals are copied.
    """
    nodes = []
    for subject, predicates in found:
        members = [b'{"@id":' + _json_name(subject)]
        for predicate, values in predicates:
            if predicate == _TYPE:
                names = [_json_name(value) for value in values if value[:1] == b"<"]
                members.append(b'"@type":' + (names[0] if len(names) == 1 else b"[%b]" % b",".join(names)))
                continue
            terms = [_json_value(value) for value in values]
            members.append(_json_name(predicate) + b":" + (terms[0] if len(terms) == 1 else b"[%b]" % b",".join(terms)))
        nodes.append(b",".join(members) + b"}")
    return b",\n".join(nodes)


def _json_value(term: bytes) -> bytes:
    if term[:1] == b"<":
        return b'{"@id":%b}' % _json_name(term)
    text, _, kind = term.rpartition(b'"')
    text += b'"'
    if not kind:
        return text
    if kind[:1] == b"@":
        return b'{"@language":"%b","@value":%b}' % (kind[1:], text)
    return b'{"@type":%b,"@value":%b}' % (_json_name(kind[2:]), text)


@lru_cache(maxsize=65_536)
def _json_name(term: bytes) -> bytes:
    iri = term[1:-1].decode()
    found = _LONGEST.match(iri)
    # After two slashes a name is no longer one with a prefix.
    if found and not iri.startswith("//", found.end()):
        iri = f"{_PREFIX[found[0]]}:{iri[found.end() :]}"
    elif iri.partition(":")[0] in PREFIXES:
        raise StoreError(f"<{iri}> reads as a prefixed name in JSON-LD", remedy="write another format")
    return json.dumps(iri, ensure_ascii=False).encode()


def _json_head(prefixes: Collection[str]) -> bytes:
    context = json.dumps({prefix: PREFIXES[prefix] for prefix in sorted(prefixes)}, indent=1)
    return f'{{"@context":{context},\n"@graph":[\n'.encode()


# --- RDF/XML -----------------------------------------------------------------------------------------------------


def _xml_head(prefixes: Collection[str]) -> bytes:
    names = "".join(f'\n  xmlns:{prefix}="{PREFIXES[prefix]}"' for prefix in sorted({"rdf", *prefixes}))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{names}>\n'.encode()


def _xml_descriptions(found: Subjects) -> bytes:
    lines = []
    for subject, predicates in found:
        lines.append(f"<rdf:Description rdf:about={_attribute(subject)}>")
        for predicate, values in predicates:
            name, declared = _element(predicate)
            for value in values:
                if value[:1] == b"<":
                    lines.append(f"  <{name}{declared} rdf:resource={_attribute(value)}/>")
                    continue
                text, kind = literal_text(value)
                if bad := _NO_XML.search(text):
                    raise StoreError(
                        f"the character {bad[0]!r} cannot be in XML",
                        place=subject.decode(),
                        remedy="write another format than rdfxml",
                    )
                if kind:
                    declared += (
                        f" xml:lang={quoteattr(kind[1:].decode())}"
                        if kind[:1] == b"@"
                        else f" rdf:datatype={_attribute(kind)}"
                    )
                lines.append(f"  <{name}{declared}>{escape(text, _LINE_ENDS)}</{name}>")
                declared = _element(predicate)[1]
        lines.append("</rdf:Description>\n")
    return "\n".join(lines).encode()


# A reader of XML turns a carriage return that is not escaped into a line feed.
_LINE_ENDS: Final = {"\r": "&#13;"}


def _attribute(term: bytes) -> str:
    return quoteattr(term[1:-1].decode())


@lru_cache(maxsize=65_536)
def _element(term: bytes) -> tuple[str, str]:
    """The name of an element for a property, and the declaration that it needs."""
    iri = term[1:-1].decode()
    found = _LONGEST.match(iri)
    if found and _LOCAL.match(iri, found.end()):
        return f"{_PREFIX[found[0]]}:{iri[found.end() :]}", ""
    local = _LOCAL.search(iri)
    if not local:
        raise StoreError(
            f"the property <{iri}> has no name in XML", remedy="write another format than rdfxml, or rename it"
        )
    return f"ns:{local[0]}", f" xmlns:ns={quoteattr(iri[: local.start()])}"


# --- The forms ---------------------------------------------------------------------------------------------------


FORMS: Final[Mapping[str, Form]] = {
    "ttl": Form("ttl", lambda _, found: turtle_of(found), prefix_lines, comments=True),
    "nt": Form("nt", lambda text, _: text),
    "nq": Form("nq", lambda text, _: text),
    "trig": Form("trig", lambda _, found: turtle_of(found), prefix_lines, comments=True),
    "jsonld": Form("jsonld", lambda _, found: _json_nodes(found), _json_head, b",\n", b"\n]}\n"),
    "rdfxml": Form("rdf", lambda _, found: _xml_descriptions(found), _xml_head, foot=b"</rdf:RDF>\n"),
}
"""Name of a form → how it is written. Each may be compressed: its name then ends in ``.gz``."""


def _quads(graph: bytes, text: bytes) -> bytes:
    return text.replace(b" .\n", b" %b .\n" % graph)


def _named(graph: bytes, text: bytes) -> bytes:
    return b"%b {\n\n%b}\n\n" % (graph, turtle_of(subjects(text.splitlines(keepends=True))))


def _json_graph(graph: bytes, text: bytes) -> bytes:
    nodes = _json_nodes(subjects(text.splitlines(keepends=True)))
    return b'{"@id":%b,"@graph":[\n%b\n]}' % (_json_name(graph), nodes)


GRAPH_FORMS: Final[Mapping[str, Callable[[bytes, bytes], bytes]]] = {
    "nq": _quads,
    "trig": _named,
    "jsonld": _json_graph,
}
"""Name of a form that knows named graphs → the text of one, given its name and its statements as N-Triples."""
