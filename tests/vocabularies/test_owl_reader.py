"""OWL ontologies as they are published, and files that are not what they should be."""

from __future__ import annotations

import gzip
import os
import socket
import sys
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import VocabularyError
from kg.terms import render
from kg.vocabularies.entry import Entry, Source
from kg.vocabularies.graph import all_of
from kg.vocabularies.hierarchy import Hierarchy
from kg.vocabularies.profiles import PROFILES
from kg.vocabularies.readers import owl, skos
from kg.vocabularies.readers.concepts import CLASSES, Concepts
from kg.vocabularies.readers.reading import Reading

FILES = Path(__file__).parent / "files"
OBO = "http://purl.obolibrary.org/obo/"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl#"
CLOSE = "http://www.w3.org/2004/02/skos/core#closeMatch"
A = "https://example.org/a#"
RDF_XML = """\
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="http://www.w3.org/2002/07/owl#"
  xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xml:base="https://example.org/a">
"""
TURTLE = """\
@prefix : <https://example.org/a#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://example.org/a> a owl:Ontology .
"""
OWL_XML = '<Ontology xmlns="http://www.w3.org/2002/07/owl#" ontologyIRI="https://example.org/a">\n'


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a reader asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def entries(source: Source) -> dict[str, Entry]:
    found = list(source.entries)
    by_iri = {entry.iri: entry for entry in found}
    assert len(by_iri) == len(found), "an IRI came twice"
    return by_iri


def read(name: str, known: str) -> tuple[Source, dict[str, Entry], dict[str, int]]:
    source = owl.read(FILES / name, name=known)
    return source, entries(source), dict(cast(Reading, source.entries).notes)


def written(tmp_path: Path, text: str | bytes, name: str = "a.owl") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def turtle(tmp_path: Path, text: str, *, reason: bool = False) -> dict[str, Entry]:
    return entries(owl.read(written(tmp_path, TURTLE + text), name="a", reason=reason))


def test_chebi() -> None:
    source, found, notes = read("chebi.owl", "chebi")
    assert source[:4] == ("ChEBI", f"{OBO}chebi.owl", "237", "CC BY 4.0; attribution: ChEBI, EMBL-EBI")
    assert found[f"{OBO}CHEBI_15365"] == Entry(
        f"{OBO}CHEBI_15365",
        "acetylsalicylic acid",
        # The nonproprietary name is stated as a related one, and called INN.
        synonyms=("2-(acetyloxy)benzoic acid", "acidum acetylsalicylicum"),
        loose=("Aspirin",),
        parents=(f"{OBO}CHEBI_22723", f"{OBO}CHEBI_26596"),
        matches=((CLOSE, "https://identifiers.org/cas:50-78-2"), (CLOSE, "https://identifiers.org/drugbank:DB00945")),
    )
    merged = found[f"{OBO}CHEBI_22188"]
    assert merged.deprecated
    assert merged.replaced_by == f"{OBO}CHEBI_15365"
    assert merged.label == ""
    assert notes["cross-reference of no known form: kegg"] == 1
    assert notes["concept without a name"] == 1


def test_dron_keeps_what_its_drugs_lie_within_and_leaves_the_rest_of_other_ontologies() -> None:
    source, found, notes = read("dron.owl", "dron")
    assert source.version == "2025-04-18"
    assert source.licence.startswith("https://creativecommons.org/licenses/by/3.0/; attribution: The Drug Ontology")
    assert f"{OBO}BFO_0000040" in found
    assert f"{OBO}BFO_0000023" not in found
    assert notes == {"concept of another vocabulary": 1}
    # The named member of an intersection; nothing of what is within its restrictions.
    assert found[f"{OBO}DRON_00000022"].parents == (f"{OBO}BFO_0000040",)
    # Class and individual at once is a class, once; its union says nothing of where it lies.
    assert found[f"{OBO}DRON_00073395"].parents == (f"{OBO}DRON_00000022",)
    assert f"{OBO}DRON_00099999" not in found


def test_ncit() -> None:
    source, found, _ = read("ncit.owl", "ncit")
    assert source.version == "24.01e"
    nivolumab = found[f"{NCIT}C68814"]
    assert nivolumab.label == "Nivolumab"
    # One source calls "Opdivo" antiquated, another does not.
    assert nivolumab.synonyms == ("BMS-936558", "NIVOLUMAB", "Opdivo")
    assert nivolumab.loose == ("Nivolumabs",)
    assert (CLOSE, "https://identifiers.org/unii:31YO63LBSN") in nivolumab.matches
    assert (CLOSE, "https://identifiers.org/cas:946414-94-4") in nivolumab.matches
    assert found[f"{NCIT}C3224"].parents == (f"{NCIT}C7057",)
    assert found[f"{NCIT}C2742"].deprecated


def test_atc_of_bioportal() -> None:
    source, found, notes = read("atc.ttl", "atc")
    atc = "http://purl.bioontology.org/ontology/ATC/"
    assert source.iri == atc
    assert source.version == "2025AA"
    assert set(found) == {f"{atc}L", f"{atc}L01FF", f"{atc}L01FF01"}
    assert found[f"{atc}L01FF01"].synonyms == ('nivolumab "parenteral"',)
    assert found[f"{atc}L01FF01"].parents == (f"{atc}L01FF",)
    assert notes == {"concept of another vocabulary": 1, "name in another language": 1}


def test_rxnorm_of_bioportal() -> None:
    _, found, _ = read("rxnorm.ttl", "rxnorm")
    rxnorm = "http://purl.bioontology.org/ontology/RXNORM/"
    hierarchy = Hierarchy(found.values())
    for product in ("9000001", "9000002", "9000003"):
        assert f"{rxnorm}1597876" in hierarchy.within(rxnorm + product), "Opdivo is nivolumab, and so is its injection"
    assert {entry.label for entry in found.values() if entry.kind == "form"} == {"Injection", "Oral Tablet"}


@pytest.mark.parametrize(
    ("name", "vocabulary", "drugs", "conditions"),
    [
        ("chebi.owl", "chebi", {"acetylsalicylic acid", "benzoic acids", "salicylates", "molecular entity", ""}, set()),
        ("dron.owl", "dron", {"rosuvastatin", "rosuvastatin tablet"}, set()),
        ("ncit.owl", "ncit", {"Nivolumab"}, {"Melanoma"}),
        ("atc.ttl", "atc", {"nivolumab"}, set()),
        (
            "rxnorm.ttl",
            "rxnorm",
            {"nivolumab", "Opdivo", "nivolumab 10 MG/ML", "nivolumab 10 MG/ML Injection"},
            set(),
        ),
    ],
)
def test_what_is_known_of_a_vocabulary_tells_drugs_and_conditions(
    name: str, vocabulary: str, drugs: set[str], conditions: set[str]
) -> None:
    _, found, _ = read(name, vocabulary)
    profile, hierarchy = PROFILES[vocabulary], Hierarchy(found.values())
    within = {iri: set(hierarchy.within(iri)) for iri in found}
    live = [entry for entry in found.values() if not entry.deprecated]
    assert {entry.label for entry in live if profile.is_drug(entry, within[entry.iri])} == drugs - {""}
    assert {entry.label for entry in live if profile.is_condition(entry, within[entry.iri])} == conditions


@pytest.mark.parametrize("name", ["chebi.owl", "dron.owl", "ncit.owl", "atc.ttl", "rxnorm.ttl"])
def test_a_file_says_which_vocabulary_it_is(name: str) -> None:
    text = (FILES / name).read_text(encoding="utf-8")
    assert [known for known, profile in PROFILES.items() if any(marker in text for marker in profile.markers)] == [
        name.partition(".")[0]
    ]


@pytest.mark.parametrize("name", ["chebi.owl", "dron.owl", "ncit.owl", "atc.ttl", "rxnorm.ttl", "drugs.owx"])
def test_ontologies_are_recognised_and_become_valid_statements(name: str) -> None:
    head = (FILES / name).read_bytes()
    assert owl.recognises(head)
    assert not skos.recognises(head)
    _, found, _ = read(name, name.partition(".")[0])
    hierarchy = Hierarchy(found.values())
    text = render(statement for entry in found.values() if entry.label for statement in all_of(entry, hierarchy))
    assert "_:" not in text
    assert text.count("\n") > len(found)


def test_owl_xml() -> None:
    source, found, _ = read("drugs.owx", "drugs")
    assert source[:3] == ("Drugs as OWL/XML", "https://example.org/drugs", "1.2.0")
    drugs = "https://example.org/drugs#"
    assert found[f"{drugs}Antibody"].label == 'antibody "of <any> kind"'
    assert found[f"{drugs}Checkpoint"].parents == (f"{drugs}Antibody",)
    assert found[f"{drugs}Nivolumab"].synonyms == ("Opdivo",)


def test_forms_agree(tmp_path: Path) -> None:
    import pyoxigraph as ox

    triples = [quad.triple for quad in ox.parse(path=FILES / "ncit.owl", format=ox.RdfFormat.RDF_XML)]
    _, expected, _ = read("ncit.owl", "ncit")
    for form in (ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.JSON_LD):
        # Under a name that says another form.
        path = written(tmp_path, ox.serialize(triples, format=form) or b"", "ncit.owl")
        assert owl.recognises(path.read_bytes())
        found = entries(owl.read(path, name="ncit"))
        assert found == expected
    packed = written(tmp_path, gzip.compress((FILES / "ncit.owl").read_bytes()), "ncit.owl")
    assert entries(owl.read(packed, name="ncit")) == expected


def test_labels_prefer_english_then_none_then_another(tmp_path: Path) -> None:
    found = turtle(
        tmp_path,
        ':b a owl:Class ; rdfs:label "zwei"@de , "two" , "second"@en-GB , "twain"@en .\n'
        ':c a owl:Class ; rdfs:label "drei"@de , "three" .\n'
        ':d a owl:Class ; rdfs:label "vier"@de , "quatre"@fr .\n'
        ':e a owl:Class ; rdfs:label "b" , "a" .\n',
    )
    assert [(entry.label, entry.synonyms) for entry in found.values()] == [
        ("twain", ("two", "second")),
        ("three", ()),
        ("vier", ()),
        ("a", ("b",)),
    ]


def test_synonyms_of_all_kinds(tmp_path: Path) -> None:
    found = turtle(
        tmp_path,
        """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix efo: <http://www.ebi.ac.uk/efo/> .
        :b a owl:Class ; rdfs:label "  label\\n of it " ; oio:hasExactSynonym "exact" , "both" ;
            obo:IAO_0000118 "alternative term" ; efo:alternative_term "efo's" ; skos:altLabel "alt" ;
            oio:hasRelatedSynonym "related" , "both" ; oio:hasNarrowSynonym "narrow" ; oio:hasBroadSynonym "broad" ;
            skos:hiddenLabel "hidden" , "label of it" ; oio:hasExactSynonym "%s" .\n""".replace("%s", "x" * 1001),
    )
    entry = found[f"{A}b"]
    assert entry.label == "label of it"
    assert set(entry.synonyms) == {"exact", "both", "alternative term", "efo's", "alt"}
    assert set(entry.loose) == {"related", "narrow", "broad", "hidden"}


def test_cross_references(tmp_path: Path) -> None:
    found = turtle(
        tmp_path,
        """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        :b a owl:Class ; rdfs:label "b" ; skos:exactMatch <http://id.nlm.nih.gov/mesh/D008545> , _:nothing , :b ;
            skos:broadMatch "DOID:4" ; oio:hasDbXref "MESH:D000017239" , "mesh:Q000001" , "RXCUI:1597876" ,
            "UniProtKB:P14784" , "SNOMEDCT_US_2023_03_01:93655004" , "PMID:1234" , "no prefix" ,
            "CHEBI:CHEBI:15365" , <http://example.org/with%20space> .\n""",
    )
    mesh, skos_ = "http://id.nlm.nih.gov/mesh/", "http://www.w3.org/2004/02/skos/core#"
    assert set(found[f"{A}b"].matches) == {
        (f"{skos_}exactMatch", f"{mesh}D008545"),
        (f"{skos_}broadMatch", f"{OBO}DOID_4"),
        (CLOSE, f"{mesh}D017239"),
        (CLOSE, "http://purl.bioontology.org/ontology/RXNORM/1597876"),
        (CLOSE, "http://purl.uniprot.org/uniprot/P14784"),
        (CLOSE, "http://snomed.info/id/93655004"),
        (CLOSE, f"{OBO}CHEBI_15365"),
        (CLOSE, "http://example.org/with%20space"),
    }


def test_superclasses_by_expression(tmp_path: Path) -> None:
    found = turtle(
        tmp_path,
        """:a a owl:Class . :b a owl:Class . :c a owl:Class . :d a owl:Class . :e a owl:Class . :f a owl:Class .
        :p a owl:ObjectProperty .
        :x a owl:Class ; rdfs:subClassOf owl:Thing , :x , :a , [ a owl:Restriction ; owl:onProperty :p ;
            owl:someValuesFrom :f ] , [ a owl:Class ; owl:intersectionOf ( :b [ owl:intersectionOf ( :c ) ] ) ] .
        :y owl:intersectionOf ( :d [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :f ] ) ; a owl:Class .
        :z a owl:Class ; owl:equivalentClass :e , [ owl:unionOf ( :a :b ) ] , [ owl:complementOf :c ] .
        :w a owl:Class ; rdfs:subClassOf :imported .\n""",
    )
    assert set(found[f"{A}x"].parents) == {f"{A}a", f"{A}b", f"{A}c"}
    assert found[f"{A}y"].parents == (f"{A}d",)
    assert found[f"{A}z"].parents == (f"{A}e",)
    assert found[f"{A}e"].parents == (f"{A}z",), "equivalent classes lie within each other"
    assert found[f"{A}w"].parents == (f"{A}imported",)
    assert f"{A}imported" not in found


def test_circles_end(tmp_path: Path) -> None:
    found = turtle(
        tmp_path,
        """:a a owl:Class ; rdfs:label "a" ; rdfs:subClassOf :b . :b a owl:Class ; rdfs:label "b" ; rdfs:subClassOf :a .
        :c a owl:Class ; rdfs:subClassOf _:l . _:l owl:intersectionOf _:r . _:r rdf:first _:l ; rdf:rest _:r .\n""",
    )
    hierarchy = Hierarchy(found.values())
    assert hierarchy.within(f"{A}a") == (f"{A}a", f"{A}b")
    assert hierarchy.within(f"{A}b") == (f"{A}b", f"{A}a")
    assert found[f"{A}c"].parents == ()


def test_a_restriction_with_an_iri_is_no_superclass(tmp_path: Path) -> None:
    found = turtle(
        tmp_path,
        """:p a owl:ObjectProperty . :r a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :a .
        :a a owl:Class . :b a owl:Class ; rdfs:subClassOf :r , :a .\n""",
    )
    assert found[f"{A}b"].parents == (f"{A}a",)


@pytest.mark.parametrize(
    ("statement", "deprecated", "replaced"),
    [
        (":b owl:deprecated true ; obo:IAO_0100001 :c .", True, f"{A}c"),
        (':b owl:deprecated "true" ; obo:IAO_0100001 "CHEBI:15365" .', True, f"{OBO}CHEBI_15365"),
        (':b owl:deprecated "1"^^xsd:boolean ; obo:IAO_0100001 :c , :d .', True, ""),
        (":b owl:deprecated false .", False, ""),
        (":b a owl:DeprecatedClass .", True, ""),
        (":b rdfs:subClassOf oio:ObsoleteClass .", True, ""),
    ],
)
def test_deprecation(tmp_path: Path, statement: str, deprecated: bool, replaced: str) -> None:
    entry = turtle(tmp_path, f':b a owl:Class ; rdfs:label "b" . {statement}\n')[f"{A}b"]
    assert (entry.deprecated, entry.replaced_by, entry.parents) == (deprecated, replaced, ())


def test_an_ontology_that_says_nothing_of_itself(tmp_path: Path) -> None:
    source = owl.read(
        written(tmp_path, "<https://example.org/b> a <http://www.w3.org/2002/07/owl#Class> ."), name="Mine"
    )
    assert source[:4] == ("Mine", "https://w3id.org/trialkg/vocabulary/mine", "", "")
    assert [entry.iri for entry in source.entries] == ["https://example.org/b"]


def test_of_two_ontologies_the_one_that_imports_the_other_is_meant(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        TURTLE.replace("<https://example.org/a> a owl:Ontology .", "<https://example.org/upper> a owl:Ontology .")
        + '<https://example.org/a> a owl:Ontology ; owl:versionInfo "3" ; owl:imports <https://example.org/upper> .\n'
        ":b a owl:Class .\n",
    )
    assert owl.read(path, name="a")[1:3] == ("https://example.org/a", "3")


def test_a_source_that_nobody_reads_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("SQLITE_TMPDIR", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    source = owl.read(FILES / "chebi.owl", name="chebi")
    next(source.entries)
    cast(Reading, source.entries).close()
    del source
    assert list(folder.iterdir()) == []


CUT_XML = RDF_XML + '<owl:Class rdf:about="#b"><rdfs:label>b</rdfs:label></owl:Class>\n'
BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (CUT_XML, r"does not end with </rdf:RDF> \(the file is cut off; get it again\)"),
        (CUT_XML + "<owl:Cl", "is not RDF/XML: .* cut off"),
        (CUT_XML + "</rdf:RDF><!-- never ends", "is not RDF/XML|does not end"),
        (
            OWL_XML + '<Declaration><Class IRI="#b"/></Declaration>',
            "is not OWL/XML: .*a.owl|is not OWL/XML: no element",
        ),
        (OWL_XML + '<Declaration><Class abbreviatedIRI="no:b"/></Declaration></Ontology>', "is not OWL/XML"),
        (OWL_XML + '<Declaration><Class IRI="http://a b"/></Declaration></Ontology>', "is not OWL/XML: .*IRI"),
        (TURTLE + ':b a owl:Class ; rdfs:label "b', "is not Turtle"),
        (TURTLE + ":b a owl:Class\n:c", "is not Turtle"),
        (TURTLE.encode() + b':b a owl:Class ; rdfs:label "\xe9" .', "is not Turtle: .*UTF-8"),
        (
            b'<?xml version="1.0" encoding="ISO-8859-1"?>' + CUT_XML.encode() + b"</rdf:RDF>",
            "Only UTF-8 .*it is in ISO-8859-1; convert it to UTF-8",
        ),
        (
            ('<?xml version="1.0" encoding="UTF-16"?>' + CUT_XML + "</rdf:RDF>").encode("utf-16"),
            "is not RDF/XML: .*UTF-8",
        ),
        (TURTLE, "has no class .expected an OWL ontology"),
        (RDF_XML + "</rdf:RDF>", "has no class"),
        (OWL_XML + "</Ontology>", "has no class"),
        (TURTLE + ":i a owl:NamedIndividual .", "has no class"),
        ("Prefix(:=<http://a/>)\nOntology(<http://a>\n)", "is OWL functional syntax .expected RDF/XML"),
        ("Prefix: : <http://a/>\nOntology: <http://a>\n", "is OWL Manchester syntax"),
        ("<!DOCTYPE html><html><body>Not found</body></html>", "is a web page"),
        ("<html><body/></html>", "is a web page"),
        ('{"error": "not found"}', "in a form that is known"),
        ("format-version: 1.2\n", "in a form that is known"),
        ("\x00\x01\x02", "in a form that is known"),
        ('<a xmlns="http://example.org/"/>', "in a form that is known"),
        ("", "is empty"),
        (
            RDF_XML.replace(' xml:base="https://example.org/a"', "") + '<owl:Class rdf:about="#b"/></rdf:RDF>',
            r"names a class by the relative IRI '#b' \(state what IRIs are relative to",
        ),
        (
            f'<!DOCTYPE rdf:RDF [<!ENTITY e0 "ha">{BOMB}]>{CUT_XML}<owl:Class rdf:about="&e8;"/></rdf:RDF>',
            "declares the entity 'e1' by other entities",
        ),
        (
            f'<!DOCTYPE Ontology [<!ENTITY e0 "ha">{BOMB}]>{OWL_XML}<Annotation>&e8;</Annotation></Ontology>',
            "declares the entity 'e1' by other entities",
        ),
        (
            f'<!DOCTYPE rdf:RDF [<!ENTITY big "{"x" * 400}">]>{CUT_XML}</rdf:RDF>',
            "declares the entity 'big' by other entities, or too long",
        ),
        (
            f'<!DOCTYPE rdf:RDF [<!ENTITY f SYSTEM "file:///etc/hostname">]>{CUT_XML}</rdf:RDF>',
            "declares the entity 'f' to be another file",
        ),
        (
            f'<!DOCTYPE Ontology [<!ENTITY f SYSTEM "http://127.0.0.1:9/f">]>{OWL_XML}</Ontology>',
            "declares the entity 'f' to be another file",
        ),
        (
            f'<!DOCTYPE rdf:RDF [<!ENTITY % p SYSTEM "http://127.0.0.1:9/f"> %p;]>{CUT_XML}</rdf:RDF>',
            "declares the entity 'p' to be another file",
        ),
        (RDF_XML + "<owl:Class rdf:about='#b'><rdfs:label>" + "x" * 17_000_000, "bytes of text in one element"),
        (OWL_XML + "<Annotation><Literal>" + "x" * 17_000_000, "bytes of text in one element"),
        (TURTLE + ':b rdfs:label "' + "x" * 17_000_000 + '" .', "has a term that is too long"),
        ('{"@context": "http://127.0.0.1:9/context", "@id": "http://a/b"}', "is not JSON-LD: .*remote"),
    ],
    ids=lambda value: None if isinstance(value, str) and len(value) < 60 else "text",
)
def test_what_is_no_ontology_is_a_one_line_error(tmp_path: Path, text: str | bytes, complaint: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(VocabularyError, match=complaint) as caught:
        owl.read(path, name="a")
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert len(message) < 1000


def test_a_dtd_that_is_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    path = written(tmp_path, f'<!DOCTYPE rdf:RDF SYSTEM "http://127.0.0.1:9/rdf.dtd">{CUT_XML}</rdf:RDF>')
    assert list(entries(owl.read(path, name="a"))) == [f"{A}b"]


def test_a_gzip_file_that_is_cut_off(tmp_path: Path) -> None:
    packed = gzip.compress((FILES / "chebi.owl").read_bytes())
    with pytest.raises(VocabularyError, match="ends in the middle of gzip data"):
        owl.read(written(tmp_path, packed[: len(packed) // 2]), name="chebi")


@pytest.mark.parametrize("text", [CUT_XML + '<owl:Class rdf:about="http://a b"/></rdf:RDF>'])
def test_an_invalid_iri_is_left_out_and_counted(tmp_path: Path, text: str) -> None:
    source = owl.read(written(tmp_path, text), name="a")
    assert list(entries(source)) == [f"{A}b"]
    assert cast(Reading, source.entries).notes["concept with an invalid IRI"] == 1


def test_the_reader_follows_no_import_and_runs_nothing(tmp_path: Path) -> None:
    module = tmp_path / "vocabulary_payload.py"
    module.write_text("raise SystemExit('a vocabulary ran code')\n")
    python = "http://www.lesfleursdunormal.fr/static/_downloads/owlready_ontology.owl#python_module"
    sys.path.insert(0, str(tmp_path))
    try:
        found = turtle(
            tmp_path,
            f'<https://example.org/a> <{python}> "vocabulary_payload" ; owl:imports <file://{tmp_path}/b.owl> , '
            "<http://127.0.0.1:9/c.owl> . :b a owl:Class .\n",
        )
    finally:
        sys.path.remove(str(tmp_path))
    assert list(found) == [f"{A}b"]


def test_class_count_of_turtle_is_that_of_the_file(tmp_path: Path) -> None:
    text = "".join(f':c{n} a owl:Class ; rdfs:label "{n}" .\n' for n in range(1234))
    assert len(turtle(tmp_path, text)) == 1234


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.sampled_from(["", "en", "EN", "en-gb", "fr"]))
def test_any_label_survives_or_is_empty(text: str, language: str) -> None:
    import pyoxigraph as ox

    concepts = Concepts(CLASSES, None)
    label, kind = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label"), ox.NamedNode(CLASSES[0])
    subject, rdf_type = ox.NamedNode(f"{A}b"), ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    literal = ox.Literal(text, language=language) if language else ox.Literal(text)
    concepts.load(iter([ox.Quad(subject, rdf_type, kind), ox.Quad(subject, label, literal)]))
    (entry,) = concepts.source(Path("a.owl"), "a", "class", "").entries
    if entry.label:
        assert render(all_of(entry, Hierarchy([entry])))
        assert entry.label == " ".join(entry.label.split(" "))
    assert entry.iri == f"{A}b"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 6000))
def test_a_cut_ontology_is_an_error_wherever_it_is_cut(tmp_path: Path, cut: int) -> None:
    text = (FILES / "chebi.owl").read_bytes()
    whole = text.rindex(b"</rdf:RDF>") + len(b"</rdf:RDF>")
    path = written(tmp_path, text[: min(cut, whole - 1)])
    with pytest.raises(VocabularyError):
        owl.read(path, name="chebi")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_recognising_never_fails(head: bytes) -> None:
    assert owl.recognises(head) in (True, False)
    assert skos.recognises(head) in (True, False)


@pytest.fixture
def no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def test_without_java_everything_but_reasoning_works(tmp_path: Path, no_java: None) -> None:
    assert entries(owl.read(FILES / "drugs.owx", name="drugs"))
    with pytest.raises(VocabularyError, match=r"drugs\.owx: the HermiT reasoner needs java \(install a Java runtime"):
        owl.read(FILES / "drugs.owx", name="drugs", reason=True)


@pytest.mark.java
def test_the_reasoner_adds_what_follows(tmp_path: Path) -> None:
    drugs = "https://example.org/drugs#"
    plain = entries(owl.read(FILES / "drugs.owx", name="drugs"))
    reasoned = entries(owl.read(FILES / "drugs.owx", name="drugs", reason=True))
    assert f"{drugs}Checkpoint" not in plain[f"{drugs}Nivolumab"].parents
    assert f"{drugs}Checkpoint" in reasoned[f"{drugs}Nivolumab"].parents
    assert set(plain[f"{drugs}Nivolumab"].parents) <= set(reasoned[f"{drugs}Nivolumab"].parents)
    assert plain[f"{drugs}Antibody"] == reasoned[f"{drugs}Antibody"]


@pytest.mark.java
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            ":b a owl:Class ; owl:disjointWith :c . :c a owl:Class . :d a owl:Class ; rdfs:subClassOf :b , :c .\n"
            ":e a owl:Class ; rdfs:subClassOf :d .\n",
            "class https://example.org/a#d, https://example.org/a#e can have no member",
        ),
        (
            ":b a owl:Class ; owl:disjointWith :c . :c a owl:Class . :i a :b , :c , owl:NamedIndividual .\n",
            "the ontology contradicts itself",
        ),
        (
            ":p a owl:ObjectProperty . :b a owl:Class .\n"
            ":r a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :b .\n",
            "restriction https://example.org/a#r has an IRI",
        ),
    ],
)
def test_an_inconsistent_ontology_is_refused_with_the_cause(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(VocabularyError, match=complaint) as caught:
        turtle(tmp_path, text, reason=True)
    assert "\n" not in str(caught.value)


@pytest.mark.java
def test_the_reasoner_follows_no_import_and_runs_nothing(tmp_path: Path) -> None:
    module = tmp_path / "vocabulary_payload_two.py"
    module.write_text("raise SystemExit('a vocabulary ran code')\n")
    python = "http://www.lesfleursdunormal.fr/static/_downloads/owlready_ontology.owl#python_module"
    sys.path.insert(0, str(tmp_path))
    try:
        found = turtle(
            tmp_path,
            f'<https://example.org/a> <{python}> "vocabulary_payload_two" ; owl:imports <http://127.0.0.1:9/c.owl> .\n'
            ":b a owl:Class .\n",
            reason=True,
        )
    finally:
        sys.path.remove(str(tmp_path))
    assert list(found) == [f"{A}b"]
    assert "vocabulary_payload_two" not in sys.modules


def test_nothing_is_written_beside_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, (FILES / "drugs.owx").read_bytes(), "drugs.owx")
    entries(owl.read(path, name="drugs"))
    assert os.listdir(tmp_path) == ["drugs.owx"]
