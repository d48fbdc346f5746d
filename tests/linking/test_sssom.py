"""SSSOM tables: the same bytes each time, the same rows back, and other people's tools read every one of them."""

from __future__ import annotations

import csv
import gzip
import io
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import VocabularyError
from kg.linking.index import Concept
from kg.linking.link import METHODS, Link, link_to
from kg.linking.linker import Linker, load_linker
from kg.linking.mappings import CANDIDATE, Rejected, rejected, rows_of_store, rows_of_text
from kg.linking.sssom import LITERAL, NO_TERM, NOT, About, Row, document
from kg.linking.sssom_table import Table, read_table, recognises
from kg.mapping.study import map_study
from kg.namespaces import PREFIXES, expand, study_iri
from kg.sources import Form, RawRecord, decode
from kg.terms import render
from kg.vocabularies.scope import Side
from tests.records import combination, record

ABOUT = About(mapping_set_id="https://example.org/m")
ROW = Row(
    subject_label="Melanoma",
    subject_type=LITERAL,
    predicate_id=expand("skos:exactMatch"),
    object_id=expand("mesh:D008545"),
    mapping_justification=expand("semapv:LexicalMatching"),
)
HEADER = "subject_label\tpredicate_id\tobject_id\tmapping_justification\n"
CELLS = "Melanoma\tskos:exactMatch\tmesh:D008545\tsemapv:LexicalMatching\n"
AWKWARD = [
    'said "no"', '"', '""', "tab\there", "two\nlines", "carriage\rreturn", "both\r\nends", "a|b\\|c\\", " spaces ",
    "#hash", "β-lactam ≥ 5 µg 😀", "line\u2028separator\x85\x0b\x0c", "'", "-", "=1+1", "\ufeffmark", "x" * 500,
    "1.0", "true",
]  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
IRIS = st.sampled_from(["mesh:D008545", "agent:pembrolizumab", "trial:NCT99999901/condition/1", "obo:NCIT_C1498"]).map(
    expand
)


@pytest.fixture(scope="module")
def linker() -> Linker:
    return load_linker()


@pytest.fixture(scope="session")
def by_others() -> Callable[[Path], list[dict[str, Any]]]:
    """Reads and validates a table with the reference implementation, which warns of itself and drops bad rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sssom.parsers import parse_sssom_table
        from sssom.validators import validate

    def read(path: Path) -> list[dict[str, Any]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = parse_sssom_table(path)
            reports = validate(found)
            assert len(reports) == 3
            assert [result.message for report in reports.values() for result in report.results] == []
            rows: list[dict[str, Any]] = found.df.to_dict("records")
        return rows

    return read


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def block(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.startswith("#")]


# --- Writing ----------------------------------------------------------------------------------------------------


def test_a_table_as_bytes() -> None:
    rows = [ROW._replace(confidence="0.9"), ROW._replace(subject_label="NSCLC", object_id=NO_TERM)]
    about = About(mapping_set_id="https://example.org/m", mapping_set_version="1", comment="no: yes", license="urn:l")
    assert document(rows, about).replace("\t", " | ") == (
        "#sssom_version: '1.1'\n"
        "#curie_map:\n"
        "#  mesh: http://id.nlm.nih.gov/mesh/\n"
        "#mapping_set_id: https://example.org/m\n"
        "#mapping_set_version: '1'\n"
        "#license: urn:l\n"
        "#mapping_tool: trialkg\n"
        f"#mapping_tool_version: {about.mapping_tool_version}\n"
        "#comment: 'no: yes'\n"
        "subject_label | predicate_id | object_id | mapping_justification | subject_type | confidence\n"
        "Melanoma | skos:exactMatch | mesh:D008545 | semapv:LexicalMatching | rdfs literal | 0.9\n"
        "NSCLC | skos:exactMatch | sssom:NoTermFound | semapv:LexicalMatching | rdfs literal | \n"
    )


def test_a_vocabulary_without_a_prefix_of_ours_gets_one_of_the_table(tmp_path: Path) -> None:
    rows = [ROW._replace(object_id=f"https://example.org/{name}") for name in ("a#1", "b/2", "a#3")]
    text = document(rows, ABOUT)
    assert block(text)[1:4] == ["#curie_map:", "#  ns1: https://example.org/a#", "#  ns2: https://example.org/b/"]
    assert re.findall("ns[0-9]:[0-9]", text) == ["ns1:1", "ns2:2", "ns1:3"]
    assert read_table(write(tmp_path / "t.tsv", text)) == rows


def test_a_table_without_rows(tmp_path: Path) -> None:
    text = document([], ABOUT)
    assert text.endswith("\nsubject_label\tpredicate_id\tobject_id\tmapping_justification\n")
    assert "curie_map" not in text
    assert read_table(write(tmp_path / "t.tsv", text)) == []


def test_many_rows_wait_on_disk_and_come_out_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [ROW._replace(subject_label=f"{n} {text}") for n, text in enumerate(AWKWARD)]
    in_memory = document(rows, ABOUT)
    monkeypatch.setattr("kg.linking.sssom._SPOOL_BYTES", 1)
    assert document(rows, ABOUT) == in_memory


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS, IRIS, IRIS), max_size=5))
def test_the_same_rows_come_back(tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, ...]]) -> None:
    rows = [
        ROW._replace(subject_label=a, object_label=b, match_string=c, comment=d, subject_id=iri, object_id=other)
        for a, b, c, d, iri, other in drawn
    ]
    path = write(tmp_path_factory.mktemp("t") / "t.tsv", text := document(rows, ABOUT))
    assert read_table(path) == rows
    assert document(read_table(path), ABOUT) == text


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_comes_back(tmp_path: Path, text: str) -> None:
    rows = [ROW._replace(subject_label=text, match_string=text, comment=text)]
    assert read_table(write(tmp_path / "t.tsv", document(rows, ABOUT))) == rows


# --- Reading what people hand back ------------------------------------------------------------------------------


def test_a_table_from_a_spreadsheet(tmp_path: Path) -> None:
    """Padded with tabs, lines of the block quoted, ends of Windows, a byte order mark, empty rows."""
    rows = [ROW._replace(object_id="https://example.org/a#1", subject_label='the "small" one')]
    text = document(rows, About(mapping_set_id="https://example.org/m", comment='a "b": c'))
    saved = io.StringIO(newline="")
    for line in text.splitlines():
        cells = next(csv.reader([line], delimiter="\t")) if not line.startswith("#") else [line]
        csv.writer(saved, delimiter="\t").writerow([*cells, *[""] * (9 - len(cells))])
    saved.write("\t" * 8 + "\r\n")
    padded = saved.getvalue()
    assert '"#comment: \'a ""b"": c\'"\t' in padded
    assert read_table(write(tmp_path / "t.tsv", "\ufeff" + padded)) == rows


def test_a_packed_table(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv.gz"
    path.write_bytes(gzip.compress((HEADER + CELLS).encode()))
    assert read_table(path) == [ROW._replace(subject_type="")]


def test_prefixes_of_the_table_go_before_ours(tmp_path: Path) -> None:
    text = "# curie_map:\n#   m: http://id.nlm.nih.gov/mesh/\n" + HEADER + CELLS.replace("mesh:", "m:")
    assert read_table(write(tmp_path / "t.tsv", text))[0].object_id == ROW.object_id


def test_full_iris_and_unknown_columns(tmp_path: Path) -> None:
    text = (
        HEADER.replace("subject_label", "author_label\tsubject_label")
        + "me\t"
        + CELLS.replace("mesh:", PREFIXES["mesh"])
    )
    assert read_table(write(tmp_path / "t.tsv", text)) == [ROW._replace(subject_type="")]


def test_what_the_block_says_for_all_rows(tmp_path: Path) -> None:
    text = "#subject_type: rdfs literal\n#object_source_version: 2024\n#mapping_date: 2026-01-02\n" + HEADER + CELLS
    table = Table(write(tmp_path / "t.tsv", text))
    assert [row for _, row in table] == [ROW._replace(object_source_version="2024")]
    assert (table.version, table.identifier) == ("2026-01-02", "")


def test_lines_are_numbered_as_an_editor_does(tmp_path: Path) -> None:
    text = f"#license: x\n{HEADER}{CELLS}\n" + '"two\nlines"' + CELLS.removeprefix("Melanoma") + CELLS
    assert [line for line, _ in Table(write(tmp_path / "t.tsv", text))] == [3, 5, 7]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        ("#license: x\n", r"t.tsv:2: column predicate_id is missing \(expected a table of mappings"),
        ("a,b\n1,2\n", "t.tsv:1: column predicate_id is missing"),
        (HEADER.removeprefix("subject_label\t"), "column subject_id or subject_label is missing"),
        (HEADER.replace("object_id", "predicate_id"), "column predicate_id is there twice"),
        (HEADER + "Melanoma\tskos:exactMatch\n", r"t.tsv:2: 2 cells \(expected 4, parted by tabs"),
        (HEADER + CELLS.replace("\n", "\tmore\n"), "t.tsv:2: 5 cells"),
        (HEADER + CELLS + CELLS.replace("mesh:", "mash:"), "t.tsv:3: 'mash:D008545' has no known prefix"),
        (HEADER + CELLS.replace("mesh:", ""), "t.tsv:2: 'D008545' has no known prefix"),
        (HEADER + CELLS.replace("skos:exactMatch", ""), "t.tsv:2: predicate_id is empty"),
        (HEADER + CELLS.replace("Melanoma", '"Melanoma'), "t.tsv:.*is not tab-separated: unexpected end of data"),
        (HEADER + CELLS.replace("Melanoma", '"A" or B'), "t.tsv:2: is not tab-separated: .*written twice"),
        (HEADER + CELLS.replace("Melanoma", "x" * 140_000), "t.tsv:2: is not tab-separated: field larger"),
        ("#a: [\n" + HEADER, "comment lines are not YAML"),
        ("#a: !!python/object/apply:os.getcwd []\n" + HEADER, "comment lines are not YAML"),
        ("#" + "- " * 20_000 + "\n" + HEADER, "comment lines"),
        ("#just words\n" + HEADER, "say no facts"),
        ("#curie_map: words\n" + HEADER, "curie_map is no map"),
        ("#curie_map:\n#  m: 1\n" + HEADER, "curie_map has 'm': 1"),
        ("#curie_map:\n#  skos: http://example.org/\n" + HEADER, "skos is declared as http://example.org/ .it is http"),
        ("#x: y\n" * 20_000, "more than 65,536 bytes of comment lines"),
        ("x" * 2**21, "t.tsv:1: a line of more than 1,048,576 bytes"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(VocabularyError, match=problem):
        read_table(write(tmp_path / "t.tsv", text))


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_other_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    (path := tmp_path / "t.tsv").write_bytes((HEADER + CELLS.replace("Melanoma", "Mélanome")).encode(encoding))
    with pytest.raises(VocabularyError, match=r"t.tsv:[12]: is not UTF-8: .*\(save it in UTF-8\)"):
        read_table(path)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="does not exist"):
        Table(tmp_path / "t.tsv")


@pytest.mark.parametrize(
    ("head", "is_table"),
    [
        (document([ROW], ABOUT).encode(), True),
        (b'\xef\xbb\xbf"#a: ""b"""\t\n"predicate_id"\t"object_id"\t"mapping_justification"\n', True),
        (b"predicate_id\tobject_id\n", False),
        (b"#only comments\n", False),
        (b"<rdf:RDF/>\xff", False),
        (b"", False),
    ],
)
def test_tables_are_recognised_by_what_they_hold(head: bytes, is_table: bool) -> None:
    assert recognises(head) is is_table


# --- What rows claim --------------------------------------------------------------------------------------------


def claims(text: str, side: Side, *links: Link) -> list[tuple[str, str]]:
    return [
        (row.predicate_id.rpartition("#")[2], row.mapping_justification.rpartition("/")[2])
        for row in rows_of_text(text, side, links)
    ]


def test_a_row_claims_what_its_link_does() -> None:
    found = Concept(expand("mesh:D008545"), "Melanoma", "descriptor", PREFIXES["mesh"], "2024", False, ())
    other = found._replace(iri=expand("mesh:D002277"))
    condition, intervention = Side.CONDITION, Side.INTERVENTION
    lexical = "LexicalMatching"
    assert claims("melanoma", condition, link_to(found, "Melanoma", "exact")) == [("exactMatch", lexical)]
    assert claims("melanomas", condition, link_to(found, "melanomas", "normalized")) == [("exactMatch", lexical)]
    assert claims("bad melanoma", condition, link_to(found, "melanoma", "normalized")) == [("broadMatch", lexical)]
    assert claims("drug 5 mg", intervention, link_to(found, "drug", "normalized")) == [("relatedMatch", lexical)]
    assert claims("x melanoma", condition, link_to(found, "melanoma", "component")) == [("broadMatch", lexical)]
    parts = [link_to(found, "melanoma", "component"), link_to(other, "carcinoma", "component")]
    assert claims("melanoma or carcinoma", condition, *parts) == [("relatedMatch", lexical)] * 2
    assert claims("a + b", intervention, parts[0]) == [("relatedMatch", lexical)]
    assert claims("MM", condition, link_to(found, "MM", "abbreviation")) == [("exactMatch", lexical)]
    assert claims("skin (MM)", condition, link_to(found, "MM", "abbreviation")) == [("closeMatch", lexical)]
    assert claims("m", condition, link_to(found, "m", "registry")) == [("relatedMatch", "UnspecifiedMatching")]
    assert claims("m", condition, link_to(found, "m", "manual")) == [("closeMatch", "ManualMappingCuration")]
    fuzzy = Link(found, "melanma", "fuzzy", "0.7")
    assert claims("melanma", condition, fuzzy) == [("closeMatch", "LexicalSimilarityThresholdMatching")]


def test_every_method_has_a_row(linker: Linker) -> None:
    melanoma = linker.condition("Melanoma")[0].concept
    for method, score in METHODS.items():
        (row,) = rows_of_text("Melanoma", Side.CONDITION, [link_to(melanoma, "Melanoma", method)])
        assert (row.comment, row.confidence) == (method, score)


def test_why_concepts_were_not_chosen(linker: Linker) -> None:
    def reasons(text: str, side: Side) -> dict[str, str]:
        links = linker.condition(text) if side is Side.CONDITION else linker.intervention(text)
        return {entry.concept.label: entry.reason for entry in rejected(text, side, links, linker.index)}

    assert reasons("pembrolizumab", Side.INTERVENTION)["pembrolizumab"] == "the drug ontology stands for it"
    assert reasons("pembrolizumab", Side.CONDITION)["pembrolizumab"].startswith("names what is given or done")
    assert reasons("Melanoma", Side.INTERVENTION)["Melanoma"].startswith("names what is studied")
    assert reasons("Melanoma", Side.CONDITION) == {}


def test_names_of_several_concepts_are_candidates_and_no_link(linker: Linker) -> None:
    first, second = linker.condition("Melanoma")[0].concept, linker.condition("Psoriasis")[0].concept
    rows = rows_of_text("x", Side.CONDITION, (), [Rejected(one, "the name of 2 concepts") for one in (first, second)])
    assert [row.object_id for row in rows] == [NO_TERM, first.iri, second.iri]
    assert [row.predicate_id for row in rows[1:]] == [CANDIDATE] * 2
    assert {row.comment for row in rows[1:]} == {"not chosen: the name of 2 concepts"}


# --- What other tools make of it --------------------------------------------------------------------------------


def store_of(linker: Linker, *records: str) -> ox.Store:
    store = ox.Store()
    for text in records:
        study = decode(RawRecord(text.encode(), Form.API_V2, "here"))
        mapped = map_study(study, linker.study(study), linker, text.encode(), Form.API_V2.value)
        store.load(render(mapped.statements).encode(), format=ox.RdfFormat.N_TRIPLES)
    return store


def test_rows_of_a_store_and_its_links_are_the_same_number(
    tmp_path: Path, linker: Linker, by_others: Callable[[Path], list[dict[str, Any]]]
) -> None:
    conditions = {"conditions": ["Melanoma, advanced", "NA", 'odd "one"', *AWKWARD[3:9]], "keywords": ["Psoriasis"]}
    awkward = record("NCT99999903", conditionsModule=conditions)
    store = store_of(linker, combination(), awkward)
    rows = list(rows_of_store(store, ["NCT99999902", "NCT99999903"]))
    links = list(store.quads_for_pattern(None, ox.NamedNode(expand("tkg:concept")), None, None))
    assert len(rows) == len(links) + sum(row.object_id == NO_TERM for row in rows)
    assert rows == sorted(rows)
    study = next(row for row in rows if row.subject_id == study_iri("NCT99999903"))
    assert (study.subject_label, study.match_string) == ("A study", "Psoriasis")
    assert study.predicate_id == expand("skos:relatedMatch")
    assert study.subject_category == expand("tkg:Study")
    read = by_others(write(tmp_path / "t.sssom.tsv", document(rows, ABOUT)))
    assert len(read) == len(rows)
    assert {row["subject_id"] for row in read} == {row.subject_id.replace(PREFIXES["trial"], "trial:") for row in rows}


def test_strings_come_through_the_reference_implementation(
    tmp_path: Path, linker: Linker, by_others: Callable[[Path], list[dict[str, Any]]]
) -> None:
    texts = ["Melanoma", "ALKS 4230 + Keytruda", "triple therapy", "nivolumab 3 mg/kg", *AWKWARD]
    rows = []
    for text in texts:
        links = linker.intervention(text)
        rows += rows_of_text(text, Side.INTERVENTION, links, rejected(text, Side.INTERVENTION, links, linker.index))
    rows.append(ROW._replace(predicate_modifier=NOT))
    assert {row.predicate_id for row in rows} >= {CANDIDATE, expand("skos:relatedMatch"), expand("skos:exactMatch")}
    read = by_others(write(tmp_path / "t.sssom.tsv", document(rows, ABOUT)))
    assert len(read) == len(rows)
    # It opens files with line ends of its own choice.
    ours = sorted(re.sub("\r\n?", "\n", row.subject_label) for row in rows)
    assert sorted(row["subject_label"] for row in read) == ours
    assert {row["subject_type"] for row in read} == {LITERAL}
