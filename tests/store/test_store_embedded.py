"""Studies in the embedded store: found by their own links, replaced as a whole."""

from __future__ import annotations

import io
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import StoreError, TermError
from kg.namespaces import PREFIXES, study_iri
from kg.store.embedded import (
    bulk_load,
    count_instances,
    count_statements,
    has_study,
    open_generation,
    reading,
    remove_study,
    replace_study,
    study_quads,
)
from kg.store.generations import KEPT_GENERATIONS, StoreDirectory
from kg.store.pin import in_use
from kg.terms import RDF_TYPE, decimal, lang_string, ref, render, string

A, B = "NCT00000001", "NCT00000011"
P = ref("http://p/has")


def document(nct_id: str, title: str, arms: int = 2) -> str:
    """A study that shares an organization, with parts that link to parts, to each other and back."""
    study = study_iri(nct_id)
    statements = [
        (ref(study), RDF_TYPE, ref(PREFIXES["tkg"] + "Study")),
        (ref(study), ref("http://p/title"), string(title)),
        (ref(study), P, ref("http://o/sponsor")),
        (ref("http://o/sponsor"), ref("http://p/name"), string("Sponsor")),
    ]
    for arm in range(arms):
        part = f"{study}/arm/{arm}"
        statements += [(ref(study), P, ref(part)), (ref(part), P, ref(f"{part}/use")), (ref(part), P, ref(study))]
        statements += [(ref(f"{part}/use"), ref("http://p/dose"), decimal("1.50")), (ref(f"{part}/use"), P, ref(part))]
    return render(statements)


@pytest.fixture
def store() -> ox.Store:
    made = ox.Store()
    bulk_load(made, io.BytesIO((document(A, "first") + document(B, "second")).encode()))
    return made


def text(store: ox.Store) -> set[str]:
    return {str(quad.triple) for quad in store}


def fresh(*documents: str) -> set[str]:
    made = ox.Store()
    for each in documents:
        made.load(each, format=ox.RdfFormat.N_TRIPLES)
    return text(made)


def test_the_statements_of_a_study_are_its_own(store: ox.Store) -> None:
    quads = list(study_quads(store, A))
    assert len(quads) == len(set(quads)) == 3 + 2 * 5
    assert all(quad.subject.value.startswith(study_iri(A)) for quad in quads)  # type: ignore[union-attr]
    assert list(study_quads(store, "NCT99999999")) == []


def test_a_study_whose_id_begins_alike_is_another(store: ox.Store) -> None:
    longer = study_iri(A) + "1"
    store.add(ox.Quad(ox.NamedNode(study_iri(A)), ox.NamedNode("http://p/has"), ox.NamedNode(longer)))
    store.add(ox.Quad(ox.NamedNode(longer), ox.NamedNode("http://p/has"), ox.Literal("not its own")))
    assert longer not in {quad.subject.value for quad in study_quads(store, A)}  # type: ignore[union-attr]


def test_removing_leaves_the_others_and_what_is_shared(store: ox.Store) -> None:
    assert has_study(store, A)
    assert remove_study(store, A) == 13
    assert not has_study(store, A)
    assert remove_study(store, A) == 0
    assert text(store) == fresh(document(B, "second"))


def test_replacing_writes_only_what_differs(store: ox.Store) -> None:
    assert replace_study(store, A, document(A, "renamed", arms=1)) == (1 + 5, 1)
    assert text(store) == fresh(document(A, "renamed", arms=1), document(B, "second"))
    removed, added = replace_study(store, A, document(A, "renamed", arms=1))
    assert (removed, added) == (0, 0)


def test_replacing_adds_a_study_that_is_new() -> None:
    store = ox.Store()
    assert replace_study(store, A, document(A, "new"))[0] == 0
    assert text(store) == fresh(document(A, "new"))


def test_literals_that_the_store_rewrites_survive(store: ox.Store) -> None:
    loose = f'<{study_iri(A)}> <http://p/n> "1.50"^^<{PREFIXES["xsd"]}decimal> .\n'
    loose += f'<{study_iri(A)}> <http://p/t> "x"@EN .\n'
    for _ in range(2):
        replace_study(store, A, loose)
        assert {quad.object.value for quad in study_quads(store, A)} == {"1.5", "x"}  # type: ignore[union-attr]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=20), max_size=4), st.lists(st.text(max_size=20), max_size=4))
def test_any_text_is_replaced_as_it_would_be_loaded(before: list[str], after: list[str]) -> None:
    def statements(texts: list[str]) -> str:
        subject = ref(study_iri(A))
        rows = [(subject, ref("http://p/t"), string(text)) for text in texts if string(text)]
        return render(rows + [(subject, ref("http://p/l"), lang_string(text)) for text in texts])

    store = ox.Store()
    replace_study(store, A, statements(before))
    replace_study(store, A, statements(after))
    assert text(store) == fresh(statements(after))


@pytest.mark.parametrize(
    "hostile", [r'"\u0022 . <a:b> <a:b> <a:b> . #"', '"} ; DROP ALL ; INSERT DATA {"', r'"\u005Cu0022"', '"<a:b>\\\\"']
)
def test_no_literal_becomes_part_of_the_update(store: ox.Store, hostile: str) -> None:
    line = f"<{study_iri(A)}> <http://p/t> {hostile} .\n"
    replace_study(store, A, line)
    assert text(store) == fresh(line, document(B, "second"))
    assert remove_study(store, A) == 1


def test_what_is_no_study_or_no_statement_changes_nothing(store: ox.Store) -> None:
    before = text(store)
    with pytest.raises(TermError, match="not an NCT id"):
        remove_study(store, "NCT1> ?p ?o")
    with pytest.raises(StoreError, match=f"{A}: the statements do not parse"):
        replace_study(store, A, "nonsense")
    with pytest.raises(StoreError, match="blank nodes"):
        replace_study(store, A, f"<{study_iri(A)}> <http://p> _:b .")
    assert text(store) == before


def test_bulk_loading_what_is_no_ntriples(tmp_path: Path) -> None:
    store = ox.Store()
    with pytest.raises(StoreError, match="do not parse"):
        bulk_load(store, io.BytesIO(b"<http://s> <http://p> nonsense .\n"))
    with pytest.raises(StoreError, match="do not parse"):
        bulk_load(store, io.BytesIO(b"<http://s> <http://p> <no iri> .\n"))
    bulk_load(store, io.BytesIO(b"<http://s> <http://p> <http://o> .\n"), trusted=True)
    assert count_statements(store) == 1


def test_counts(store: ox.Store) -> None:
    assert count_instances(store, PREFIXES["tkg"] + "Study") == 2
    assert count_instances(store, PREFIXES["tkg"] + "Arm") == 0
    with pytest.raises(TermError, match="'Study' is not an absolute IRI"):
        count_instances(store, "Study")


def test_a_generation_is_opened_read_only(directory: StoreDirectory) -> None:
    with directory.writing() as draft:
        replace_study(draft.store, A, document(A, "first"))
    opened = open_generation(directory.newest())
    assert text(opened) == fresh(document(A, "first"))
    with pytest.raises(StoreError, match="cannot be written"):
        remove_study(opened, A)
    with pytest.raises(StoreError, match="cannot be opened"):
        open_generation(directory.newest()._replace(path=directory.directory / "nothing"))


def test_a_generation_that_is_read_is_not_swept(tmp_path: Path) -> None:
    """Of many files the engine opens the last when it needs them, and by then they have to be there."""
    directory = StoreDirectory(tmp_path / "trials.kg")
    with directory.writing() as draft:
        for load in range(40):
            draft.store.bulk_load(f'<http://x/{load}> <http://p> "{load}" .'.encode(), format=ox.RdfFormat.N_TRIPLES)
    first = directory.newest()

    def publish(times: int) -> None:
        for _ in range(times):
            with directory.writing() as draft:
                draft.empty = True
                draft.store.add(ox.Quad(ox.NamedNode("http://x"), ox.NamedNode("http://p"), ox.Literal("y")))

    with reading(first) as store:
        publish(KEPT_GENERATIONS)
        assert first.number in directory.numbers()
        assert len(list(store)) == 40
    assert not in_use(str(first.path.parent))
    publish(1)
    assert first.number not in directory.numbers()


def test_a_generation_that_cannot_be_opened_is_let_go(tmp_path: Path) -> None:
    directory = StoreDirectory(tmp_path / "trials.kg")
    with directory.writing() as draft:
        draft.store.load(b"<http://x> <http://p> 1 .", format=ox.RdfFormat.TURTLE)
    generation = directory.newest()
    next(generation.path.glob("CURRENT")).write_text("nothing")
    with pytest.raises(StoreError, match="cannot be opened"), reading(generation):
        pass
    assert not in_use(str(generation.path.parent))
