"""The command line: parse, call, print. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kg.config import LIMITS, REGISTRY_API, VERSION, store_directory
from kg.errors import InputError, TrialkgError, UsageError
from kg.terminal import output_file, progress_bar

if TYPE_CHECKING:
    from kg.pipeline.additions import Addition

__all__ = ["app", "main"]

_SHOWN_REJECTS = 20
_INTERRUPTED = 130
_NO_PARAMETERS = ("prefixes", "timeout")
"""What :meth:`kg.graph.Graph.query` takes beside the parameters of a query."""

app = typer.Typer(
    name="trialkg",
    help="Clinical trial records as a semantic knowledge graph.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_vocabulary = typer.Typer(help="Vocabularies that links are made to.", no_args_is_help=True)
app.add_typer(_vocabulary, name="vocabulary")

_Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT...", help="Files, folders, patterns, archives, or - for standard input.")
]
_Store = Annotated[
    Path | None, typer.Option("--store", metavar="DIR", help="The store [default: $TRIALKG_STORE or ./trials.kg].")
]
_Jobs = Annotated[int | None, typer.Option(min=1, help="Worker processes [default: by the size of the input].")]
_MaxRejects = Annotated[int | None, typer.Option(min=0, help="Exit with 1 when more records than this are rejected.")]
_Api = Annotated[str, typer.Option("--api", metavar="URL", help="The registry's API v2, or a server like it.")]
_Term = Annotated[str, typer.Option("--query", metavar="TEXT", help="Words anywhere in a record.")]
_Condition = Annotated[str, typer.Option(metavar="TEXT", help="Words for conditions or diseases.")]
_Intervention = Annotated[str, typer.Option(metavar="TEXT", help="Words for interventions or treatments.")]
_PageSize = Annotated[int, typer.Option(min=1, max=1000, help="Most studies in one answer.")]
_Interval = Annotated[float, typer.Option(min=0, help="Least seconds from one request to the next.")]
_Strict = Annotated[bool, typer.Option("--strict", help="The same as --max-rejects 0.")]


class RdfForm(StrEnum):
    """Formats that ``convert`` writes."""

    NT = "nt"
    NQ = "nq"
    TTL = "ttl"
    TRIG = "trig"
    JSONLD = "jsonld"
    RDFXML = "rdfxml"


class ReportForm(StrEnum):
    """Formats of a validation report."""

    TEXT = "text"
    JSON = "json"
    TTL = "ttl"


class ResultForm(StrEnum):
    """Formats of a query result."""

    TABLE = "table"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    XML = "xml"
    TTL = "ttl"
    NT = "nt"


class LinkForm(StrEnum):
    """Formats of links."""

    TABLE = "table"
    SSSOM = "sssom"
    JSON = "json"


class ListForm(StrEnum):
    """Formats of a list with its reasons."""

    TABLE = "table"
    JSON = "json"


class Kind(StrEnum):
    """What a string names."""

    CONDITION = "condition"
    INTERVENTION = "intervention"


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Clinical trial records as a semantic knowledge graph."""
    context.obj = debug
    if version:
        typer.echo(f"trialkg {VERSION}")
        raise typer.Exit


@app.command()
def build(
    inputs: _Inputs,
    store: _Store = None,
    no_validate: Annotated[bool, typer.Option("--no-validate", help="Do not validate against the shapes.")] = False,
    jobs: _Jobs = None,
    vocabulary: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="A vocabulary to add first, or corrections of links; may be repeated."),
    ] = None,
    history: Annotated[
        bool | None,
        typer.Option(
            "--history/--no-history",
            help="Keep earlier versions of studies that are replaced, from now on [default: as the store does].",
        ),
    ] = None,
    max_rejects: _MaxRejects = None,
    strict: _Strict = False,
) -> None:
    """Convert records, link, validate and load them, and publish the result.

    Studies that the store has already are replaced, the others stay. All of the input is published or, on an
    error or a kill at any moment, nothing is changed. The account of the run is in DIR/report.json.
    """
    from kg.pipeline.build import build as run

    directory = store_directory(store)
    with ExitStack() as stack, progress_bar() as progress:
        add = [stack.enter_context(_opened([path])) for path in vocabulary or ()]
        report = run(
            inputs, directory, add=add, history=history, validate=not no_validate, jobs=jobs, progress=progress
        )
    _say(report.text())
    _show_rejects([(row.place, row.reason) for row in report.rejects], f"all in {directory / 'report.json'}")
    if report.validation and report.violations:
        _say(f"the shapes found {report.violations} violations: trialkg validate --store {directory}")
    _say(f"published in {directory}")
    _exit_on_rejects(len(report.rejects), 0 if strict else max_rejects)


@app.command()
def convert(
    inputs: _Inputs,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to [default: stdout].")
    ] = None,
    form: Annotated[RdfForm, typer.Option("--format", help="The RDF format.")] = RdfForm.NT,
    max_rejects: _MaxRejects = None,
    strict: _Strict = False,
) -> None:
    """Convert records to RDF without a store.

    A file is written aside and then renamed: it is there whole or not at all.
    """
    from kg.mapping.writer import write
    from kg.pipeline.build import nothing_converted
    from kg.pipeline.choose import choose, chosen
    from kg.pipeline.convert import convert as run
    from kg.pipeline.report import RunReport
    from kg.sources import Inputs

    report = RunReport()
    with Inputs(inputs) as opened, progress_bar() as progress:
        choice = choose(opened)
        first = run(chosen(opened, choice))

        def documents() -> Iterator[bytes]:
            for part in first:
                report.add(part)
                progress(report.records, choice.records)
                yield part.ntriples

        with output_file(output) as file:
            write(documents(), file, form.value)
            if not report.studies:
                raise nothing_converted([(row.place, row.reason) for row in report.rejects])
    _say(report.text())
    _show_rejects([(row.place, row.reason) for row in report.rejects], "")
    _exit_on_rejects(len(report.rejects), 0 if strict else max_rejects)


@app.command()
def fetch(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to write.")],
    ids: Annotated[list[str] | None, typer.Argument(metavar="[NCT...]", help="Studies [default: all].")] = None,
    query: _Term = "",
    condition: _Condition = "",
    intervention: _Intervention = "",
    since: Annotated[str, typer.Option(metavar="DATE", help="Only studies posted or updated from this day on.")] = "",
    api: _Api = REGISTRY_API,
    page_size: _PageSize = 1000,
    interval: _Interval = LIMITS.registry_interval,
) -> None:
    """Download records from the registry into a folder that build and convert read.

    What was interrupted goes on where it was when the same is run again; a folder that is complete is renewed.
    Without ids and words it is the whole registry.
    """
    from kg.sources.ctgov_api import RegistryApi, registry_query
    from kg.sources.fetch import fetch as run

    asked = registry_query(ids or (), term=query, condition=condition, intervention=intervention, since=since)
    with RegistryApi(api, interval=interval, say=_say) as registry, progress_bar() as progress:
        fetched = run(asked, output, registry, page_size=page_size, progress=progress, say=_say)
    _show_rejects([(f"{row.nct_id} {row.place}".strip(), row.reason) for row in fetched.rejects], "")
    why = "the registry has no such study" if asked.only_ids else "no such study, or the rest of the query excludes it"
    for nct_id in fetched.absent:
        _say(f"not found: {nct_id}: {why}")
    _say(f"{fetched.records:,} studies in {output}{'' if fetched.new else ', as new as the registry'}")


@app.command()
def update(
    store: _Store = None,
    since: Annotated[
        str, typer.Option(metavar="DATE", help="Since this day [default: the day before the store's data date].")
    ] = "",
    known: Annotated[bool, typer.Option("--known", help="Only studies that the store has; no new ones.")] = False,
    query: _Term = "",
    condition: _Condition = "",
    intervention: _Intervention = "",
    api: _Api = REGISTRY_API,
    page_size: _PageSize = 1000,
    interval: _Interval = LIMITS.registry_interval,
    jobs: _Jobs = None,
    no_validate: Annotated[bool, typer.Option("--no-validate", help="Do not validate against the shapes.")] = False,
) -> None:
    """Fetch what changed at the registry since the store's data date, and replace these studies in one step.

    New studies come in too, those that the words say if there are any. On any error the store stays as it was, and
    the next run goes on with what is fetched already.
    """
    from kg.pipeline.update import update as run
    from kg.sources.ctgov_api import RegistryApi, registry_query

    directory = store_directory(store)
    asked = registry_query(term=query, condition=condition, intervention=intervention, since=since)
    with RegistryApi(api, interval=interval, say=_say) as registry, progress_bar() as progress:
        done = run(
            directory,
            registry,
            query=asked,
            known=known,
            page_size=page_size,
            jobs=jobs,
            validate=not no_validate,
            progress=progress,
            say=_say,
        )
    _show_rejects([(f"{row.nct_id} {row.place}".strip(), row.reason) for row in done.fetched.rejects], "")
    _say(f"since {done.since}: {done.fetched.records:,} studies fetched, {done.changed:,} new or changed")
    if done.report:
        _say(done.report.text())
        _show_rejects([(row.place, row.reason) for row in done.report.rejects], f"all in {directory / 'report.json'}")
        _say(f"published in {directory}")


@app.command()
def validate(
    inputs: Annotated[list[str] | None, typer.Argument(metavar="[INPUT...]", help="Records or RDF files.")] = None,
    store: _Store = None,
    shapes: Annotated[list[Path] | None, typer.Option(metavar="PATH", help="Shapes to use instead of ours.")] = None,
    form: Annotated[ReportForm, typer.Option("--format", help="The format of the report.")] = ReportForm.TEXT,
) -> None:
    """Validate records, RDF files or a store against the SHACL shapes.

    Exit code 1 when there is a Violation; warnings and infos are listed only.
    """
    from kg.pipeline.validate import validate_inputs, validate_store

    if inputs and store:
        raise UsageError("both INPUT and --store are given", remedy="give one of them")
    if inputs:
        report, rejects = validate_inputs(inputs, shapes or ())
        _show_rejects([(reject.place, reject.reason) for reject in rejects], "")
    else:
        report = validate_store(store_directory(store), shapes or ())
    forms = {ReportForm.TEXT: report.text, ReportForm.JSON: report.json, ReportForm.TTL: report.turtle}
    typer.echo(forms[form]())
    if not report.conforms:
        raise typer.Exit(1)


@app.command()
def query(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A query of the library; see: trialkg queries.")
    ] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="A file with SPARQL.")] = None,
    text: Annotated[
        str | None, typer.Option("-q", "--query", help="SPARQL text; the usual prefixes need no line.")
    ] = None,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter of the query.")] = None,
    store: _Store = None,
    endpoint: Annotated[str | None, typer.Option(metavar="URL", help="Ask this SPARQL endpoint, not a store.")] = None,
    form: Annotated[ResultForm, typer.Option("--format", help="The format of the answer.")] = ResultForm.TABLE,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds after which the query is stopped.")
    ] = LIMITS.query_seconds,
) -> None:
    """Ask a store or an endpoint: a query of the library, a file, or any SPARQL."""
    from kg.graph import open as open_graph

    given = [source for source in (name, file, text) if source is not None]
    if len(given) != 1:
        raise UsageError("no query, or more than one", remedy="give one of NAME, -f FILE, -q TEXT")
    sparql = _read_text(file) if file else text or name or ""
    with open_graph(_place(store, endpoint)) as graph:
        result = graph.query(sparql, prefixes=text is not None, timeout=timeout, **_parameters(param or []))
        if form is ResultForm.TABLE and sys.stdout.isatty():
            typer.echo(result.table())
        else:
            sys.stdout.buffer.write(result.serialise(form.value))


@app.command()
def queries() -> None:
    """The query library: names, questions, parameters."""
    from kg.library import load_library

    rows = []
    for found in load_library().values():
        parameters = [f"{one.name}={one.default}" if one.default else one.name for one in found.parameters]
        rows.append((found.name, found.summary, ", ".join(parameters)))
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "question", "parameters", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


@app.command()
def related(
    study: Annotated[str, typer.Argument(metavar="NCT...", help="The study.")],
    by: Annotated[
        str | None,
        typer.Option(
            metavar="KINDS", help="What counts: target,class,condition,sponsor,phase,reference [default: all]."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most studies shown.")] = 20,
    store: _Store = None,
    endpoint: Annotated[str | None, typer.Option(metavar="URL", help="Ask this SPARQL endpoint, not a store.")] = None,
    form: Annotated[ListForm, typer.Option("--format", help="The format of the answer.")] = ListForm.TABLE,
) -> None:
    """The studies most related to a study, each with the reasons: what is shared, and which words led to it."""
    from kg.graph import open as open_graph
    from kg.related import BY
    from kg.terms import clean

    kinds = tuple(BY) if by is None else tuple(kind.strip() for kind in by.split(","))
    with open_graph(_place(store, endpoint)) as graph:
        found = graph.related(study, by=kinds, limit=limit)
    if form is ListForm.JSON:
        _print_json(found)
        return
    for one in found:
        typer.echo(f"{one.score:.2f}\t{one.nct_id}\t{clean(one.title)}")
        for reason in one.reasons:
            typer.echo(f"    {clean(reason.text())}")
    if not found:
        _say(f"no study here shares anything of that with {study}")


@app.command()
def diff(
    study: Annotated[str, typer.Argument(metavar="NCT...", help="The study, or a file with the older record.")],
    newer: Annotated[str | None, typer.Argument(metavar="[FILE]", help="A file with the newer record.")] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="VERSION", help="The older version: number, name, or a date [default: the one before]."
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="VERSION", help="The newer version [default: the current one].")
    ] = None,
    store: _Store = None,
    endpoint: Annotated[str | None, typer.Option(metavar="URL", help="Ask this SPARQL endpoint, not a store.")] = None,
    form: Annotated[ListForm, typer.Option("--format", help="The format of the answer.")] = ListForm.TABLE,
) -> None:
    """What changed in a study from one version to another: of a store that keeps history, or of two files."""
    from kg.graph import open as open_graph

    if newer is not None:
        from kg.api import diff as diff_records

        if since or until or store or endpoint:
            raise UsageError("two files, and an option for versions in a store", remedy="give one or the other")
        found = diff_records(study, newer)
    else:
        with open_graph(_place(store, endpoint)) as graph:
            found = graph.diff(study, before=since, after=until)
    if form is ListForm.JSON:
        _print_json(found)
    else:
        typer.echo(found.text())


@app.command()
def link(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Strings as a record has them.")],
    kind: Annotated[Kind, typer.Option(help="What the strings name.")] = Kind.CONDITION,
    form: Annotated[LinkForm, typer.Option("--format", help="The format of the answer.")] = LinkForm.TABLE,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="Also the concepts of that name that were not chosen, and why.")
    ] = False,
    store: _Store = None,
) -> None:
    """What strings mean, and why; says so where nothing is certain.

    The vocabularies and corrections are those of the store where there is one, else those of the package.
    """
    from kg.api import linker_of
    from kg.linking.answers import answers, as_json, as_lines, as_table
    from kg.vocabularies.scope import Side

    found = answers(linker_of(store), texts, Side(kind.value), candidates=candidates)
    if form is LinkForm.JSON:
        _print_json(as_json(found))
    elif form is LinkForm.SSSOM:
        typer.echo(as_table(found), nl=False)
    else:
        for line in as_lines(found):
            typer.echo(line)


@_vocabulary.command("add")
def vocabulary_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="mesh, chebi, ncit, dron, atc, rxnorm, or any name.")],
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH...]", help="Files or a URL [default for mesh: the tables in the package]."),
    ] = None,
    store: _Store = None,
    version: Annotated[str, typer.Option(help="The version, where the files do not say it, as a MeSH year.")] = "",
    reason: Annotated[
        bool, typer.Option("--reason", help="Check an OWL file and complete its hierarchy by a reasoner (needs java).")
    ] = False,
    jobs: _Jobs = None,
) -> None:
    """Add a vocabulary to a store, or replace one, and link its studies anew.

    What changed is reported: terms gone, merged, moved, renamed, and links that differ. On any error the store
    stays as it was.
    """
    from kg.pipeline.build import build as run

    directory = store_directory(store)
    with _opened(paths or [], name=name, version=version, reason=reason) as addition, progress_bar() as progress:
        report = run((), directory, add=[addition], jobs=jobs, progress=progress)
    _say(report.text())
    _say(f"published in {directory}")


@_vocabulary.command("remove")
def vocabulary_remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What was added; see: trialkg vocabulary list.")],
    store: _Store = None,
    jobs: _Jobs = None,
) -> None:
    """Remove a vocabulary from a store, and link its studies anew; one that ships with trialkg comes back."""
    from kg.pipeline.build import build as run

    directory = store_directory(store)
    with progress_bar() as progress:
        report = run((), directory, remove=[name], jobs=jobs, progress=progress)
    _say(report.text())
    _say(f"published in {directory}")


@_vocabulary.command("list")
def vocabulary_list(store: _Store = None) -> None:
    """The vocabularies that links are made to: version, number of concepts, licence."""
    from kg.pipeline.vocabularies import used_or_bundled

    for vocabulary in used_or_bundled(store):
        fields = (vocabulary.name, vocabulary.version, f"{vocabulary.concepts:,} concepts", vocabulary.licence)
        typer.echo("\t".join((*fields, vocabulary.iri)))


@app.command()
def export(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to write.")],
    store: _Store = None,
    select: Annotated[
        list[str] | None, typer.Option(metavar="NCT...", help="Only this study; may be repeated.")
    ] = None,
    form: Annotated[list[str] | None, typer.Option("--format", help="ttl, nt, ttl.gz, nt.gz; may be repeated.")] = None,
) -> None:
    """Write a store as files for a data catalog: data, vocabularies, DCAT, VoID, checksums.

    The folder is written aside and then renamed. The same store gives the same bytes.
    """
    from kg.catalog import export as run
    from kg.store.generations import StoreDirectory

    report = run(
        StoreDirectory(store_directory(store)), output, select=select or (), formats=tuple(form or ("ttl", "nt"))
    )
    _say(f"{report.studies:,} studies, {report.statements:,} statements in {len(report.files)} files: {report.output}")


@app.command()
def serve(
    store: _Store = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = 8000,
    workers: Annotated[int | None, typer.Option(min=1, help="Query processes [default: one for each core].")] = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds after which a query is stopped.")
    ] = LIMITS.query_seconds,
) -> None:
    """Serve a store: SPARQL endpoint, pages, query library. Read-only."""
    from kg.server import serve as run

    raise typer.Exit(run(store_directory(store), host=host, port=port, workers=workers, timeout=timeout))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; errors are one line on stderr, never a traceback without ``--debug``.

    Returns:
        The exit code.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(given)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0
        if code == _INTERRUPTED:
            _say("trialkg: interrupted")
        return code
    except TrialkgError as error:
        if "--debug" in given:
            raise
        _say(f"trialkg: {error}")
        return error.exit_code
    except OSError as error:
        # Mostly a full disk; a reader of a pipe that has gone is not among these.
        if "--debug" in given:
            raise
        _say(f"trialkg: {error} (check the path, your rights and the space on the disk)")
        return 2
    return 0


@contextmanager
def _opened(paths: Sequence[str], **options: Any) -> Iterator[Addition]:
    from kg.pipeline.additions import opened

    with opened(paths, **options) as addition:
        yield addition


def _place(store: Path | None, endpoint: str | None) -> str | Path:
    if endpoint and store:
        raise UsageError("both --store and --endpoint are given", remedy="give one of them")
    return endpoint or store_directory(store)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _print_json(value: Any) -> None:
    import msgspec

    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value)) + b"\n")


def _parameters(given: Sequence[str]) -> dict[str, str]:
    values = {}
    for entry in given:
        name, separator, value = entry.partition("=")
        if not separator or not name:
            raise UsageError(f"--param {entry!r} is not a parameter", remedy="expected NAME=VALUE")
        if name in _NO_PARAMETERS:
            raise UsageError(f"--param {entry!r}: no parameter can have this name", remedy="rename it in the query")
        values[name] = value
    return values


def _read_text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", place=str(file), remedy="expected a text file in UTF-8") from error


def _show_rejects(rejects: Sequence[tuple[str, str]], rest: str) -> None:
    for place, reason in rejects[:_SHOWN_REJECTS]:
        _say(f"rejected: {place}: {reason}")
    if len(rejects) > _SHOWN_REJECTS:
        _say(f"and {len(rejects) - _SHOWN_REJECTS} more{'; ' + rest if rest else ''}")


def _exit_on_rejects(number: int, limit: int | None) -> None:
    if limit is not None and number > limit:
        _say(f"trialkg: {number} rejected, more than the {limit} allowed")
        raise typer.Exit(1)
