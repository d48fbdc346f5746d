"""What a validation process and its owner say to each other, as MessagePack; nothing is pickled."""

from __future__ import annotations

from typing import Final

import msgspec

from kg.config import LIMITS
from kg.errors import InputError, ShapesError, TermError, TrialkgError, ValidationStopped
from kg.validation.shapes import ShapesDocument

__all__ = [
    "NO_MEMORY",
    "REPORT",
    "Answer",
    "Check",
    "Checked",
    "Refused",
    "Task",
    "UseShapes",
    "decode_answer",
    "decode_task",
    "encode",
]

_SHOWN: Final = 500
REPORT: Final = "report"
"""The form of a report that :func:`msgspec.msgpack.decode` makes a ``Report`` of; the others are for people."""

NO_MEMORY: Final = "the validation needs more memory than it may use"
"""What is refused when the process noticed itself that its memory ends."""


class UseShapes(msgspec.Struct, tag=True, frozen=True):
    """Load these shapes in place of the bundled ones, for one of the engines.

    Answered by a :class:`Checked` that says what is not compiled.

    Attributes:
        documents: the shapes.
        engine: what evaluates them.
        seconds: what loading them may take.
        statements: how many statements they may have.
    """

    documents: tuple[ShapesDocument, ...]
    engine: str
    seconds: float
    statements: int = LIMITS.shapes_statements


class Check(msgspec.Struct, tag=True, frozen=True):
    """Validate a document.

    Attributes:
        data: the document.
        media_type: its RDF format.
        place: what it is, for errors.
        base: what relative IRIs in it are relative to.
        form: how the report is wanted: ``json``, ``ttl``, ``text`` or :data:`REPORT`.
        seconds: what it may take.
        results: how many results of each rule the report keeps.
        longest: most bytes of the report.
    """

    data: bytes
    media_type: str
    place: str
    base: str | None
    form: str
    seconds: float
    results: int = LIMITS.validation_results
    longest: int = LIMITS.report_bytes


class Checked(msgspec.Struct, tag=True, frozen=True):
    """The report; or, of shapes, which of them are left to pySHACL and why."""

    report: bytes = b""
    left: dict[str, str] = {}


class Refused(msgspec.Struct, tag=True, frozen=True):
    """What went wrong; ``kind`` is the name of an error of :mod:`kg.errors`."""

    kind: str
    problem: str
    place: str = ""
    remedy: str = ""

    @classmethod
    def of(cls, error: TrialkgError) -> Refused:
        """What says this error, in one line."""
        problem = " ".join(error.problem.split())
        shown = problem if len(problem) <= _SHOWN else problem[:_SHOWN] + "…"
        return cls(type(error).__name__, shown, error.place, error.remedy)

    def error(self) -> TrialkgError:
        """The exception that says this.

        >>> Refused.of(InputError("not Turtle", place="data:3")).error()
        InputError('not Turtle')
        """
        return _ERRORS.get(self.kind, ShapesError)(self.problem, place=self.place, remedy=self.remedy)


_ERRORS: Final = {kind.__name__: kind for kind in (InputError, ShapesError, TermError, ValidationStopped)}

Task = UseShapes | Check
Answer = Checked | Refused

encode: Final = msgspec.msgpack.Encoder().encode
_tasks: Final = msgspec.msgpack.Decoder(Task)
_answers: Final = msgspec.msgpack.Decoder(Answer)


def decode_task(frame: bytes) -> Task:
    """A frame as a task.

    Raises:
        msgspec.DecodeError: it is none.
    """
    task: Task = _tasks.decode(frame)
    return task


def decode_answer(frame: bytes) -> Answer:
    """A frame as an answer.

    Raises:
        msgspec.DecodeError: it is none.
    """
    answer: Answer = _answers.decode(frame)
    return answer
