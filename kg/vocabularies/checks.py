"""Checks of the ontology files: each is a SPARQL query of ``ontology/checks`` that finds what is wrong.

The folder that a query is in says what it looks at:

- ``agents``: the facts of the drug ontology, as a store gets them (:func:`merged`);
- ``terms``: labels, definitions and axioms of vocabulary, code lists and drug ontology (:func:`as_written`);
- ``headers``: what each of these, and the shapes, say of themselves as an ontology.

A query gives ``?subject`` and ``?detail``, a row for each fault, and says in its head what it finds, how bad that is
(``violation`` or ``warning``), why it matters, and which rules of ROBOT or FOOPS! it goes ``after``, if any. What is
known and meant is listed with its reason in ``ontology/checks/exceptions.tsv``; an exception that nothing needs any
longer is a fault too::

    python -m kg.vocabularies.checks

Source: https://robot.obolibrary.org/report (ROBOT's rules), https://w3id.org/foops/ (FOOPS! tests).
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph

from kg.config import resource
from kg.errors import TrialkgError, VocabularyError
from kg.namespaces import compress, expand
from kg.terms import render
from kg.vocabularies.agents import statements

__all__ = [
    "FOLDERS",
    "SEVERITIES",
    "Check",
    "Finding",
    "as_written",
    "findings",
    "load_checks",
    "load_exceptions",
    "main",
    "merged",
    "run",
]

FOLDERS: Final = ("agents", "terms", "headers")
SEVERITIES: Final = ("violation", "warning")
_HEAD: Final = re.compile(r"^#\+ (\w+): (\S.*)$", re.MULTILINE)
_KEYS: Final = frozenset({"summary", "severity", "why"})
_OPTIONAL: Final = frozenset({"after"})
_VOCABULARY: Final = ("trialkg.ttl", "codes.ttl")
_AGENTS: Final = "agents.ttl"
_SHAPES: Final = "common.ttl"
_EXCEPTIONS: Final = "exceptions.tsv"
_COLUMNS: Final = ["check", "subject", "reason"]


class Check(NamedTuple):
    """A query of ``ontology/checks``.

    Attributes:
        name: of its file.
        over: the folder it is in, which says what it looks at.
        summary: what it finds.
        severity: how bad that is.
        why: why it matters.
        after: the rules that it goes after: ``ROBOT missing_label``, ``FOOPS! VOC3``.
        text: the SPARQL.
    """

    name: str
    over: str
    summary: str
    severity: str
    why: str
    after: tuple[str, ...]
    text: str


class Finding(NamedTuple):
    """A fault: the check that found it, the subject's IRI, and what about it."""

    check: str
    subject: str
    detail: str


def load_checks(folder: Traversable | None = None) -> list[Check]:
    """The checks, by folder and name.

    Args:
        folder: where the folders of queries are; ``ontology/checks`` of the package when None.

    Raises:
        VocabularyError: a query has no proper head, two have one name, or one is in no folder that says what it
            looks at.

    >>> [check.over for check in load_checks() if check.name in ("action-without-source", "term-without-label")]
    ['agents', 'terms']
    """
    folder = folder or resource("ontology", "checks")
    strays = [file.name for file in folder.iterdir() if file.name not in (*FOLDERS, _EXCEPTIONS)]
    if strays:
        raise VocabularyError(
            f"{strays[0]} is no folder of checks", place=folder.name, remedy=f"expected {', '.join(FOLDERS)}"
        )
    found: dict[str, Check] = {}
    for over in FOLDERS:
        for file in sorted(folder.joinpath(over).iterdir(), key=lambda file: file.name):
            check = _read(file, over)
            if check.name in found:
                raise VocabularyError(
                    f"is in {found[check.name].over} too", place=f"{over}/{file.name}", remedy="give it another name"
                )
            found[check.name] = check
    return list(found.values())


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
    """What the checks of ``agents`` look at: vocabulary, code lists, agents, what was inferred, and identifiers.

    Args:
        folder: the folder ``ontology``; that of the package when None.

    Raises:
        VocabularyError: one of the files cannot be read.
    """
    folder = folder or resource("ontology")
    store = pyoxigraph.Store()
    for name in _VOCABULARY:
        _load(store, folder.joinpath(name), f"ontology/{name}")
    store.bulk_load(render(statements(folder)).encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return store


def as_written(folder: Traversable | None = None, *, shapes: bool = False) -> pyoxigraph.Store:
    """The files as they are, axioms included, each as a named graph: ``<file:ontology/trialkg.ttl>``.

    Args:
        folder: the folder ``ontology``; that of the package when None.
        shapes: the file with the header of the shapes as well; it is that of the package.

    Raises:
        VocabularyError: one of the files cannot be read.
    """
    folder = folder or resource("ontology")
    files = {f"ontology/{name}": folder.joinpath(name) for name in (*_VOCABULARY, _AGENTS)}
    if shapes:
        files[f"shapes/{_SHAPES}"] = resource("shapes", _SHAPES)
    store = pyoxigraph.Store()
    for name, file in files.items():
        _load(store, file, name, pyoxigraph.NamedNode(f"file:{name}"))
    return store


def run(check: Check, store: pyoxigraph.Store) -> list[Finding]:
    """What one check finds, sorted, exceptions included.

    Args:
        check: the query.
        store: what it looks at; without ``GRAPH`` it sees all graphs as one.

    Raises:
        VocabularyError: the query is malformed, or gives something else than subjects and details.
    """
    place = f"{check.over}/{check.name}.rq"
    try:
        rows = store.query(check.text, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise VocabularyError(f"is not SPARQL: {' '.join(str(error).split())}", place=place) from error
    if not isinstance(rows, pyoxigraph.QuerySolutions) or [v.value for v in rows.variables] != ["subject", "detail"]:
        raise VocabularyError("gives no subject and detail", place=place, remedy="SELECT ?subject ?detail")
    return sorted({Finding(check.name, *(_shown(term) for term in row)) for row in rows})


def findings(folder: Traversable | None = None) -> list[Finding]:
    """Every fault of the ontology files that is no listed exception, and every exception that nothing needs.

    Args:
        folder: the folder ``ontology``; that of the package when None.

    Raises:
        VocabularyError: a file, a check or the table of exceptions is malformed.
    """
    folder = folder or resource("ontology")
    checks, meant = load_checks(folder / "checks"), load_exceptions(folder / "checks")
    stores = {"agents": merged(folder), "terms": as_written(folder), "headers": as_written(folder, shapes=True)}
    found = [finding for check in checks for finding in run(check, stores[check.over])]
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


def _read(file: Traversable, over: str) -> Check:
    text = file.read_text(encoding="utf-8")
    head = dict(_HEAD.findall(text))
    if not (file.name.endswith(".rq") and _KEYS <= head.keys() <= _KEYS | _OPTIONAL and head["severity"] in SEVERITIES):
        raise VocabularyError(
            f"has the head {', '.join(sorted(head)) or 'nothing'}",
            place=f"{over}/{file.name}",
            remedy=f"expected #+ {', #+ '.join(sorted(_KEYS))}, and the severity {' or '.join(SEVERITIES)}",
        )
    return Check(
        file.name.removesuffix(".rq"),
        over,
        head["summary"],
        head["severity"],
        head["why"],
        tuple(_rules(head.get("after", ""))),
        text,
    )


def _rules(after: str) -> Iterator[str]:
    """``ROBOT a, b; FOOPS! C`` as ``ROBOT a``, ``ROBOT b``, ``FOOPS! C``."""
    for part in filter(None, after.split("; ")):
        tool, _, rules = part.partition(" ")
        yield from (f"{tool} {rule}" for rule in rules.split(", "))


def _load(store: pyoxigraph.Store, file: Traversable, name: str, graph: pyoxigraph.NamedNode | None = None) -> None:
    try:
        data = file.read_bytes()
        store.bulk_load(data, format=pyoxigraph.RdfFormat.TURTLE, to_graph=graph)
    except OSError as error:
        raise VocabularyError(f"cannot be read: {error.strerror}", place=name) from error
    except SyntaxError as error:
        raise VocabularyError(f"is not Turtle: {' '.join(str(error).split())}", place=name) from error


def _shown(term: pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple | None) -> str:
    return term.value if isinstance(term, pyoxigraph.NamedNode | pyoxigraph.Literal) else str(term or "")


if __name__ == "__main__":
    sys.exit(main())
