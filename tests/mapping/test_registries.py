"""Numbers of other registries: known by their form wherever they stand, and nothing else taken for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping.registries import registry_numbers

Build = Callable[..., Any]
WHO = "https://trialsearch.who.int/Trial2.aspx?TrialID="
EUDRACT = "https://www.clinicaltrialsregister.eu/ctr-search/search?query=eudract_number:"


def numbers(text: str, context: str = "") -> list[str]:
    return [found.number for found in registry_numbers(text, context)]


@pytest.mark.parametrize(
    ("text", "number", "page"),
    [
        ("2006-002363-59", "2006-002363-59", EUDRACT + "2006-002363-59"),
        ("EudraCT number 2005-001930-34", "2005-001930-34", EUDRACT + "2005-001930-34"),
        ("EudraCT-No.:2006-000284-28", "2006-000284-28", EUDRACT + "2006-000284-28"),
        ("EudraCT No.2006-000284-28.", "2006-000284-28", EUDRACT + "2006-000284-28"),
        ("EUCTR2006-000284-28-DE", "2006-000284-28", EUDRACT + "2006-000284-28"),
        ("2023-507001-34-00", "2023-507001-34-00", "https://euclinicaltrials.eu/ctis-public/view/2023-507001-34-00"),
        (
            "CTIS2023-507001-34-00",
            "2023-507001-34-00",
            "https://euclinicaltrials.eu/ctis-public/view/2023-507001-34-00",
        ),
        ("ISRCTN-73199181", "ISRCTN73199181", "https://www.isrctn.com/ISRCTN73199181"),
        ("isrctn 73199181", "ISRCTN73199181", "https://www.isrctn.com/ISRCTN73199181"),
        ("jRCT2031230085", "jRCT2031230085", "https://jrct.niph.go.jp/en-latest-detail/jRCT2031230085"),
        ("JRCTS041220087", "jRCTs041220087", "https://jrct.niph.go.jp/en-latest-detail/jRCTs041220087"),
        ("UMIN000003856", "UMIN000003856", WHO + "JPRN-UMIN000003856"),
        ("JPRN-UMIN000003856", "UMIN000003856", WHO + "JPRN-UMIN000003856"),
        ("JapicCTI-142522", "JapicCTI-142522", WHO + "JPRN-JapicCTI-142522"),
        ("ChiCTR2500095990", "ChiCTR2500095990", WHO + "ChiCTR2500095990"),
        ("ChiCTR-TRC-08000152", "ChiCTR-TRC-08000152", WHO + "ChiCTR-TRC-08000152"),
        (
            "ACTRN12623000498695",
            "ACTRN12623000498695",
            "https://anzctr.org.au/Trial/Registration/TrialReview.aspx?ACTRN=ACTRN12623000498695",
        ),
        ("DRKS00031815", "DRKS00031815", "https://drks.de/search/en/trial/DRKS00031815"),
        ("NTR1234 (Netherlands Trial Register)", "NTR1234", WHO + "NTR1234"),
        ("Dutch Trial Register NL7654", "NL7654", WHO + "NL7654"),
        ("NL-OMON53367", "NL-OMON53367", WHO + "NL-OMON53367"),
        ("ctri/2009/091/000969", "CTRI/2009/091/000969", WHO + "CTRI/2009/091/000969"),
        ("KCT0008394", "KCT0008394", WHO + "KCT0008394"),
        ("IRCT20150303021315N24", "IRCT20150303021315N24", WHO + "IRCT20150303021315N24"),
        ("PACTR202304525632216", "PACTR202304525632216", WHO + "PACTR202304525632216"),
        ("SLCTR/2023/010", "SLCTR/2023/010", WHO + "SLCTR/2023/010"),
        ("TCTR20230429001", "TCTR20230429001", "https://www.thaiclinicaltrials.org/show/TCTR20230429001"),
        ("RBR-6qvdftm", "RBR-6qvdftm", "https://ensaiosclinicos.gov.br/rg/RBR-6qvdftm"),
        ("RPCEC00000423", "RPCEC00000423", "https://rpcec.sld.cu/en/trials/RPCEC00000423"),
        ("(UTN) U1111-1139-2991", "U1111-1139-2991", "https://trialsearch.who.int/#U1111-1139-2991"),
        ("U 1111-1139-2991", "U1111-1139-2991", "https://trialsearch.who.int/#U1111-1139-2991"),
    ],
)
def test_numbers_of_every_registry(text: str, number: str, page: str) -> None:
    (found,) = registry_numbers(text)
    assert (found.number, found.page) == (number, page)
    assert found.text in text


@pytest.mark.parametrize(
    "text",
    [
        "2019-12-03",
        "2019-120319-01",  # EudraCT's running numbers begin with 0
        "1999-001234-56",
        "2006-002363-5",
        "2006-002363-590",
        "2006-002363-59-1",
        "A2006-002363-59",
        "7-2006-002363-59",
        "2023-507001-34",  # CTIS without its last part
        "2023-507001-34-00-1",
        "TAK-2006-002363-59",
        "ISRCTN7319918",
        "ISRCTN731991812",
        "XISRCTN73199181",
        "ACTRN1262300049869",
        "DRKS0003181",
        "UMIN 5",
        "umin000",
        "KCT12",
        "CTRI/2009/091",
        "U1111-1139-299",
        "U1112-1139-2991",
        "1111-1139-2991",
        "NL38209.078.11",  # the ethics committee's file
        "NL005-AMI-IIa",
        "NL7654",  # nothing says that it is the register's
        "NTR1234",
        "PREDAZA/WUM/10-09-2020",
        "NCT16453143",
        "R01 HL122225",
        "CDR0000066637",
        "NCI-2012-02977",
        "",
    ],
)
def test_what_only_looks_like_one(text: str) -> None:
    assert numbers(text) == []


def test_short_numbers_count_where_the_context_speaks_of_their_register() -> None:
    assert numbers("NTR1234", "Nederlands Trial Register") == ["NTR1234"]
    assert numbers("NL7654", "Netherlands Trial Register (NTR)") == ["NL7654"]
    assert numbers("NTR1234", "Neonatal Trials Resource") == []


def test_each_number_once_in_a_fixed_order() -> None:
    text = "U1111-1139-2991, 2006-002363-59; EUCTR2006-002363-59-DE, ISRCTN73199181"
    assert numbers(text) == ["2006-002363-59", "ISRCTN73199181", "U1111-1139-2991"]


@given(st.text(alphabet="0123456789-/. NLTRUKCDISAEV", max_size=60) | st.text(max_size=60))
def test_any_text_gives_numbers_that_are_in_it_and_pages_that_are_iris(text: str) -> None:
    for found in registry_numbers(text):
        assert found.text in text
        ox.NamedNode(found.page)


# --- In a record --------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "kept"),
    [(None, "eudract-number"), ("OTHER", "other"), ("REGISTRY", "registry"), ("EUDRACT_NUMBER", "eudract-number")],
)
def test_the_registered_type_stays_and_a_missing_one_is_that_of_the_form(
    statements: Build, type_: str | None, kept: str
) -> None:
    entry = {"id": "EudraCT 2006-002363-59", "type": type_}
    found = statements(identificationModule={"secondaryIdInfos": [entry]})
    assert found.of("secondary-identifier/1", "dcterms:identifier") == ["EudraCT 2006-002363-59"]
    assert found.of("secondary-identifier/1", "tkg:identifierType") == [kept]
    assert found.of("secondary-identifier/1", "rdfs:seeAlso") == ["search?query=eudract_number:2006-002363-59"]
    assert found.of("secondary-identifier/1", "tkg:foundIn") == []


def test_the_sponsors_own_number_may_be_one(statements: Build) -> None:
    found = statements(identificationModule={"orgStudyIdInfo": {"id": "U1111-1298-6418"}})
    assert found.of("secondary-identifier/1", "rdfs:seeAlso") == ["#U1111-1298-6418"]
    assert found.of("secondary-identifier/1", "tkg:identifierType") == ["registry"]


def test_a_number_in_a_title_has_its_title_as_evidence(statements: Build) -> None:
    found = statements(
        identificationModule={
            "orgStudyIdInfo": {"id": "A-1"},
            "briefTitle": "A study (ISRCTN73199181)",
            "officialTitle": "A study, ISRCTN 73199181, EudraCT 2006-002363-59",
        }
    )
    nodes = ["secondary-identifier/1", "secondary-identifier/2", "secondary-identifier/3"]
    assert found.of("", "tkg:secondaryIdentifier") == nodes
    assert [found.of(node, "tkg:foundIn") for node in nodes] == [[], ["brief title"], ["official title"]]
    assert found.of(nodes[1], "dcterms:identifier") == ["ISRCTN73199181"]
    assert found.of(nodes[2], "tkg:identifierType") == ["eudract-number"]


def test_a_number_that_is_registered_is_not_taken_from_the_title_again(statements: Build) -> None:
    found = statements(
        identificationModule={
            "secondaryIdInfos": [{"id": "ISRCTN73199181", "type": "REGISTRY"}],
            "acronym": "ISRCTN73199181",
        }
    )
    assert found.of("", "tkg:secondaryIdentifier") == ["secondary-identifier/1"]


def test_nothing_says_that_two_records_are_one_study(statements: Build) -> None:
    entry = {"id": "2006-002363-59", "type": "EUDRACT_NUMBER"}
    found = statements(identificationModule={"secondaryIdInfos": [entry]})
    assert not [p for _, p, _ in found.all if "owl#sameAs" in p or "exactMatch" in p]
    assert not [o for _, p, o in found.all if p.endswith("schema.org/sameAs>") and "clinicaltrials.gov" not in o]


def test_other_studies_that_a_record_names(statements: Build) -> None:
    found = statements(
        identificationModule={
            "briefTitle": "Extension of NCT00000001",
            "secondaryIdInfos": [{"id": "NCT00000002", "type": "OTHER"}],
        },
        descriptionModule={"briefSummary": "Rollover of nct 00000001 and NCT-00000003; this is NCT99999999."},
        eligibilityModule={"eligibilityCriteria": "Took part in XNCT00000005, NCT000000061 or NCT00000004"},
    )
    named = ["NCT00000001", "NCT00000003", "NCT00000004", "NCT00000002"]
    assert found.of("", "tkg:mentionedStudy") == named
    assert found.of("secondary-identifier/1", "rdfs:seeAlso") == ["clinicaltrials:NCT00000002"]
