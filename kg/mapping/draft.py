"""The statements of one study while they are being made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kg.errors import TermError
from kg.namespaces import expand
from kg.terms import Statement, date, integer, string
from kg.vocabularies.codes import load_codes

__all__ = ["LABEL", "NO_ADDRESS", "Draft", "prop"]


def prop(curie: str) -> str:
    """A property or class as a term, from its prefixed name."""
    return f"<{expand(curie)}>"


LABEL = prop("rdfs:label")
NO_ADDRESS = "{!r} is not a web address (expected http or https, without spaces)"
"""The note on a link that cannot be followed."""


class Draft:
    """Statements of one study, and notes on what in its record could not be expressed.

    Args:
        study: the study's IRI, without brackets; its parts are below it.

    Attributes:
        statements: what was said so far.
        notes: what could not be said, and why.
        rejected: field → how many of its values could not be said; paths as in :mod:`kg.mapping.fields`.
    """

    def __init__(self, study: str) -> None:
        self.iri = study
        self.study = f"<{study}>"
        self.statements: list[Statement] = []
        self.notes: list[str] = []
        self.rejected: Counter[str] = Counter()
        self._codes = load_codes()

    def part(self, kind: str, number: int) -> str:
        """The term of a part of the study, numbered from 1 in the record's order."""
        return f"<{self.iri}/{kind}/{number}>"

    def add(self, subject: str, predicate: str, value: str) -> None:
        """One statement; none when the value is empty."""
        if value:
            self.statements.append((subject, predicate, value))

    def text(self, subject: str, predicate: str, text: str | None) -> None:
        """A statement with registry text; none when there is no text."""
        if text and (value := string(text)):
            self.statements.append((subject, predicate, value))

    def reject(self, field: str, note: str) -> None:
        """Note that a value of a field could not be expressed."""
        self.notes.append(note)
        self.rejected[field] += 1

    def code(self, subject: str, predicate: str, code_list: str, value: str | None, field: str = "") -> str:
        """A statement with a code of a list; a value that the list lacks is rejected. Returns the code's term.

        ``field`` may be left out where the value is our own and not the registry's.
        """
        if not value:
            return ""
        term = self._codes[code_list].get(value, "")
        if term:
            self.statements.append((subject, predicate, term))
        else:
            self.reject(field, f"{value!r} is not in the code list {code_list}")
        return term

    def count(self, subject: str, predicate: str, number: int | None, field: str) -> None:
        """A statement with a number of people or things; one below 0 is rejected."""
        if number is None:
            return
        if number < 0:
            self.reject(field, f"{number} is below 0")
        else:
            self.statements.append((subject, predicate, integer(number)))

    def date(self, subject: str, predicate: str, text: str | None, field: str) -> str:
        """A statement with a date of the precision it has; what is no date is rejected. Returns the date's term."""
        try:
            term = date(text)
        except TermError as error:
            self.reject(field, str(error))
            return ""
        self.add(subject, predicate, term)
        return term

    def each(self, subject: str, predicate: str, values: Sequence[str]) -> None:
        """One statement for each value."""
        self.statements.extend([(subject, predicate, value) for value in values])
