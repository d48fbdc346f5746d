"""A selection is NCT ids, files of them, library queries and SELECTs, and every wrong word is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Quad

from kg.catalog import selected
from kg.cli import main
from kg.errors import InputError, QueryError, UsageError
from kg.namespaces import study_iri
from kg.store.generations import Generation, StoreDirectory

ALL = ["NCT99999901", "NCT99999902", "NCT99999912"]


@pytest.fixture(scope="module")
def generation(statements: Callable[..., list[Quad]], tmp_path_factory: pytest.TempPathFactory) -> Generation:
    directory = StoreDirectory(tmp_path_factory.mktemp("selection") / "trials.kg")
    with directory.writing() as draft:
        draft.store.extend(statements(1, 2, 12))
    return directory.newest()


def test_ids_and_files_of_ids(generation: Generation, tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("# ours\nNCT99999902, NCT99999912\n\nNCT99999901 # the first\n")
    assert selected(generation, []) == []
    assert selected(generation, ["NCT99999912", f"@{file}"]) == ["NCT99999912", *ALL[1:], ALL[0]]


def test_selects_that_return_studies(generation: Generation, tmp_path: Path) -> None:
    by_iri = "SELECT (1 AS ?n) ?s { ?s a tkg:Study ; dcterms:identifier ?id FILTER(?id != 'NCT99999902') } ORDER BY ?s"
    assert selected(generation, [by_iri]) == [ALL[0], ALL[2]]
    file = tmp_path / "query.rq"
    file.write_text("#+ summary: all\nSELECT ?id { ?s a tkg:Study ; dcterms:identifier ?id } ORDER BY ?id")
    assert selected(generation, [f"@{file}"]) == ALL
    assert selected(generation, [f"VALUES ?x {{ <{study_iri(ALL[0])}> }}".join(("SELECT ?x { ", " }"))]) == ALL[:1]


def test_a_library_query_with_its_parameters(generation: Generation) -> None:
    parameters = {"study": "NCT99999901"}
    with pytest.raises(UsageError, match="no column of the query has studies"):
        selected(generation, ["class-counts"])
    found = selected(generation, ["SELECT ?s { ?s dcterms:identifier ?_study }"], parameters)
    assert found == ["NCT99999901"]
    with pytest.raises(UsageError, match="no parameter"):
        selected(generation, ["class-counts"], {"nonsense": "1"})


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("nct99999901", "is no NCT id and no query of the library"),
        ("no-such-query", "is no NCT id and no query of the library"),
        ("ASK { ?s ?p ?o }", "returns no table"),
        ("SELECT ?s { ?s a tkg:Nothing }", "selects no study"),
        ("SELECT ?s ?o { ?s rdfs:label ?o }", r"no column of the query has studies: s, o"),
    ],
)
def test_a_wrong_word_is_told(generation: Generation, word: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        selected(generation, [word])


def test_a_query_that_does_not_parse(generation: Generation) -> None:
    with pytest.raises(QueryError):
        selected(generation, ["SELECT ?s { ?s "])


def test_files_that_cannot_be_read(generation: Generation, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the selection cannot be read"):
        selected(generation, [f"@{tmp_path / 'absent'}"])
    (tmp_path / "empty").touch()
    with pytest.raises(InputError, match="the selection is empty"):
        selected(generation, [f"@{tmp_path / 'empty'}"])


def test_the_command(generation: Generation, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(generation.path.parents[2])
    out = tmp_path / "out"
    command = ["export", "--store", store, "-o", str(out), "--format", "nq", "--no-vocabularies", "--layout", "study"]
    command += ["--select", "SELECT ?s { ?s dcterms:identifier ?_id_text }", "--param", "id=NCT99999912"]
    assert main(command) == 0
    assert "1 studies" in capsys.readouterr().err
    assert (out / "studies-nq" / "NCT9999xxxx" / "NCT99999912.nq").is_file()
    assert main([*command, "--since", "1"]) == 2
    assert "--since writes N-Triples and nothing else" in capsys.readouterr().err
    assert main(["export", "--store", store, "-o", str(out), "--since", "9"]) == 2
    assert "generation 9 is not there, or not any more" in capsys.readouterr().err
