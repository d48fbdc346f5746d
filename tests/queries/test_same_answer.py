"""The same question asked by a list of agents, by class and by target has one answer, with a reason in every row."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kg.examples import expected, paths
from kg.graph import Graph
from kg.graph import open as open_graph
from kg.pipeline.build import build

ANY = "owl:Thing"
IL2, IL15 = "uniprot:P60568", "uniprot:P40933"
REASON = re.compile(r"'[^']+' is .+ \([a-z]+, .+ [\w.]+\), (one of|which is|blocker|agonist)")

Answer = set[tuple[str, str, str]]
"""Study, arm, agent."""


class Effect(NamedTuple):
    """What an agent of a class does: to which target, and of what it is derived where the class asks for that."""

    target: str
    action: str
    origin: str = ANY


def blocks(*targets: str) -> tuple[Effect, ...]:
    return tuple(Effect(f"uniprot:{target}", "action:blocker") for target in targets)


def activates(*targets: str, origin: str = ANY) -> tuple[Effect, ...]:
    return tuple(Effect(f"uniprot:{target}", "action:agonist", origin) for target in targets)


# Class → what its definition says in words of targets.
QUESTIONS: dict[str, tuple[Effect, ...]] = {
    "PD1Inhibitor": blocks("Q15116"),
    "PDL1Inhibitor": blocks("Q9NZQ7"),
    "PD1PathwayInhibitor": blocks("Q15116", "Q9NZQ7"),
    "CTLA4Inhibitor": blocks("P16410"),
    "LAG3Inhibitor": blocks("P18627"),
    "TIM3Inhibitor": blocks("Q8TDQ0"),
    "TIGITInhibitor": blocks("Q495A1"),
    "ImmuneCheckpointInhibitor": blocks("Q15116", "Q9NZQ7", "P16410", "P18627", "Q8TDQ0", "Q495A1"),
    "VEGFInhibitor": blocks("P15692"),
    "IL2PathwayAgonist": activates("P01589", "P14784"),
    "IL2ReceptorAgonist": activates("P01589", "P14784", origin=IL2),
    "IL15ReceptorAgonist": activates("P01589", "P14784", origin=IL15),
    "IL2ReceptorAntagonist": blocks("P01589", "P14784"),
}
PAIRS = [
    ("IL2PathwayAgonist", "PD1PathwayInhibitor"),  # the flagship
    ("IL2ReceptorAgonist", "PD1Inhibitor"),
    ("IL15ReceptorAgonist", "PD1PathwayInhibitor"),
    ("PD1Inhibitor", "IL2PathwayAgonist"),
    ("PDL1Inhibitor", "IL2PathwayAgonist"),
]


@pytest.fixture(scope="module")
def graph(vocabulary_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """The bundled studies, as a build makes them."""
    directory = tmp_path_factory.mktemp("same-answer") / "trials.kg"
    shutil.copytree(vocabulary_store, directory, copy_function=os.link)
    build([str(path) for path in paths()], directory, checking=None)
    with open_graph(directory) as opened:
        yield opened


def ask(graph: Graph, name: str, **parameters: Any) -> Answer:
    result = graph.query(name, **parameters)
    found = {column: place for place, column in enumerate(result.columns)}
    for row in result.rows:
        assert row[found["matched"]]
        assert row[found["method"]]
        assert REASON.search(str(row[found["reason"]])), row
    return {(str(row[found["study"]]), str(row[found["arm"]]), str(row[found["agent"]])) for row in result.rows}


def members(graph: Graph, name: str) -> str:
    return "; ".join(str(row[1]) for row in graph.query("agents-in-class", drug_class=f"agent:{name}").rows)


def has_class(graph: Graph, name: str) -> bool:
    return bool(graph.query("ASK { ?_one_iri tkg:within ?_one_iri }", prefixes=True, one=f"agent:{name}"))


@pytest.mark.parametrize("name", QUESTIONS)
def test_by_agents_by_class_and_by_target(graph: Graph, name: str) -> None:
    assert has_class(graph, name), "the drug ontology has lost a class"
    by_class = ask(graph, "studies-by-class", drug_class=f"agent:{name}")
    by_agents = ask(graph, "studies-by-agents", agents=members(graph, name))
    by_target: Answer = set()
    for effect in QUESTIONS[name]:
        by_target |= ask(graph, "studies-by-target", **effect._asdict())
    assert by_class == by_agents == by_target


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_combinations_by_agents_by_class_and_by_target(graph: Graph, first: str, second: str) -> None:
    by_class = ask(graph, "studies-by-class", drug_class=f"agent:{first}", partner_class=f"agent:{second}")
    by_agents = ask(graph, "studies-by-agents", agents=members(graph, first), partners=members(graph, second))
    by_target: Answer = set()
    for effect in QUESTIONS[first]:
        for partner in QUESTIONS[second]:
            assert partner.origin == ANY
            by_target |= ask(
                graph,
                "studies-by-target",
                **effect._asdict(),
                partner_target=partner.target,
                partner_action=partner.action,
            )
    assert by_class
    assert by_class == by_agents == by_target


def test_more_than_ten_questions_have_an_answer(graph: Graph) -> None:
    answered = [name for name in QUESTIONS if ask(graph, "studies-by-class", drug_class=f"agent:{name}")]
    assert len(answered) + len(PAIRS) > 10, answered


def test_the_flagship_is_the_same_as_its_own_query(graph: Graph) -> None:
    pair = {"drug_class": "agent:IL2PathwayAgonist", "partner_class": "agent:PD1PathwayInhibitor"}
    arms = {(study, arm) for study, arm, _ in ask(graph, "studies-by-class", **pair)}
    result = graph.query("il2-pd1-same-arm")
    columns = [result.columns.index(name) for name in ("study", "arm")]
    assert arms == {(str(row[columns[0]]), str(row[columns[1]])) for row in result.rows}
    wanted = {nct_id for nct_id, (evidence, _) in expected().items() if evidence == "arm"}
    assert {study for study, _ in arms} == wanted


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_study_is_lost_on_the_way_to_a_reason(graph: Graph, name: str) -> None:
    # The shorter query asks for no link, so it loses nothing.
    wanted = {str(row[0]) for row in graph.query("studies-with-drug", drug=f"agent:{name}").rows}
    assert {study for study, _, _ in ask(graph, "studies-by-class", drug_class=f"agent:{name}")} == wanted


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_chain_ends_where_the_answer_says(graph: Graph, name: str) -> None:
    answer = ask(graph, "studies-by-class", drug_class=f"agent:{name}")
    for study, agents in {study: {a for s, _, a in answer if s == study} for study, _, _ in answer}.items():
        chain = graph.query("why-linked", nct=study, end=f"agent:{name}")
        concepts = {str(row[chain.columns.index("concept")]) for row in chain.rows}
        assert agents <= concepts
