"""Changes of a store, each in a process of its own."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import QueryError, QueryRefused, StoreBusy, StoreError
from kg.store.change import Change, Changer, Published
from kg.store.embedded import open_generation
from kg.store.generations import StoreDirectory
from kg.store.guard import refuse_fetching
from kg.store.messages import Failed
from kg.store.using import using_dataset

BASE = "http://example.org/"
FILLED = "INSERT DATA { " + " ".join(f"<urn:s{i}> <urn:p> {i} ." for i in range(60)) + " }"


@pytest.fixture
def store(tmp_path: Path) -> StoreDirectory:
    directory = StoreDirectory(tmp_path / "store")
    assert Changer(directory, Change("update", BASE, text=FILLED)).run() == Published(1, existed=True)
    return directory


def failure(made: Published | Failed) -> str:
    assert isinstance(made, Failed)
    return made.kind


def test_a_change_is_published_whole(store: StoreDirectory) -> None:
    made = Changer(store, Change("put", "urn:g", graph="urn:g", bodies=(("text/turtle", b"<> <urn:p> 1 ."),))).run()
    assert made == Published(2, existed=False)
    [quad] = open_generation(store.newest()).quads_for_pattern(None, None, None, ox.NamedNode("urn:g"))
    assert quad.subject == ox.NamedNode("urn:g")
    assert len(open_generation(store.generation(1))) == 60
    assert not list(store.directory.glob("draft-*"))


def test_the_first_change_makes_a_store(tmp_path: Path) -> None:
    directory = StoreDirectory(tmp_path / "new")
    assert Changer(directory, Change("delete", BASE)).run() == Published(1, existed=True)
    assert len(open_generation(directory.newest())) == 0


def test_memory_is_limited(store: StoreDirectory) -> None:
    text = "INSERT { ?s ?p ?x } WHERE { ?s ?p ?o . ?s2 ?p2 ?o2 . ?s3 ?p3 ?o3 . ?s4 ?p4 ?o4 BIND(UUID() AS ?x) }"
    before = time.monotonic()
    assert failure(Changer(store, Change("update", BASE, text=text), memory=32 * 2**20).run()) == "memory"
    assert time.monotonic() - before < 30
    assert store.newest().number == 1
    assert not list(store.directory.glob("draft-*"))


def test_a_change_that_is_stopped_changes_nothing(store: StoreDirectory) -> None:
    crossed = " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(7))
    text = f"DELETE DATA {{ <urn:s1> <urn:p> 1 }} ; INSERT {{ <urn:x> <urn:y> 1 }} WHERE {{ {crossed} }}"
    changer = Changer(store, Change("update", BASE, text=text))
    made: list[Published | Failed] = []
    running = threading.Thread(target=lambda: made.append(changer.run()))
    running.start()
    time.sleep(0.5)
    changer.stop()
    running.join(10)
    assert failure(made[0]) == "killed"
    assert len(open_generation(store.newest())) == 60


def test_a_change_that_is_stopped_before_it_runs_is_not_made(store: StoreDirectory) -> None:
    changer = Changer(store, Change("update", BASE, text="CLEAR ALL"))
    changer.stop()
    assert failure(changer.run()) == "killed"
    assert store.newest().number == 1


def test_one_writer_at_a_time(store: StoreDirectory) -> None:
    with store.writing():
        assert failure(Changer(store, Change("update", BASE, text="CLEAR ALL")).run()) == "busy"
        with pytest.raises(StoreBusy), store.writing():
            pytest.fail("two writers")


def test_a_damaged_store_is_an_error(store: StoreDirectory) -> None:
    for file in store.newest().path.glob("MANIFEST*"):
        file.write_bytes(b"damaged")
    with pytest.raises(StoreError):
        Changer(store, Change("update", BASE, text="CLEAR ALL")).run()


@pytest.mark.parametrize(
    ("text", "default", "named", "expected"),
    [
        ("CLEAR ALL", ["urn:a"], [], "CLEAR ALL"),
        ("INSERT {} where {}", ["urn:a"], [], "INSERT {} USING <urn:a> where {}"),
        (
            "DELETE\nWHERE{?s ?p '}'} ; INSERT{}WHERE{ {SELECT * WHERE {}} }",
            ["urn:a", "urn:b"],
            ["urn:c"],
            "DELETE\n{?s ?p '}'} USING <urn:a> USING <urn:b> USING NAMED <urn:c> WHERE{?s ?p '}'} ; "
            "INSERT{}USING <urn:a> USING <urn:b> USING NAMED <urn:c> WHERE{ {SELECT * WHERE {}} }",
        ),
        (
            "PREFIX where: <urn:where> # WHERE\nINSERT { where:where where:x ?y } WHERE { ?where where:x ?y }",
            [],
            ["urn:c"],
            "PREFIX where: <urn:where> # WHERE\n"
            "INSERT { where:where where:x ?y } USING NAMED <urn:c> WHERE { ?where where:x ?y }",
        ),
    ],
)
def test_a_dataset_is_written_into_an_update(text: str, default: list[str], named: list[str], expected: str) -> None:
    assert using_dataset(text, default, named) == expected
    if "INSERT" in text:
        ox.Store().update(expected)


@pytest.mark.parametrize(
    "text",
    [
        "WITH <urn:x> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CLEAR ALL ; INSERT { ?s ?p ?o } USING NAMED <urn:x> WHERE { ?s ?p ?o }",
        "INSERT { ?s ?p ?o WHERE { ?s ?p ?o }",
    ],
)
def test_an_update_that_names_its_dataset_takes_no_other(text: str) -> None:
    with pytest.raises(QueryError):
        using_dataset(text, ["urn:a"], [])


@pytest.mark.parametrize("hidden", ["LOAD", "SERVICE"])
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_what_is_hidden_deep_is_found(hidden: str, depth: int) -> None:
    if hidden == "LOAD":
        text = "INSERT DATA {} ; " * depth + "LOAD <urn:x>"
    else:
        text = "INSERT {} WHERE {" + "{ SELECT * {" * depth + "SERVICE ?x {}" + "}}" * depth + "}"
    with pytest.raises(QueryRefused, match=hidden):
        refuse_fetching(text)


@pytest.mark.parametrize("graph", [None, "urn:g"])
@pytest.mark.parametrize(
    "text",
    [
        "CLEAR DEFAULT",
        "DROP ALL",
        "CREATE GRAPH <urn:h>",
        "ADD DEFAULT TO <urn:h>",
        "MOVE <urn:g> TO DEFAULT",
        "COPY <urn:g> TO <urn:h>",
        "INSERT DATA { GRAPH <urn:h> { <urn:a> <urn:b> 1 } }",
        "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        "WITH <urn:h> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "INSERT { ?s ?p 1 } USING <urn:h> WHERE { ?s ?p ?o }",
        "INSERT { ?s ?p 1 } WHERE { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }",
        "INSERT { ?s ?p 1 } WHERE { { SELECT * { GRAPH ?g { ?s ?p ?o } } } }",
        # To one who reads word by word, the graph is in a string.
        "INSERT { ?s ?p 1 } WHERE { ?s ?p ?o FILTER(?o<?s&&?o='x>y') GRAPH ?g { ?s ?p ?o } } # '",
        "INSERT { \\u0047RAPH <urn:h> { ?s ?p 1 } } WHERE { ?s ?p ?o }",
    ],
)
def test_a_patch_names_no_graph(store: StoreDirectory, graph: str | None, text: str) -> None:
    assert failure(Changer(store, Change("patch", BASE, text=text, graph=graph)).run()) == "scope"
    assert store.newest().number == 1
