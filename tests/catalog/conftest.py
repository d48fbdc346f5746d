"""Invented studies with awkward values, in a store, and an export of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse

from kg.catalog import ExportReport, Publication, export, read_publication
from kg.catalog.profiles import PROFILES
from kg.config import resource

HERE = Path(__file__).parent


def _statements(*numbers: int) -> list[Quad]:
    study = (HERE / "invented-study.ttl").read_text(encoding="utf-8")
    texts = [(HERE / "invented-shared.ttl").read_bytes()]
    for number in numbers:
        text = study.replace("99999901", f"{99_999_900 + number}")
        texts.append(text.replace("2020-01-01", f"2020-01-{number:02}").replace("2025-03-01", "2025-03-02").encode())
    # Stores have the ontology too; its terms must come out once.
    texts += [resource("ontology", name).read_bytes() for name in ("agents.ttl", "codes.ttl")]
    return [
        Quad(quad.subject, quad.predicate, quad.object, DefaultGraph())
        for text in texts
        for quad in parse(text, RdfFormat.TURTLE)
    ]


@pytest.fixture(scope="session")
def statements() -> Callable[..., list[Quad]]:
    """Makes the statements of invented studies, by their numbers, and of what they refer to."""
    return _statements


@pytest.fixture(scope="session")
def invented() -> Store:
    """A store with the studies NCT99999901, NCT99999902 and NCT99999912; tests must not change it."""
    store = Store()
    store.extend(_statements(1, 2, 12))
    return store


@pytest.fixture(scope="session")
def exported(invented: Store, tmp_path_factory: pytest.TempPathFactory) -> ExportReport:
    """An export of that store in every format; tests must not change it."""
    return export(invented, tmp_path_factory.mktemp("exported") / "demo", formats=("ttl", "nt", "ttl.gz", "nt.gz"))


@pytest.fixture(scope="session")
def publication() -> Publication:
    """Publication facts with every optional one."""
    return read_publication(HERE / "publication.toml")


@pytest.fixture(scope="session")
def exported_in_full(
    invented: Store, publication: Publication, tmp_path_factory: pytest.TempPathFactory
) -> ExportReport:
    """An export of that store with every fact and every profile; tests must not change it."""
    target = tmp_path_factory.mktemp("exported-in-full") / "demo"
    return export(invented, target, formats=("ttl", "nt.gz"), profiles=tuple(PROFILES), publication=publication)
