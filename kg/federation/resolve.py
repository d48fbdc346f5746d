"""Queries with ``SERVICE``, made into queries without: the rows of the other server stand in its place.

A SERVICE is a pattern that is evaluated on its own and joined with what is around it, so a table of its solutions
means the same. Where what comes before it in the query binds some of its variables, these values are sent along, in
batches: they make the answer shorter and change nothing in the join.

Source: https://www.w3.org/TR/sparql11-federated-query/#defn_service (section 2.4).
"""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, Final, NamedTuple, cast

import pyoxigraph as ox

from kg.errors import QueryError, QueryRefused, QueryTimeout, RemoteError
from kg.federation.answers import Row, Term, read_rows
from kg.federation.hosts import AllowedHosts
from kg.federation.limits import ServiceLimits
from kg.federation.text import Group, Scan, variables_of
from kg.store.guard import names_service, parsed, refuse_federation, walk

__all__ = ["Federation", "Resolved"]

_NO_CALLS: Final = frozenset(f"http://wikiba.se/ontology#{name}" for name in ("label", "around", "box"))
"""What Wikidata's own engine does under the form of SERVICE, within what is sent there."""
_VALUES: Final = 500
"""Rows of values that are sent with one call."""
_SLACK: Final = 0.25
"""Seconds before the query's own deadline at which a call ends, so that the answer can say what took so long."""


class Resolved(NamedTuple):
    """A query that asks nobody, and the functions that it needs."""

    text: str
    functions: dict[ox.NamedNode, Callable[..., Any]] | None = None


class _Table(NamedTuple):
    """The solutions of one SERVICE."""

    names: Sequence[str]
    rows: list[Row]


class _Block(NamedTuple):
    """One SERVICE, parsed: its IRI, or None where it is a variable."""

    iri: str | None
    variable: str


class Federation:
    """What a query process needs to ask other servers.

    Args:
        limits: which hosts, and what it may cost.
        caller: the connection to a process that runs :mod:`kg.federation.caller`.
    """

    def __init__(self, limits: ServiceLimits, caller: Connection) -> None:
        self.limits = limits
        self.hosts = AllowedHosts(limits.hosts)
        self._caller = caller
        # The parser takes a second to load, which is not to be that of a query.
        import_module("rdflib.plugins.sparql.algebra")

    def resolve(self, store: ox.Store, request: dict[str, Any], prefixes: Mapping[str, str]) -> Resolved:
        """Ask the other servers of a query, and put their answers into it.

        Args:
            store: the store, for what values to send along.
            request: the query, with dataset and deadline, as a query process gets it.
            prefixes: those that count as declared.

        Raises:
            QueryRefused: a server that is not allowed, or too many calls.
            QueryError: the query does not parse.
            QueryTimeout: a server took too long.
            RemoteError: a server failed, or answered nonsense.
        """
        text = request["text"]
        if names_service(text):
            scan = Scan(text)
            if scan.every_service:
                return _Query(self, store, request, scan, prefixes).resolved()
            refuse_federation(text)
        return Resolved(text)

    def call(self, iri: str, query: str, *, seconds: float, most: int) -> tuple[str, bytes]:
        """One call: the media type of the answer, and its bytes.

        Raises:
            QueryRefused, QueryTimeout, RemoteError: as :meth:`resolve`; :class:`_TooLarge` beyond ``most``.
        """
        try:
            self._caller.send_bytes(json.dumps({"iri": iri, "query": query, "seconds": seconds, "most": most}).encode())
            head = json.loads(self._caller.recv_bytes())
            if "media_type" in head:
                return head["media_type"], self._caller.recv_bytes()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise RemoteError("the process that asks other servers ended", remedy="ask for less at once") from None
        match head["kind"]:
            case "refused":
                raise QueryRefused(head["message"])
            case "late":
                raise QueryTimeout(head["message"], remedy="ask it for less, or try again later")
            case "large":
                raise _TooLarge(
                    f"the answers of other servers have more than {self.limits.bytes:,} bytes",
                    remedy="ask for less: name values of the variables, or add LIMIT",
                )
            case _:
                raise RemoteError(head["message"])


class _TooLarge(RemoteError):
    """An answer beyond our own limit, which SILENT does not hide."""


class _Query:
    """One query while its servers are asked."""

    def __init__(
        self,
        federation: Federation,
        store: ox.Store,
        request: dict[str, Any],
        scan: Scan,
        prefixes: Mapping[str, str],
    ) -> None:
        self._federation = federation
        self._store = store
        self._request = request
        self._until = time.monotonic() + request["timeout"] - _SLACK
        self._calls_left = federation.limits.calls
        self._bytes_left = federation.limits.bytes
        self._text: str = request["text"]
        self._nonce = secrets.token_hex(8)
        self._parts: dict[str, str] = {}
        self._blank: dict[str, ox.BlankNode] = {}
        self._head = _head(request["base_iri"], prefixes, scan.prologue)
        self._blocks = self._checked(scan)

    def resolved(self) -> Resolved:
        for block in self._blocks:
            scan = Scan(self._text)
            service = scan.services[0]
            start = service.element
            try:
                table = self._solutions(scan, service, block)
            except (_TooLarge, QueryRefused):
                raise
            except (RemoteError, QueryTimeout):
                if not scan.silent(service):
                    raise
                table = _Table((), [()])
            lines = "\n" * self._text.count("\n", start, service.end)
            self._text = f"{self._text[:start]}{self._placed(table)}{lines}{self._text[service.end :]}"
        refuse_federation(self._text)
        return Resolved(self._filled(self._text), self._functions())

    def _checked(self, scan: Scan) -> list[_Block]:
        """Every SERVICE that we are to ask, in order; each IRI in the query is one of an allowed host.

        Raises:
            QueryRefused: it is not, or it cannot be told where SERVICE stands.
            QueryError: the query does not parse.
        """
        names = Counter(node.name for node in walk(parsed(scan.masked, "query", "has a SERVICE and ")))
        expected = scan.keywords["GRAPH"] + scan.keywords["SERVICE"]
        if names["ServiceGraphPattern"] or names["GraphGraphPattern"] != expected:
            raise QueryRefused(
                "it cannot be told where SERVICE stands in the query", remedy="write it on a line of its own"
            )
        if len(scan.services) > self._calls_left:
            raise self._too_many()
        written = list(dict.fromkeys(scan.term(one) for one in scan.every_service))
        iris = dict(zip([one for one in written if one[0] not in "?$"], self._iris(written), strict=True))
        outer = {id(one) for one in scan.services}
        for service in scan.every_service:
            term = scan.term(service)
            nested = id(service) not in outer
            if term in iris:
                if not (nested and iris[term] in _NO_CALLS):
                    self._federation.hosts.target(iris[term])
            elif nested:
                raise QueryRefused(f"SERVICE {term} within a SERVICE is not allowed", remedy="name the server")
        return [_Block(iris.get(term), term[1:]) for term in map(scan.term, scan.services)]

    def _iris(self, terms: list[str]) -> list[str]:
        """The IRIs, in full, of those of some terms that are no variables."""
        from rdflib import URIRef
        from rdflib.plugins.sparql.algebra import translatePrologue

        named = " ".join(term for term in terms if term[0] not in "?$")
        text = f"{self._head}SELECT * WHERE {{ VALUES ?server {{ {named} }} }}"
        tree = cast("Any", parsed(text, "query", "has a SERVICE that "))
        prologue = translatePrologue(tree[0], self._request["base_iri"])
        found = []
        for term in next(node for node in walk(tree) if node.name == "InlineData").value or ():
            if not isinstance(term, URIRef):
                prefix = term.prefix or ""
                if prologue.namespace_manager.store.namespace(prefix) is None:
                    raise QueryError(f"the prefix {prefix}: of a SERVICE is not declared", remedy="add a PREFIX line")
            found.append(str(prologue.absolutize(term)))
        return found

    def _solutions(self, scan: Scan, service: Group, block: _Block) -> _Table:
        around = scan.around(service)
        names = variables_of(scan.inside(service))
        known = variables_of(around)
        shared = [name for name in names if name in scan.certain(service) and name in known and name != block.variable]
        if block.iri is not None:
            values = self._values(scan, around, shared) if shared else None
            return _Table(names, list(self._rows(scan, service, block.iri, names, values)))
        if block.variable not in known:
            raise QueryRefused(
                f"SERVICE ?{block.variable} is not bound to a server by what comes before it", remedy="name the server"
            )
        columns, rows = self._bound(scan, around, [block.variable, *shared], first=True)
        servers: dict[str, list[Row]] = {}
        for server, *values_of_row in rows:
            if not isinstance(server, ox.NamedNode):
                raise QueryRefused(f"SERVICE ?{block.variable} is not allowed to be {server or 'unbound'}")
            self._federation.hosts.target(server.value)
            servers.setdefault(server.value, []).append(tuple(values_of_row))
        if len(servers) > self._calls_left:
            raise self._too_many()
        table = _Table([block.variable, *(name for name in names if name != block.variable)], [])
        for iri, values_there in servers.items():
            given = _Table(columns[1:], list(dict.fromkeys(values_there))) if columns[1:] else None
            server = ox.NamedNode(iri)
            for row in self._rows(scan, service, iri, names, given):
                bound = dict(zip(names, row, strict=True))
                if bound.pop(block.variable, None) in (None, server):
                    table.rows.append((server, *bound.values()))
        return table

    def _values(self, scan: Scan, around: str, shared: list[str]) -> _Table | None:
        """What is worth sending along; None when it is nothing, or too much."""
        try:
            columns, rows = self._bound(scan, around, shared)
        except (QueryError, SyntaxError):
            # Without these values the answer is longer and the result the same.
            return None
        return _Table(columns, rows) if columns and len(rows) <= _VALUES * self._calls_left else None

    def _bound(self, scan: Scan, around: str, names: list[str], *, first: bool = False) -> tuple[list[str], list[Row]]:
        """The values that some variables have together, without variables that have none somewhere.

        Args:
            scan: the query.
            around: the pattern that binds them.
            names: the variables.
            first: the first of them is kept in any case.
        """
        most = _VALUES * self._federation.limits.calls + 1
        listed = " ".join(f"?{name}" for name in names)
        text = f"{self._head}SELECT DISTINCT {listed} {scan.dataset} WHERE {{ {around} }} LIMIT {most}"
        # No part of it is to reach the engine unseen.
        refuse_federation(text)
        rows = self._ask(text, names)
        if len(rows) == most and first:
            raise QueryRefused("too many values for the server and the variables of a SERVICE", remedy="ask for less")
        kept = [
            position
            for position in range(len(names))
            if (first and position == 0) or all(isinstance(row[position], ox.NamedNode | ox.Literal) for row in rows)
        ]
        distinct = dict.fromkeys(tuple(row[position] for position in kept) for row in rows)
        return [names[position] for position in kept], cast("list[Row]", list(distinct))

    def _ask(self, text: str, names: list[str]) -> list[tuple[Any, ...]]:
        # The parser's garbage holds the frames that called it, and the engine's objects may be freed by this thread
        # only: they stay in a frame that calls no parser.
        request = self._request
        solutions = cast(
            "ox.QuerySolutions",
            self._store.query(
                self._filled(text),
                base_iri=request["base_iri"],
                default_graph=_graphs(request["default_graphs"]),
                named_graphs=_graphs(request["named_graphs"]),
                custom_functions=self._functions(),
            ),
        )
        return [tuple(solution[name] for name in names) for solution in solutions]

    def _rows(self, scan: Scan, service: Group, iri: str, names: Sequence[str], values: _Table | None) -> Iterator[Row]:
        """The solutions that a server has, in as many calls as it takes."""
        if values is None:
            yield from self._call(iri, f"{self._head}SELECT * WHERE {{ {scan.inside(service)} }}", names)
            return
        # In a group of its own it means the same in any case; without, more servers begin with the values.
        pattern = scan.inside(service) if scan.plain(service) else f"{{ {scan.inside(service)} }}"
        for first in range(0, len(values.rows), _VALUES):
            batch = _values_clause(values.names, values.rows[first : first + _VALUES])
            yield from self._call(iri, f"{self._head}SELECT * WHERE {{ {batch} {pattern} }}", names)

    def _call(self, iri: str, query: str, names: Sequence[str]) -> Iterator[Row]:
        if not self._calls_left:
            raise self._too_many()
        self._calls_left -= 1
        seconds = self._until - time.monotonic()
        if seconds <= 0:
            raise QueryTimeout("there is no time left to ask other servers", remedy="ask for less, or allow more time")
        media_type, body = self._federation.call(iri, query, seconds=seconds, most=self._bytes_left)
        self._bytes_left -= len(body)
        labels: dict[str, ox.NamedNode] = {}
        for row in read_rows(media_type, body, names, iri):
            yield tuple(self._kept(term, labels) for term in row)

    def _kept(self, term: Term | None, labels: dict[str, ox.NamedNode]) -> Term | None:
        """A term as it stands in a table, where no blank node can."""
        if not isinstance(term, ox.BlankNode):
            return term
        if term.value not in labels:
            labels[term.value] = ox.NamedNode(f"urn:trialkg:{self._nonce}:{len(self._blank)}")
            self._blank[labels[term.value].value] = ox.BlankNode()
        return labels[term.value]

    def _placed(self, table: _Table) -> str:
        """What stands in the text for a table, until the text has been checked for the last time."""
        mark = f"<urn:trialkg:{self._nonce}:part:{len(self._parts)}>"
        names = table.names or ("nothing",)
        listed = " ".join(f"?{name}" for name in names)
        place = f"{{ VALUES ({listed}) {{ ({mark}{' UNDEF' * (len(names) - 1)}) }} }}"
        self._parts[place] = self._table(table)
        return place

    def _table(self, table: _Table) -> str:
        blank = {
            position
            for row in table.rows
            for position, term in enumerate(row)
            if isinstance(term, ox.NamedNode) and term.value in self._blank
        }
        if not blank:
            return f"{{ {_values_clause(table.names, table.rows)} }}"
        raw = [f"{name}_{self._nonce}" if position in blank else name for position, name in enumerate(table.names)]
        made = " ".join(
            f"BIND({self._function}(?{raw[position]}) AS ?{table.names[position]})" for position in sorted(blank)
        )
        listed = " ".join(f"?{name}" for name in table.names)
        return f"{{ SELECT {listed} WHERE {{ {_values_clause(raw, table.rows)} {made} }} }}"

    def _filled(self, text: str) -> str:
        for place, table in self._parts.items():
            text = text.replace(place, table)
        return text

    @property
    def _function(self) -> ox.NamedNode:
        # Nobody can name it who does not know the number.
        return ox.NamedNode(f"urn:trialkg:{self._nonce}:blank")

    def _functions(self) -> dict[ox.NamedNode, Callable[..., Any]] | None:
        return {self._function: self._unblanked} if self._blank else None

    def _unblanked(self, term: Term) -> Term:
        return self._blank.get(term.value, term) if isinstance(term, ox.NamedNode) else term

    def _too_many(self) -> QueryRefused:
        return QueryRefused(
            f"the query asks other servers more than {self._federation.limits.calls} times", remedy="ask for less"
        )


def _graphs(names: list[str] | None) -> Any:
    return None if names is None else [ox.NamedNode(name) for name in names]


def _head(base_iri: str | None, prefixes: Mapping[str, str], prologue: str) -> str:
    """What the parts of a query need before them to mean what they mean in it."""
    base = f"BASE <{base_iri}> " if base_iri else ""
    return base + "".join(f"PREFIX {prefix}: <{iri}> " for prefix, iri in prefixes.items()) + prologue


def _values_clause(names: Sequence[str], rows: Iterable[Row]) -> str:
    listed = " ".join(f"?{name}" for name in names)
    lines = "\n".join(f"({' '.join('UNDEF' if term is None else str(term) for term in row)})" for row in rows)
    return f"VALUES ({listed}) {{ {lines} }}"
