"""Validation of what people have in files: records and RDF.

The bundled shapes run here, for as long as it takes. A user's run in a process with limits, of which the deadline is
for one study or one RDF file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.config import LIMITS
from kg.errors import InputError
from kg.linking.linker import load_linker
from kg.namespaces import PREFIXES, compress
from kg.pipeline.choose import choose, chosen
from kg.pipeline.convert import convert
from kg.sources import Inputs, Reject
from kg.store.xml import NotWhole, require_whole
from kg.terms import RDF_TYPE
from kg.validation import Engine, LimitedValidator, Report, Validator, merge, read_shapes_files

__all__ = ["report_on", "validate_inputs", "validator_for"]

_RDF: Final = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}


def validate_inputs(
    inputs: Sequence[str | Path],
    shapes: Sequence[Path] = (),
    *,
    engine: Engine = Engine.COMPILED,
    seconds: float = LIMITS.validation_seconds,
    say: Callable[[str], None] | None = None,
) -> tuple[Report, list[Reject]]:
    """Validate records (converted first) and RDF files (as they are).

    Args:
        inputs: files, folders, patterns; RDF files are known by their ending.
        shapes: shape files to use in place of the bundled ones.
        engine: what validates.
        seconds: what these may take, for each study or RDF file.
        say: told which shapes are left to pySHACL.

    Returns:
        The report, and what of the input could not be read.

    Raises:
        InputError: nothing could be read at all.
        ShapesError: the shapes cannot be used.
        ValidationStopped: they reached a limit.
    """
    with validator_for(shapes, engine, seconds, say) as validator:
        return _validate_inputs(inputs, validator)


def _validate_inputs(
    inputs: Sequence[str | Path], validator: Validator | LimitedValidator
) -> tuple[Report, list[Reject]]:
    reports: list[Report] = []
    rejects: list[Reject] = []
    graphs = [Path(given) for given in inputs if Path(given).suffix.lower() in _RDF]
    for path in graphs:
        try:
            reports.append(report_on(validator, _read_rdf(path)))
        except InputError as error:
            rejects.append(Reject(error.place, "", f"{error.problem} ({error.remedy})", whole_input=True))
    records = [given for given in inputs if Path(given).suffix.lower() not in _RDF]
    if records:
        load_linker()
        with Inputs(records) as opened:
            for part in convert(chosen(opened, choose(opened))):
                rejects += part.rejects
                reports += [validator.study(text) for text in _by_study(part.ntriples.decode())]
    if not reports:
        first = rejects[0] if rejects else None
        raise InputError(first.reason if first else "there is nothing to validate", place=first.place if first else "")
    return merge(reports), rejects


@contextmanager
def validator_for(
    shapes: Sequence[Path], engine: Engine, seconds: float, say: Callable[[str], None] | None
) -> Iterator[Validator | LimitedValidator]:
    """What validates: here with the bundled shapes, in a process with limits with others, which are loaded first."""
    if not shapes:
        yield Validator(engine=engine)
        return
    with LimitedValidator(read_shapes_files(shapes), engine=engine, seconds=seconds) as limited:
        limited.load()
        for shape, reason in limited.left.items():
            if say:
                say(f"left to pySHACL: {compress(shape)}: {reason}")
        yield limited


def report_on(validator: Validator | LimitedValidator, triples: Sequence[ox.Triple]) -> Report:
    """What does not fit in some statements, each of which is there once."""
    if isinstance(validator, Validator):
        return validator.statements([(str(one.subject), str(one.predicate), str(one.object)) for one in triples])
    return validator.study((ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode())


def _by_study(text: str) -> Iterator[str]:
    """The statements of each study of a part; the first statement of a study says that it is one."""
    marker = f" {RDF_TYPE} <{PREFIXES['tkg']}Study> .\n"
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.endswith(marker) and lines:
            yield "".join(lines)
            lines = []
        lines.append(line)
    if lines:
        yield "".join(lines)


def _read_rdf(path: Path) -> list[ox.Triple]:
    """The statements of an RDF file, each once, read by a parser that fetches nothing."""
    form = _RDF[path.suffix.lower()]
    try:
        with path.open("rb") as file:
            if form == ox.RdfFormat.RDF_XML:
                require_whole(file)
                file.seek(0)
            return list(dict.fromkeys(quad.triple for quad in ox.parse(file, format=form)))
    except FileNotFoundError as error:
        raise InputError("no such file", place=str(path), remedy="check the path") from error
    except NotWhole as error:
        raise InputError(f"is not whole: {error}", place=f"{path}:{error.line}", remedy="get it again") from None
    except (OSError, SyntaxError) as error:
        raise InputError(
            f"cannot be read: {error}", place=str(path), remedy="expected RDF as its ending says"
        ) from error
