"""Checks of the drug ontology: each is a SPARQL query of ``ontology/checks`` that finds what is wrong.

A query gives ``?subject`` and ``?detail``, a row for each fault, and says in its head what it finds, how bad that is
(``violation`` or ``warning``) and why it matters. What is known and meant is listed with its reason in
``ontology/checks/exceptions.tsv``; an exception that nothing needs any longer is a fault too::

    python -m kg.vocabularies.checks
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph

from kg.config import resource
from kg.errors import TrialkgError, VocabularyError
from kg.namespaces import compress, expand
from kg.terms import render
from kg.vocabularies.agents import statements

__all__ = ["SEVERITIES", "Check", "Finding", "findings", "load_checks", "load_exceptions", "main", "merged", "run"]

SEVERITIES: Final = ("violation", "warning")
_HEAD: Final = re.compile(r"^#\+ (\w+): (\S.*)$", re.MULTILINE)
_KEYS: Final = ("summary", "severity", "why")
_VOCABULARY: Final = ("trialkg.ttl", "codes.ttl")
_EXCEPTIONS: Final = "exceptions.tsv"
_COLUMNS: Final = ["check", "subject", "reason"]


class Check(NamedTuple):
    """A query of ``ontology/checks``: its name, what it finds, how bad that is, why it matters, and the SPARQL."""

    name: str
    summary: str
    severity: str
    why: str
    text: str


class Finding(NamedTuple):
    """A fault: the check that found it, the subject's IRI, and what about it."""

    check: str
    subject: str
    detail: str


def load_checks(folder: Traversable | None = None) -> list[Check]:
    """The checks, by name.

    Args:
        folder: where the queries are; ``ontology/checks`` of the package when None.

    Raises:
        VocabularyError: a query has no proper head.

    >>> [check.severity for check in load_checks() if check.name == "action-without-source"]
    ['violation']
    """
    folder = folder or resource("ontology", "checks")
    found = []
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".rq"):
            continue
        text = file.read_text(encoding="utf-8")
        head = dict(_HEAD.findall(text))
        if sorted(head) != sorted(_KEYS) or head["severity"] not in SEVERITIES:
            raise VocabularyError(
                f"has the head {', '.join(sorted(head)) or 'nothing'}",
                place=f"{folder.name}/{file.name}",
                remedy=f"expected #+ {', #+ '.join(_KEYS)}, and the severity {' or '.join(SEVERITIES)}",
            )
        found.append(Check(file.name.removesuffix(".rq"), head["summary"], head["severity"], head["why"], text))
    return found


def load_exceptions(folder: Traversable | None = None) -> dict[tuple[str, str], str]:
    """Check and subject → why it is meant.

    Raises:
        VocabularyError: the table is malformed, or names a thing twice or without a reason.
    """
    folder = folder or resource("ontology", "checks")
    place = f"{folder.name}/{_EXCEPTIONS}"
    rows = csv.reader(folder.joinpath(_EXCEPTIONS).read_text(encoding="utf-8").splitlines(), delimiter="\t")
    if next(rows, []) != _COLUMNS:
        raise VocabularyError("is no table of exceptions", place=place, remedy=f"expected {', '.join(_COLUMNS)}")
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        if len(row) != len(_COLUMNS) or not all(row) or (row[0], expand(row[1])) in found:
            raise VocabularyError(
                f"row {row}", place=f"{place}:{rows.line_num}", remedy="expected a check, a subject and a reason, once"
            )
        found[row[0], expand(row[1])] = row[2]
    return found


def merged(folder: Traversable | None = None) -> pyoxigraph.Store:
    """What the checks look at: vocabulary, code lists, agents, what was inferred of them, and their identifiers.

    Args:
        folder: the folder ``ontology``; that of the package when None.

    Raises:
        VocabularyError: one of the files cannot be read.
    """
    folder = folder or resource("ontology")
    store = pyoxigraph.Store()
    for name in _VOCABULARY:
        with folder.joinpath(name).open("rb") as file:
            store.bulk_load(file, format=pyoxigraph.RdfFormat.TURTLE)
    store.bulk_load(render(statements(folder)).encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return store


def run(check: Check, store: pyoxigraph.Store) -> list[Finding]:
    """What one check finds, sorted, exceptions included.

    Raises:
        VocabularyError: the query is malformed, or gives something else than subjects and details.
    """
    try:
        rows = store.query(check.text)
    except SyntaxError as error:
        raise VocabularyError(f"is not SPARQL: {' '.join(str(error).split())}", place=f"{check.name}.rq") from error
    if not isinstance(rows, pyoxigraph.QuerySolutions) or [v.value for v in rows.variables] != ["subject", "detail"]:
        raise VocabularyError("gives no subject and detail", place=f"{check.name}.rq", remedy="SELECT ?subject ?detail")
    return sorted({Finding(check.name, *(_shown(term) for term in row)) for row in rows})


def findings(folder: Traversable | None = None) -> list[Finding]:
    """Every fault of the drug ontology that is no listed exception, and every exception that nothing needs.

    Args:
        folder: the folder ``ontology``; that of the package when None.

    Raises:
        VocabularyError: a file, a check or the table of exceptions is malformed.
    """
    folder = folder or resource("ontology")
    store, meant = merged(folder), load_exceptions(folder / "checks")
    found = [finding for check in load_checks(folder / "checks") for finding in run(check, store)]
    needed = {(finding.check, finding.subject) for finding in found}
    return [finding for finding in found if (finding.check, finding.subject) not in meant] + [
        Finding(check, subject, "an exception that nothing needs any longer")
        for check, subject in sorted(meant.keys() - needed)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: shows what the checks find.

    Returns:
        0, or 1 when something is wrong, or 2 for an error.
    """
    parser = argparse.ArgumentParser(
        prog="python -m kg.vocabularies.checks", description=(__doc__ or "").partition("\n")[0]
    )
    folder = Path(str(resource("ontology")))
    parser.add_argument("--ontology", type=Path, default=folder, metavar="FOLDER", help="folder of agents.ttl")
    options = parser.parse_args(arguments)
    try:
        checks = load_checks(options.ontology / "checks")
        found = findings(options.ontology)
    except TrialkgError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    severity = {check.name: check.severity for check in checks}
    for finding in found:
        named = compress(finding.subject)
        sys.stdout.write(
            f"{severity.get(finding.check, 'unknown check')}\t{finding.check}\t{named}\t{finding.detail}\n"
        )
    sys.stdout.write(f"{len(checks)} checks, {len(found)} findings\n")
    return 1 if found else 0


def _shown(term: pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple | None) -> str:
    return term.value if isinstance(term, pyoxigraph.NamedNode | pyoxigraph.Literal) else str(term or "")


if __name__ == "__main__":
    sys.exit(main())
