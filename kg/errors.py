"""The errors of trialkg, in one tree.

    TrialkgError
    ├── UsageError        a wrong word on the command line or in a call
    ├── InputError        a file that cannot be read: absent, truncated, too large, no known form
    ├── RecordError       one record that cannot become a study
    ├── TermError         a value that cannot be an RDF term
    ├── VocabularyError   a vocabulary that cannot be read, installed or reasoned over
    ├── ShapesError       shapes that cannot be loaded or evaluated
    │   ├── ValidationDisagreement  two engines find different things in one study
    │   └── ValidationStopped    a validation stopped at a limit
    │       └── ValidationTimeout  … at its deadline
    ├── StoreError        a store that cannot be opened, written or published
    │   └── StoreBusy     … because another writer is at work
    ├── QueryError        a query that does not parse or cannot be answered
    │   ├── QueryRefused  a query that the policy does not allow
    │   └── QueryTimeout  a query stopped at its deadline
    └── RemoteError       a remote server that failed or answered nonsense
        └── RemoteUnavailable  … that cannot be reached, or has no time; later it may

Each carries what was wrong, where (NCT id, path or line) and what to do about it.
"""

from __future__ import annotations

__all__ = [
    "InputError",
    "QueryError",
    "QueryRefused",
    "QueryTimeout",
    "RecordError",
    "RemoteError",
    "RemoteUnavailable",
    "ShapesError",
    "StoreBusy",
    "StoreError",
    "TermError",
    "TrialkgError",
    "UsageError",
    "ValidationDisagreement",
    "ValidationStopped",
    "ValidationTimeout",
    "VocabularyError",
]


class TrialkgError(Exception):
    """Anything that trialkg itself finds wrong.

    Args:
        problem: what is wrong, with the value that is.
        place: where: an NCT id, a path, ``path:line`` or a JSON path.
        remedy: what was expected, or what to do.

    >>> print(RecordError("'2019-13' is not a date", place="NCT01234567", remedy="expected YYYY-MM"))
    NCT01234567: '2019-13' is not a date (expected YYYY-MM)
    """

    exit_code = 2

    def __init__(self, problem: str, *, place: str = "", remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{where}{self.problem}{remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders; keyword-only arguments need this to be pickled.
        return _rebuild, (type(self), self.problem, self.place, self.remedy)


def _rebuild(kind: type[TrialkgError], problem: str, place: str, remedy: str) -> TrialkgError:
    return kind(problem, place=place, remedy=remedy)


class UsageError(TrialkgError):
    """A wrong word on the command line or in a call."""


class InputError(TrialkgError):
    """A file that cannot be read: absent, truncated, too large, of no known form."""


class RecordError(TrialkgError):
    """One record that cannot become a study; the other records are not affected."""


class TermError(TrialkgError):
    """A value that cannot be an RDF term."""


class VocabularyError(TrialkgError):
    """A vocabulary that cannot be read, installed or reasoned over."""


class ShapesError(TrialkgError):
    """SHACL shapes that cannot be loaded or evaluated."""


class ValidationDisagreement(ShapesError):
    """The compiled rules and pySHACL find different things in one study: one of them is wrong, so neither counts."""


class ValidationStopped(ShapesError):
    """A validation that was stopped at a limit: of memory, of the size of its report."""


class ValidationTimeout(ValidationStopped):
    """A validation stopped at its deadline."""


class StoreError(TrialkgError):
    """A store that cannot be opened, written or published."""


class StoreBusy(StoreError):
    """A store that another writer works on."""


class QueryError(TrialkgError):
    """A query that does not parse or cannot be answered."""


class QueryRefused(QueryError):
    """A query that the policy does not allow."""


class QueryTimeout(QueryError):
    """A query stopped at its deadline."""


class RemoteError(TrialkgError):
    """A remote server that failed, or answered what no SPARQL endpoint answers."""

    exit_code = 3


class RemoteUnavailable(RemoteError):
    """A remote server that cannot be reached, broke off, or says that it has no time; later it may answer."""
