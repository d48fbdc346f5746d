"""What changed in a study: between records, between versions of a store, and at an endpoint."""

from __future__ import annotations

import copy
import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg.changes import Change, Facts, How, StudyDiff, compare
from kg.changes.facts import Part
from kg.cli import main
from kg.errors import InputError, QueryError, TermError, UsageError
from kg.graph import Graph
from kg.namespaces import sparql_prologue
from kg.pipeline.build import build
from kg.store.embedded import open_generation, study_quads
from kg.store.generations import StoreDirectory
from kg.store.history import version_graphs
from kg.store.reader import QueryRequest
from kg.store.remote import RemoteResult
from tests.records import record

NCT = "NCT99999901"
Json = dict[str, Any]


def base() -> Json:
    sites = [
        {"facility": "Clinic One", "city": "Graz", "country": "Austria", "status": "RECRUITING"},
        {"facility": "Clinic Two", "city": "Linz", "country": "Austria", "status": "RECRUITING"},
    ]
    found: Json = json.loads(
        record(
            NCT,
            updated="2024-01-01",
            conditionsModule={"conditions": ["Melanoma", "Gout"], "keywords": ["one", "two"]},
            sponsorCollaboratorsModule={"leadSponsor": {"name": "First Pharma", "class": "INDUSTRY"}},
            armsInterventionsModule={
                "armGroups": [
                    {
                        "label": "Both",
                        "type": "EXPERIMENTAL",
                        "description": "The two together",
                        "interventionNames": ["Drug: Alpha", "Drug: Beta"],
                    },
                    {"label": "Beta alone", "type": "ACTIVE_COMPARATOR", "interventionNames": ["Drug: Beta"]},
                ],
                "interventions": [{"type": "DRUG", "name": "Alpha"}, {"type": "DRUG", "name": "Beta"}],
            },
            outcomesModule={
                "primaryOutcomes": [{"measure": "Overall survival", "timeFrame": "2 years"}],
                "secondaryOutcomes": [
                    {"measure": "Quality of life by a questionnaire", "timeFrame": "1 year"},
                    {"measure": "Response rate", "timeFrame": "1 year"},
                ],
            },
            eligibilityModule={
                "minimumAge": "18 Years",
                "sex": "ALL",
                "eligibilityCriteria": "Inclusion Criteria:\n\n* Can swallow\n* Has a tumor that can be measured\n\n"
                "Exclusion Criteria:\n\n* Is pregnant\n",
            },
            contactsLocationsModule={"locations": sites},
        )
    )
    protocol = found["protocolSection"]
    protocol["designModule"]["enrollmentInfo"] = {"count": 120, "type": "ESTIMATED"}
    protocol["statusModule"]["startDateStruct"] = {"date": "2023-05", "type": "ACTUAL"}
    found["hasResults"] = False
    return found


def changed(tmp_path: Path, edit: Callable[[Json, Json], object]) -> list[str]:
    """The lines of the difference that an edit of the record (its protocol, the whole) makes."""
    after = copy.deepcopy(base())
    edit(after["protocolSection"], after)
    for name, content in (("a", base()), ("b", after)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    return [change.text() for change in kg.diff(tmp_path / "a.json", tmp_path / "b.json").changes]


def arms(protocol: Json) -> list[Json]:
    return protocol["armsInterventionsModule"]["armGroups"]  # type: ignore[no-any-return]


def outcomes(protocol: Json, kind: str) -> list[Json]:
    return protocol["outcomesModule"][f"{kind}Outcomes"]  # type: ignore[no-any-return]


def sites(protocol: Json) -> list[Json]:
    return protocol["contactsLocationsModule"]["locations"]  # type: ignore[no-any-return]


def move(protocol: Json, one: str, other: str) -> None:
    outcomes(protocol, other).append(outcomes(protocol, one).pop(0))


CASES: list[tuple[Callable[[Json, Json], object], list[str]]] = [
    (lambda _p, _r: None, []),
    (lambda p, _: p["statusModule"].update(lastUpdatePostDateStruct={"date": "2024-02-02"}), []),
    (lambda p, _: p["statusModule"].update(overallStatus="COMPLETED"), ["status recruiting → completed"]),
    (
        lambda p, _: p["statusModule"].update(overallStatus="TERMINATED", whyStopped="Too slow"),
        ["status recruiting → terminated", "why stopped added: Too slow"],
    ),
    (
        lambda p, _: p["statusModule"].update(startDateStruct={"date": "2023-06-01", "type": "ACTUAL"}),
        ["start date 2023-05 → 2023-06-01"],
    ),
    (
        lambda p, _: p["designModule"].update(enrollmentInfo={"count": 80, "type": "ACTUAL"}),
        ["enrollment 120 → 80", "enrollment type estimated → actual"],
    ),
    (lambda p, _: p["designModule"].update(phases=["PHASE2", "PHASE3"]), ["phase added: phase-3"]),
    (
        lambda p, _: p["sponsorCollaboratorsModule"]["leadSponsor"].update(name="Second Pharma"),
        ["lead sponsor First Pharma → Second Pharma"],
    ),
    (lambda _, r: r.update(hasResults=True), ["results posted no → yes"]),
    # Outcomes.
    (lambda p, _: outcomes(p, "primary").pop(), ["primary outcome removed: Overall survival"]),
    (
        lambda p, _: outcomes(p, "secondary").append({"measure": "Safety"}),
        ["secondary outcome added: Safety"],
    ),
    (
        lambda p, _: move(p, "primary", "secondary"),
        ["primary outcome became secondary outcome: Overall survival"],
    ),
    (
        lambda p, _: outcomes(p, "secondary")[0].update(measure="Quality of life by two questionnaires"),
        [
            "secondary outcome reworded: Quality of life by a questionnaire → Quality of life by two questionnaires",
        ],
    ),
    (
        lambda p, _: outcomes(p, "primary")[0].update(timeFrame="3 years"),
        ["primary outcome Overall survival: time frame 2 years → 3 years"],
    ),
    (lambda p, _: outcomes(p, "secondary").reverse(), []),
    # Sites.
    (
        lambda p, _: sites(p).append({"facility": "Clinic Three", "city": "Bern", "country": "Switzerland"}),
        ["site added: Clinic Three, Bern, Switzerland"],
    ),
    (lambda p, _: sites(p).pop(0), ["site removed: Clinic One, Graz, Austria"]),
    (
        lambda p, _: sites(p)[1].update(status="COMPLETED"),
        ["site Clinic Two, Linz, Austria: status recruiting → completed"],
    ),
    # Arms and interventions.
    (lambda p, _: arms(p).reverse(), []),
    (
        lambda p, _: arms(p).insert(0, {"label": "Third", "type": "EXPERIMENTAL", "interventionNames": ["Drug: Beta"]}),
        ["arm added: Third"],
    ),
    (lambda p, _: arms(p)[0].update(label="Both together"), ["arm reworded: Both → Both together"]),
    (lambda p, _: arms(p)[1].update(label="Beta only"), ["arm removed: Beta alone", "arm added: Beta only"]),
    (
        lambda p, _: arms(p)[1].update(type="PLACEBO_COMPARATOR"),
        ["arm Beta alone: type active-comparator → placebo-comparator"],
    ),
    (lambda p, _: arms(p)[0]["interventionNames"].pop(), ["arm Both: intervention removed: Beta"]),
    (
        lambda p, _: p["armsInterventionsModule"]["interventions"][0].update(type="BIOLOGICAL"),
        ["intervention Alpha: type drug → biological"],
    ),
    # Eligibility, conditions.
    (
        lambda p, _: p["eligibilityModule"].update(minimumAge="12 Years", sex="FEMALE"),
        ["minimum age 18 years → 12 years", "sex all → female"],
    ),
    (
        lambda p, _: p["eligibilityModule"].update(
            eligibilityCriteria="Inclusion Criteria:\n\n* Has a tumor that can be measured well\n* Is tall\n\n"
            "Exclusion Criteria:\n\n* Can swallow\n* Is pregnant\n"
        ),
        [
            "inclusion criterion added: Is tall",
            "inclusion criterion reworded: Has a tumor that can be measured → Has a tumor that can be measured well",
            "inclusion criterion became exclusion criterion: Can swallow",
        ],
    ),
    (
        lambda p, _: p["conditionsModule"].update(conditions=["Gout", "Asthma"], keywords=["two", "three"]),
        ["keyword removed: one", "keyword added: three", "condition added: Asthma", "condition removed: Melanoma"],
    ),
]


@pytest.mark.parametrize(("edit", "lines"), CASES, ids=map(str, range(len(CASES))))
def test_a_change_is_a_line(tmp_path: Path, edit: Callable[[Json, Json], object], lines: list[str]) -> None:
    assert sorted(changed(tmp_path, edit)) == sorted(lines)


def test_status_comes_first_and_outcomes_before_sites(tmp_path: Path) -> None:
    def much(protocol: Json, _: Json) -> None:
        protocol["statusModule"]["overallStatus"] = "COMPLETED"
        protocol["designModule"]["enrollmentInfo"]["count"] = 1
        protocol["identificationModule"]["briefTitle"] = "Another title"
        outcomes(protocol, "primary").clear()
        sites(protocol).clear()

    fields = [line.split(" ")[0] for line in changed(tmp_path, much)]
    assert fields == ["status", "enrollment", "title", "primary", "site", "site"]


def test_long_text_is_named_and_not_shown(tmp_path: Path) -> None:
    def describe(protocol: Json, _: Json) -> None:
        protocol["descriptionModule"] = {"briefSummary": "word " * 200}

    [line] = changed(tmp_path, describe)
    assert line.startswith("brief summary added: word word")
    assert len(line) < 350
    assert Change("brief summary", How.CHANGED, "a" * 200, "b" * 200).text() == "brief summary reworded"


def test_control_characters_never_reach_a_terminal() -> None:
    assert "\x1b" not in Change("title", How.CHANGED, "\x1b[2Ja", "b\x1b]0;x\x07").text()


def test_a_kind_of_part_that_is_unknown_is_counted() -> None:
    from kg.changes import facts_of
    from kg.namespaces import expand, study_iri
    from kg.store.cells import IRI

    study = study_iri(NCT)
    rows = [(IRI(study), IRI(expand("tkg:somethingNew")), IRI(f"{study}/new/{number}")) for number in range(3)]
    changes = compare(facts_of(NCT, rows[:1]), facts_of(NCT, rows))
    assert [change.text() for change in changes] == ["something new 1 → 3"]


parts = st.lists(
    st.builds(
        Part,
        st.sampled_from(["primary outcome", "secondary outcome", "arm", "site"]),
        st.text("ab", max_size=3),
        st.fixed_dictionaries({}, optional={"description": st.tuples(st.sampled_from("xy"))}),
    ),
    max_size=6,
)


@given(parts, parts)
def test_every_part_is_accounted_for(before: list[Part], after: list[Part]) -> None:
    changes = compare(Facts({}, before, "", ""), Facts({}, after, "", ""))
    counts = {
        how: sum(change.change is how and not (change.part and how is not How.MOVED) for change in changes)
        for how in How
    }
    assert len(after) - len(before) == counts[How.ADDED] - counts[How.REMOVED]
    back = compare(Facts({}, after, "", ""), Facts({}, before, "", ""))
    assert sum(change.change is How.ADDED and not change.part for change in back) == counts[How.REMOVED]
    assert compare(Facts({}, before, "", ""), Facts({}, before[::-1], "", "")) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "no record|nothing|empty"),
        ("{}", "no known form"),
        (record("NCT99999902"), "a record of NCT99999902, not of"),
    ],
)
def test_files_that_cannot_be_compared(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / "a.json").write_text(record(NCT))
    (tmp_path / "b.json").write_text(content)
    with pytest.raises(InputError, match=problem):
        kg.diff(tmp_path / "a.json", tmp_path / "b.json")


# --- Versions of a store ------------------------------------------------------


@pytest.fixture(scope="module")
def built(vocabulary_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with three versions of a study and one of another."""
    folder = tmp_path_factory.mktemp("diff")
    directory = folder / "trials.kg"
    shutil.copytree(vocabulary_store, directory, copy_function=os.link)
    found = base()
    protocol = found["protocolSection"]
    edits: list[Callable[[], object]] = [
        lambda: None,
        lambda: protocol["designModule"]["enrollmentInfo"].update(count=80),
        lambda: protocol["sponsorCollaboratorsModule"]["leadSponsor"].update(name="Second Pharma"),
    ]
    for month, edit in enumerate(edits, 1):
        edit()
        protocol["statusModule"]["lastUpdatePostDateStruct"] = {"date": f"2024-0{month}-01"}
        (folder / "in.ndjson").write_text(f"{json.dumps(found)}\n{record('NCT99999902')}\n")
        build([folder / "in.ndjson"], directory, history=True, checking=None)
    return directory


@pytest.fixture(scope="module")
def graph(built: Path) -> Iterator[Graph]:
    with kg.open(built) as opened:
        yield opened


def lines(found: StudyDiff) -> list[str]:
    return [change.text() for change in found.changes]


def test_the_last_two_versions_unless_others_are_named(graph: Graph) -> None:
    found = graph.diff(NCT)
    assert (found.before.number, found.after.number, found.after.name) == (2, 3, "current")
    assert lines(found) == ["lead sponsor First Pharma → Second Pharma"]
    assert found.text().splitlines()[0] == (
        f"{NCT}: version 2 (posted 2024-02-01) → version 3 (current, posted 2024-03-01)"
    )
    both = ["enrollment 120 → 80", "lead sponsor First Pharma → Second Pharma"]
    for before in (1, "1", date(2024, 1, 20), "2024-01", graph.diff(NCT, before=1).before.name):
        assert lines(graph.diff(NCT, before=before)) == both
    assert lines(graph.diff(NCT, after=2)) == ["enrollment 120 → 80"]
    assert lines(graph.diff(NCT, after="2024-02-15")) == ["enrollment 120 → 80"]
    assert lines(graph.diff(NCT, before="current", after=1)) == [
        "enrollment 80 → 120",
        "lead sponsor Second Pharma → First Pharma",
    ]
    assert lines(graph.diff(NCT, before=1, after=1)) == []


@pytest.mark.parametrize(
    ("nct_id", "options", "problem"),
    [
        ("NCT99999902", {}, "no earlier version of NCT99999902 was kept"),
        ("NCT99999909", {}, "no study NCT99999909 here"),
        (NCT, {"before": "2023-12-31"}, "no version was posted by 2023-12-31"),
        (NCT, {"before": "7"}, "no version '7'"),
        (NCT, {"after": "1"}, "nothing comes before version 1"),
    ],
)
def test_what_is_not_there_is_said(graph: Graph, nct_id: str, options: dict[str, str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        graph.diff(nct_id, **options)


def test_no_nct_id(graph: Graph) -> None:
    with pytest.raises(TermError):
        graph.diff("NCT1> } #")


class Memory:
    """An endpoint over statements in memory; ``cut`` says that it gives no more rows."""

    def __init__(self, store: ox.Store, *, cut: bool = False) -> None:
        self.store = store
        self.cut = cut

    def run(self, request: QueryRequest) -> RemoteResult:
        found = self.store.query((sparql_prologue() if request.prefixes else "") + request.text)
        assert isinstance(found, ox.QuerySolutions)
        data = found.serialize(format=ox.QueryResultsFormat.JSON) or b""
        result = RemoteResult(data, request.media_type, "solutions")
        if self.cut:
            result.cut_at = 3
        return result

    def close(self) -> None:
        """Nothing is open."""


def test_an_endpoint_gives_the_same(graph: Graph, built: Path) -> None:
    store = open_generation(StoreDirectory(built).newest())
    assert Graph(Memory(store)).diff(NCT, before=1) == graph.diff(NCT, before=1)
    with pytest.raises(QueryError, match="only 3 rows"):
        Graph(Memory(store, cut=True)).diff(NCT)


def test_another_mapping_is_noted(built: Path) -> None:
    store = ox.Store()
    found = open_generation(StoreDirectory(built).newest())
    store.extend([*study_quads(found, NCT), *version_graphs(found)])
    for quad in list(store.quads_for_pattern(None, None, None, ox.DefaultGraph())):
        if quad.predicate.value.endswith("mappingVersion"):
            store.remove(quad)
            store.add(ox.Quad(quad.subject, quad.predicate, ox.Literal("9.9.9")))
    assert "9.9.9" in Graph(Memory(store)).diff(NCT).text().splitlines()[-1]


def test_the_command(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", NCT, "--store", str(built), "--from", "2024-01-31", "--to", "2"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["  enrollment 120 → 80"]
    assert main(["diff", NCT, "--store", str(built), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["nctId"] == NCT
    assert found["changes"] == [
        {"field": "lead sponsor", "change": "changed", "was": "First Pharma", "now": "Second Pharma", "part": ""}
    ]
    assert main(["diff", "NCT99999902", "--store", str(built)]) == 2
    assert "trialkg build --history" in capsys.readouterr().err
    for name, title in (("a", "One"), ("b", "Two")):
        (tmp_path / f"{name}.json").write_text(record(NCT, title=title))
    assert main(["diff", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 0
    assert "  title One → Two" in capsys.readouterr().out
    assert main(["diff", "a.json", "b.json", "--from", "1"]) == 2
