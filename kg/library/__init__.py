"""The query library: one ``.rq`` file per question, with a head that says what it answers and what it takes.

A head is grlc's: lines that begin with ``#+`` before the query, YAML as far as it is used here, which is
``key: value`` on one line and lists of ``- item`` or ``- name: value``. A parameter is a variable
``?_name_kind``; its kind says which RDF term a value becomes. ``?_name`` alone takes text. For grlc a name is letters
and digits, and a kind that is a datatype has its prefix: ``?_firstName_iri``, ``?_since_xsd_date``; people read and
write ``first_name`` and ``since``. A default that is an IRI is written whole, since grlc knows no prefixes.

A value is placed where the variable stands, as one RDF term, by a tokenizer that knows strings, IRIs and comments.
So a value is never read as SPARQL. The engine's own substitutions are no way: they need the variable projected.

Source: https://github.com/CLARIAH/grlc (decorators, parameters), https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

from kg.library.binding import Bound, bind, bind_marked, paged
from kg.library.document import as_markdown
from kg.library.files import LibraryQuery, load_library, parse_query
from kg.library.parameters import Kind, Parameter

__all__ = [
    "Bound",
    "Kind",
    "LibraryQuery",
    "Parameter",
    "as_markdown",
    "bind",
    "bind_marked",
    "load_library",
    "paged",
    "parse_query",
]
