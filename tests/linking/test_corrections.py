"""A person corrects a link in a table: the linker obeys, the graph says so, and it can be taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.catalog import export
from kg.cli import main
from kg.errors import UsageError, VocabularyError
from kg.linking.answers import answers
from kg.linking.corrections import (
    FILE,
    Corrections,
    install_corrections,
    load_corrections,
    read_corrections,
)
from kg.linking.index import Concept
from kg.linking.link import Link
from kg.linking.linker import Linker, StudyLinks, load_linker
from kg.linking.sssom import NO_TERM, About, Row, document
from kg.linking.sssom_table import read_table
from kg.namespaces import expand
from kg.pipeline.build import build
from kg.sources import Form, RawRecord, decode
from kg.store.embedded import open_generation
from kg.store.generations import StoreDirectory
from kg.vocabularies.installed import CORRECTIONS, bundled, entries, statements
from kg.vocabularies.scope import Side
from tests.records import combination, record

MELANOMA, PSORIASIS, CARCINOMA = (expand(f"mesh:{ui}") for ui in ("D008545", "D011565", "D002277"))
PEMBROLIZUMAB, NIVOLUMAB = expand("agent:pembrolizumab"), expand("agent:nivolumab")
MANUAL, LEXICAL = expand("semapv:ManualMappingCuration"), expand("semapv:LexicalMatching")
CONDITION, INTERVENTION = expand("tkg:Condition"), expand("tkg:Intervention")
Corrected = Callable[..., Linker]


def row(text: str, concept: str, category: str = "", **cells: str) -> Row:
    return Row(
        **{
            "subject_label": text,
            "subject_category": category,
            "predicate_id": expand("skos:exactMatch"),
            "object_id": concept,
            "mapping_justification": MANUAL,
            **cells,
        }
    )


def write(path: Path, *rows: Row) -> Path:
    path.write_text(document(rows, About(mapping_set_id="https://example.org/mine")), encoding="utf-8", newline="")
    return path


@pytest.fixture
def corrected(tmp_path: Path) -> Corrected:
    """Makes a linker that obeys some rows."""
    index = load_linker().index

    def make(*rows: Row) -> Linker:
        return Linker(index, read_corrections(write(tmp_path / "c.sssom.tsv", *rows), index.by_iri))

    return make


def short(links: tuple[Link, ...] | list[Link]) -> list[tuple[str, str, str]]:
    return [(link.concept.iri, link.method, link.text) for link in links]


def of_study(linker: Linker, text: str) -> StudyLinks:
    return linker.study(decode(RawRecord(text.encode(), Form.API_V2, "here")))


# --- What is obeyed ---------------------------------------------------------------------------------------------


def test_a_string_means_what_a_person_says(corrected: Corrected) -> None:
    linker = corrected(row("Melanoma ", PSORIASIS, CONDITION))
    assert short(linker.condition("MELANOMA")) == [(PSORIASIS, "manual", "MELANOMA")]
    assert linker.condition("MELANOMA")[0].score == "1"
    assert short(linker.condition("melanomas")) == short(load_linker().condition("melanomas"))
    assert short(linker.intervention("Melanoma")) == short(load_linker().intervention("Melanoma"))


def test_a_string_that_nothing_knows(corrected: Corrected) -> None:
    linker = corrected(
        row("my compound 7", NIVOLUMAB, INTERVENTION), row("my compound 7", PEMBROLIZUMAB, "intervention")
    )
    assert short(linker.intervention("My Compound 7", "DRUG")) == [
        (NIVOLUMAB, "manual", "My Compound 7"),
        (PEMBROLIZUMAB, "manual", "My Compound 7"),
    ]


def test_without_a_category_a_row_is_for_both_sides(corrected: Corrected) -> None:
    linker = corrected(row("cold", NO_TERM))
    assert linker.condition("cold") == linker.intervention("cold") == ()


def test_nothing_and_not(corrected: Corrected) -> None:
    linker = corrected(
        row("Melanoma", NO_TERM, CONDITION),
        row("Keytruda + nivolumab", PEMBROLIZUMAB, INTERVENTION, predicate_modifier="Not"),
    )
    assert linker.condition("Melanoma") == ()
    assert [link.concept.iri for link in linker.intervention("Keytruda + nivolumab")] == [NIVOLUMAB]


def test_links_beside_a_correction_stay_only_where_the_table_has_them(corrected: Corrected) -> None:
    text = "Keytruda + nivolumab"
    wrong = row(text, expand("agent:ipilimumab"), INTERVENTION)
    assert short(corrected(wrong).intervention(text)) == [(expand("agent:ipilimumab"), "manual", text)]
    kept = row(text, NIVOLUMAB, INTERVENTION, mapping_justification=LEXICAL)
    found = short(corrected(kept, wrong).intervention(text))
    assert found[0] == (expand("agent:ipilimumab"), "manual", text)
    assert [(iri, method != "manual") for iri, method, _ in found[1:]] == [(NIVOLUMAB, True)]


def test_rows_that_no_person_marked_change_nothing(corrected: Corrected) -> None:
    linker = corrected(
        row("Melanoma", PSORIASIS, CONDITION, mapping_justification=LEXICAL), row("unrelated", PSORIASIS, CONDITION)
    )
    assert short(linker.condition("Melanoma")) == short(load_linker().condition("Melanoma"))


def test_a_candidate_is_chosen_by_marking_it(corrected: Corrected) -> None:
    linker = corrected(row("cold", PSORIASIS, CONDITION, predicate_id=expand("tkg:candidate")))
    assert short(linker.condition("cold")) == [(PSORIASIS, "manual", "cold")]


def test_a_keyword_is_a_string_too(corrected: Corrected) -> None:
    text = record(conditionsModule={"keywords": ["Melanoma", "Keytruda"]})
    linker = corrected(row("Melanoma", PSORIASIS, CONDITION), row("Keytruda", NO_TERM))
    assert short(of_study(linker, text).keyword_links) == [(PSORIASIS, "manual", "Melanoma")]


def interventions(*entries: dict[str, object]) -> dict[str, object]:
    return {"interventions": list(entries)}


def test_what_was_corrected_to_nothing_does_not_come_back_by_another_way() -> None:
    """By an other name, or by the long form that the record gives of an abbreviation."""
    text = record(
        conditionsModule={"conditions": ["NPC", "Melanoma"]},
        descriptionModule={"briefSummary": "People with nasopharyngeal carcinoma (NPC)."},
        armsInterventionsModule=interventions({"type": "DRUG", "name": "the drug", "otherNames": ["Keytruda"]}),
    )
    plain = of_study(load_linker(), text)
    assert [bool(links) for links in (*plain.conditions, *plain.interventions)] == [True, True, True]
    said = [row("NPC", NO_TERM, CONDITION), row("the drug", PEMBROLIZUMAB, INTERVENTION, predicate_modifier="Not")]
    index = load_linker().index
    found = of_study(Linker(index, corrections_of(said)), text)
    assert found.conditions[0] == found.interventions[0] == ()
    assert found.conditions[1] == plain.conditions[1]


def corrections_of(rows: list[Row]) -> Corrections:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return read_corrections(write(Path(folder) / "c.tsv", *rows), load_linker().index.by_iri)


def test_one_condition_of_one_study(corrected: Corrected) -> None:
    node = expand("trial:NCT99999901/condition/1")
    linker = corrected(
        row("Melanoma", PSORIASIS, subject_id=node),
        row("", NIVOLUMAB, subject_id=expand("trial:NCT99999902/intervention/2")),
    )
    this = of_study(linker, record(conditionsModule={"conditions": ["Melanoma", "Melanoma"]}))
    assert short(this.conditions[0]) == [(PSORIASIS, "manual", "Melanoma")]
    assert short(this.conditions[1]) == short(load_linker().condition("Melanoma"))
    assert this.notes == []
    other = of_study(linker, combination())
    assert short(other.conditions[0]) == short(load_linker().condition("Melanoma"))
    assert short(other.interventions[1]) == [(NIVOLUMAB, "manual", "Keytruda")]


def test_a_node_goes_before_its_string(corrected: Corrected) -> None:
    linker = corrected(
        row("Melanoma", CARCINOMA, CONDITION),
        row("Melanoma", PSORIASIS, subject_id=expand("trial:NCT99999901/condition/1")),
    )
    found = of_study(linker, record(conditionsModule={"conditions": ["Melanoma", "melanoma"]}))
    assert [short(links)[0][0] for links in found.conditions] == [PSORIASIS, CARCINOMA]


def test_a_record_that_has_changed_is_not_corrected_and_says_so(corrected: Corrected) -> None:
    linker = corrected(
        row("Melanoma", PSORIASIS, subject_id=expand("trial:NCT99999901/condition/1")),
        row("Melanoma", PSORIASIS, subject_id=expand("trial:NCT99999901/condition/3")),
    )
    found = of_study(linker, record(conditionsModule={"conditions": ["Carcinoma", "Melanoma"]}))
    assert [links[0].concept.iri for links in found.conditions] == [CARCINOMA, MELANOMA]
    assert found.notes == [
        "correction of condition 1, 'Melanoma': it is 'Carcinoma' now, so nothing was corrected",
        "correction of condition 3, 'Melanoma': it is not there, so nothing was corrected",
    ]


def test_a_term_of_the_registry_beside_a_string_goes_to_the_study(corrected: Corrected) -> None:
    """It stands in the table of an export as well, and keeps no link of a string that was corrected."""
    text = json.loads(record(conditionsModule={"conditions": ["Melanoma"]}))
    text["derivedSection"] = {"conditionBrowseModule": {"meshes": [{"id": "D008545", "term": "Melanoma"}]}}
    node = expand("trial:NCT99999901/condition/1")
    of_registry = row("Melanoma", MELANOMA, subject_id=node, mapping_justification=expand("semapv:UnspecifiedMatching"))
    linker = corrected(of_registry, row("Melanoma", PSORIASIS, subject_id=node))
    plain, found = (of_study(one, json.dumps(text)) for one in (load_linker(), linker))
    assert [method for _, method, _ in short(plain.conditions[0])] == ["exact", "registry"]
    assert short(found.conditions[0]) == [(PSORIASIS, "manual", "Melanoma")]
    assert short(found.registry_conditions) == [(MELANOMA, "registry", "Melanoma")]


def test_what_a_study_is_not_about(corrected: Corrected) -> None:
    text = json.loads(record(conditionsModule={"conditions": ["Psoriasis"], "keywords": ["Melanoma"]}))
    text["derivedSection"] = {"conditionBrowseModule": {"meshes": [{"id": "D002277", "term": "Carcinoma"}]}}
    study = expand("trial:NCT99999901")
    linker = corrected(*(row("", iri, subject_id=study, predicate_modifier="Not") for iri in (MELANOMA, CARCINOMA)))
    plain, found = (of_study(one, json.dumps(text)) for one in (load_linker(), linker))
    assert (len(plain.keyword_links), len(plain.registry_conditions)) == (1, 1)
    assert (found.keyword_links, found.registry_conditions) == ([], [])
    assert found.conditions == plain.conditions


def test_an_agent_stands_for_the_record_that_it_is(tmp_path: Path) -> None:
    index = load_linker().index
    folder = tmp_path / "installed"
    folder.mkdir()
    table = write(tmp_path / "c.tsv", row("the drug", expand("mesh:C582435"), INTERVENTION))
    vocabulary = install_corrections(table, folder)
    corrections = load_corrections((*bundled(), vocabulary), index)
    assert short(Linker(index, corrections).intervention("the drug")) == [(PEMBROLIZUMAB, "manual", "the drug")]


# --- What is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], r"corrects nothing \(write semapv:ManualMappingCuration"),
        ([row("a", MELANOMA, mapping_justification=LEXICAL)], "corrects nothing"),
        ([row("a", expand("mesh:D000000"))], r":\d+: .*D000000 is in no vocabulary in use .*trialkg vocabulary list"),
        ([row("a", expand("mesh:D000000"), predicate_modifier="Not")], "is in no vocabulary in use"),
        ([row("", MELANOMA), row("a", MELANOMA)], "no subject"),
        ([row("", MELANOMA, subject_id="https://example.org/1")], "no subject"),
        ([row("a", MELANOMA, "disease")], r"subject_category 'disease' \(expected tkg:Condition"),
        ([row("a", MELANOMA, predicate_id=expand("rdfs:seeAlso"))], "seeAlso is no match"),
        ([row("a", MELANOMA, predicate_modifier="not")], r"modifier 'not' \(expected Not"),
        ([row("a", NO_TERM, predicate_modifier="Not")], "Not with sssom:NoTermFound says nothing"),
        ([row("a", MELANOMA, subject_id=expand("trial:NCT99999901"))], "NCT99999901 is a study"),
        ([row("a", MELANOMA), row("A", NO_TERM, CONDITION)], "contradicts a row before it"),
        ([row("a", MELANOMA), row("a", MELANOMA, predicate_modifier="Not")], "contradicts a row before it"),
        (
            [row(text, MELANOMA, subject_id=expand("trial:NCT99999901/condition/1")) for text in ("a", "b")],
            "the subject is 'b' here and 'a' before",
        ),
    ],
)
def test_rows_that_cannot_be_obeyed(corrected: Corrected, rows: list[Row], problem: str) -> None:
    with pytest.raises(VocabularyError, match=problem):
        corrected(*rows)


def test_a_category_on_the_way_to_heaven_is_no_concept(tmp_path: Path) -> None:
    """What is only pointed at, as a top category, has an IRI in the index and no name."""
    index = load_linker().index
    top = expand("mesh-category:C")
    assert isinstance(index.by_iri(top), Concept)
    folder = tmp_path / "installed"
    folder.mkdir()
    vocabulary = install_corrections(write(tmp_path / "c.tsv", row("a", top)), folder)
    with pytest.raises(VocabularyError, match="in no vocabulary in use"):
        load_corrections((vocabulary,), index)


def test_without_corrections_there_are_none() -> None:
    assert load_corrections(bundled(), load_linker().index) is None


# --- In a store -------------------------------------------------------------------------------------------------


def test_installed_corrections_are_a_vocabulary_without_concepts(tmp_path: Path) -> None:
    (folder := tmp_path / "installed").mkdir()
    table = write(
        tmp_path / "c.tsv", row("a", MELANOMA), row("b", MELANOMA), row("c", MELANOMA, predicate_modifier="Not")
    )
    vocabulary = install_corrections(table, folder, load_linker().index.by_iri)
    assert (vocabulary.name, vocabulary.concepts, vocabulary.iri) == (CORRECTIONS, 3, "https://example.org/mine")
    assert vocabulary.version == vocabulary.sha256[:12]
    assert (folder / FILE).read_bytes() == table.read_bytes()
    assert json.loads((folder / "vocabulary.json").read_text())["name"] == CORRECTIONS
    assert list(entries(vocabulary)) == []
    drugs = bundled()[0]
    assert b"".join(statements((drugs, vocabulary))) == b"".join(statements((drugs,)))


def test_bad_corrections_are_not_installed(tmp_path: Path) -> None:
    (folder := tmp_path / "installed").mkdir()
    with pytest.raises(VocabularyError, match="in no vocabulary"):
        install_corrections(write(tmp_path / "c.tsv", row("a", expand("mesh:D0"))), folder, load_linker().index.by_iri)
    assert list(folder.iterdir()) == []


def links_in(store: Path) -> set[tuple[str, str, str]]:
    opened = open_generation(StoreDirectory(store).newest())
    answer = opened.query(
        "PREFIX tkg: <https://w3id.org/trialkg/vocab#> SELECT ?node ?concept ?method "
        "{ ?node tkg:link ?link . ?link tkg:concept ?concept ; tkg:method ?method }"
    )
    assert isinstance(answer, ox.QuerySolutions)
    cells = [[str(one[name].value) for name in ("node", "concept", "method")] for one in answer]
    return {(node.rpartition("/trial/")[2], concept, method.rpartition("/")[2]) for node, concept, method in cells}


@pytest.mark.slow
def test_a_correction_goes_round(store: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Export, edit one row, build, export again, take it away: the whole way, and every other link stays."""
    (source := tmp_path / "in.ndjson").write_text(combination() + "\n")
    build([source], store)
    before = links_in(store)
    rows = read_table(export(StoreDirectory(store), tmp_path / "1").output / "links.sssom.tsv")
    assert len(rows) == len(before) == 3
    (wrong,) = (one for one in rows if one.subject_label == "Melanoma")
    fixed = wrong._replace(object_id=PSORIASIS, object_label="", mapping_justification=MANUAL, confidence="")
    edited = write(tmp_path / "edited.sssom.tsv", *(fixed if one is wrong else one for one in rows))

    report = build([], store, add=[lambda folder: install_corrections(edited, folder)])
    node = "NCT99999902/condition/1"
    after = links_in(store)
    assert after - before == {(node, PSORIASIS, "manual")}
    assert before - after == {(node, MELANOMA, "exact")}
    assert report.link_changes is not None
    assert (report.link_changes.added, report.link_changes.removed, report.link_changes.studies) == (1, 1, 1)
    again = read_table(export(StoreDirectory(store), tmp_path / "2").output / "links.sssom.tsv")
    (manual,) = (one for one in again if one.mapping_justification == MANUAL)
    assert (manual.object_id, manual.object_label, manual.comment) == (PSORIASIS, "Psoriasis", "manual")
    assert [one for one in again if one != manual] == [one for one in rows if one is not wrong]

    # What a person decided for a string holds for the command line and for Python, too.
    everywhere = write(tmp_path / "everywhere.sssom.tsv", row("Melanoma", CARCINOMA, CONDITION))
    build([], store, add=[lambda folder: install_corrections(everywhere, folder)])
    assert links_in(store) - before == {(node, CARCINOMA, "manual")}
    assert short(kg.link("Melanoma", store=store)) == [(CARCINOMA, "manual", "Melanoma")]
    assert main(["link", "Melanoma", "--store", str(store), "--format", "json", "--candidates"]) == 0
    chosen, other = json.loads(capfd.readouterr().out)
    assert (chosen["concept"], chosen["method"], chosen["score"]) == (CARCINOMA, "manual", 1.0)
    assert (other["concept"], other["rejected"]) == (MELANOMA, "a correction says what the string means")

    unknown = write(tmp_path / "unknown.sssom.tsv", row("Melanoma", expand("mesh:D000000")))
    generation = StoreDirectory(store).newest().number
    with pytest.raises(VocabularyError, match=r"corrections.sssom.tsv:\d+: .*D000000 is in no vocabulary in use"):
        build([], store, add=[lambda folder: install_corrections(unknown, folder)])
    assert StoreDirectory(store).newest().number == generation

    build([], store, remove=[CORRECTIONS])
    assert links_in(store) == before
    assert short(kg.link("Melanoma", store=store)) == [(MELANOMA, "exact", "Melanoma")]


# --- On the command line ----------------------------------------------------------------------------------------


def test_a_table_of_strings_to_be_corrected(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    texts = ["Keytruda", "triple therapy", "a\tb"]
    assert main(["link", *texts, "--kind", "intervention", "--format", "sssom"]) == 0
    (path := tmp_path / "t.tsv").write_text(capfd.readouterr().out, encoding="utf-8")
    rows = read_table(path)
    assert {one.subject_label: one.object_id for one in rows} == {
        "Keytruda": PEMBROLIZUMAB,
        "triple therapy": NO_TERM,
        "a\tb": NO_TERM,
    }
    assert main(["link", *texts, *texts, "--kind", "intervention", "--format", "sssom"]) == 0
    assert capfd.readouterr().out == path.read_text(encoding="utf-8")


def test_candidates_on_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "Melanoma", "--kind", "intervention", "--candidates"]) == 0
    first, *others = capfd.readouterr().out.splitlines()
    assert first.startswith("Melanoma\tno link")
    why = "not chosen: names what is studied, not what is given or done"
    assert f"Melanoma\tmesh:D008545\tMelanoma\t{why}" in others


def test_a_store_that_is_not_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "Melanoma", "--store", str(tmp_path / "none")]) == 2
    assert "there is no store" in capfd.readouterr().err


def test_what_is_not_text_is_refused() -> None:
    with pytest.raises(UsageError, match="is not text"):
        answers(load_linker(), ["\udcff"], Side.CONDITION)
