"""Linking over 3,658 real records: every link names a concept that exists, and words that the record has."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kg.linking.link import METHODS, Link
from kg.linking.linker import load_linker
from kg.linking.normalize import words
from kg.sources import RawRecord, decode, read

pytestmark = [pytest.mark.shared_data, pytest.mark.slow]


class Findings:
    """What one pass over the records found."""

    def __init__(self) -> None:
        self.unknown: set[str] = set()
        self.methods: Counter[str] = Counter()
        self.misquoted: list[str] = []
        self.texts = 0
        self.linked = 0
        self.noted: set[str] = set()


@pytest.fixture(scope="module")
def findings(shared_data: Path) -> Findings:
    found, linker = Findings(), load_linker()
    for record in read([shared_data / "records/v2/studies.ndjson.gz"]):
        assert isinstance(record, RawRecord), record
        study = decode(record)
        links = linker.study(study)
        protocol = study.protocol_section
        sources: list[tuple[str, tuple[Link, ...]]] = [
            *zip(protocol.conditions_module.conditions, links.conditions, strict=True),
            *(
                (" ; ".join([entry.name or "", *entry.other_names]), own)
                for entry, own in zip(
                    protocol.arms_interventions_module.interventions, links.interventions, strict=True
                )
            ),
        ]
        loose = [*links.registry_conditions, *links.registry_interventions, *links.keyword_links]
        for link in [*loose, *(link for _, own in sources for link in own)]:
            found.methods[link.method] += 1
            if linker.index.by_iri(link.concept.iri) is None:
                found.unknown.add(link.concept.iri)
            assert link.score == METHODS[link.method]
        found.noted |= {iri for note in links.notes for iri in note.split() if iri.startswith("http")}
        for text, own in sources:
            found.texts += 1
            found.linked += bool(own)
            written = Counter(words(text))
            for link in own:
                if link.method != "registry" and Counter(words(link.text)) - written:
                    found.misquoted.append(f"{study.nct_id}: {link.text!r} in {text!r}")
    return found


def test_every_concept_is_in_a_vocabulary_or_noted(findings: Findings) -> None:
    assert findings.unknown <= findings.noted


def test_every_link_quotes_the_record(findings: Findings) -> None:
    assert findings.misquoted == []


def test_every_method_occurs(findings: Findings) -> None:
    assert findings.methods.keys() == METHODS.keys() - {"manual"}


def test_most_strings_link(findings: Findings) -> None:
    """A floor under what was measured, so that a change that loses links does not pass unseen."""
    assert findings.linked / findings.texts > 0.8
