"""The readers of MeSH: tables, RDF and XML give the same entries for the same facts, and refuse what is broken."""

from __future__ import annotations

import contextlib
import gzip
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pyoxigraph as ox
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.builder import E

from kg.config import resource
from kg.errors import UsageError, VocabularyError
from kg.namespaces import PREFIXES
from kg.terms import clean
from kg.vocabularies import mesh
from kg.vocabularies.entry import Entry
from kg.vocabularies.readers import mesh_rdf, mesh_tables, mesh_xml

MESH, MESHV = PREFIXES["mesh"], PREFIXES["meshv"]
DTD = '<!DOCTYPE {0}RecordSet SYSTEM "https://www.nlm.nih.gov/databases/dtd/nlm{1}recordset_20250101.dtd">'


class Fact(NamedTuple):
    """A record as it may stand in any of the forms; each concept is its terms, the preferred concept first."""

    ui: str
    label: str
    concepts: tuple[tuple[str, ...], ...] = ()
    trees: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()
    mapped: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()

    @property
    def is_descriptor(self) -> bool:
        return self.ui[0] == "D"


FACTS = [
    Fact("D008545", "Melanoma", (("Melanoma", "Malignant Melanoma", "Melanomas"),), ("C04.557.465", "C04.557.580")),
    Fact("D000077594", "Nivolumab", (("Nivolumab",), ("Opdivo", "MDX-1106"), ("nivolumab",)), ("D12.776",), (), (),
         ("D000074322",)),
    Fact("D005260", "Female", (("Female", "Females"),)),
    Fact("C582435", "pembrolizumab", (("pembrolizumab", "lambrolizumab"), ("Keytruda",)), (), ("D061067",),
         ("D000911",), ("D000074322",)),
    Fact("C000588495", "suchengbeisine", (("suchengbeisine",),), (), (), ("D013256", "D004338")),
]  # fmt: skip


def expected(fact: Fact) -> Entry:
    """The entry of a fact, written anew here: by sets, with no help of the readers."""
    strict = set(fact.concepts[0] if fact.concepts else ()) - {fact.label}
    known = {name.casefold() for name in {*strict, fact.label}}
    loose = {name for concept in fact.concepts[1:] for name in concept if name.casefold() not in known}
    parents = set(fact.preferred) or set(fact.mapped)
    return Entry(
        MESH + fact.ui,
        fact.label,
        synonyms=tuple(sorted(strict)),
        loose=tuple(sorted(loose)),
        parents=tuple(sorted(MESH + ui for ui in parents)),
        trees=tuple(sorted(set(fact.trees))),
        mapped=tuple(sorted(MESH + ui for ui in set(fact.mapped) - parents)),
        actions=tuple(sorted({MESH + ui for ui in fact.actions})),
        kind="descriptor" if fact.is_descriptor else "supplementary",
    )


def plainer(fact: Fact) -> Fact:
    """What a table can say of a fact."""
    return fact._replace(concepts=fact.concepts[:1], preferred=(), mapped=(*fact.preferred, *fact.mapped), actions=())


def as_tables(facts: Sequence[Fact]) -> dict[str, bytes]:
    def table(head: str, rows: Iterable[tuple[str, str, Iterable[str], Iterable[str]]]) -> bytes:
        lines = [head, *("\t".join((ui, label, "|".join(a), "|".join(b))) for ui, label, a, b in rows)]
        return "".join(line + "\n" for line in lines).encode()

    def terms(fact: Fact) -> tuple[str, ...]:
        return fact.concepts[0] if fact.concepts else ()

    files = {}
    if descriptors := [fact for fact in facts if fact.is_descriptor]:
        rows = ((fact.ui, fact.label, fact.trees, terms(fact)) for fact in descriptors)
        files["descriptors.tsv"] = table("ui\tlabel\ttree_numbers\tsynonyms", rows)
    if others := [fact for fact in facts if not fact.is_descriptor]:
        rows = ((fact.ui, fact.label, (*fact.preferred, *fact.mapped), terms(fact)) for fact in others)
        files["supplementary.tsv"] = table("ui\tlabel\tmapped_to\tsynonyms", rows)
    return files


def as_xml(facts: Sequence[Fact], doctype: bool = True) -> dict[str, bytes]:
    def referred(ui: str) -> etree._Element:
        return E.DescriptorReferredTo(E.DescriptorUI(ui), E.DescriptorName(E.String("some heading")))

    def record(fact: Fact) -> etree._Element:
        kind = "Descriptor" if fact.is_descriptor else "Supplemental"
        prefix = "Descriptor" if fact.is_descriptor else "SupplementalRecord"
        made = E(f"{kind}Record", E(f"{prefix}UI", fact.ui), E(f"{prefix}Name", E.String(fact.label)))
        made.append(E.DateRevised(E.Year("2024"), E.Month("05"), E.Day("01")))
        if fact.preferred or fact.mapped:
            stars = [("*", ui) for ui in fact.preferred] + [("", ui) for ui in fact.mapped]
            made.append(E.HeadingMappedToList(*(E.HeadingMappedTo(referred(star + ui)) for star, ui in stars)))
        if fact.actions:
            actions = (E.PharmacologicalAction(referred(ui)) for ui in fact.actions)
            made.append(E.PharmacologicalActionList(*actions))
        if fact.trees:
            made.append(E.TreeNumberList(*map(E.TreeNumber, fact.trees)))
        concepts = E.ConceptList()
        for number, terms in enumerate(fact.concepts):
            concept = E.Concept(E.ConceptName(E.String(terms[0])), PreferredConceptYN="N" if number else "Y")
            concept.append(E.TermList(*(E.Term(E.TermUI("T1"), E.String(term)) for term in terms)))
            concepts.append(concept)
        made.append(concepts)
        return made

    files = {}
    for kind, name in (("Descriptor", "desc.xml"), ("Supplemental", "supp.xml")):
        records = [record(fact) for fact in facts if fact.is_descriptor == (kind == "Descriptor")]
        if records:
            root = E(f"{kind}RecordSet", *records, LanguageCode="eng")
            files[name] = etree.tostring(
                root,
                encoding="utf-8",
                xml_declaration=True,
                doctype=DTD.format(kind, kind.lower()) if doctype else None,
            )
    return files


def triples(facts: Sequence[Fact], namespace: str = MESH) -> Iterator[ox.Triple]:
    """As NLM writes them today: with what is active, and with much that no entry needs."""
    numbers = iter(range(1, 10**6))

    def iri(local: str) -> ox.NamedNode:
        return ox.NamedNode(namespace + local)

    def say(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(iri(subject), ox.NamedNode(MESHV + predicate), value)

    def english(text: str) -> ox.Literal:
        return ox.Literal(text, language="en")

    for fact in facts:
        kind = ox.NamedNode(MESHV + ("TopicalDescriptor" if fact.is_descriptor else "SCR_Chemical"))
        yield ox.Triple(iri(fact.ui), ox.NamedNode(PREFIXES["rdf"] + "type"), kind)
        yield ox.Triple(iri(fact.ui), ox.NamedNode(PREFIXES["rdfs"] + "label"), english(fact.label))
        yield say(fact.ui, "active", ox.Literal(True))
        yield say(fact.ui, "allowableQualifier", iri("Q000008"))
        yield say(fact.ui + "Q000008", "hasDescriptor", iri(fact.ui))
        for tree in fact.trees:
            yield say(fact.ui, "treeNumber", iri(tree))
            yield say(tree, "parentTreeNumber", iri(tree.rpartition(".")[0] or tree))
        for ui in fact.preferred:
            yield say(fact.ui, "preferredMappedTo", iri(ui))
        for ui in fact.mapped:
            yield say(fact.ui, "mappedTo", iri(ui))
        for ui in fact.actions:
            yield say(fact.ui, "pharmacologicalAction", iri(ui))
        for order, terms in enumerate(fact.concepts):
            concept = f"M{next(numbers):07}"
            yield say(fact.ui, "concept" if order else "preferredConcept", iri(concept))
            for place, term in enumerate(terms):
                name = f"T{next(numbers):06}"
                yield say(concept, "term" if place else "preferredTerm", iri(name))
                yield say(name, "prefLabel", english(term))
                yield say(name, "lexicalTag", english("NON"))


def as_rdf(facts: Sequence[Fact], namespace: str = MESH) -> dict[str, bytes]:
    return {"mesh.nt": ox.serialize(triples(facts, namespace), format=ox.RdfFormat.N_TRIPLES) or b""}


WRITERS: dict[str, tuple[ModuleType, Callable[[Sequence[Fact]], dict[str, bytes]]]] = {
    "tables": (mesh_tables, lambda facts: as_tables([plainer(fact) for fact in facts])),
    "xml": (mesh_xml, as_xml),
    "rdf": (mesh_rdf, as_rdf),
}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def entries(reader: ModuleType, *paths: Path) -> dict[str, Entry]:
    found = list(reader.read(paths).entries)
    by_iri = {entry.iri: entry for entry in found}
    assert len(by_iri) == len(found)
    return by_iri


def refused(reader: ModuleType, *paths: Path) -> VocabularyError:
    with pytest.raises(VocabularyError) as caught:
        list(reader.read(paths).entries)
    assert caught.value.place
    return caught.value


# The same facts in three forms


@pytest.mark.parametrize("form", WRITERS)
def test_each_form_gives_the_facts(tmp_path: Path, form: str) -> None:
    reader, writer = WRITERS[form]
    write(tmp_path, writer(FACTS))
    facts = [plainer(fact) for fact in FACTS] if form == "tables" else FACTS
    assert entries(reader, tmp_path) == {MESH + fact.ui: expected(fact) for fact in facts}


def test_loose_names_are_those_of_other_concepts(tmp_path: Path) -> None:
    nivolumab = entries(mesh_xml, write(tmp_path, as_xml(FACTS)))[MESH + "D000077594"]
    assert nivolumab.label == "Nivolumab"
    assert nivolumab.synonyms == ()
    assert nivolumab.loose == ("MDX-1106", "Opdivo")


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=12)
NAME = NAMES.map(clean).filter(lambda name: name and "|" not in name and not name.startswith("["))
HEADING = st.integers(1, 66_000).map("D{:06}".format)


def facts_of(letter: str, top: int) -> st.SearchStrategy[list[Fact]]:
    is_descriptor = letter == "D"
    record = st.builds(
        Fact,
        ui=st.integers(1, top).map((letter + "{:06}").format),
        label=NAME,
        concepts=st.lists(st.lists(NAME, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
        trees=st.just(()),
        preferred=st.just(()) if is_descriptor else st.lists(HEADING, max_size=2).map(tuple),
        mapped=st.just(()) if is_descriptor else st.lists(HEADING, max_size=2).map(tuple),
        actions=st.lists(HEADING, max_size=2).map(tuple),
    )
    return st.lists(record, min_size=1, max_size=4, unique_by=lambda fact: fact.ui).map(
        lambda facts: [
            fact._replace(trees=(f"C{number + 10}.{number:03}",)) if is_descriptor else fact
            for number, fact in enumerate(facts)
        ]
    )


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40, deadline=None)
@given(descriptors=facts_of("D", 66_000), others=facts_of("C", 500_000))
def test_any_facts_survive_each_form(
    tmp_path_factory: pytest.TempPathFactory, descriptors: list[Fact], others: list[Fact]
) -> None:
    facts = descriptors + others
    for form, (reader, writer) in WRITERS.items():
        folder = write(tmp_path_factory.mktemp(form), writer(facts))
        said = [plainer(fact) for fact in facts] if form == "tables" else facts
        assert entries(reader, folder) == {MESH + fact.ui: expected(fact) for fact in said}, form


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_packed_files_are_read_whatever_their_names(tmp_path: Path, form: str, pack: Callable[[bytes], bytes]) -> None:
    reader, writer = WRITERS[form]
    files = writer(FACTS)
    (tmp_path / "plain").mkdir()
    (tmp_path / "packed").mkdir()
    plain = write(tmp_path / "plain", files)
    packed = write(tmp_path / "packed", {f"{name}.bin": pack(content) for name, content in files.items()})
    assert entries(reader, packed) == entries(reader, plain)
    # The same records twice over are one MeSH.
    assert entries(reader, plain, packed) == entries(reader, plain)


@pytest.mark.parametrize("form", WRITERS)
def test_descriptors_alone_are_enough(tmp_path: Path, form: str) -> None:
    reader, writer = WRITERS[form]
    found = entries(reader, write(tmp_path, writer([fact for fact in FACTS if fact.is_descriptor])))
    assert {entry.kind for entry in found.values()} == {"descriptor"}


def test_each_form_is_recognised_by_its_reader_alone(tmp_path: Path) -> None:
    for form, (_, writer) in WRITERS.items():
        for content in writer(FACTS).values():
            told = [name for name, (reader, _) in WRITERS.items() if reader.recognises(content[:65536])]
            assert told == [form]


@pytest.mark.parametrize("reader", [mesh_tables, mesh_xml, mesh_rdf])
@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"{}",
        b"ui\tlabel\n",
        b"<html>",
        b"<?xml version='1.0'?><QualifierRecordSet>",
        b"<rdf:RDF/>",
        b"<https://w3id.org/trialkg/trial/NCT1> <https://w3id.org/trialkg/vocab#arm> <http://id.nlm.nih.gov/mesh/D1> .",
        b"@prefix meshv: <http://id.nlm.nih.gov/mesh/vocab#> .\n<http://id.nlm.nih.gov/mesh/D1> meshv:active true .",
    ],
)
def test_other_files_are_not_recognised(reader: ModuleType, head: bytes) -> None:
    assert not reader.recognises(head)


@settings(deadline=None)
@given(head=st.binary() | st.text().map(str.encode))
def test_recognising_never_fails(head: bytes) -> None:
    for reader in (mesh_tables, mesh_xml, mesh_rdf):
        assert reader.recognises(head) in (True, False)


# The real thing


@pytest.mark.shared_data
def test_rdf_and_xml_samples_of_nlm_say_the_same(shared_data: Path) -> None:
    folder = shared_data / "mesh" / "meshrdf"
    found = entries(mesh_xml, folder)
    assert found == entries(mesh_rdf, folder)
    assert sum(entry.kind == "descriptor" for entry in found.values()) == 43
    assert sum(entry.kind == "supplementary" for entry in found.values()) == 19
    calcimycin = found[MESH + "D000001"]
    assert (calcimycin.label, calcimycin.trees) == ("Calcimycin", ("D03.438.221.173",))
    assert calcimycin.loose == ("A 23187", "A-23187", "A23187", "A23187, Antibiotic", "Antibiotic A23187")
    assert calcimycin.actions == (MESH + "D000900", MESH + "D061207")
    # The star of Camphor stands at its qualifier.
    aeron = found[MESH + "C025735"]
    assert aeron.parents == (MESH + "D001286", MESH + "D002164", MESH + "D012602")
    assert aeron.mapped == (MESH + "D004338",)
    # A protocol (class 2) is kept.
    assert found[MESH + "C038409"].parents == (MESH + "D000971",)
    assert mesh_rdf.read([folder]).version == mesh_xml.read([folder]).version == "2015"


@pytest.mark.shared_data
def test_order_and_year_of_real_triples_do_not_matter(shared_data: Path, tmp_path: Path) -> None:
    real = shared_data / "mesh" / "meshrdf" / "samples.nt"
    lines = real.read_text(encoding="utf-8").splitlines(keepends=True)
    lines = [*lines[3::5], *lines[0::5], *lines[4::5], *reversed(lines[1::5]), *lines[2::5]]
    yearly = re.sub(r"<http://id\.nlm\.nih\.gov/mesh/(?!vocab)", "<http://id.nlm.nih.gov/mesh/2025/", "".join(lines))
    path = tmp_path / "mixed.nt"
    path.write_text(yearly, encoding="utf-8")
    assert entries(mesh_rdf, path) == entries(mesh_rdf, real)
    assert mesh_rdf.read([path], year="2019").version == "2025"


@pytest.mark.shared_data
@pytest.mark.slow
def test_the_full_tables(shared_data: Path) -> None:
    found = entries(mesh_tables, shared_data / "mesh")
    assert sum(entry.kind == "descriptor" for entry in found.values()) == 30_764
    assert sum(entry.kind == "supplementary" for entry in found.values()) == 323_304
    assert sum(len(entry.loose) for entry in found.values()) == 31_149
    assert found[MESH + "D000008"].trees == ("C04.588.033",)
    assert "abdominal cancer" in found[MESH + "D000008"].loose
    # The one row that came torn: its columns hold parts of names.
    torn = found[MESH + "C483025"]
    assert (torn.label, torn.synonyms, torn.parents) == ("Ackr1 protein mouse", (), ())


def test_the_table_that_ships_with_the_package(tmp_path: Path) -> None:
    source = mesh_tables.read([Path(str(resource("vocabularies", "mesh-2024.tsv.zst")))])
    assert source.version == "2024"
    found = {entry.iri: entry for entry in source.entries}
    bundled = {entry.iri: entry for entry in mesh.bundled().entries}
    assert found.keys() == bundled.keys()
    for iri, entry in bundled.items():
        assert found[iri].label == entry.label
        assert set(entry.synonyms) - {entry.label} == set(found[iri].synonyms)
        assert (set(found[iri].trees), set(found[iri].parents)) == (set(entry.trees), set(entry.parents))


@pytest.mark.parametrize("last", [b"", b"\tloose one|loose two"])
def test_the_packed_table_with_and_without_loose_names(tmp_path: Path, last: bytes) -> None:
    path = tmp_path / "packed"
    path.write_bytes(
        b"# Medical Subject Headings (MeSH) 2031, courtesy\n# more words\nD008545\tMelanoma\tC04\tMelanomas"
        + last
        + b"\n"
    )
    source = mesh_tables.read([path], year="2019")
    assert source.version == "2031"
    [entry] = source.entries
    assert entry.loose == (("loose one", "loose two") if last else ())


# The year


@pytest.mark.parametrize(
    ("files", "given_year", "version"),
    [
        (as_xml(FACTS), "", "2025"),
        (as_xml(FACTS), "2019", "2025"),
        (as_xml(FACTS, doctype=False), "", "2024"),
        (as_xml(FACTS, doctype=False), "2019", "2019"),
        ({"desc2021.xml": as_xml(FACTS, doctype=False)["desc.xml"]}, "", "2021"),
    ],
)
def test_year_of_xml(tmp_path: Path, files: dict[str, bytes], given_year: str, version: str) -> None:
    assert mesh_xml.read([write(tmp_path, files)], year=given_year).version == version


def test_year_of_rdf(tmp_path: Path) -> None:
    path = tmp_path / "mesh.nt"
    path.write_bytes(as_rdf(FACTS)["mesh.nt"])
    assert mesh_rdf.read([path]).version == ""
    assert mesh_rdf.read([path], year="2026").version == "2026"
    info = "".join(
        f'<{MESH}{what}> <{PREFIXES["owl"]}versionInfo> "{version}" .\n'
        for what, version in (("void#MeSHRDF", "2027"), ("vocab#", "1.0.0"))
    )
    path.write_bytes(as_rdf(FACTS)["mesh.nt"] + info.encode())
    assert mesh_rdf.read([path], year="2026").version == "2027"
    date = f'<{MESH}D008545> <{MESHV}dateEstablished> "2023-01-01"^^<{PREFIXES["xsd"]}date> .\n'
    path.write_bytes(as_rdf(FACTS)["mesh.nt"] + date.encode())
    assert mesh_rdf.read([path]).version == "2023"


def test_year_of_tables(tmp_path: Path) -> None:
    write(tmp_path, as_tables(FACTS))
    assert mesh_tables.read([tmp_path]).version == ""
    assert mesh_tables.read([tmp_path], year="2024").version == "2024"


def test_a_year_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'next' is not a MeSH year"):
        mesh_tables.read([write(tmp_path, as_tables(FACTS))], year="next")


def test_files_of_two_years_are_refused(tmp_path: Path) -> None:
    write(tmp_path, as_xml(FACTS))
    supplement = tmp_path / "supp.xml"
    supplement.write_bytes(supplement.read_bytes().replace(b"20250101", b"20240101"))
    assert "different years: 2024, 2025" in refused(mesh_xml, tmp_path).problem
    (tmp_path / "a.nt").write_bytes(as_rdf(FACTS, MESH + "2024/")["mesh.nt"])
    (tmp_path / "b.nt").write_bytes(as_rdf(FACTS, MESH + "2025/")["mesh.nt"])
    assert "different years" in refused(mesh_rdf, tmp_path).problem


# What is no longer active


def test_obsolete_records_are_deprecated_and_obsolete_names_are_none(tmp_path: Path) -> None:
    path = tmp_path / "mesh.nt"
    facts = [
        Fact("D000001", "New", (("New", "Fresh"), ("Other",)), ("C04.100",)),
        Fact("D000002", "[OBSOLETE] Old", (), ("C04.100", "C04.200")),
    ]
    text = as_rdf(facts)["mesh.nt"].decode()
    inactive = f'<{MESHV}active> "0"^^<{PREFIXES["xsd"]}boolean> .\n'
    term = re.search(r'<([^>]*)> <[^>]*prefLabel> "Fresh"', text)
    concept = re.search(r"<[^>]*vocab#concept> <([^>]*)>", text)
    assert term
    assert concept
    text = text.replace(f'<{MESH}D000002> <{MESHV}active> "true"', f'<{MESH}D000002> <{MESHV}active> "false"')
    path.write_text(text + f"<{term[1]}> {inactive}<{concept[1]}> {inactive}", encoding="utf-8")
    new, old = mesh_rdf.read([path]).entries
    assert (new.synonyms, new.loose, new.deprecated) == ((), (), False)
    assert (old.label, old.deprecated) == ("Old", True)
    # The place that New has now is no longer that of Old.
    assert old.trees == ("C04.200",)


def test_names_in_other_languages_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "mesh.nt"
    label = f"<{MESH}D008545> <{PREFIXES['rdfs']}label>"
    path.write_text(as_rdf(FACTS)["mesh.nt"].decode() + f'{label} "Melanom"@de .\n', encoding="utf-8")
    assert entries(mesh_rdf, path)[MESH + "D008545"] == expected(FACTS[0])


def test_zero_padding_is_taken_out(tmp_path: Path) -> None:
    padded = FACTS[3]._replace(ui="C000582435", preferred=("D000061067",))
    for form, (reader, writer) in WRITERS.items():
        folder = tmp_path / form
        folder.mkdir()
        [entry] = reader.read([write(folder, writer([padded]))]).entries
        assert entry.iri == MESH + "C582435"
        assert MESH + "D061067" in entry.parents


# What is broken, in every form

BROKEN_FACTS = [
    ([Fact("D008545", " ", (("Melanoma",),))], "has no label"),
    ([Fact("D008545", "Melanoma", (), ("C4.557",))], "'C4.557' is not a tree number"),
    ([Fact("D008545", "Melanoma", (), ("C04.55",))], "'C04.55' is not a tree number"),
    ([Fact("C582435", "x", (), (), (), ("X1",))], "'X1' does not identify a descriptor"),
    ([Fact("C582435", "x", (), (), (), ("C000001",))], "'C000001' does not identify a descriptor"),
    (
        [Fact("D000001", "a", (), ("C04.100",)), Fact("D000002", "b", (), ("C04.100",))],
        "tree number C04.100 belongs to both D000001 and D000002",
    ),
]


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize(("facts", "problem"), BROKEN_FACTS)
def test_malformed_records_are_refused(tmp_path: Path, form: str, facts: list[Fact], problem: str) -> None:
    reader, writer = WRITERS[form]
    error = refused(reader, write(tmp_path, writer(facts)))
    assert problem in error.problem
    assert error.remedy
    assert str(tmp_path) in error.place


@pytest.mark.parametrize(
    ("form", "ui"), [("tables", "M000001"), ("xml", "D00X545"), ("xml", ""), ("tables", "D04"), ("rdf", "X000001")]
)
def test_identifiers_that_are_none_are_refused(tmp_path: Path, form: str, ui: str) -> None:
    reader, writer = WRITERS[form]
    files = {name: content.replace(b"D008545", ui.encode()) for name, content in writer(FACTS).items()}
    assert "does not identify a " in refused(reader, write(tmp_path, files)).problem


def test_records_of_one_kind_among_the_other_are_refused(tmp_path: Path) -> None:
    files = as_tables(FACTS)
    files["descriptors.tsv"] += b"C000002\tbevonium\t\t\n"
    error = refused(mesh_tables, write(tmp_path, files))
    assert error.problem == "'C000002' does not identify a descriptor"
    assert error.place.endswith("descriptors.tsv:5")


@pytest.mark.parametrize("form", WRITERS)
def test_one_identifier_with_two_labels_is_refused(tmp_path: Path, form: str) -> None:
    reader, writer = WRITERS[form]
    for name, label in (("a", "Melanoma"), ("b", "Other")):
        (tmp_path / name).mkdir()
        write(tmp_path / name, writer([FACTS[0]._replace(label=label)]))
    error = refused(reader, tmp_path / "a", tmp_path / "b")
    assert re.search(r"D008545.* (is given twice|has two labels)", error.problem)


@pytest.mark.parametrize("form", WRITERS)
def test_a_file_without_records_is_refused(tmp_path: Path, form: str) -> None:
    nothing = {
        "tables": b"ui\tlabel\tmapped_to\tsynonyms\n",
        "xml": b"<SupplementalRecordSet/>",
        "rdf": f"<{MESH}C04> <{MESHV}active> <{MESH}C04> .\n".encode(),
    }
    (tmp_path / "a").write_bytes(nothing[form])
    assert refused(WRITERS[form][0], tmp_path / "a").problem == "has no MeSH record"


@pytest.mark.parametrize("form", WRITERS)
@settings(deadline=None)
@given(share=st.floats(0.3, 1, exclude_max=True))
def test_no_cut_within_a_line_is_taken_for_the_end(
    tmp_path_factory: pytest.TempPathFactory, form: str, share: float
) -> None:
    reader, writer = WRITERS[form]
    content = next(iter(writer(FACTS).values()))
    cut = content[: int(len(content.rstrip()) * share)].rstrip(b"\n")
    # A line of N-Triples that is whole says nothing of what is missing after it.
    if form == "rdf" and cut.endswith(b" ."):
        return
    path = tmp_path_factory.mktemp("cut") / "a"
    path.write_bytes(cut)
    assert refused(reader, path).remedy


def test_triples_cut_between_two_lines(tmp_path: Path) -> None:
    path = tmp_path / "mesh.nt"
    whole = as_rdf([FACTS[0]])["mesh.nt"].splitlines(keepends=True)
    first_name = next(number for number, line in enumerate(whole) if b"prefLabel" in line)
    path.write_bytes(b"".join(whole[:first_name]))
    assert refused(mesh_rdf, path).problem == "has a term without a name"
    path.write_bytes(b"".join(whole[: first_name - 1]))
    assert refused(mesh_rdf, path).problem == "has a concept without terms"


@pytest.mark.parametrize("form", WRITERS)
def test_cut_off_gzip_is_refused(tmp_path: Path, form: str) -> None:
    reader, writer = WRITERS[form]
    for name, content in writer(FACTS).items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content)[:-20])
    assert "ends in the middle of gzip data" in refused(reader, tmp_path).problem


@pytest.mark.parametrize("form", WRITERS)
def test_another_form_is_refused(tmp_path: Path, form: str) -> None:
    path = tmp_path / "desc2025.xml"
    path.write_bytes(b"<html><body>Not found</body></html>")
    assert refused(WRITERS[form][0], path).problem.startswith("is not ")


# What is broken in tables


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (b"D000002\tb\tC04\n", "the line has 3 columns"),
        (b"D000002\tb\tC04\tc\td\n", "the line has 5 columns"),
        (b"\n", "the line has 0 columns"),
        (b"# note\n", "the line has 1 columns"),
        (b"D000002\t\xff\tC04\t\n", "the line is not UTF-8"),
        (b"D000002\tb\rc\tC04\t\n", "is not a row of a table"),
        (b"D000002\tb\tC04\tcut", "the last line has no end"),
        (b"D000002\t" + b"b" * 2**20 + b"\tC04\t\n", "the line has 1,048,576 bytes or more"),
        (b"D000002\t" + b"b" * 2**18 + b"\tC04\t\n", "is not a row of a table: field larger"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, row: bytes, problem: str) -> None:
    path = tmp_path / "descriptors.tsv"
    path.write_bytes(b'ui\tlabel\ttree_numbers\tsynonyms\r\nD000001\ta\tC03\tsay "a"\r\n' + row)
    error = refused(mesh_tables, path)
    assert problem in error.problem
    assert error.place == f"{path}:3"


MORE = "ui\tlabel\textra_synonyms_lowercase\n"


def test_more_names_are_loose_names(tmp_path: Path) -> None:
    write(tmp_path, as_tables(FACTS))
    (tmp_path / "more.tsv").write_text(MORE + "D008545\tMelanoma\tmelanomas|black cancer\n", encoding="utf-8")
    melanoma = entries(mesh_tables, tmp_path)[MESH + "D008545"]
    assert melanoma.synonyms == ("Malignant Melanoma", "Melanomas")
    assert melanoma.loose == ("black cancer",)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("D000099\tOther\tx\n", "'Other' is in no table of records"),
        ("D008545\tOther\tx\n", "D008545 is called 'Other' here and 'Melanoma' in"),
        ("D008545\tMelanoma\tx\nD008545\tMelanoma\ty\n", "D008545 is given twice"),
    ],
)
def test_more_names_that_do_not_fit_are_refused(tmp_path: Path, row: str, problem: str) -> None:
    write(tmp_path, as_tables(FACTS))
    (tmp_path / "more.tsv").write_text(MORE + row, encoding="utf-8")
    error = refused(mesh_tables, tmp_path)
    assert problem in error.problem
    assert "more.tsv:" in error.place


def test_more_names_alone_are_refused(tmp_path: Path) -> None:
    (tmp_path / "more.tsv").write_text(MORE + "D008545\tMelanoma\tx\n", encoding="utf-8")
    assert refused(mesh_tables, tmp_path / "more.tsv").problem == "has names only"


# What is broken in XML

RECORD = (
    "<DescriptorRecord><DescriptorUI>D008545</DescriptorUI><DescriptorName><String>{0}</String></DescriptorName>"
    "{1}</DescriptorRecord>"
)


def xml(name: str = "Melanoma", more: str = "", dtd: str = "", attributes: str = "") -> str:
    return f"{dtd}<DescriptorRecordSet{attributes}>{RECORD.format(name, more)}</DescriptorRecordSet>"


def entity_dtd(*declarations: str) -> str:
    return f"<!DOCTYPE DescriptorRecordSet [{''.join(declarations)}]>"


def bomb() -> str:
    laughs = (f'<!ENTITY l{depth} "{f"&l{depth - 1};" * 10}">' for depth in range(1, 12))
    return entity_dtd('<!ENTITY l0 "ha">', *laughs)


@pytest.mark.parametrize(
    "text",
    [
        xml("&l11;", dtd=bomb()),
        xml(dtd=bomb(), attributes=' x="&l11;"'),
        xml("&file;", dtd=entity_dtd('<!ENTITY file SYSTEM "file:///etc/hostname">')),
        xml("Mela&file;noma", dtd=entity_dtd('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;')),
        xml("Mela&other;noma"),
        xml("Mela&other;noma", dtd='<!DOCTYPE DescriptorRecordSet SYSTEM "file:///etc/hostname">'),
    ],
    ids=["bomb", "bomb in an attribute", "file", "parameter entity", "undeclared", "undeclared, DTD elsewhere"],
)
def test_entities_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "desc.xml"
    path.write_text(text, encoding="utf-8")
    error = refused(mesh_xml, path)
    assert re.search(r"entit|is not NLM's XML", error.problem, re.IGNORECASE)


def test_nothing_is_read_after_an_error(tmp_path: Path) -> None:
    # Pieces that a parser might take for a document of its own when it has given up on the one before.
    size = 64 * 2**10
    broken = (xml().removesuffix("</DescriptorRecordSet>") + "\n<x>&bad;</x>").ljust(size)
    for start in (size, size // 2):
        path = tmp_path / str(start)
        path.write_text(broken[:start] + xml().ljust(size), encoding="utf-8")
        error = refused(mesh_xml, path)
        assert error.problem == "is not well-formed XML: Entity 'bad' not defined"
        assert error.place == f"{path}:2"


def test_a_cut_in_xml_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("<DescriptorRecordSet>\n<x>\n</x>\n", encoding="utf-8")
    error = refused(mesh_xml, tmp_path / "a")
    assert error.problem.startswith("is not well-formed XML: Premature end of data")
    assert error.place == f"{tmp_path / 'a'}:4"


def test_a_dtd_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    path = tmp_path / "desc.xml"
    (tmp_path / "x.dtd").write_text("<!ELEMENT", encoding="utf-8")
    path.write_text(xml(dtd=f'<!DOCTYPE DescriptorRecordSet SYSTEM "{(tmp_path / "x.dtd").as_uri()}">'), "utf-8")
    assert entries(mesh_xml, path).keys() == {MESH + "D008545"}


def test_comments_and_instructions_do_not_part_names(tmp_path: Path) -> None:
    path = tmp_path / "desc.xml"
    path.write_text(xml("Mela<!-- a --><?b c?>noma &amp; more"), encoding="utf-8")
    assert entries(mesh_xml, path)[MESH + "D008545"].label == "Melanoma & more"


@pytest.mark.parametrize("preferred", ["NN", "YY"])
def test_one_concept_is_preferred(tmp_path: Path, preferred: str) -> None:
    concepts = "".join(f'<Concept PreferredConceptYN="{flag}"/>' for flag in preferred)
    (tmp_path / "a").write_text(xml(more=f"<ConceptList>{concepts}</ConceptList>"), encoding="utf-8")
    error = refused(mesh_xml, tmp_path / "a")
    assert error.problem == f"has {preferred.count('Y')} preferred concepts"
    assert error.place.endswith("a: D008545")


def test_what_is_no_record_does_not_pile_up(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"<DescriptorRecordSet>" + b"<x/>" * (3 * 2**20) + b"</DescriptorRecordSet>")
    assert "has no record in 8,388,608 bytes" in refused(mesh_xml, path).problem


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"<DescriptorRecordSet>" + b" " * 4096 + b"<x>" * 5000)
    assert "is not well-formed XML" in refused(mesh_xml, path).problem


# What is broken in RDF


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (f"<{MESH}D008545> <{MESHV}treeNumber> _:b .", "is not of MeSH"),
        (f"<{MESH}D008545> <{MESHV}treeNumber> <https://example.org/C04> .", "is not of MeSH"),
        (f"<{MESH}D008545> <{MESHV}concept> <{MESH}T000001> .", "is not what NLM calls a concept"),
        (f'<{MESH}M0000001> <{MESHV}term> "x" .', "is not what NLM calls a term"),
        (f"<{MESH}D008545> <{MESHV}pharmacologicalAction> <{MESH}M0000001> .", "does not identify a descriptor"),
        (f"<{MESH}D000099> <{PREFIXES['rdf']}type> <{MESHV}TopicalDescriptor> .", "has no label"),
        (f"<{MESH}C04> <{PREFIXES['rdf']}type> <{MESHV}TopicalDescriptor> .", "does not identify a MeSH record"),
        (f'<{MESH}D008545> <{PREFIXES["rdfs"]}label> "Other" .', "has two labels"),
        (f"<{MESH}D005260> <{MESHV}preferredConcept> <{MESH}M9999999> .", "has a concept without terms"),
        (f'<{MESH}D008545> <{PREFIXES["rdfs"]}label> "no end', "is not N-Triples"),
        (f'<{MESH}D008545> <{PREFIXES["rdfs"]}label> "{"x" * 17_000_000}" .', "has a line that is too long"),
    ],
)
def test_bad_triples_are_refused(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "mesh.nt"
    path.write_text(as_rdf(FACTS)["mesh.nt"].decode() + line, encoding="utf-8")
    error = refused(mesh_rdf, path)
    assert problem in error.problem
    assert error.place.startswith(str(path))


def test_concepts_without_a_preferred_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mesh.nt"
    path.write_bytes(as_rdf(FACTS)["mesh.nt"].replace(b"vocab#preferredConcept", b"vocab#concept"))
    assert refused(mesh_rdf, path).problem == "has no preferred concept"


def test_a_line_that_ends_early_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mesh.nt"
    lines = as_rdf(FACTS)["mesh.nt"].splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:30])
    assert refused(mesh_rdf, path).place == f"{path}:4"


@pytest.mark.parametrize("form", WRITERS)
@settings(deadline=None)
@given(data=st.data())
def test_spoilt_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, form: str, data: st.DataObject
) -> None:
    reader, writer = WRITERS[form]
    content = bytearray(next(iter(writer(FACTS).values())))
    start = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 20))
    content[start : start + length] = data.draw(st.binary(max_size=20))
    path = tmp_path_factory.mktemp("spoilt") / "a"
    path.write_bytes(content)
    # A mistake in it is not always one to see; any other error than ours is one of the reader.
    with contextlib.suppress(VocabularyError):
        assert all(entry.label for entry in reader.read([path]).entries)
