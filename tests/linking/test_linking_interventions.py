"""What is given or done: one group of strings for each rule that reads them."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import VocabularyError
from kg.linking import explained, salts
from kg.linking.forms import NEUTRAL, SAYS_NOTHING
from kg.linking.index import NameIndex
from kg.linking.linker import Linker, load_linker
from kg.linking.normalize import words
from kg.study import Arm, ArmsInterventions, Description, Identification, Intervention, Protocol, Study
from kg.vocabularies import mesh, names, pack_names
from kg.vocabularies.names import other_names
from kg.vocabularies.pack_names import pack


@pytest.fixture(scope="module")
def linker() -> Linker:
    return load_linker()


def found(linker: Linker, text: str, kind: str | None = "DRUG") -> list[str]:
    """Labels of the concepts that a string links to."""
    return [link.concept.label for link in linker.intervention(text, kind)]


SUBSTANCES = {
    # dose, strength, route, form, schedule
    "Furosemide 40mg tab. QD": ["Furosemide"],
    "oral Digoxin 0.125 mg, once daily": ["Digoxin"],
    "20 mg omeprazole b.i.d.": ["Omeprazole"],
    "Lidocaine 2% gel": ["Lidocaine"],
    "Low dose of aspirin for 6 weeks": ["Aspirin"],
    "Naproxen-ER 500": ["Naproxen"],
    # salts, on either side, and salts that are substances of their own
    "verapamil hydrochloride": ["Verapamil"],
    "Morphine Sulphate": ["Morphine"],
    "Erlotinib": ["Erlotinib Hydrochloride"],
    "Magnesium sulfate 4 g IV": ["Magnesium Sulfate"],
    "sodium bicarbonate tablets": ["Sodium Bicarbonate"],
    # the same thing twice
    "Glucophage (metformin)": ["Metformin"],
    "Plavix® (clopidogrel bisulfate) 75 mg": ["Clopidogrel"],
    "Dexmedetomidine (DEX)": ["Dexmedetomidine"],
    # several
    "Metformin plus Pioglitazone": ["Metformin", "Pioglitazone"],
    "warfarin, aspirin": ["Warfarin", "Aspirin"],
    "Vancomycin with or without rifampin": ["Vancomycin", "Rifampin"],
    # a product of several that has a record of its own; two drugs that are only given together
    "Trimethoprim/sulfamethoxazole 160 mg": ["Trimethoprim, Sulfamethoxazole Drug Combination"],
    # what stands in the way of a name
    "study of ketamine according to weight": ["Ketamine"],
    "titrate digoxin as needed": ["Digoxin"],
    # classes; not beside a member
    "ACE inhibitors": ["Angiotensin-Converting Enzyme Inhibitors"],
    "Beta-blocker therapy": ["Adrenergic beta-Antagonists"],
    "ACE inhibitor (enalapril)": ["Enalapril"],
    # a slip of the pen
    "Methotrexat": ["methotrexate"],
    "omeprazolle capsule": ["Omeprazole"],
    # plants
    "Curcuma extract 500 mg": ["Curcuma"],
}


@pytest.mark.parametrize(("text", "labels"), SUBSTANCES.items())
def test_substances(linker: Linker, text: str, labels: list[str]) -> None:
    assert found(linker, text) == labels


@pytest.mark.parametrize(
    "text",
    [
        "No digoxin",
        "without aspirin",
        "anti-insulin",
        "Warfarin withdrawal",
        "discontinuation of metformin",
        "Placebo matching furosemide 40 mg",
        "Sham lidocaine",
        "Sham",
        "ketone ester",
        "insulin receptor assay",
        "glucose-lowering app",
        "renin angiotensin system blockers of any kind",
        "ABX-4471",
        "BAY 12345678",
        "Group B",
        "caps, twice",
        "boost of light",
    ],
)
def test_what_is_not_given(linker: Linker, text: str) -> None:
    assert [link.concept.label for link in linker.intervention(text, "DRUG") if link.concept.is_drug] == []


DONE = {
    # the end of the phrase says what it is
    ("PROCEDURE", "Ultrasound-guided femoral nerve block"): ["Nerve Block"],
    ("PROCEDURE", "open radical prostatectomy"): ["Prostatectomy"],
    ("DEVICE", "Acme Q7 hemodialysis machine"): ["Renal Dialysis"],
    ("DEVICE", "Acme Q7 ultrasound system"): ["Ultrasonography"],
    ("BEHAVIORAL", "moderate-intensity exercise program"): ["Exercise Therapy"],
    ("OTHER", "Depression questionnaire at week 12"): ["Surveys and Questionnaires"],
    # what follows a preposition is what for, with what, when
    ("OTHER", "Yoga for people with heart failure"): ["Yoga"],
    ("BEHAVIORAL", "walking during chemotherapy"): ["Walking"],
    # a word that says nothing hands over to what follows
    ("PROCEDURE", "Measurement of spirometry"): ["Spirometry"],
    ("PROCEDURE", "use of acupuncture"): ["Acupuncture Therapy"],
    # by whom it is done, where nothing else is said
    ("BEHAVIORAL", "Community health worker led program"): ["Community Health Workers"],
    # several
    ("BEHAVIORAL", "Meditation and yoga"): ["Meditation", "Yoga"],
    # everyday names
    ("DIAGNOSTIC_TEST", "12-lead ECG"): ["Electrocardiography"],
    ("DIAGNOSTIC_TEST", "Six minute walk test (6MWT)"): ["Walk Test"],
    ("DEVICE", "CPAP"): ["Continuous Positive Airway Pressure"],
    ("RADIATION", "SBRT"): ["Radiosurgery"],
    # a slip of the pen
    ("PROCEDURE", "Left carotid endarterectmy"): ["Endarterectomy, Carotid"],
    ("OTHER", "supervised meditaton"): ["Meditation"],
    # an analyte is what a test is about
    ("DIAGNOSTIC_TEST", "Ferritin"): ["Ferritins"],
}


@pytest.mark.parametrize(("given", "labels"), DONE.items())
def test_what_is_done(linker: Linker, given: tuple[str, str], labels: list[str]) -> None:
    kind, text = given
    assert found(linker, text, kind) == labels


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("PROCEDURE", "sham acupuncture"),
        ("BEHAVIORAL", "no exercise"),
        ("BEHAVIORAL", "exercise withdrawal"),
        ("OTHER", "Standard of Care"),
        ("OTHER", "No intervention: routine visits"),
        ("OTHER", "Program"),
        ("DEVICE", "System"),
        ("BEHAVIORAL", "Balance"),
        ("BEHAVIORAL", "heart failure treatment"),
        ("OTHER", "Clinical data will be collected"),
        ("OTHER", "Control group"),
        ("BEHAVIORAL", "Major depressive disorder"),
    ],
)
def test_what_names_nothing_that_is_done(linker: Linker, kind: str, text: str) -> None:
    assert found(linker, text, kind) == []


@pytest.mark.parametrize("text", sorted(SAYS_NOTHING))
def test_what_says_nothing(linker: Linker, text: str) -> None:
    assert found(linker, text, "OTHER") == []


@pytest.mark.parametrize("kind", ["BEHAVIORAL", "DEVICE", "DIAGNOSTIC_TEST"])
def test_no_agent_is_given_by_what_is_no_drug(linker: Linker, kind: str) -> None:
    for text in ("pembrolizumab counselling", "IL-2 level", "nivolumab pump", "Keytruda 200 mg app"):
        assert [link for link in linker.intervention(text, kind) if link.concept.kind in ("agent", "class")] == []


def test_each_link_says_by_what_it_was_made(linker: Linker) -> None:
    for text, method, matched in (
        ("Glucophage 850 mg", "normalized", "Glucophage"),
        ("omeprazolle 40 mg", "fuzzy", "omeprazolle"),
        ("aspirin + warfarin", "component", "aspirin"),
        ("Viagra", "synonym", "Viagra"),
    ):
        link = linker.intervention(text, "DRUG")[0]
        assert (link.method, link.text) == (method, matched)


WRITTEN = st.lists(
    st.sampled_from(
        ["insulin", "glucose 5%", "aspirin", "(", ")", "+", "/", " with ", "no ", "40 mg", "ECG", "placebo"]
    ),
    max_size=7,
).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(WRITTEN | st.text(max_size=40), st.sampled_from(["DRUG", "DEVICE", "OTHER", "PROCEDURE", None]))
def test_matched_words_stand_in_the_text(text: str, kind: str | None) -> None:
    for link in load_linker().intervention(text, kind):
        assert link.text in text
        assert link.text.strip()


# What the record says elsewhere


def study(*entries: Intervention, summary: str = "", arm: str = "") -> Study:
    return Study(
        protocol_section=Protocol(
            identification_module=Identification(nct_id="NCT99999998"),
            description_module=Description(brief_summary=summary),
            arms_interventions_module=ArmsInterventions(
                interventions=list(entries), arm_groups=[Arm(label="A", description=arm)]
            ),
        )
    )


def explained_as(linker: Linker, given: Study) -> list[tuple[str, str]]:
    return [(link.concept.label, link.method) for link in linker.study(given).interventions[0]]


def test_a_code_that_the_record_explains(linker: Linker) -> None:
    drug = Intervention(type="DRUG", name="QX-9911 5 mg", description="QX-9911 (spironolactone) in the morning")
    assert explained_as(linker, study(drug)) == [("Spironolactone", "abbreviation")]
    bare = Intervention(type="DRUG", name="QX-9911")
    assert explained_as(linker, study(bare, arm="They take spironolactone (QX-9911) daily")) == [
        ("Spironolactone", "abbreviation")
    ]
    assert explained_as(linker, study(bare, summary="QX-9911, also known as furosemide, is")) == [
        ("Furosemide", "abbreviation")
    ]


def test_what_only_stands_beside_a_code_explains_nothing(linker: Linker) -> None:
    drug = Intervention(type="DRUG", name="QX-9911", description="QX-9911 is given with furosemide")
    assert explained_as(linker, study(drug, summary="QX-9911 is compared with aspirin (QX-99).")) == []


def test_a_device_is_what_the_record_says_it_is(linker: Linker) -> None:
    device = Intervention(type="DEVICE", name="Ventaxo", description="Ventaxo is a portable ventilator that helps.")
    assert explained_as(linker, study(device)) == [("Respiration, Artificial", "abbreviation")]
    drug = Intervention(type="DRUG", name="Ventaxo", description="Ventaxo is an inhibitor of renin.")
    assert explained_as(linker, study(drug)) == []


def test_an_abbreviation_inside_a_name(linker: Linker) -> None:
    group = Intervention(type="PROCEDURE", name="Weekly EFT sessions")
    assert explained_as(linker, study(group, summary="They get endoscopic fundoplication (EF).")) == []
    given = study(
        Intervention(type="PROCEDURE", name="Early CEA arm"), summary="people after carotid endarterectomy (CEA)"
    )
    assert explained_as(linker, given) == [("Endarterectomy, Carotid", "abbreviation")]


def test_other_names_of_a_placebo_are_no_drug(linker: Linker) -> None:
    placebo = Intervention(type="DRUG", name="Placebo capsule", other_names=["furosemide"])
    assert [label for label, _ in explained_as(linker, study(placebo)) if label == "Furosemide"] == []


def test_other_names_that_are_names_go_first(linker: Linker) -> None:
    drug = Intervention(type="DRUG", name="Vrx", other_names=["tablets of aspirin and magnesium", "Furosemide"])
    assert [label for label, _ in explained_as(linker, study(drug))] == ["Furosemide"]


@given(st.text(max_size=200), st.text(min_size=1, max_size=10))
def test_explaining_reads_any_text(text: str, name: str) -> None:
    for other in (*explained.equated(name, text), *explained.kinds(name, text)):
        assert other.strip()
        assert " ".join(other.split()) in " ".join(text.split())


# The tables of names


def test_names_kept_by_hand_are_of_records_that_exist() -> None:
    labels = {entry.iri: entry.label for entry in mesh.bundled().entries}
    with Path(names.__file__).with_name("names.tsv").open(encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert [row["ui"] for row in rows] == sorted({row["ui"] for row in rows})
    # Records that only the full MeSH has are not in the bundled one.
    wrong = [row for row in rows if labels.get(mesh.VOCABULARY + row["ui"], row["label"]) != row["label"]]
    assert wrong == []
    assert sum(mesh.VOCABULARY + row["ui"] in labels for row in rows) > 0.95 * len(rows)


def test_a_name_kept_by_hand_means_one_record() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for iri, kept in other_names().kept.items():
        for name in kept:
            assert name.strip() == name
            assert name
            assert seen.setdefault(tuple(words(name)), iri) == iri, name


def test_a_name_kept_by_hand_goes_before_others(linker: Linker) -> None:
    # MeSH has PET as a name of Pets.
    assert found(linker, "PET", "DIAGNOSTIC_TEST") == ["Positron-Emission Tomography"]


def table(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_packing_joins_drugs_by_their_names(tmp_path: Path) -> None:
    head = "ui\tlabel\tsynonyms\n"
    packed = pack(
        table(tmp_path / "d", head + "D1\tAspirin\tacetylsalicylate\n"),
        table(tmp_path / "s", head + "C1\tzetolol\t\nC2\tZ 5\t\nC3\tzet\tdouble\nC4\ttez\tdouble\n"),
        table(
            tmp_path / "n",
            "Common name,Synonyms\nAspirin,Ecotrin | ASA | 2-(acetyloxy)benzoic acid\nXenolol,Z 5 | XN-51\n"
            "Double,Twofold\nUnknown,Nothing\n",
        ),
        2024,
    )
    lines = zstandard.ZstdDecompressor().decompress(packed, max_output_size=10_000).decode().splitlines()
    # Abbreviations, formulas and names of several records are left out.
    assert [line for line in lines if not line.startswith("#")] == ["C2\tXN-51|Xenolol", "D1\tEcotrin"]


def test_a_broken_table_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_PACKED", "names.tsv")
    other_names.cache_clear()
    try:
        with pytest.raises(VocabularyError, match=r"names\.tsv"):
            other_names()
    finally:
        other_names.cache_clear()


def test_pack_names_is_a_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "ui\tlabel\tsynonyms\n"
    arguments = [
        str(table(tmp_path / "d", head + "D1\tAspirin\t\n")),
        str(table(tmp_path / "s", head)),
        str(table(tmp_path / "n", "Common name,Synonyms\nAspirin,Ecotrin\n")),
        "-o",
        str(tmp_path / "out"),
    ]
    pack_names.main(arguments)
    assert (tmp_path / "out").stat().st_size
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("imatinib mesylate", "imatinib"),
        ("tenofovir disoproxil fumarate", "tenofovir disoproxil"),
        ("sodium chloride", ""),
        ("ferrous sulfate", ""),
        ("zinc acetate", ""),
        ("citrate", ""),
        ("aspirin", ""),
        ("", ""),
    ],
)
def test_salts(name: str, without: str) -> None:
    assert " ".join(salts.base(words(name))) == without


def test_words_of_forms_are_in_normal_form() -> None:
    for word in (*NEUTRAL, *salts.SALTS):
        assert words(word) == [word]


def test_runs_are_found_longest_first(linker: Linker) -> None:
    index: NameIndex = linker.index
    names_found = list(index.runs(words("Renal dialysis solutions at home"), lambda _: True))
    assert [length for length, _ in names_found] == sorted((length for length, _ in names_found), reverse=True)
    assert any(concept.label == "Renal Dialysis" for _, concept in names_found)
