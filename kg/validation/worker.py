"""The validation process: shapes and data of strangers, one task at a time.

It trusts neither. It has limits of its own for memory and processor time, no network where the kernel lets it give
that up, writes no files, asks no other server whatever a query says, and ends when its owner does.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from kg.confined.inside import connect, leave_network, limit_memory, limit_processor_time
from kg.errors import ShapesError, TrialkgError, ValidationStopped
from kg.validation.messages import (
    NO_MEMORY,
    REPORT,
    Answer,
    Check,
    Checked,
    Refused,
    Task,
    UseShapes,
    decode_task,
    encode,
)
from kg.validation.reading import read_graph
from kg.validation.report import Report
from kg.validation.shapes import parse_shapes
from kg.validation.validator import Engine, Validator

if TYPE_CHECKING:
    from rdflib.plugins.sparql.parserutils import CompValue
    from rdflib.plugins.sparql.sparql import QueryContext

__all__ = ["main"]

_NICENESS: Final = 5
_SHOWN: Final = 500


class _Worker:
    """The shapes in use, and what is done with them."""

    def __init__(self) -> None:
        self._validator: Validator | None = None

    def answer(self, task: Task) -> Answer:
        """Do a task, saying what went wrong where something did."""
        try:
            if isinstance(task, UseShapes):
                self._validator = Validator(parse_shapes(task.documents, most=task.statements), Engine(task.engine))
                return Checked(left=dict(self._validator.left))
            return Checked(self._check(task))
        except TrialkgError as error:
            return Refused.of(error)
        except MemoryError:
            return Refused(ValidationStopped.__name__, NO_MEMORY)
        except RecursionError:
            return Refused(ShapesError.__name__, "the shapes nest too deeply")
        except Exception as error:
            # Odd shapes and values make the libraries raise anything; the next task is not affected.
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:_SHOWN]
            return Refused(ShapesError.__name__, f"the shapes cannot be evaluated: {reason}")

    def _check(self, task: Check) -> bytes:
        data = read_graph(task.data, task.media_type, place=task.place, base=task.base)
        if self._validator is None:
            self._validator = Validator()
        written = _written(_shortened(self._validator.graph(data), task.results), task.form)
        if len(written) > task.longest:
            problem = f"the report has more than {task.longest:,} bytes"
            raise ValidationStopped(problem, remedy="validate less at once")
        return written


def _shortened(report: Report, most: int) -> Report:
    """A report with the first results of each shape, and all totals.

    Without messages of their own, shapes give each result another message, so those play no part here.
    """
    number: Counter[tuple[str, str]] = Counter()
    kept = []
    for result in report.results:
        key = (result.source_shape, result.severity)
        number[key] += 1
        if number[key] <= most:
            kept.append(result)
    return msgspec.structs.replace(report, results=tuple(kept))


def _written(report: Report, form: str) -> bytes:
    if form == REPORT:
        return msgspec.msgpack.encode(report)
    forms = {"json": report.json, "ttl": report.turtle, "text": report.text}
    return forms[form]().encode("utf-8", "replace")


def _ask_no_server() -> None:
    """Make SPARQL in shapes ask no server and load no graph, whatever its text became after it was checked."""
    import rdflib.plugins.sparql as sparql

    def refuse(_: QueryContext, part: CompValue) -> None:
        if part.name == "ServiceGraphPattern":
            raise ShapesError("SERVICE is not allowed in shapes", remedy="ask the data graph only")
        raise NotImplementedError  # what rdflib does itself

    sparql.CUSTOM_EVALS["kg.validation.worker"] = refuse
    sparql.SPARQL_LOAD_GRAPHS = False


def main(descriptor: str, memory: str) -> None:
    """Do tasks until the connection is closed.

    Args:
        descriptor: this process's end of the connection.
        memory: bytes of address space that it may use beyond what it starts with.
    """
    leave_network()
    connection = connect(int(descriptor))
    # Queries of others, which take milliseconds, go first.
    os.nice(_NICENESS)
    # Nobody reads standard error while this runs, and a full pipe would stop it.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    import pyshacl  # noqa: F401  (before the limits, as all that it loads)

    _ask_no_server()
    limit_memory(int(memory))
    worker = _Worker()
    connection.send_bytes(encode(Checked()))
    try:
        while True:
            task = decode_task(connection.recv_bytes())
            limit_processor_time(task.seconds)
            connection.send_bytes(encode(worker.answer(task)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        sys.exit()
