"""Results of queries: typed rows, frames, tables and files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from kg.errors import QueryError, UsageError
from kg.namespaces import PREFIXES
from kg.store.backend import RawResult
from kg.store.cells import IRI, Cell, LangString, cell, shown
from kg.store.frames import pandas_frame, polars_frame

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped]
    import polars

__all__ = ["IRI", "Cell", "LangString", "Result", "notice"]

_TRIPLE_COLUMNS: Final = ("subject", "predicate", "object")
_SHOWN_ROWS: Final = 100
_RESULT_FORMATS: Final = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPH_FORMATS: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
_HTML: Final = """<table>
<thead><tr>{% for column in columns %}<th>{{ column }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in rows %}
<tr>{% for cell in row %}<td>{% if cell.link %}<a href="{{ cell.link }}">{{ cell.text }}</a>
{%- else %}{{ cell.text }}{% endif %}</td>{% endfor %}</tr>{% endfor %}
</tbody></table>
{% if hidden %}<p>{{ hidden }} more rows</p>{% endif %}"""


class Result:
    """The result of a query, complete and in memory.

    SELECT gives :attr:`columns` and :attr:`rows`. ASK gives :attr:`boolean`, and one row with it. CONSTRUCT and
    DESCRIBE give :attr:`graph_text`, and one row for each triple.

    Args:
        data: the result in ``media_type``.
        media_type: SPARQL results in JSON, XML or TSV, or an RDF format.

    Raises:
        QueryError: the data cannot be read.

    >>> data = b'{"head":{"vars":["n","x"]},"results":{"bindings":[{"n":{"type":"literal","value":"2",'
    >>> data += b'"datatype":"http://www.w3.org/2001/XMLSchema#integer"}}]}}'
    >>> result = Result(data, "application/sparql-results+json")
    >>> result.columns, result.rows
    (('n', 'x'), [(2, None)])
    """

    columns: tuple[str, ...]
    """Names of the columns, without ``?``; also of those that no row binds."""
    rows: list[tuple[Cell, ...]]
    """The rows, in order."""
    boolean: bool | None = None
    """The answer to ASK; None for other queries."""
    cut_at: int | None = None
    """The number of rows at which a remote server says it cut the answer off; None when it says nothing."""
    suspect_at: int | None = None
    """The number of rows where servers often cut an answer off without a word; None when nothing looks like it."""

    def __init__(self, data: bytes, media_type: str) -> None:
        self._data = data
        self._format: ox.QueryResultsFormat | ox.RdfFormat
        results_format = ox.QueryResultsFormat.from_media_type(media_type)
        graph_format = ox.RdfFormat.from_media_type(media_type)
        try:
            if results_format and results_format != ox.QueryResultsFormat.CSV:
                self._format = results_format
                self.columns, self.rows, self.boolean = _read_results(data, results_format)
            elif graph_format:
                self._format = graph_format
                self.columns, self.rows = _TRIPLE_COLUMNS, _read_graph(data, graph_format)
            else:
                raise QueryError(f"no result can be read from {media_type!r}", remedy="expected SPARQL results or RDF")
        except SyntaxError as error:
            problem = f"the result cannot be read as {media_type}: {error}"
        else:
            return
        # Out here the engine's error is gone, and with it the last hold on its iterators, which may be freed only by
        # the thread that made them.
        raise QueryError(problem)

    @classmethod
    def of(cls, raw: RawResult) -> Result:
        """Read a backend's answer to its end.

        Raises:
            QueryError: it fails, is too large for the memory, or cannot be read.
            QueryTimeout: it reached its deadline.
        """
        result = cls(raw.read(), raw.media_type)
        result.cut_at = raw.cut_at
        result.suspect_at = raw.suspect_at
        return result

    @property
    def notice(self) -> str:
        """What to know before these rows are taken for all there are; empty when nothing speaks against it."""
        return notice(self.cut_at, self.suspect_at)

    @property
    def is_graph(self) -> bool:
        """Whether the query gave a graph."""
        return isinstance(self._format, ox.RdfFormat)

    @property
    def graph_text(self) -> str:
        """The graph as Turtle.

        Raises:
            UsageError: the query gave no graph.
        """
        return self.serialise("ttl").decode()

    def serialise(self, form: str) -> bytes:
        """The result as a file.

        Args:
            form: ``table`` or ``parquet``; ``csv``, ``tsv``, ``json`` or ``xml`` for SELECT and ASK; ``ttl``, ``nt``,
                ``nq``, ``trig``, ``jsonld`` or ``rdfxml`` for a graph.

        Raises:
            UsageError: no such form, or not for this kind of result.
        """
        if form == "table":
            return self.table().encode()
        if form == "parquet":
            output = io.BytesIO()
            self.to_polars().write_parquet(output)
            return output.getvalue()
        if isinstance(self._format, ox.RdfFormat):
            if form not in _GRAPH_FORMATS:
                raise _no_form(form, "a graph", _GRAPH_FORMATS)
            quads = ox.parse(self._data, format=self._format)
            graph_format = _GRAPH_FORMATS[form]
            if graph_format in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.RDF_XML):
                return ox.serialize((quad.triple for quad in quads), format=graph_format, prefixes=PREFIXES) or b""
            return ox.serialize((quad.triple for quad in quads), format=graph_format) or b""
        if form not in _RESULT_FORMATS:
            raise _no_form(form, "rows", _RESULT_FORMATS)
        if _RESULT_FORMATS[form] == self._format:
            return self._data
        return ox.parse_query_results(self._data, format=self._format).serialize(format=_RESULT_FORMATS[form]) or b""

    def to_csv(self) -> str:
        """The rows as SPARQL CSV: IRIs in full, unbound empty, lines end in CR LF.

        Source: https://www.w3.org/TR/sparql11-results-csv-tsv/

        Raises:
            UsageError: the query gave a graph.
        """
        return self.serialise("csv").decode()

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a pandas data frame; needs the extra ``pandas``. See :func:`kg.store.frames.pandas_frame`.

        Raises:
            UsageError: pandas is not installed.
        """
        return pandas_frame(self.columns, self.rows)

    def to_polars(self) -> polars.DataFrame:
        """The rows as a polars data frame; needs the extra ``polars``. See :func:`kg.store.frames.polars_frame`.

        Raises:
            UsageError: polars is not installed.
        """
        return polars_frame(self.columns, self.rows)

    def table(self, width: int | None = None) -> str:
        """The rows as a table for a terminal, with prefixed names; wide cells are wrapped.

        Args:
            width: characters of the terminal; what it has, or 160 where there is none, when not given.
        """
        from kg.store.table import draw

        return draw(self.columns, self.rows, width)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return self.boolean if self.boolean is not None else bool(self.rows)

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"<Result: {len(self.rows):,} rows of {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        from jinja2 import Environment

        rows = [
            [{"text": shown(value), "link": value if _is_web(value) else ""} for value in row]
            for row in self.rows[:_SHOWN_ROWS]
        ]
        page = Environment(autoescape=True).from_string(_HTML)
        return page.render(columns=self.columns, rows=rows, hidden=max(0, len(self.rows) - _SHOWN_ROWS))


def notice(cut_at: int | None, suspect_at: int | None) -> str:
    """What the attributes of these names in a :class:`Result` say, in words; empty when they say nothing.

    >>> notice(None, 10_000)
    'the answer has exactly 10,000 rows, at which the endpoint may have cut it off'
    """
    if cut_at is not None:
        return f"the endpoint cut the answer off at {cut_at:,} rows"
    if suspect_at is not None:
        return f"the answer has exactly {suspect_at:,} rows, at which the endpoint may have cut it off"
    return ""


def _read_results(
    data: bytes, results_format: ox.QueryResultsFormat
) -> tuple[tuple[str, ...], list[tuple[Cell, ...]], bool | None]:
    found = ox.parse_query_results(data, format=results_format)
    if isinstance(found, ox.QueryBoolean):
        answer = bool(found)
        return ("boolean",), [(answer,)], answer
    columns = tuple(variable.value for variable in found.variables)
    return columns, [tuple(map(cell, solution)) for solution in found], None


def _read_graph(data: bytes, graph_format: ox.RdfFormat) -> list[tuple[Cell, ...]]:
    quads = ox.parse(data, format=graph_format)
    return [(cell(quad.subject), cell(quad.predicate), cell(quad.object)) for quad in quads]


def _is_web(value: Cell) -> bool:
    return isinstance(value, IRI) and value.startswith(("http://", "https://"))


def _no_form(form: str, what: str, forms: dict[str, Any]) -> UsageError:
    return UsageError(f"{what} cannot be written as {form!r}", remedy=f"expected table, parquet, {', '.join(forms)}")
