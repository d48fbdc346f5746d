"""Related studies: the score and its parts, the reasons with their evidence, and what is refused."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg.cli import main
from kg.errors import TermError, UsageError
from kg.graph import Graph
from kg.namespaces import sparql_prologue, study_iri
from kg.related import BY, WEIGHTS, Related, rarity, related, search
from kg.store.generations import StoreDirectory
from kg.store.reader import QueryRequest
from kg.store.remote import RemoteResult

FIXTURE = Path(__file__).parent / "queries" / "fixture.ttl"
STUDIES = 11
SEED = "NCT99999901"


class Memory:
    """A backend over statements in memory."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self.asked: list[str] = []

    def run(self, request: QueryRequest) -> RemoteResult:
        self.asked.append(request.text)
        found = self.store.query((sparql_prologue() if request.prefixes else "") + request.text)
        assert isinstance(found, ox.QuerySolutions | ox.QueryBoolean)
        kind = "boolean" if isinstance(found, ox.QueryBoolean) else "solutions"
        return RemoteResult(found.serialize(format=ox.QueryResultsFormat.JSON) or b"", request.media_type, kind)

    def close(self) -> None:
        """Nothing is open."""


def graph_of(turtle: str = "", *, reverse: bool = False) -> Graph:
    """The fixture with more statements, loaded in one order or the other."""
    store = ox.Store()
    store.load(path=FIXTURE)
    store.load(sparql_prologue().replace("\n", " \n") + turtle, format=ox.RdfFormat.TURTLE) if turtle else None
    if reverse:
        other = ox.Store()
        other.extend(sorted(store, key=lambda quad: str(quad.object)[::-1], reverse=True))
        store = other
    return Graph(Memory(store))


@pytest.fixture(scope="module")
def graph() -> Graph:
    return graph_of()


def kinds(one: Related) -> dict[str, float]:
    return {reason.kind: reason.points for reason in one.reasons}


def by_id(found: list[Related]) -> dict[str, Related]:
    return {one.nct_id: one for one in found}


def points(kind: str, studies: int) -> float:
    """A reason's points, worked out here once more."""
    return WEIGHTS[kind] * math.log((STUDIES + 1) / studies) / math.log(STUDIES + 1)


# --- The score ----------------------------------------------------------------


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_rarity_is_between_0_and_1_and_falls_with_every_study(one: int, other: int) -> None:
    few, total = sorted((one, other))
    assert 0 < rarity(total, total) <= rarity(few, total) <= 1
    assert few == total or rarity(few, total) > rarity(few + 1, total)
    assert rarity(1, total) == pytest.approx(1)


def test_the_sharper_of_two_things_weighs_more() -> None:
    # In the order in which one follows from the other, so that what implies more is worth more.
    for chain in (("agent", "form", "target", "class"), ("condition", "near condition"), ("extension", "reference")):
        assert all(WEIGHTS[sharper] > WEIGHTS[blunter] for sharper, blunter in pairwise(chain))
    assert max(WEIGHTS, key=lambda kind: WEIGHTS[kind]) == "extension"
    # Each drug counts half of the one before, so all drugs together stay below.
    assert WEIGHTS["agent"] * 2 <= WEIGHTS["extension"]


def test_every_part_of_a_score_by_hand(graph: Graph) -> None:
    found = by_id(related(graph, SEED))
    # 07 names 01, gives both drugs in phase 3, has no condition; sponsor leads five studies.
    assert kinds(found["NCT99999907"]) == {
        "extension": 20.0,
        "agent": round(points("agent", 7) / 2, 3),  # the second of two drugs, of the same rarity
        "sponsor": round(points("sponsor", 5), 3),
    }
    assert found["NCT99999907"].reasons[1].points == round(points("agent", 7), 3)
    # 02 shares both drugs, one of its two phases, and Neoplasms above melanoma and head and neck cancer.
    assert kinds(found["NCT99999902"]) == {
        "agent": round(points("agent", 7) / 2, 3),
        "near condition": round(points("near condition", 8), 3),
        "phase": round(WEIGHTS["phase"] / 2, 3),
    }
    # 09: betakin hits the same receptor chain, qedoxumab only the same pathway; a wider condition; two phases.
    assert kinds(found["NCT99999909"]) == {
        "target": round(points("target", 10), 3),
        "class": round(points("class", 9) / 2, 3),
        "near condition": round(points("near condition", 2), 3),
        "phase": round(WEIGHTS["phase"] / 2, 3),
    }
    # 03 has the number of 01 in another registry.
    assert kinds(found["NCT99999903"])["number"] == round(points("number", 2), 3)
    assert "NCT99999910" not in found
    assert SEED not in found


def test_the_score_is_the_sum_of_its_reasons_and_orders_the_answer(graph: Graph) -> None:
    for nct_id in (f"NCT999999{number:02}" for number in range(1, STUDIES + 1)):
        found = related(graph, nct_id)
        assert found == sorted(found, key=lambda one: (-one.score, one.nct_id))
        for one in found:
            assert one.score == pytest.approx(sum(reason.points for reason in one.reasons), abs=1e-9)
            assert [r.points for r in one.reasons] == sorted((r.points for r in one.reasons), reverse=True)
            assert one.reasons
            assert one.title


def test_agent_beats_target_beats_class_for_the_same_drug() -> None:
    more = "".join(
        f"trial:NCT8888880{n} a tkg:Study ; dcterms:identifier 'NCT8888880{n}' ; dcterms:title 'T' ; {drugs} .\n"
        for n, drugs in enumerate(
            (
                "tkg:drug agent:pedoxumab ; tkg:drugWithin agent:pedoxumab , agent:PD1Inhibitor",
                "tkg:drug agent:pedoxumab ; tkg:drugWithin agent:pedoxumab , agent:PD1Inhibitor",
                "tkg:drug agent:sedoxumab ; tkg:drugWithin agent:sedoxumab , agent:PD1Inhibitor",
                "tkg:drugClass agent:PD1Inhibitor ; tkg:drugWithin agent:PD1Inhibitor",
            )
        )
    )
    more += "agent:sedoxumab a tkg:Agent ; tkg:within agent:sedoxumab , agent:PD1Inhibitor ; tkg:actsOn agent:s1 .\n"
    more += "agent:s1 tkg:action action:blocker ; tkg:target uniprot:Q15116 .\n"
    found = by_id(related(graph_of(more), "NCT88888800"))
    assert [kinds(found[f"NCT8888880{n}"]).keys() for n in (1, 2, 3)] == [{"agent"}, {"target"}, {"class"}]
    scores = [found[f"NCT8888880{n}"].score for n in (1, 2, 3)]
    assert scores == sorted(scores, reverse=True)


def test_a_form_of_the_same_substance_is_known_from_both_sides() -> None:
    more = """
    mesh:C000001 tkg:within mesh:C000001 , mesh:D019808 , mesh:D000001 .
    trial:NCT88888801 a tkg:Study ; dcterms:identifier "NCT88888801" ; dcterms:title "Salt" ;
        tkg:drug mesh:C000001 ; tkg:drugWithin mesh:C000001 , mesh:D019808 , mesh:D000001 ."""
    graph = graph_of(more)
    for seed, other in (("NCT88888801", "NCT99999910"), ("NCT99999910", "NCT88888801")):
        (one,) = related(graph, seed, by=["target"])
        assert one.nct_id == other
        assert kinds(one).keys() == {"form"}
    # What is only chemistry above both is no reason.
    assert all("D000001" not in iri for one in related(graph, "NCT88888801") for r in one.reasons for iri in r.iris)


def test_a_grant_is_no_number_of_a_registry() -> None:
    number = "dcterms:identifier 'X' ; tkg:identifierType identifier-type:{} ; rdfs:seeAlso <https://example.org/X>"
    text = "".join(
        f"trial:{nct} tkg:secondaryIdentifier <{study_iri(nct)}/secondary-identifier/9> .\n"
        f"<{study_iri(nct)}/secondary-identifier/9> {number} .\n"
        for nct in ("NCT99999910", "NCT99999905")
    )
    for type_, kind in (("nih", "grant"), ("registry", "number"), ("other", "number")):
        (one,) = related(graph_of(text.format(type_, type_)), "NCT99999910", by=["reference"])
        assert kinds(one).keys() == {kind}


# --- What is looked at --------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "allowed"),
    [
        (["target"], {"agent", "form", "target"}),
        (["class"], {"class"}),
        (["condition"], {"condition", "near condition"}),
        (["sponsor", "phase"], {"sponsor", "phase"}),
        (["reference"], {"extension", "reference", "number", "grant"}),
        (list(BY), set(WEIGHTS)),
    ],
)
def test_only_what_is_asked_for_counts(graph: Graph, by: list[str], allowed: set[str]) -> None:
    found = related(graph, SEED, by=by)
    assert found
    assert {reason.kind for one in found for reason in one.reasons} <= allowed


def test_by_class_sees_the_class_of_a_shared_drug(graph: Graph) -> None:
    found = by_id(related(graph, SEED, by=["class"]))
    assert "NCT99999902" in found
    assert kinds(found["NCT99999902"]).keys() == {"class"}


def test_a_class_without_an_agent_is_shared_too(graph: Graph) -> None:
    # 08 names "anti-PD-1" only.
    one = by_id(related(graph, "NCT99999908"))[SEED]
    assert {"agent", "class"} <= kinds(one).keys()
    (reason,) = [reason for reason in one.reasons if reason.kind == "class"]
    assert reason.own[0].text == "anti-PD-1"
    assert reason.other[0].label == "pedoxumab"


def test_the_limit(graph: Graph) -> None:
    every = related(graph, SEED, limit=100)
    assert related(graph, SEED, limit=3) == every[:3]
    assert len(every) > 3


def test_what_is_common_is_looked_up_for_the_best_only(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    every = by_id(related(graph, SEED, limit=100))
    monkeypatch.setattr(search, "_READ_AT_ONCE", 12)
    some = related(graph, SEED, limit=100)
    assert 0 < len(some) < len(every)
    assert [one for one in some if one != every[one.nct_id]] == []


# --- Evidence -----------------------------------------------------------------


def test_a_reason_shows_the_words_of_both_records(graph: Graph) -> None:
    found = by_id(related(graph, SEED))
    (drug,) = [r for r in found["NCT99999909"].reasons if r.kind == "target"]
    assert drug.label == "same target: agonist of uniprot:P14784"
    assert drug.iris[1].endswith("/code/action/agonist")
    (own,), (other,) = drug.own, drug.other
    assert (own.text, own.method, own.score, own.label) == ("ALK 1", "synonym", 1.0, "alphakin")
    assert (other.text, other.method, other.concept) == (
        "Betakin",
        "exact",
        "https://w3id.org/trialkg/agent/betakin",
    )
    assert "'ALK 1' → synonym 1 → alphakin | 'Betakin' → exact 1 → betakin" in drug.text()
    (near,) = [r for r in found["NCT99999909"].reasons if r.kind == "near condition"]
    assert near.label == "conditions near in MeSH, both within Head and Neck Neoplasms"
    assert (near.own[0].text, near.own[0].method, near.own[0].vocabulary_version) == ("HNSCC", "abbreviation", "2024")
    # The registry's term, which no string of the record accounts for.
    assert (near.other[0].text, near.other[0].method) == ("Head and Neck Neoplasms", "registry")


def test_every_concept_reason_has_evidence_on_both_sides(graph: Graph) -> None:
    concepts = {"agent", "form", "target", "class", "condition", "near condition"}
    for nct_id in (f"NCT999999{number:02}" for number in range(1, STUDIES + 1)):
        for one in related(graph, nct_id):
            for reason in one.reasons:
                if reason.kind in concepts:
                    assert reason.own, (nct_id, one.nct_id, reason)
                    assert reason.other, (nct_id, one.nct_id, reason)


def test_who_names_whom(graph: Graph) -> None:
    sentence = "For patients who completed an earlier study (NCT99999901)."
    (parent,) = [r for r in by_id(related(graph, "NCT99999907"))[SEED].reasons if r.kind == "extension"]
    assert [(e.text, e.method) for e in parent.own] == [(sentence, "abstract")]
    assert parent.other == ()
    (child,) = [r for r in by_id(related(graph, SEED))["NCT99999907"].reasons if r.kind == "extension"]
    assert [e.text for e in child.other] == [sentence]
    assert child.own == ()


def test_a_mention_is_no_extension() -> None:
    more = "trial:NCT99999910 tkg:mentionedStudy trial:NCT99999905 ; dcterms:description 'Compare NCT99999905.' ."
    (one,) = related(graph_of(more), "NCT99999905", by=["reference"])
    assert kinds(one) == {"reference": 15.0}


# --- The same answer always ---------------------------------------------------


@pytest.mark.parametrize("seed", ["NCT99999901", "NCT99999903", "NCT99999906", "NCT99999911"])
def test_the_order_of_the_data_does_not_change_the_answer(seed: str) -> None:
    assert related(graph_of(), seed) == related(graph_of(reverse=True), seed)


def test_a_store_gives_the_same_answer(graph: Graph, tmp_path: Path) -> None:
    with StoreDirectory(tmp_path / "store").writing() as draft:
        draft.store.bulk_load(path=FIXTURE)
    with kg.open(tmp_path / "store") as opened:
        assert opened.related(SEED, limit=5) == related(graph, SEED, limit=5)


def test_ties_are_in_the_order_of_nct_ids() -> None:
    copies = "".join(
        f"trial:NCT7777770{n} a tkg:Study ; dcterms:identifier 'NCT7777770{n}' ; dcterms:title 'T' ; "
        "tkg:leadSponsor organization:copies .\n"
        for n in (3, 1, 2)
    )
    found = related(graph_of(copies), "NCT77777702")
    assert [one.nct_id for one in found] == ["NCT77777701", "NCT77777703"]


def test_few_queries_however_many_studies() -> None:
    copies = "".join(
        f"trial:NCT777777{n:02} a tkg:Study ; dcterms:identifier 'NCT777777{n:02}' ; dcterms:title 'T' ; "
        "tkg:leadSponsor organization:acme ; tkg:drug agent:pedoxumab ; tkg:drugWithin agent:PD1Inhibitor .\n"
        for n in range(60)
    )
    counts = []
    for graph in (graph_of(), graph_of(copies)):
        related(graph, SEED, limit=50)
        assert isinstance(graph.backend, Memory)
        counts.append(len(graph.backend.asked))
    assert counts[0] == counts[1] < 20


# --- What is refused ----------------------------------------------------------


@pytest.mark.parametrize(
    ("nct_id", "arguments", "message"),
    [
        ("NCT00000000", {}, "no study NCT00000000 here"),
        (SEED, {"by": ["colour"]}, "nothing is related by 'colour'"),
        (SEED, {"by": []}, "phase alone"),
        (SEED, {"by": ["phase"]}, "phase alone"),
        (SEED, {"limit": 0}, "a limit of 0"),
    ],
)
def test_wrong_questions(graph: Graph, nct_id: str, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        related(graph, nct_id, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("nct_id", ["", "NCT1", "nct99999901", 'NCT99999901" } DROP ALL #', "trial:NCT99999901"])
def test_what_is_no_nct_id(graph: Graph, nct_id: str) -> None:
    with pytest.raises(TermError):
        related(graph, nct_id)


def test_a_study_that_shares_nothing(graph: Graph) -> None:
    assert related(graph, "NCT99999910", by=["target", "condition"]) == []


# --- The command line ---------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("related") / "store"
    with StoreDirectory(directory).writing() as draft:
        draft.store.bulk_load(path=FIXTURE)
    return directory


def test_the_command_shows_scores_and_reasons(store: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["related", SEED, "--store", str(store), "--limit", "2"]) == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert [line.split("\t")[1] for line in lines if not line.startswith(" ")] == ["NCT99999907", "NCT99999903"]
    assert any(line.startswith("    same drug: alphakin [") for line in lines)
    assert err == ""


def test_the_command_gives_json(store: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import json

    command = ["related", "NCT99999909", "--by", "target, phase", "--format", "json", "--store", str(store)]
    assert main(command) == 0
    found = json.loads(capfd.readouterr().out)
    assert found[0].keys() == {"nctId", "title", "score", "reasons"}
    assert found[0]["reasons"][0]["own"][0]["matchedText"] == "Betakin"


def test_nothing_related_is_no_error(store: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["related", "NCT99999910", "--by", "condition", "--store", str(store)]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert "shares anything" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["NCT00000000"],
        ["x"],
        [SEED, "--by", "colour"],
        [SEED, "--by", ""],
        [SEED, "--limit", "0"],
        [SEED, "--endpoint", "https://example.org/sparql"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2(arguments: list[str], store: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["related", *arguments, "--store", str(store)]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "Traceback" not in err
    if err.startswith("trialkg: "):
        assert err.count("\n") == 1
