"""Validation in a process of its own, which has limits and can be stopped.

Shapes are programs: their SPARQL and their patterns can run for ever and take all memory. So those of a user are
loaded and evaluated in a confined process, and so is whatever the endpoint is sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from kg.config import LIMITS
from kg.confined.owner import Confined, How
from kg.errors import ShapesError, UsageError, ValidationStopped, ValidationTimeout
from kg.validation.messages import NO_MEMORY, REPORT, Check, Checked, Refused, Task, UseShapes, decode_answer, encode
from kg.validation.report import Report
from kg.validation.shapes import ShapesDocument
from kg.validation.validator import Engine

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = ["LimitedValidator"]

_WORKER: Final = "kg.validation.worker"
_NTRIPLES: Final = "application/n-triples"
_MOST_SECONDS: Final = 7.0 * 24 * 3600
"""The timers of the system do not take any number."""
_SECONDS_TO_START: Final = 60.0


class LimitedValidator:
    """Does what :class:`kg.validation.Validator` does, within limits; use it in ``with``, or close it.

    The process starts, and loads the shapes, when it is first needed. It does one thing at a time, but :meth:`close`
    may be called from any thread, and stops what it does.

    Args:
        shapes: shapes to use in place of the bundled ones.
        engine: what evaluates these shapes.
        seconds: what each call may take, and what loading the shapes may take.
        memory: address space that the process may use.
        statements: most statements of these shapes.
        results: results of each rule that a report keeps.
        longest: most bytes of a report.

    Attributes:
        left: shape → why its rules are not compiled and pySHACL evaluates them; known when they are loaded.
        ending: how the process ended before its work was done; None when it did not, or was stopped at the deadline.

    Raises:
        UsageError: a deadline that makes no sense.

    >>> from kg.validation import LimitedValidator
    >>> with LimitedValidator() as validator:
    ...     validator.study("").conforms
    True
    """

    def __init__(
        self,
        shapes: Sequence[ShapesDocument] | None = None,
        *,
        engine: Engine = Engine.COMPILED,
        seconds: float = LIMITS.validation_seconds,
        memory: int = LIMITS.validation_memory,
        statements: int = LIMITS.shapes_statements,
        results: int = LIMITS.validation_results,
        longest: int = LIMITS.report_bytes,
    ) -> None:
        if not seconds > 0:
            raise UsageError(f"a deadline of {seconds:g} seconds", remedy="expected a number above 0")
        self.left: dict[str, str] = {}
        self.ending: How | None = None
        self._shapes = shapes
        self._engine = engine
        self._place = ", ".join(document.place for document in shapes or ())
        self._seconds = min(seconds, _MOST_SECONDS)
        self._loaded_in = 0.0
        self._memory = memory
        self._statements = statements
        self._results = results
        self._longest = longest
        self._lock = threading.Lock()
        self._closed = False
        self._process: Confined | None = None

    def study(self, ntriples: str) -> Report:
        """What does not fit in the statements of one study; see :meth:`kg.validation.Validator.study`.

        Raises:
            InputError: the text is not N-Triples.
            ShapesError: the shapes cannot be loaded or evaluated.
            ValidationStopped: a limit was reached; this validator is of no further use.
        """
        return self._report(ntriples.encode())

    def graph(self, data: Graph) -> Report:
        """What does not fit in a graph; raises as :meth:`study`."""
        return self._report(data.serialize(format="nt", encoding="utf-8"))

    def written(self, data: bytes, media_type: str, form: str, *, place: str, base: str | None = None) -> bytes:
        """The report on a document, as text. Loading the shapes counts, if it was not done before.

        Args:
            data: the document, in UTF-8.
            media_type: its RDF format: Turtle, TriG, N-Triples, N-Quads.
            form: ``json``, ``ttl`` or ``text``.
            place: what the document is, for errors.
            base: what relative IRIs are relative to; None refuses them.

        Raises:
            InputError: the document does not parse.
            ShapesError, ValidationStopped: as for :meth:`study`.
        """
        self.load()
        left = max(0.0, self._seconds - self._loaded_in)
        return self._do(Check(data, media_type, place, base, form, left, self._results, self._longest))

    def load(self) -> None:
        """Start the process and load the shapes, unless that is done.

        Raises:
            ShapesError: the shapes cannot be loaded.
            ValidationStopped: not within the limits.
        """
        self._running()

    def close(self) -> None:
        """End the process, whatever it does. May be called again."""
        with self._lock:
            self._closed = True
            if self._process:
                self._process.kill()

    def __enter__(self) -> LimitedValidator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _report(self, ntriples: bytes) -> Report:
        found = self._do(Check(ntriples, _NTRIPLES, "", None, REPORT, self._seconds, self._results, self._longest))
        return msgspec.msgpack.decode(found, type=Report)

    def _do(self, task: Task) -> bytes:
        process = self._running()
        process.send(encode(task))
        return self._answer(process, task.seconds).report

    def _running(self) -> Confined:
        with self._lock:
            if self._closed:
                raise ValidationStopped("the validation was stopped", place=self._place)
            if self._process:
                return self._process
            try:
                process = self._process = Confined(_WORKER, [str(self._memory)])
            except OSError as error:
                raise ValidationStopped(f"no validation process can be started: {error}") from error
        try:
            # What the start takes does not count against the shapes.
            self._answer(process, _SECONDS_TO_START)
            if self._shapes is not None:
                begin = time.monotonic()
                process.send(encode(UseShapes(tuple(self._shapes), self._engine, self._seconds, self._statements)))
                self.left = self._answer(process, self._seconds).left
                self._loaded_in = time.monotonic() - begin
        except BaseException:
            # It must not go on with other shapes than these.
            self.close()
            raise
        return process

    def _answer(self, process: Confined, seconds: float) -> Checked:
        try:
            if not process.poll(seconds):
                self.close()
                remedy = "simplify the shapes, or allow more time"
                raise ValidationTimeout(f"the validation was stopped after {self._seconds:g} s", remedy=remedy)
            answer = decode_answer(process.receive())
            if isinstance(answer, Refused):
                self.ending = How.MEMORY if answer.problem == NO_MEMORY else None
                raise answer.error()
        except EOFError:
            raise self._ended(process) from None
        except ShapesError as error:
            error.place = error.place or self._place
            raise
        return answer

    def _ended(self, process: Confined) -> ValidationStopped:
        ending = process.ending()
        self.ending = ending.how
        self.close()
        problem = {
            How.MEMORY: f"the validation needs more than the {self._memory / 2**20:,.0f} MiB it may use",
            How.KILLED: "the validation was stopped",
            How.STACK: "the shapes nest too deeply",
            How.CRASHED: f"the validation process ended by {ending.words}",
        }
        return ValidationStopped(problem[ending.how], place=self._place, remedy="simplify the shapes")
