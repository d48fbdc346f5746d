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

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

from kg import terms
from kg.config import resource
from kg.errors import QueryError, TermError, UsageError
from kg.namespaces import PREFIXES, compress, expand
from kg.store.substitution import marks

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


class Kind(StrEnum):
    """What a parameter takes; the last part of its variable."""

    BOOLEAN = "boolean"
    DATE = "date"
    DECIMAL = "decimal"
    INTEGER = "integer"
    IRI = "iri"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query; ``default`` is None where a value must be given."""

    name: str
    kind: Kind
    default: str | None = None


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """A query with what its head says; ``text`` is the query without the head, parameters not yet bound."""

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    text: str
    place: str


class Bound(NamedTuple):
    """A query with values, and what proves that they are terms in it; see :mod:`kg.store.substitution`.

    Attributes:
        text: the query.
        marked: the same with marks in the places of the values; empty where no value was given.
        terms: each mark with its term.
    """

    text: str
    marked: str = ""
    terms: tuple[tuple[str, str], ...] = ()

    def paged(self, limit: int | None, offset: int) -> Bound:
        """The same for some of its rows only; see :func:`paged`."""
        text, marked = (one and paged(one, limit, offset) for one in (self.text, self.marked))
        return self._replace(text=text, marked=marked)


_TOKEN: Final = re.compile(
    r'''
      (?P<iri>      < [^\x00-\x20<>"{}|^`\\]* > )
    | (?P<string>   """ (?: "{0,2} (?: [^"\\] | \\. ) )*+ """
                  | \'\'\' (?: '{0,2} (?: [^'\\] | \\. ) )*+ \'\'\'
                  | " (?: [^"\\\n\r] | \\. )*+ "
                  | ' (?: [^'\\\n\r] | \\. )*+ ' )
    | (?P<open>     ["'] )
    | (?P<comment>  \# [^\n\r]* )
    | (?P<variable> [?$] [\w\u00b7]+ )
    | \\.           # an escape in a local name, such as \#
    ''',
    re.VERBOSE | re.DOTALL,
)
_KINDS: Final = {kind.value: kind for kind in Kind}
_PARAMETER = re.compile(r"[?$]_([A-Za-z0-9]\w*)", re.ASCII)
_LIMIT = re.compile(r"\nLIMIT (\d+)\s*\Z")
_HUMP = re.compile(r"(?<=[a-z0-9])[A-Z]")
_ESCAPED_U = re.compile(r"\\\\([uU])")
_CODE_POINT = re.compile(r"\\[uU]")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEAD_KEY = re.compile(r"([a-z]+):(?: (.*))?")
_HEAD_ITEM = re.compile(r"- (.+)")
_NOT_PLAIN = re.compile(r"""^[-?:,\[\]{}#&*!|>'"%@`]|: | #|:$""")
_TEXT_KEYS = ("summary", "description")
_LIST_KEYS = ("tags", "defaults")


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens that matter here; what is between them is punctuation, keywords and numbers.

    Raises:
        QueryError: a string that does not end.
    """
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "open":
            line = text.count("\n", 0, token.start()) + 1
            raise QueryError(f"the string {text[token.start() :][:20]!r} does not end", place=f"line {line}")
        yield token


def _parameter(variable: str) -> tuple[str, Kind] | None:
    """Name and kind of a parameter's variable; None for a variable that is none.

    >>> _parameter("?_condition_iri"), _parameter("?_text"), _parameter("?_last_year_integer"), _parameter("?study")
    (('condition', <Kind.IRI: 'iri'>), ('text', <Kind.TEXT: 'text'>), ('last_year', <Kind.INTEGER: 'integer'>), None)
    >>> _parameter("?_lastYear_integer"), _parameter("?_since_xsd_date")
    (('last_year', <Kind.INTEGER: 'integer'>), ('since', <Kind.DATE: 'date'>))
    """
    match = _PARAMETER.fullmatch(variable)
    if not match:
        return None
    name, _, kind = match[1].rpartition("_")
    if not name or kind not in _KINDS:
        return _public(match[1]), Kind.TEXT
    return _public(name.removesuffix("_xsd") or name), _KINDS[kind]


def _public(name: str) -> str:
    """The name of a parameter for people, of the one in the file."""
    return _HUMP.sub(lambda match: f"_{match[0].lower()}", name)


def _parameters(text: str, defaults: Mapping[str, str], place: str) -> tuple[Parameter, ...]:
    """The parameters of a query in the order in which it names them, with their defaults.

    Raises:
        UsageError: one name with two kinds, or a default for a parameter that the query does not have.
    """
    kinds: dict[str, Kind] = {}
    for token in _tokens(text):
        if token.lastgroup == "variable" and (found := _parameter(token[0])):
            name, kind = found
            if kinds.setdefault(name, kind) is not kind:
                raise UsageError(f"parameter {name!r} has two kinds, {kinds[name]} and {kind}", place=place)
    if strangers := defaults.keys() - kinds.keys():
        raise UsageError(f"defaults for no parameter of the query: {_listed(strangers)}", place=place)
    shown = {name: compress(text) if kinds[name] is Kind.IRI else text for name, text in defaults.items()}
    return tuple(Parameter(name, kind, shown.get(name)) for name, kind in kinds.items())


def _listed(names: set[str] | list[str]) -> str:
    return ", ".join(sorted(names))


def _scalar(text: str, place: str) -> str:
    """A YAML scalar, plain or in double quotes, that every YAML reader takes as the same text."""
    text = text.strip()
    if text.startswith('"'):
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise UsageError(f"{text!r} is not a quoted value", place=place, remedy="close the quotes") from error
        return str(value)
    if not text or _NOT_PLAIN.search(text):
        raise UsageError(f"{text!r} is not a plain value", place=place, remedy='write it in double quotes, "" if empty')
    return text


def _head(lines: list[str], place: str) -> tuple[dict[str, str], dict[str, list[tuple[str, str]]]]:
    """The head's single values, and its lists with the place of each item."""
    texts: dict[str, str] = {}
    lists: dict[str, list[tuple[str, str]]] = {}
    current: list[tuple[str, str]] | None = None
    for number, line in enumerate(lines, start=1):
        here = f"{place}:{number}"
        content = line.removeprefix("#+").strip()
        if item := _HEAD_ITEM.fullmatch(content):
            if current is None:
                raise UsageError(f"{content!r} belongs to no list", place=here, remedy="tags: or defaults: goes before")
            current.append((item[1], here))
            continue
        pair = _HEAD_KEY.fullmatch(content)
        key, value = (pair[1], pair[2]) if pair else ("", None)
        if key in texts or key in lists:
            raise UsageError(f"{key!r} stands twice", place=here)
        if key in _LIST_KEYS and not value:
            current = lists[key] = []
        elif key in _TEXT_KEYS and value:
            texts[key] = _scalar(value, here)
            current = None
        else:
            remedy = "expected summary: TEXT, description: TEXT, tags: or defaults: with their items on the next lines"
            raise UsageError(f"{content!r} is no line of a head", place=here, remedy=remedy)
    return texts, lists


def _defaults(items: list[tuple[str, str]]) -> dict[str, str]:
    defaults: dict[str, str] = {}
    for item, here in items:
        name, colon, value = item.partition(": ")
        if not colon or not name.isidentifier() or _public(name) in defaults:
            raise UsageError(f"{item!r} is no default", place=here, remedy="expected - name: value, each name once")
        defaults[_public(name)] = _scalar(value, here)
    return defaults


def parse_query(source: str, *, name: str = "", place: str = "the query") -> LibraryQuery:
    r"""A query from its text; the head may be left out.

    Args:
        source: the file's text.
        name: what the query is called.
        place: where the text is from, for messages.

    Raises:
        UsageError: the head has a line that is not understood, or speaks of parameters that are not there.
        QueryError: a string in the query does not end.

    >>> query = parse_query("#+ summary: Who?\n#+ tags:\n#+   - people\nSELECT ?s { ?s ?p ?_who_iri }")
    >>> query.summary, query.tags, query.parameters[0].name
    ('Who?', ('people',), 'who')
    """
    lines = source.splitlines(keepends=True)
    end = next((n for n, line in enumerate(lines) if not line.startswith("#+")), len(lines))
    texts, lists = _head(lines[:end], place)
    text = "".join(lines[end:]).strip() + "\n"
    defaults = _defaults(lists.get("defaults", []))
    query = LibraryQuery(
        name=name,
        summary=texts.get("summary", ""),
        description=texts.get("description", ""),
        tags=tuple(_scalar(item, here) for item, here in lists.get("tags", [])),
        parameters=_parameters(text, defaults, place),
        text=text,
        place=place,
    )
    for parameter in query.parameters:
        if parameter.default is not None:
            _term(parameter, parameter.default, query)
    return query


def load_library(folder: Traversable | None = None) -> dict[str, LibraryQuery]:
    """Every query of a folder, by name; the library that ships with the package when no folder is given.

    Raises:
        UsageError: a file whose name or head is not as it must be.

    >>> "il2-pd1-same-arm" in load_library()
    True
    """
    library: dict[str, LibraryQuery] = {}
    files = [file for file in (folder or resource("queries")).iterdir() if file.name.endswith(".rq")]
    for file in sorted(files, key=lambda file: file.name):
        name = file.name.removesuffix(".rq")
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no query name", place=file.name, remedy="expected words joined by hyphens")
        query = parse_query(file.read_text(encoding="utf-8"), name=name, place=file.name)
        if not (query.summary and query.description and query.tags):
            raise UsageError("the head is not complete", place=file.name, remedy="summary, description and tags")
        library[name] = query
    return library


def _iri(value: str) -> str:
    if value.startswith("<") and value.endswith(">"):
        return terms.ref(value[1:-1])
    prefix, colon, rest = value.partition(":")
    if colon and prefix in PREFIXES and not rest.startswith("//"):
        return terms.ref(expand(value))
    if "://" not in value and not value.startswith("urn:"):
        raise TermError(f"{value!r} is no IRI", remedy="expected prefix:name with a known prefix, or a whole IRI")
    return terms.ref(value)


def _number(pattern: str, write: Callable[[str], str]) -> Callable[[str], str]:
    def term(value: str) -> str:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise TermError(f"{value!r} is not a number of this kind")
        return write(value)

    return term


def _boolean(value: str) -> str:
    if value not in ("true", "false"):
        raise TermError(f"{value!r} is not a truth value", remedy="expected true or false")
    return terms.boolean(value == "true")


def _text(value: str) -> str:
    r"""Text as a SPARQL string, cleaned like the text in the graph, so that the two can be equal.

    SPARQL has ``\uXXXX`` replaced before strings are read, and rdflib does that after a doubled backslash too. The
    letter is therefore written as the code point that it is, in eight digits, as rdflib takes up to eight.
    """
    literal = terms.string(value) or '""'
    return _ESCAPED_U.sub(lambda match: rf"\\\U{ord(match[1]):08X}", literal)


_WRITERS: Final[dict[Kind, Callable[[str], str]]] = {
    Kind.BOOLEAN: _boolean,
    Kind.DATE: lambda value: terms.date(value or "an empty value"),
    Kind.DECIMAL: _number(r"[+-]?(\d{1,40}(\.\d{0,20})?|\.\d{1,20})", terms.decimal),
    Kind.INTEGER: _number(r"[+-]?\d{1,40}", lambda value: terms.integer(int(value))),
    Kind.IRI: _iri,
    Kind.TEXT: _text,
}


def _term(parameter: Parameter, value: object, query: LibraryQuery) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        return _WRITERS[parameter.kind](text if parameter.kind is Kind.TEXT else text.strip())
    except TermError as error:
        raise UsageError(
            f"parameter {parameter.name!r}: {error.problem}",
            place=query.name or query.place,
            remedy=error.remedy or f"expected {parameter.kind}",
        ) from error


def bind(query: LibraryQuery, values: Mapping[str, object] | None = None) -> str:
    r"""The complete SPARQL text of a query: every parameter replaced by its value or its default.

    Args:
        query: a query of the library, or of :func:`parse_query`.
        values: parameter name → value. An IRI may be a prefixed name of :data:`kg.namespaces.PREFIXES`, a whole IRI,
            or one in angle brackets; a date has day or month precision; text may be any text.

    Raises:
        UsageError: a parameter that the query does not have, one without value and default, or a value of the wrong
            kind.

    >>> query = parse_query("SELECT ?s { ?s tkg:phase ?_phase_iri ; dcterms:title ?_title }")
    >>> print(bind(query, {"phase": "phase:phase-2", "title": 'no"} DROP ALL'}), end="")
    SELECT ?s { ?s tkg:phase <https://w3id.org/trialkg/code/phase/phase-2> ; dcterms:title "no\"} DROP ALL" }
    """
    return bind_marked(query, values).text


def bind_marked(query: LibraryQuery, values: Mapping[str, object] | None = None) -> Bound:
    """The same as :func:`bind`, with what proves it to whoever sends the text elsewhere.

    Raises:
        UsageError: as :func:`bind`.
    """
    values = values or {}
    known = {parameter.name: parameter for parameter in query.parameters}
    place = query.name or query.place
    remedy = f"it takes {_listed(list(known))}" if known else "it takes no parameters"
    if unknown := values.keys() - known.keys():
        raise UsageError(f"no such parameter: {_listed(unknown)}", place=place, remedy=remedy)
    if missing := [name for name, one in known.items() if one.default is None and name not in values]:
        raise UsageError(f"no value for {_listed(missing)}", place=place, remedy=remedy)
    if not known:
        return Bound(query.text)
    if _CODE_POINT.search(query.text):
        # Such an escape may open or end a string for one engine and not for another; then no place is sure.
        raise UsageError(
            r"a query with parameters cannot have \u escapes", place=place, remedy="write the character itself"
        )
    written = {name: _term(one, values.get(name, one.default), query) for name, one in known.items()}
    bound = _replaced(query.text, written)
    if not values:
        return Bound(bound)
    marked = marks(known)
    return Bound(bound, _replaced(query.text, marked), tuple((marked[name], term) for name, term in written.items()))


def _replaced(text: str, terms: Mapping[str, str]) -> str:
    """A text with a term in the place of each parameter."""
    parts: list[str] = []
    done = 0
    for token in _tokens(text):
        if token.lastgroup == "variable" and (found := _parameter(token[0])):
            parts += (text[done : token.start()], terms[found[0]])
            done = token.end()
    parts.append(text[done:])
    return "".join(parts)


def paged(text: str, limit: int | None, offset: int) -> str:
    r"""The text of a query of the library, for some of its rows only. Each ends with its order, or its own limit.

    Args:
        text: the text, from :func:`bind`.
        limit: so many rows; None for all.
        offset: so many rows before them are left out.

    >>> paged("SELECT * { ?s ?p ?o }\nORDER BY ?s\nLIMIT 100\n", 30, 80).splitlines()[1:]
    ['ORDER BY ?s', 'LIMIT 20', 'OFFSET 80']
    """
    if own := _LIMIT.search(text):
        left = max(0, int(own[1]) - offset)
        text, limit = text[: own.start()], left if limit is None else min(limit, left)
    rows = [*([f"LIMIT {limit}"] if limit is not None else []), *([f"OFFSET {offset}"] if offset else [])]
    return "\n".join([text.rstrip(), *rows]) + "\n"


def as_markdown(library: Mapping[str, LibraryQuery]) -> str:
    """The library as a Markdown document: a table of all queries, then each with its parameters."""
    lines = [
        "# The query library",
        "",
        "One file in `queries/`, one question. This page is made from the heads of the files; a test keeps it true.",
        "What researchers ask, and which query answers it, is in [questions.md](questions.md). The folder works with",
        "[grlc](https://github.com/CLARIAH/grlc) as it is: `?_drugClass_iri` in a file is `drugClass` there and",
        "`drug_class` here.",
        "",
        "| query | question | parameters |",
        "|---|---|---|",
    ]
    for query in library.values():
        names = ", ".join(f"`{parameter.name}`" for parameter in query.parameters)
        lines.append(f"| [`{query.name}`](#{query.name}) | {query.summary} | {names} |")
    for query in library.values():
        lines += ["", f"## {query.name}", "", f"**{query.summary}** {query.description}", ""]
        lines.append(f"Tags: {', '.join(query.tags)}.")
        if query.parameters:
            lines += ["", "| parameter | kind | default |", "|---|---|---|"]
            for one in query.parameters:
                default = "required" if one.default is None else f"`{one.default}`" if one.default else "empty"
                lines.append(f"| `{one.name}` | {one.kind} | {default} |")
    return "\n".join(lines) + "\n"
