"""The W3C's SHACL test suite against an engine.

``python -m tests.validation.w3c_shacl FOLDER [--engine pyshacl|jena|compiled]`` prints what passed and the names of
the tests that did not. FOLDER has the suite's top ``manifest.ttl``; the files are the W3C's and are not kept here
(docs/conformance.md says where they are).

A test passes when the engine reports neither more nor fewer results than the suite expects, each with the same focus,
path, value, component and severity, and the same source shape where that has an IRI; or when it refuses shapes that the
suite expects to be refused. A message counts where the suite gives one.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from msgspec import structs
from rdflib import RDF, Graph, Namespace
from rdflib.term import Node

from kg.errors import ShapesError
from kg.validation import Result, validate
from tests.validation.engines import BLANK, Engine, pyshacl_engine, results_in, results_of
from tests.validation.jena import jena_engine

__all__ = ["Case", "cases", "passes", "table"]

_MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_SHT: Final = Namespace("http://www.w3.org/ns/shacl-test#")


class Case(NamedTuple):
    """One test: ``part`` is ``core`` or ``sparql``, ``expected`` None where the shapes are to be refused."""

    part: str
    name: str
    data: Graph
    shapes: Graph
    expected: list[Result] | None


def cases(folder: Path) -> Iterator[Case]:
    """The tests of a suite, in the order of its manifests."""
    for manifest, graph in _manifests(folder / "manifest.ttl"):
        for entries in graph.objects(None, _MF.entries):
            for entry in graph.items(entries):
                if (entry, RDF.type, _SHT.Validate) not in graph:
                    raise ValueError(f"{entry} is no test that this runner knows")
                yield _case(folder, manifest, graph, entry)


def passes(case: Case, engine: Engine, *, each_once: bool = False) -> bool:
    """Whether an engine does what the suite expects.

    Args:
        case: the test.
        engine: what is tested.
        each_once: whether results that say the same count once, as in our reports.
    """
    try:
        found: Sequence[Result] | None = engine(case.data, case.shapes)
    except ShapesError:
        found = None
    if found is None or case.expected is None:
        return found is case.expected
    stated = any(result.message for result in case.expected)
    got, wanted = (Counter(_core(result, stated) for result in results) for results in (found, case.expected))
    shapes_got, shapes_wanted = (
        Counter(_core(result, stated, source=True) for result in results if result.source_shape != BLANK)
        for results in (found, case.expected)
    )
    if each_once:
        return got.keys() == wanted.keys() and shapes_wanted.keys() <= shapes_got.keys()
    return got == wanted and shapes_wanted <= shapes_got


def table(outcomes: Iterable[tuple[Case, bool]]) -> str:
    """A row for each part of the suite, then the tests that failed."""
    total: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    failed: list[str] = []
    for case, good in outcomes:
        total[case.part] += 1
        passed[case.part] += good
        if not good:
            failed.append(f"{case.name}" + (" (to be refused)" if case.expected is None else ""))
    rows = ["| part | tests | passed |", "|---|--:|--:|"]
    rows += [f"| {part} | {total[part]} | {passed[part]} |" for part in sorted(total)]
    rows.append(f"| all | {total.total()} | {passed.total()} |")
    return "\n".join([*rows, "", f"failed: {', '.join(failed) or 'none'}", ""])


def _manifests(path: Path) -> Iterator[tuple[Path, Graph]]:
    graph = _read(path)
    yield path.resolve(), graph
    for included in sorted(graph.objects(None, _MF.include), key=str):
        yield from _manifests(_path(included))


def _case(folder: Path, manifest: Path, graph: Graph, entry: Node) -> Case:
    action, result = graph.value(entry, _MF.action), graph.value(entry, _MF.result)
    read = {manifest: graph}  # read once: its blank nodes are the same in the data, the shapes and what is expected

    def named(name: str) -> Graph:
        path = _path(graph.value(action, _SHT[name]))
        if path not in read:
            read[path] = _read(path)
        return read[path]

    place = manifest.relative_to(folder.resolve())
    return Case(
        part=place.parts[0],
        name=place.with_suffix("").as_posix(),
        data=named("dataGraph"),
        shapes=named("shapesGraph"),
        expected=None if result == _SHT.Failure else results_in(graph, result),
    )


def _path(node: Node | None) -> Path:
    return Path(unquote(urlsplit(str(node)).path)).resolve()


def _read(path: Path) -> Graph:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some tests are about literals that are none of their datatype
        return Graph(bind_namespaces="none").parse(path, format="turtle", publicID=path.as_uri())


def _core(result: Result, message: bool, source: bool = False) -> Result:
    """What of a result the suite decides on."""
    return structs.replace(
        result,
        message=result.message if message else "",
        source_shape=result.source_shape if source else "",
    )


def _compiled() -> Engine:
    return lambda data, shapes: results_of(validate(data, shapes))


_ENGINES: Final[dict[str, Callable[[], Engine]]] = {
    "pyshacl": lambda: pyshacl_engine,
    "jena": lambda: jena_engine,
    "compiled": _compiled,
}


def _main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.validation.w3c_shacl", description="The W3C's SHACL tests.")
    options.add_argument("folder", type=Path, help="where the suite's manifest.ttl is")
    options.add_argument("--engine", choices=sorted(_ENGINES), default="pyshacl")
    chosen = options.parse_args()
    logging.disable()
    engine = _ENGINES[chosen.engine]()
    each_once = chosen.engine == "compiled"
    sys.stdout.write(table((case, passes(case, engine, each_once=each_once)) for case in cases(chosen.folder)))


if __name__ == "__main__":
    _main()
