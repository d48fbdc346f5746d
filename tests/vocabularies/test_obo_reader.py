"""OBO files, and files that are not what they should be."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import VocabularyError
from kg.vocabularies.entry import Entry, Source
from kg.vocabularies.hierarchy import Hierarchy
from kg.vocabularies.profiles import PROFILES
from kg.vocabularies.readers import obo, owl, skos
from kg.vocabularies.readers.reading import Reading

DISEASES = Path(__file__).parent / "files" / "diseases.obo"
OBO = "http://purl.obolibrary.org/obo/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
HEAD = "format-version: 1.4\nontology: a\n\n"
TERM = "[Term]\nid: A:1\nname: one\n"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a reader asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def entries(source: Source) -> dict[str, Entry]:
    found = list(source.entries)
    assert len({entry.iri for entry in found}) == len(found)
    return {entry.iri: entry for entry in found}


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "a.obo"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(tmp_path: Path, text: str) -> dict[str, Entry]:
    return entries(obo.read(written(tmp_path, HEAD + text), name="a"))


def test_doid() -> None:
    head = DISEASES.read_bytes()
    assert obo.recognises(head)
    assert not owl.recognises(head)
    assert not skos.recognises(head)
    assert [name for name, profile in PROFILES.items() if any(mark in head.decode() for mark in profile.markers)] == [
        "doid"
    ]
    source = obo.read(DISEASES, name="doid")
    assert source[:4] == (
        "Human Disease Ontology",
        f"{OBO}doid.owl",
        "2024-07-31",
        "CC0 1.0; attribution: Human Disease Ontology",
    )
    found = entries(source)
    near = f"{SKOS}closeMatch"
    assert found[f"{OBO}DOID_1909"] == Entry(
        f"{OBO}DOID_1909",
        "melanoma",
        synonyms=("malignant melanoma",),
        # The first is stated as exact, and marked as not to be used.
        loose=("melanotic tumour", "Naevocarcinoma"),
        parents=(f"{OBO}DOID_4", f"{OBO}DOID_0050687"),
        matches=(
            (near, "http://id.nlm.nih.gov/mesh/D008545"),
            (near, f"{OBO}NCIT_C3224"),
            (near, "http://snomed.info/id/93655004"),
            (near, "https://identifiers.org/umls:C0025202"),
            (f"{SKOS}exactMatch", f"{OBO}MONDO_0005105"),
        ),
    )
    assert found[f"{OBO}DOID_8923"].deprecated
    assert found[f"{OBO}DOID_8923"].replaced_by == f"{OBO}DOID_1909"
    assert found[f"{OBO}DOID_9999"].label == ""
    # What its own terms lie within comes along; a term that is only related does not.
    assert list(found)[-2:] == [f"{OBO}SYMP_0000001", f"{OBO}SYMP_0000002"]
    assert f"{OBO}SYMP_0000002" in Hierarchy(found.values()).within(f"{OBO}DOID_1909")
    assert cast(Reading, source.entries).notes == {
        "concept without a name": 1,
        "concept of another vocabulary": 1,
        "cross-reference of no known form: icd10cm": 1,
    }


def test_what_a_vocabulary_is_not_known_by_name_is_taken_as_it_is() -> None:
    source = obo.read(DISEASES, name="mine")
    assert source.title == "A few terms in the shape of DOID"
    assert source.licence == "CC0 1.0"
    assert f"{OBO}CL_0000148" in entries(source)


def test_identifiers_become_iris(tmp_path: Path) -> None:
    text = (
        'format-version: 1.2\nontology: a\nidspace: MINE https://example.org/mine/ "made up"\n\n'
        "[Term]\nid: EFO:0000400\nis_a: MINE:1\n\n[Term]\nid: MINE:1\n\n[Term]\nid: http://example.org/x\n\n"
        "[Term]\nid: part\n\n[Term]\nid: A:é\n"
    )
    source = obo.read(written(tmp_path, text), name="a")
    assert [(entry.iri, entry.parents) for entry in source.entries] == [
        ("http://www.ebi.ac.uk/efo/EFO_0000400", ("https://example.org/mine/1",)),
        ("https://example.org/mine/1", ()),
        ("http://example.org/x", ()),
        (f"{OBO}a#part", ()),
        (f"{OBO}A_é", ()),
    ]


def test_line_ends_and_marks_of_other_systems(tmp_path: Path) -> None:
    text = "\ufeff" + (HEAD + TERM).replace("\n", "\r\n")
    path = written(tmp_path, text)
    assert obo.recognises(path.read_bytes())
    assert list(entries(obo.read(path, name="a"))) == [f"{OBO}A_1"]


def test_names_of_all_scopes(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        TERM + 'synonym: "exact" EXACT []\nsynonym: "near" RELATED []\nsynonym: "less" NARROW []\n'
        'synonym: "more" BROAD [A:2 "why"]\nsynonym: "international" RELATED INN []\n'
        'synonym: "a \\"quoted\\" one" EXACT []\n',
    )
    assert found[f"{OBO}A_1"].synonyms == ("exact", "international", 'a "quoted" one')
    assert found[f"{OBO}A_1"].loose == ("near", "less", "more")


def test_circles_end(tmp_path: Path) -> None:
    found = read(tmp_path, TERM + "is_a: A:2\nis_a: A:1\n\n[Term]\nid: A:2\nname: two\nis_a: A:1\n")
    assert found[f"{OBO}A_1"].parents == (f"{OBO}A_2",)
    assert Hierarchy(found.values()).within(f"{OBO}A_2") == (f"{OBO}A_2", f"{OBO}A_1")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (HEAD, r"has no term \(expected \[Term\] frames\)"),
        (HEAD + "[Typedef]\nid: r\nname: r\n", "has no term"),
        (HEAD + TERM + "is_a: A", "is not OBO: expected .*cut off"),
        (HEAD + TERM + 'synonym: "x', r"a\.obo:7: is not OBO: expected QuotedString"),
        (HEAD + TERM + "no_such_tag: x\n", "a.obo:7: is not OBO"),
        (HEAD.encode() + b"[Term]\nid: A:1\nname: \xe9t\xe9\n", r"is not OBO: .*UTF-8"),
        ("nothing of the kind\n", "is not OBO"),
        ("", "is empty"),
    ],
)
def test_what_is_not_obo_is_a_one_line_error(tmp_path: Path, text: str | bytes, complaint: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(VocabularyError, match=complaint) as caught:
        list(obo.read(path, name="a").entries)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_what_goes_wrong_below_is_said_as_it_is(tmp_path: Path) -> None:
    text = HEAD + "".join(f"[Term]\nid: A:{n}\nname: {n * 7919 % 104729}\n\n" for n in range(50_000))
    packed = gzip.compress(text.encode())
    with pytest.raises(VocabularyError, match="ends in the middle of gzip data"):
        list(obo.read(written(tmp_path, packed[: len(packed) // 2]), name="a").entries)


def test_imports_are_not_followed(tmp_path: Path) -> None:
    other = written(tmp_path, HEAD + "[Term]\nid: A:9\nname: nine\n")
    other.rename(tmp_path / "other.obo")
    path = written(tmp_path, f"format-version: 1.2\nimport: file://{tmp_path}/other.obo\nontology: a\n\n{TERM}")
    assert list(entries(obo.read(path, name="a"))) == [f"{OBO}A_1"]


def test_it_cannot_be_reasoned_over() -> None:
    with pytest.raises(VocabularyError, match="an OBO file cannot be reasoned over"):
        obo.read(DISEASES, name="doid", reason=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 2500))
def test_cut_within_a_line_is_an_error(tmp_path: Path, cut: int) -> None:
    text = DISEASES.read_bytes()[:cut]
    path = written(tmp_path, text)
    if text.endswith(b"\n"):
        return
    with pytest.raises(VocabularyError):
        list(obo.read(path, name="doid").entries)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80))
def test_any_text_is_read_or_refused(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, (HEAD + TERM).encode() + text.encode("utf-8", "replace") + b"\n")
    try:
        found = entries(obo.read(path, name="a"))
    except VocabularyError:
        return
    assert f"{OBO}A_1" in found
