"""Commands on records: build, convert, fetch, update, validate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.shared import Inputs, Jobs, MaxRejects, Store, Strict, exit_on_rejects, say, show_rejects
from kg.cli.vocabularies import opened_addition
from kg.config import LIMITS, REGISTRY_API, store_directory
from kg.errors import UsageError
from kg.terminal import output_file, progress_bar

if TYPE_CHECKING:
    from kg.pipeline.report import RunReport

__all__ = ["EngineName", "RdfForm", "ReportForm", "build", "convert", "fetch", "update", "validate"]

_Api = Annotated[str, typer.Option("--api", metavar="URL", help="The registry's API v2, or a server like it.")]
_Term = Annotated[str, typer.Option("--query", metavar="TEXT", help="Words anywhere in a record.")]
_Condition = Annotated[str, typer.Option(metavar="TEXT", help="Words for conditions or diseases.")]
_Intervention = Annotated[str, typer.Option(metavar="TEXT", help="Words for interventions or treatments.")]
_PageSize = Annotated[int, typer.Option(min=1, max=1000, help="Most studies in one answer.")]
_Interval = Annotated[float, typer.Option(min=0, help="Least seconds from one request to the next.")]


class RdfForm(StrEnum):
    """Formats that ``convert`` writes."""

    NT = "nt"
    NQ = "nq"
    TTL = "ttl"
    TRIG = "trig"
    JSONLD = "jsonld"
    RDFXML = "rdfxml"


class EngineName(StrEnum):
    """What validates, see :class:`kg.validation.Engine`."""

    COMPILED = "compiled"
    PYSHACL = "pyshacl"


class ReportForm(StrEnum):
    """Formats of a validation report."""

    TEXT = "text"
    JSON = "json"
    TTL = "ttl"


_NoValidate = Annotated[bool, typer.Option("--no-validate", help="Do not validate against the shapes.")]
_Engine = Annotated[EngineName, typer.Option("--engine", help="The compiled rules, or pySHACL alone.")]
_AuditEvery = Annotated[
    int, typer.Option(min=0, metavar="N", help="Validate one study in N by pySHACL too, and at least one; 0 for none.")
]
_AuditSeed = Annotated[int, typer.Option(metavar="N", help="Which studies these are.")]
_AdmitViolations = Annotated[
    bool, typer.Option("--admit-violations", help="Let studies with violations in, marked by tkg:breaksRule.")
]


def build(
    inputs: Inputs,
    store: Store = None,
    no_validate: _NoValidate = False,
    engine: _Engine = EngineName.COMPILED,
    audit_every: _AuditEvery = LIMITS.audit_every,
    audit_seed: _AuditSeed = 0,
    admit_violations: _AdmitViolations = False,
    jobs: Jobs = None,
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
    max_rejects: MaxRejects = None,
    strict: Strict = False,
) -> None:
    """Convert records, link, validate and load them, and publish the result.

    Studies that the store has already are replaced, the others stay. All of the input is published or, on an
    error or a kill at any moment, nothing is changed. The account of the run is in DIR/report.json. Every study is
    validated; one with violations is kept out, and its statements and report are in a file under DIR/quarantine.
    """
    from kg.pipeline.build import build as run
    from kg.pipeline.checking import Checking
    from kg.validation import Engine

    directory = store_directory(store)
    with ExitStack() as stack, progress_bar() as progress:
        add = [stack.enter_context(opened_addition([path])) for path in vocabulary or ()]
        checking = Checking(Engine(engine.value), audit_every, audit_seed, admits=admit_violations)
        report = run(
            inputs,
            directory,
            add=add,
            history=history,
            checking=None if no_validate else checking,
            jobs=jobs,
            progress=progress,
        )
    say(report.text())
    _show_left_out(report, directory)
    say(f"published in {directory}")
    exit_on_rejects(len(report.left_out), 0 if strict else max_rejects)


def _show_left_out(report: RunReport, directory: Path) -> None:
    rest = f"all in {directory / 'report.json'}"
    show_rejects([(row.place, row.reason) for row in report.rejects], rest)
    show_rejects([(f"{row.nct_id} {row.place}", row.reason) for row in report.quarantined], rest, what="quarantined")
    if report.quarantined:
        say(f"what was quarantined is in {directory / 'quarantine'}; --admit-violations lets it in")


def convert(
    inputs: Inputs,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to [default: stdout].")
    ] = None,
    form: Annotated[RdfForm, typer.Option("--format", help="The RDF format.")] = RdfForm.NT,
    max_rejects: MaxRejects = None,
    strict: Strict = False,
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
    say(report.text())
    show_rejects([(row.place, row.reason) for row in report.rejects], "")
    exit_on_rejects(len(report.rejects), 0 if strict else max_rejects)


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
    with RegistryApi(api, interval=interval, say=say) as registry, progress_bar() as progress:
        fetched = run(asked, output, registry, page_size=page_size, progress=progress, say=say)
    show_rejects([(f"{row.nct_id} {row.place}".strip(), row.reason) for row in fetched.rejects], "")
    why = "the registry has no such study" if asked.only_ids else "no such study, or the rest of the query excludes it"
    for nct_id in fetched.absent:
        say(f"not found: {nct_id}: {why}")
    say(f"{fetched.records:,} studies in {output}{'' if fetched.new else ', as new as the registry'}")


def update(
    store: Store = None,
    since: Annotated[
        str, typer.Option(metavar="DATE", help="Since this day [default: the day before the store's data date].")
    ] = "",
    new: Annotated[bool, typer.Option("--new", help="Also studies that the store does not have yet.")] = False,
    query: _Term = "",
    condition: _Condition = "",
    intervention: _Intervention = "",
    api: _Api = REGISTRY_API,
    page_size: _PageSize = 1000,
    interval: _Interval = LIMITS.registry_interval,
    jobs: Jobs = None,
    no_validate: _NoValidate = False,
    admit_violations: _AdmitViolations = False,
) -> None:
    """Fetch what changed at the registry since the store's data date, and replace these studies in one step.

    On any error the store stays as it was, and the next run goes on with what is fetched already.
    """
    from kg.pipeline.checking import Checking
    from kg.pipeline.update import update as run
    from kg.sources.ctgov_api import RegistryApi, registry_query

    directory = store_directory(store)
    asked = registry_query(term=query, condition=condition, intervention=intervention, since=since)
    with RegistryApi(api, interval=interval, say=say) as registry, progress_bar() as progress:
        done = run(
            directory,
            registry,
            query=asked,
            known=not new,
            page_size=page_size,
            jobs=jobs,
            checking=None if no_validate else Checking(admits=admit_violations),
            progress=progress,
            say=say,
        )
    show_rejects([(f"{row.nct_id} {row.place}".strip(), row.reason) for row in done.fetched.rejects], "")
    say(f"since {done.since}: {done.fetched.records:,} studies fetched, {done.changed:,} new or changed")
    if done.report:
        say(done.report.text())
        _show_left_out(done.report, directory)
        say(f"published in {directory}")


def validate(
    inputs: Annotated[list[str] | None, typer.Argument(metavar="[INPUT...]", help="Records or RDF files.")] = None,
    store: Store = None,
    shapes: Annotated[list[Path] | None, typer.Option(metavar="PATH", help="Shapes to use instead of ours.")] = None,
    engine: _Engine = EngineName.COMPILED,
    jobs: Jobs = None,
    form: Annotated[ReportForm, typer.Option("--format", help="The format of the report.")] = ReportForm.TEXT,
    timeout: Annotated[
        float, typer.Option(metavar="S", help="Seconds that --shapes may take for one study or RDF file.")
    ] = LIMITS.validation_seconds,
) -> None:
    """Validate records, RDF files or a store against the SHACL shapes.

    Exit code 1 when there is a Violation; warnings and infos are listed only. Shapes of --shapes run in a process
    with limits of time and memory; when they reach one, that is exit code 2.
    """
    from kg.pipeline.validate import validate_inputs
    from kg.pipeline.validate_store import validate_store
    from kg.validation import Engine

    chosen = Engine(engine.value)
    if inputs and store:
        raise UsageError("both INPUT and --store are given", remedy="give one of them")
    if inputs:
        report, rejects = validate_inputs(inputs, shapes or (), engine=chosen, seconds=timeout, say=say)
        show_rejects([(reject.place, reject.reason) for reject in rejects], "")
    else:
        directory = store_directory(store)
        with progress_bar() as progress:
            report = validate_store(
                directory, shapes or (), engine=chosen, jobs=jobs, seconds=timeout, say=say, progress=progress
            )
    forms = {ReportForm.TEXT: report.text, ReportForm.JSON: report.json, ReportForm.TTL: report.turtle}
    typer.echo(forms[form]())
    if not report.conforms:
        raise typer.Exit(1)
