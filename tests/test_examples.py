"""The bundled studies: they are whole, they are facts, and they answer as expected."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import msgspec
import pytest

from kg.examples import expected, paths
from kg.linking.linker import Linker, load_linker
from kg.mapping.study import Mapped, map_study
from kg.namespaces import agent_class_iri, expand, mesh_iri, study_iri
from kg.sources import Form, RawRecord, decode, read

SEED = "NCT04144517"
PROSE = ("briefSummary", "detailedDescription", "description", "eligibilityCriteria", "citation")
NAMES = [path.stem for path in paths()]


@pytest.fixture(scope="module")
def linker() -> Linker:
    return load_linker()


@pytest.fixture(scope="module")
def mapped(linker: Linker) -> dict[str, Mapped]:
    found = {}
    for path in paths():
        record = only(path)
        study = decode(record)
        found[study.nct_id] = map_study(study, linker.study(study), linker, record.data, record.form)
    return found


def only(path: Path) -> RawRecord:
    (record,) = read([path])
    assert isinstance(record, RawRecord), record
    return record


def fields(value: object, path: str = "") -> list[tuple[str, object]]:
    """The leaves of a JSON value with their paths."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in fields(inner, f"{path}.{key}")]
    if isinstance(value, list):
        return [leaf for number, inner in enumerate(value) for leaf in fields(inner, f"{path}[{number}]")]
    return [(path, value)]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def test_the_folder_holds_records_and_nothing_else() -> None:
    results = list(read([paths()[0].parent]))
    assert [result.place.rpartition("/")[2] for result in results] == [path.name for path in paths()]
    assert all(isinstance(result, RawRecord) for result in results)


def test_each_file_has_the_study_it_is_named_after() -> None:
    assert {path: decode(only(path)).nct_id for path in paths()} == {path: path.stem for path in paths()}


def test_the_seed_is_a_page_and_the_others_are_json() -> None:
    assert {path.stem for path in paths() if only(path).form is Form.PAGE_TEXT} == {SEED}
    assert {only(path).form for path in paths()} == {Form.PAGE_TEXT, Form.API_V2}


@pytest.mark.parametrize("path", [path for path in paths() if path.suffix == ".json"], ids=lambda path: path.stem)
def test_json_is_normalised_and_has_no_prose(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    record = json.loads(text)
    assert text == json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    assert [place for place, _ in fields(record) if place.rpartition(".")[2] in PROSE] == []


def test_every_example_maps_without_a_note(mapped: dict[str, Mapped]) -> None:
    assert {name: found.notes for name, found in mapped.items() if found.notes} == {}


def test_the_seed_has_everything_the_page_has() -> None:
    study = decode(only(next(path for path in paths() if path.stem == SEED)))
    protocol = study.protocol_section
    assert study.page is not None
    assert len(study.page.unstated_outcomes) == 12
    assert len(protocol.contacts_locations_module.locations) == 6
    criteria = protocol.eligibility_module.eligibility_criteria or ""
    inclusion, exclusion = criteria.split("Exclusion Criteria:")
    assert (inclusion.count("* "), exclusion.count("* ")) == (8, 9)
    assert protocol.oversight_module.is_fda_regulated_drug is True
    assert protocol.oversight_module.is_fda_regulated_device is False


def test_expected_answers_are_those_of_the_graph(mapped: dict[str, Mapped], linker: Linker) -> None:
    assert {name: answer(found, linker) for name, found in mapped.items()} == expected()


def answer(found: Mapped, linker: Linker) -> tuple[str, bool]:
    """The answer worked out from the statements, apart from the query library."""
    study = f"<{study_iri(found.nct_id)}>"
    il2, pd1 = agent_class_iri("IL2PathwayAgonist"), agent_class_iri("PD1PathwayInhibitor")

    def values(subject: str, curie: str) -> list[str]:
        return [o for s, p, o in found.statements if s == subject and p == f"<{expand(curie)}>"]

    def pairs(node: str) -> set[tuple[str, str]]:
        drugs = values(node, "tkg:drug")
        return {
            (one, other)
            for one in drugs
            for other in drugs
            if one != other and il2 in linker.within(one[1:-1]) and pd1 in linker.within(other[1:-1])
        }

    arms = values(study, "tkg:arm")
    in_arms = {drug for arm in arms for drug in values(arm, "tkg:drug")}
    evidence = "none"
    if any(map(pairs, arms)):
        evidence = "arm"
    elif any(map(pairs, values(study, "tkg:intervention"))):
        evidence = "combination"
    elif any(not set(pair) <= in_arms for pair in pairs(study)):
        evidence = "study"
    elif any(il2 in linker.within(drug[1:-1]) for drug in values(study, "tkg:drug")) and any(
        pd1 in linker.within(named[1:-1]) or named[1:-1] in linker.within(pd1)
        for named in values(study, "tkg:drugClass")
    ):
        evidence = "class"
    return evidence, f"<{mesh_iri('D006258')}>" in values(study, "tkg:conditionWithin")


@pytest.mark.shared_data
def test_expected_answers_are_those_worked_out_by_hand(shared_data: Path) -> None:
    with (shared_data / "records/il2-pd1/EXPECTED.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    by_hand = {
        row["nct_id"]: (
            "none" if row["same_arm"] == "no" else row["decidable_by"] or "class",
            row["in_head_and_neck"] == "yes",
        )
        for row in rows
    }
    assert expected() == by_hand


@pytest.mark.shared_data
@pytest.mark.parametrize("name", [name for name in NAMES if name != SEED])
def test_facts_are_those_that_were_read(shared_data: Path, name: str) -> None:
    ours = next(path for path in paths() if path.stem == name)
    theirs = shared_data / f"records/il2-pd1/{name}.json"
    assert json.loads(ours.read_text(encoding="utf-8")) == json.loads(theirs.read_text(encoding="utf-8"))


@pytest.mark.shared_data
def test_the_seed_differs_from_the_page_only_in_prose(shared_data: Path) -> None:
    ours, theirs = (
        dict(fields(json.loads(msgspec.json.encode(decode(only(path))))))
        for path in (
            next(path for path in paths() if path.stem == SEED),
            shared_data / f"records/classic/{SEED}.txt",
        )
    )
    reworded = re.compile(r"\.(?:briefSummary|description|eligibilityCriteria|measure|timeFrame)$")
    assert ours.keys() - theirs.keys() == {".protocolSection.descriptionModule.briefSummary"}
    assert theirs.keys() <= ours.keys()
    assert {place for place, value in theirs.items() if ours[place] != value and not reworded.search(place)} == set()
    # Our own words: no run of six words is in both, but for names.
    copied = {
        tuple(of[start : start + 6])
        for of in [words(" ".join(str(value) for place, value in theirs.items() if reworded.search(place)))]
        for start in range(len(of) - 5)
    }
    own = [value for place, value in ours.items() if reworded.search(place) and isinstance(value, str)]
    assert [
        run
        for text in own
        for start in range(len(words(text)) - 5)
        if (run := tuple(words(text)[start : start + 6])) in copied
    ] == []
