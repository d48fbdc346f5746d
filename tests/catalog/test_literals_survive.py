"""Nothing is lost in any form, whatever the literals: those of spoilt records, and any text at all."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kg.catalog.rdf_forms import FORMS
from kg.catalog.writing import Part
from kg.errors import RecordError
from kg.linking.linker import load_linker
from kg.mapping.study import map_study
from kg.namespaces import PREFIXES, study_iri
from kg.sources import RawRecord, decode, read
from kg.terms import render_bytes
from kg.turtle import lines_of, ntriples
from tests.fuzz.check import real_records
from tests.fuzz.mutations import mutated

READERS = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "jsonld": RdfFormat.JSON_LD,
    "rdfxml": RdfFormat.RDF_XML,
}
RECORDS, SEED = 60, 20261128


def document(form: str, part: Part) -> bytes:
    return FORMS[form].head(PREFIXES) + FORMS[form].body(part.text, part.subjects) + FORMS[form].foot


def lost(part: Part) -> list[str]:
    """The forms that do not give the same N-Triples back, byte for byte."""
    assert set(READERS) == set(FORMS)
    return [
        form
        for form, reader in READERS.items()
        if b"".join(lines_of(quad.triple for quad in parse(document(form, part), reader))) != part.text
    ]


@pytest.mark.shared_data
@pytest.mark.slow
def test_every_literal_of_mutated_records_survives(tmp_path: Path) -> None:
    rng, linker = random.Random(SEED), load_linker()  # noqa: S311
    # Those with results are ten times as long and have no literals of other kinds.
    records = [record for record in real_records(every=40) if "resultsSection" not in record]
    file = tmp_path / "mutated.ndjson"
    file.write_bytes(b"".join(mutated(rng.choice(records), rng)[1] + b"\n" for _ in range(RECORDS)))
    converted, awkward = 0, 0
    for found in read([file]):
        if not isinstance(found, RawRecord):
            continue
        try:
            study = decode(found)
            text = render_bytes(map_study(study, linker.study(study), linker, found.data, found.form).statements)
        except RecordError:
            continue
        triples = {quad.triple for quad in parse(text, RdfFormat.N_TRIPLES)}
        part = Part.of("NCT00000000", triples)
        assert lost(part) == []
        assert set(part.triples) == triples
        # What the converter writes is canonical already: no line changes on the way.
        assert part.text == b"".join(sorted(set(text.splitlines(keepends=True))))
        converted += 1
        awkward += b"\\" in part.text
        if converted % 20 == 0:
            as_turtle = rdflib.Graph().parse(data=document("ttl", part), format="turtle")
            assert set(as_turtle) == set(rdflib.Graph().parse(data=part.text, format="nt"))
    assert converted > RECORDS / 4
    assert awkward > RECORDS / 8


# XML has no way to write some characters; such a text is an error there, in test_forms.py.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]) | st.sampled_from("\t\n\r\"'\\<>&"), max_size=40)
literals = texts.map(Literal) | st.builds(
    lambda text, kind: Literal(text, **kind),
    texts,
    st.sampled_from(
        [{"language": "en"}, {"language": "zh-hans"}, {"datatype": NamedNode(PREFIXES["xsd"] + "integer")}]
    ),
)
parts = st.lists(
    st.builds(
        lambda tail, name, value: Triple(NamedNode(study_iri("NCT99999901") + tail), NamedNode(name), value),
        st.sampled_from(["", "/arm/1", "/arm/10", "/arm/2"]),
        st.sampled_from([PREFIXES["rdfs"] + "label", PREFIXES["tkg"] + "keyword", "https://example.org/9/a"]),
        literals,
    ),
    max_size=8,
)


@given(parts)
def test_any_text_survives(triples: list[Triple]) -> None:
    part = Part.of("NCT99999901", triples)
    assert lost(part) == []
    assert set(part.text.splitlines()) == set(ntriples(triples).splitlines())
